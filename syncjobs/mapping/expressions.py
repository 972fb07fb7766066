"""One JMESPath expression: compiled once, with exact numbers, and evaluated fast. Pure.

JMESPath's own interpreter looks up a method by name for every node and every document. The nodes that mappings are made
of become plain functions here, some four times faster; all others are left to it.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from syncjobs.mapping.functions import ExactFunctions, FunctionError, call_of

Run = Callable[[Any, Any], Any]
"""Of a value and the interpreter, a `TreeInterpreter`, whose stubs know neither its nodes nor its functions."""


class MappingError(Exception):
    """Our own rule could not be followed: which target field, which expression, and why."""

    def __init__(self, message: str, *, target: str = "", expression: str = "") -> None:
        super().__init__(message)
        self.target = target
        self.expression = expression


class Expression:
    """One compiled expression. Raises `MappingError` where the text is not one."""

    def __init__(self, text: str, target: str = "") -> None:
        self.text = text
        self.target = target
        try:
            self.tree = _exact(jmespath.compile(text).parsed)
        except JMESPathError as error:
            raise MappingError(
                f"This is not an expression: {_first_line(error)}", target=target, expression=text
            ) from error
        self.run = compiled(self.tree)
        unknown = {name for name in self.functions() if name not in ExactFunctions.FUNCTION_TABLE}
        if unknown:
            raise MappingError(f"There is no function {sorted(unknown)[0]}().", target=target, expression=text)

    def functions(self) -> Iterator[str]:
        """Names of the functions it calls."""
        yield from (node["value"] for node in _walk(self.tree) if node["type"] == "function_expression")

    def mentions(self, function: str) -> Iterator[str]:
        """The first argument, where it is a literal text, of each call of `function`: table or flow names."""
        for node in _walk(self.tree):
            if node["type"] == "function_expression" and node["value"] == function and node["children"]:
                first = node["children"][0]
                if first["type"] == "literal" and isinstance(first["value"], str):
                    yield first["value"]

    def evaluate(self, value: Any, interpreter: Any) -> Any:
        """Raises `MappingError`; `LinkUnread` and `LinkMissing` pass through."""
        try:
            return self.run(value, interpreter)
        except FunctionError as error:
            raise MappingError(f"{error}", target=self.target, expression=self.text) from error
        except (JMESPathError, ArithmeticError, TypeError, ValueError) as error:
            raise MappingError(_first_line(error), target=self.target, expression=self.text) from error


# Nodes as functions of a value and the interpreter, which knows the functions and does the rest


def compiled(node: dict[str, Any]) -> Run:
    """The function that a node of the tree stands for."""
    make = _MAKERS.get(node["type"])
    return make(node) if make else lambda value, interpreter: interpreter.visit(node, value)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
# What JMESPath orders; true and false are no numbers.
_ORDERED = (int, Decimal, str)


def is_empty(value: Any) -> bool:
    """What JMESPath takes for false: 0 is none of it."""
    return value is None or value is False or value == "" or value == [] or value == {}


def _field(node: dict[str, Any]) -> Run:
    name = node["value"]
    return lambda value, interpreter: value.get(name) if type(value) is dict else None


def _literal(node: dict[str, Any]) -> Run:
    constant = node["value"]
    return lambda value, interpreter: constant


def _chain(node: dict[str, Any]) -> Run:
    first, *rest = [compiled(child) for child in node["children"]]

    def run(value: Any, interpreter: Any) -> Any:
        value = first(value, interpreter)
        for step in rest:
            value = step(value, interpreter)
        return value

    return run


def _or(node: dict[str, Any]) -> Run:
    left, right = (compiled(child) for child in node["children"])

    def run(value: Any, interpreter: Any) -> Any:
        found = left(value, interpreter)
        return right(value, interpreter) if is_empty(found) else found

    return run


def _and(node: dict[str, Any]) -> Run:
    left, right = (compiled(child) for child in node["children"])

    def run(value: Any, interpreter: Any) -> Any:
        found = left(value, interpreter)
        return found if is_empty(found) else right(value, interpreter)

    return run


def _not(node: dict[str, Any]) -> Run:
    child = compiled(node["children"][0])
    return lambda value, interpreter: is_empty(child(value, interpreter))


def _compared(node: dict[str, Any]) -> Run:
    left, right = (compiled(child) for child in node["children"])
    order = _ORDERS.get(node["value"])
    if order is not None:

        def run_order(value: Any, interpreter: Any) -> bool | None:
            one, other = left(value, interpreter), right(value, interpreter)
            return order(one, other) if type(one) in _ORDERED and type(other) in _ORDERED else None

        return run_order
    wanted = node["value"] == "eq"

    def run(value: Any, interpreter: Any) -> bool:
        one, other = left(value, interpreter), right(value, interpreter)
        # In JMESPath, unlike in Python, true is not 1 and false is not 0.
        alike = one == other and (isinstance(one, bool) is isinstance(other, bool))
        return alike is wanted

    return run


def _filtered(node: dict[str, Any]) -> Run:
    base, each, condition = (compiled(child) for child in node["children"])

    def run(value: Any, interpreter: Any) -> list[Any] | None:
        elements = base(value, interpreter)
        if type(elements) is not list:
            return None
        kept = [element for element in elements if not is_empty(condition(element, interpreter))]
        return [found for element in kept if (found := each(element, interpreter)) is not None]

    return run


def _list(node: dict[str, Any]) -> Run:
    parts = [compiled(child) for child in node["children"]]
    return lambda value, interpreter: None if value is None else [part(value, interpreter) for part in parts]


def _function(node: dict[str, Any]) -> Run:
    name, children = node["value"], node["children"]
    if any(child["type"] == "expref" for child in children):
        return lambda value, interpreter: interpreter.visit(node, value)
    parts, call = [compiled(child) for child in children], call_of(name, len(children))
    return lambda value, interpreter: call(interpreter._functions, [part(value, interpreter) for part in parts])


_MAKERS: dict[str, Callable[[dict[str, Any]], Run]] = {
    "field": _field,
    "literal": _literal,
    "current": lambda node: lambda value, interpreter: value,
    "identity": lambda node: lambda value, interpreter: value,
    "subexpression": _chain,
    "pipe": _chain,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "comparator": _compared,
    "filter_projection": _filtered,
    "multi_select_list": _list,
    "function_expression": _function,
}


def _exact(node: Any) -> Any:
    """The tree with exact literals: a number literal is a Decimal of the digits it was written with."""
    if isinstance(node, dict):
        changed = {name: _exact(part) for name, part in node.items()}
        if node.get("type") == "literal":
            changed["value"] = _exact_literal(node["value"])
        return changed
    return [_exact(part) for part in node] if isinstance(node, list) else node


def _exact_literal(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [_exact_literal(part) for part in value]
    return {name: _exact_literal(part) for name, part in value.items()} if isinstance(value, dict) else value


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict) and "type" in node:
        yield node
        for child in node.get("children", ()):
            yield from _walk(child)


def _first_line(error: Exception) -> str:
    with contextlib.suppress(IndexError):
        return str(error).splitlines()[0]
    return type(error).__name__
