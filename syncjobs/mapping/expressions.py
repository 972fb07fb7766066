"""One JMESPath expression: compiled once, with exact numbers. Pure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from connections.texts import without_nul
from syncjobs.mapping import codegen
from syncjobs.mapping.functions import ExactFunctions, FunctionError

FAILURES = (
    FunctionError, JMESPathError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What evaluating may raise where a document is not as an expression takes it to be."""


class MappingError(Exception):
    """Our own rule could not be followed: which target field, which expression, and why."""

    def __init__(self, message: str, *, target: str = "", expression: str = "") -> None:
        super().__init__(without_nul(message))
        self.target = target
        self.expression = expression


class Expression:
    """One compiled expression. Raises `MappingError` where the text is not one."""

    def __init__(self, text: str, target: str = "") -> None:
        self.text = text
        self.target = target
        try:
            self.tree = _tree(text)
            self.run = _run(text)
        except (JMESPathError, SyntaxError, RecursionError) as error:
            raise MappingError(
                f"This is not an expression: {_first_line(error)}", target=target, expression=text
            ) from error
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
        except FAILURES as error:
            raise failed(error, self.target, self.text) from error


def failed(error: Exception, target: str, expression: str) -> MappingError:
    """One of `FAILURES` for people."""
    message = f"{error}" if isinstance(error, FunctionError) else _first_line(error)
    return MappingError(message, target=target, expression=expression)


@lru_cache(maxsize=4096)
def _tree(text: str) -> Any:
    """The tree of an expression; shared, so it is not to be changed."""
    return _exact(jmespath.compile(text).parsed)


@lru_cache(maxsize=4096)
def _run(text: str) -> codegen.Run:
    return codegen.function(_tree(text))


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
