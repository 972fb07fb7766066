"""Field mappings: expressions compiled once, evaluated on decoded documents. Pure.

JMESPath is the language. Rows for `items[]` name a list; rows for `items[].sku` are evaluated on each element.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jmespath.visitor import Options, TreeInterpreter

from syncjobs.mapping.expressions import Expression, MappingError
from syncjobs.mapping.functions import Context, ExactFunctions
from syncjobs.recipe import OMIT, STOP, Map


@dataclass(frozen=True)
class _Step:
    """One row: its value goes to `last` inside of the objects that `heads` name."""

    heads: tuple[str, ...]
    last: str
    expression: Expression
    row: Map


def _step(path: str, expression: Expression, row: Map) -> _Step:
    *heads, last = path.split(".")
    return _Step(tuple(heads), last, expression, row)


class Mapper:
    """A set of rows, compiled. Raises `MappingError` for the first row that does not compile.

    `map` turns one source document into a payload; it is meant for one thread.
    """

    def __init__(self, rows: Iterable[Map], context: Context | None = None) -> None:
        self.context = context or Context()
        self.functions = ExactFunctions()
        self.functions.context = self.context
        self.interpreter = TreeInterpreter(Options(custom_functions=self.functions))
        self.steps: list[_Step] = []
        self.lists: dict[str, tuple[_Step, list[_Step]]] = {}
        self._arrange(sorted(rows, key=lambda row: row.target.count("[]") * 2 - row.target.endswith("[]")))

    def _arrange(self, rows: Sequence[Map]) -> None:
        for row in rows:
            head, mark, tail = row.target.partition("[]")
            step = _step(head, Expression(row.source, row.target), row)
            if not mark:
                self.steps.append(step)
            elif not tail:
                self.lists[head] = (step, [])
            elif head in self.lists:
                self.lists[head][1].append(_step(tail.lstrip("."), step.expression, row))
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
        payload = self._filled(self.steps, document)
        for source, steps in self.lists.values():
            elements = source.expression.evaluate(document, self.interpreter)
            made = [self._filled(steps, element) for element in elements] if isinstance(elements, list) else []
            if made or source.row.when_empty != OMIT:
                self._put(payload, source, made)
        return payload

    def _turn_to(self, document: Any, about: dict[str, Any]) -> None:
        context = self.context
        context.document = document
        context.key = about.get("key", "")
        context.natural_key = about.get("natural_key", "")
        context.sent = about.get("sent", False)

    def _filled(self, steps: Sequence[_Step], document: Any) -> dict[str, Any]:
        """What the rows make of a document, or of an element of one of its lists."""
        payload: dict[str, Any] = {}
        for step in steps:
            value = step.expression.evaluate(document, self.interpreter)
            if not value and _says_nothing(value):
                value = step.row.default
                if value is None and step.row.when_empty == OMIT:
                    continue
            self._put(payload, step, value)
        return payload

    def _put(self, payload: dict[str, Any], step: _Step, value: Any) -> None:
        if not value and step.row.when_empty != OMIT and _says_nothing(value):
            if step.row.when_empty == STOP:
                raise MappingError(
                    f"{step.row.target} is empty, and the target needs it.",
                    target=step.row.target,
                    expression=step.row.source,
                )
            value = None
        for name in step.heads:
            payload = payload.setdefault(name, {})
        payload[step.last] = value


def _says_nothing(value: Any) -> bool:
    """Empty, as mappings mean it: false and 0 do say something."""
    return value is None or value == "" or value == [] or value == {}
