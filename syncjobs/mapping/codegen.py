"""Expressions as Python: the nodes that mappings are made of become lines of one function. Pure.

JMESPath's own interpreter looks up a method by name for every node and every document; what is made here is some ten
times faster. Nodes that it does not know are left to the interpreter. What is looked at twice is looked up once: forty
rows of a flow read the same few addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from typing import Any

from syncjobs.mapping.functions import signatures

Node = dict[str, Any]
Run = Callable[[Any, Any], Any]
"""Of a value and the interpreter, a `TreeInterpreter`, whose stubs know neither its nodes nor its functions."""

VALUE = "value"
"""What the function is given, in its source."""
_ORDERS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def is_empty(value: Any) -> bool:
    """What JMESPath takes for false: 0 is none of it."""
    return value is None or value is False or value == "" or value == [] or value == {}


class Source:
    """The source of one function of `VALUE` and the interpreter, as it is written.

    Every name is given a value once, so a name or an expression of names means the same wherever it is in reach.
    """

    def __init__(self) -> None:
        self.lines = [f"def run({VALUE}, interpreter):", "    functions = interpreter._functions"]
        # What JMESPath orders; true and false are no numbers.
        self.namespace: dict[str, Any] = {"is_empty": is_empty, "NOTHING": {}, "ORDERED": (int, Decimal, str)}
        self.blocks: list[dict[str, str]] = [{}]
        """The names of expressions that are worked out already, by block."""
        self.numbers = count()

    def line(self, text: str) -> None:
        self.lines.append("    " * len(self.blocks) + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self.blocks.append({})
        yield
        self.blocks.pop()

    def name(self) -> str:
        return f"v{next(self.numbers)}"

    def new(self, expression: str) -> str:
        """A new name for a value."""
        name = self.name()
        self.line(f"{name} = {expression}")
        return name

    def once(self, expression: str) -> str:
        """A name for the value of an expression of names, worked out here unless it has one already."""
        known = next((block[expression] for block in self.blocks if expression in block), None)
        return known or self.blocks[-1].setdefault(expression, self.new(expression))

    def constant(self, value: Any) -> str:
        if value is None or isinstance(value, bool | str):
            return repr(value)
        name = f"c{next(self.numbers)}"
        self.namespace[name] = value
        return name

    def function(self) -> Run:
        """Raises `SyntaxError` or `RecursionError` where it is nested too deeply for Python."""
        exec(compile("\n".join(self.lines), "<mapping>", "exec"), self.namespace)  # noqa: S102 (made of names and literals by us alone)
        run: Run = self.namespace["run"]
        return run


def function(node: Node) -> Run:
    """One expression as a function."""
    source = Source()
    source.line(f"return {write(source, node, VALUE)}")
    return source.function()


def write(source: Source, node: Node, value: str) -> str:
    """Write the lines that evaluate a node on a value; returns the name, or the literal, of what it gives."""
    return _WRITERS.get(node["type"], _interpreted)(source, node, value)


def _interpreted(source: Source, node: Node, value: str) -> str:
    return source.new(f"interpreter.visit({source.constant(node)}, {value})")


def _field(source: Source, node: Node, value: str) -> str:
    fields = source.once(f"{value} if type({value}) is dict else NOTHING")
    return source.once(f"{fields}.get({node['value']!r})")


def _literal(source: Source, node: Node, value: str) -> str:
    return source.constant(node["value"])


def _current(source: Source, node: Node, value: str) -> str:
    return value


def _chain(source: Source, node: Node, value: str) -> str:
    for child in node["children"]:
        value = write(source, child, value)
    return value


def _or(source: Source, node: Node, value: str) -> str:
    left, right = node["children"]
    chosen = source.new(write(source, left, value))
    with source.block(f"if not {chosen} and is_empty({chosen}):"):
        source.line(f"{chosen} = {write(source, right, value)}")
    return chosen


def _and(source: Source, node: Node, value: str) -> str:
    left, right = node["children"]
    chosen = source.new(write(source, left, value))
    with source.block(f"if {chosen} or not is_empty({chosen}):"):
        source.line(f"{chosen} = {write(source, right, value)}")
    return chosen


def _not(source: Source, node: Node, value: str) -> str:
    (child,) = node["children"]
    denied = source.new(write(source, child, value))
    return source.new(f"not {denied} and is_empty({denied})")


def _compared(source: Source, node: Node, value: str) -> str:
    left, right = (source.new(write(source, child, value)) for child in node["children"])
    if order := _ORDERS.get(node["value"]):
        comparable = f"type({left}) in ORDERED and type({right}) in ORDERED"
        return source.new(f"{left} {order} {right} if {comparable} else None")
    # In JMESPath, unlike in Python, true is not 1 and false is not 0.
    alike = f"{left} == {right} and (type({left}) is bool) is (type({right}) is bool)"
    return source.new(alike if node["value"] == "eq" else f"not ({alike})")


def _filtered(source: Source, node: Node, value: str) -> str:
    base, projected, condition = node["children"]
    elements = source.new(write(source, base, value))
    kept = source.new("None")
    with source.block(f"if type({elements}) is list:"):
        source.line(f"{kept} = []")
        element = source.name()
        with source.block(f"for {element} in {elements}:"):
            passes = source.new(write(source, condition, element))
            with source.block(f"if {passes} or not is_empty({passes}):"):
                part = source.new(write(source, projected, element))
                with source.block(f"if {part} is not None:"):
                    source.line(f"{kept}.append({part})")
    return kept


def _list(source: Source, node: Node, value: str) -> str:
    value, made = source.once(value), source.new("None")
    with source.block(f"if {value} is not None:"):
        parts = [write(source, child, value) for child in node["children"]]
        source.line(f"{made} = [{', '.join(parts)}]")
    return made


def _function(source: Source, node: Node, value: str) -> str:
    children = node["children"]
    if any(child["type"] == "expref" for child in children):
        return _interpreted(source, node, value)
    name, arguments = node["value"], [write(source, child, value) for child in children]
    listed = ", ".join(arguments)
    checked = f"functions.call_function({name!r}, [{listed}])"
    called, kinds = signatures().get(name, (None, ()))
    if called is None or len(kinds) != len(children):
        return source.new(checked)
    fit = []
    for argument, (allowed, inside) in zip(arguments, kinds, strict=True):
        fit += [f"type({argument}) in {source.constant(allowed)}"] if allowed else []
        fit += [f"{source.constant(inside)}.issuperset(map(type, {argument}))"] if inside else []
    at_once = f"{source.constant(called)}(functions, {listed})"
    return source.new(f"{at_once} if {' and '.join(fit)} else {checked}" if fit else at_once)


_WRITERS: dict[str, Callable[[Source, Node, str], str]] = {
    "field": _field,
    "literal": _literal,
    "current": _current,
    "identity": _current,
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
