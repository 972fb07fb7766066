"""Field mappings: expressions compiled once, evaluated on decoded documents. Pure.

JMESPath is the language. Rows for `items[]` name a list; rows for `items[].sku` are evaluated on each element.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import Options, TreeInterpreter

from syncjobs.functions import Context, ExactFunctions, FunctionError
from syncjobs.recipe import NULL, STOP, Map

EMPTY: tuple[Any, ...] = (None, "", [], {})


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
        self.path = _plain_path(self.tree)
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

    def evaluate(self, value: Any, interpreter: TreeInterpreter) -> Any:
        """Raises `MappingError`; `LinkUnread` and `LinkMissing` pass through."""
        if self.path is not None:  # the common case, some twenty times faster than walking the tree
            for name in self.path:
                value = value.get(name) if isinstance(value, dict) else None
            return value
        try:
            return interpreter.visit(self.tree, value)
        except FunctionError as error:
            raise MappingError(f"{error}", target=self.target, expression=self.text) from error
        except (JMESPathError, ArithmeticError, TypeError, ValueError) as error:
            raise MappingError(_first_line(error), target=self.target, expression=self.text) from error


@dataclass(frozen=True)
class _Step:
    path: tuple[str, ...]
    expression: Expression
    row: Map


class Plan:
    """A set of rows, compiled. Raises `MappingError` for the first row that does not compile.

    `map` turns one source document into a payload; it is meant for one thread.
    """

    def __init__(self, rows: Iterable[Map], context: Context | None = None) -> None:
        self.context = context or Context()
        self.functions = ExactFunctions()
        self.functions.context = self.context
        self.interpreter = TreeInterpreter(Options(custom_functions=self.functions))
        self.steps: list[_Step] = []
        self.lists: dict[tuple[str, ...], tuple[_Step, list[_Step]]] = {}
        self._arrange(sorted(rows, key=lambda row: row.target.count("[]") * 2 - row.target.endswith("[]")))

    def _arrange(self, rows: Sequence[Map]) -> None:
        for row in rows:
            head, mark, tail = row.target.partition("[]")
            path = tuple(head.split("."))
            step = _Step(path, Expression(row.source, row.target), row)
            if not mark:
                self.steps.append(step)
            elif not tail:
                self.lists[path] = (step, [])
            elif path in self.lists:
                self.lists[path][1].append(replace(step, path=tuple(tail.lstrip(".").split("."))))
            else:
                raise MappingError(
                    f"{row.target} needs a row for {head}[] that names the list.",
                    target=row.target,
                    expression=row.source,
                )

    def evaluate(self, expression: Expression, document: Any, **about: Any) -> Any:
        """One expression, such as a filter or a natural key, with the plan's functions."""
        self._turn_to(document, about)
        return expression.evaluate(document, self.interpreter)

    def map(self, document: Any, **about: Any) -> dict[str, Any]:
        """The payload for one source document; `about` are fields of `Context` (key, natural_key, sent).

        Raises `MappingError` naming row and reason; `LinkUnread` where links must be read first; `LinkMissing`.
        """
        self._turn_to(document, about)
        payload: dict[str, Any] = {}
        for step in self.steps:
            self._fill(payload, step, document)
        for path, (source, steps) in self.lists.items():
            elements = source.expression.evaluate(document, self.interpreter)
            made = [self._element(steps, element) for element in elements or ()] if isinstance(elements, list) else []
            if made or source.row.when_empty != "omit":
                self._put(payload, _Step(path, source.expression, source.row), made)
        return payload

    def _turn_to(self, document: Any, about: dict[str, Any]) -> None:
        context = self.context
        context.document = document
        context.key = about.get("key", "")
        context.natural_key = about.get("natural_key", "")
        context.sent = about.get("sent", False)

    def _element(self, steps: Sequence[_Step], element: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for step in steps:
            self._fill(made, step, element)
        return made

    def _fill(self, payload: dict[str, Any], step: _Step, document: Any) -> None:
        value = step.expression.evaluate(document, self.interpreter)
        if value is None or value in EMPTY:
            value = step.row.default
        if value is not None or step.row.when_empty != "omit":
            self._put(payload, step, value)

    def _put(self, payload: dict[str, Any], step: _Step, value: Any) -> None:
        if value in EMPTY and step.row.when_empty == STOP:
            raise MappingError(
                f"{step.row.target} is empty, and the target needs it.",
                target=step.row.target,
                expression=step.row.source,
            )
        if value in EMPTY and step.row.when_empty == NULL:
            value = None
        *heads, last = step.path
        for name in heads:
            payload = payload.setdefault(name, {})
        payload[last] = value


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


def _plain_path(tree: dict[str, Any]) -> tuple[str, ...] | None:
    """The names of an expression such as `shipTo.city`, or None where it is more than that."""
    if tree["type"] == "field":
        return (tree["value"],)
    if tree["type"] == "subexpression":
        parts = [_plain_path(child) for child in tree["children"]]
        if all(part is not None for part in parts):
            return tuple(name for part in parts for name in part or ())
    return None


def _first_line(error: Exception) -> str:
    with contextlib.suppress(IndexError):
        return str(error).splitlines()[0]
    return type(error).__name__
