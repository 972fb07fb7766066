"""Field mappings: a flow's rows compiled to one function, evaluated on decoded documents. Pure.

JMESPath is the language. Rows for `items[]` name a list; rows for `items[].sku` are evaluated on each element.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any

from jmespath.visitor import Options, TreeInterpreter

from connections import exact_json
from syncjobs.mapping import codegen
from syncjobs.mapping.codegen import VALUE, Run, Source
from syncjobs.mapping.expressions import FAILURES, Expression, MappingError, failed
from syncjobs.mapping.functions import Context, ExactFunctions
from syncjobs.recipe import OMIT, STOP, Map


@dataclass(frozen=True)
class _Step:
    """One row: its value goes to `path` inside of the payload, or of one element of a list."""

    path: str
    expression: Expression
    row: Map
    shared: bool = False
    """Whether other rows put something inside of it, so that it must not be an object of the document's own."""


@dataclass(frozen=True)
class _Rows:
    """Rows in the order in which they are evaluated: fields, then lists with the rows of their elements."""

    fields: list[_Step] = field(default_factory=list)
    lists: dict[str, tuple[_Step, list[_Step]]] = field(default_factory=dict)


class Mapper:
    """A set of rows, compiled. Raises `MappingError` for the first row that does not compile.

    `map` turns one source document into a payload; it is meant for one thread.
    """

    def __init__(self, rows: Iterable[Map], context: Context | None = None) -> None:
        self.context = context or Context()
        self.functions = ExactFunctions()
        self.functions.context = self.context
        self.interpreter = TreeInterpreter(Options(custom_functions=self.functions))
        self.key = tuple((row.target, row.source, exact_json.dumps(row.default), row.when_empty) for row in rows)
        _arranged(self.key)

    def evaluate(
        self, expression: Expression, document: Any, *, key: str = "", natural_key: str = "", sent: bool = False
    ) -> Any:
        """One expression, such as a filter or a natural key, with the plan's functions. Keywords are as of `map`."""
        self._turn_to(document, key, natural_key, sent)
        return expression.evaluate(document, self.interpreter)

    def map(self, document: Any, *, key: str = "", natural_key: str = "", sent: bool = False) -> dict[str, Any]:
        """The payload for one source document, whose record has these keys and was `sent` before or not.

        Raises `MappingError` naming row and reason; `LinkUnread` where links must be read first; `LinkMissing`.
        """
        self._turn_to(document, key, natural_key, sent)
        payload: dict[str, Any] = self._run(document, self.interpreter)
        return payload

    @cached_property
    def _run(self) -> Run:
        return _compiled(self.key)

    def _turn_to(self, document: Any, key: str, natural_key: str, sent: bool) -> None:
        context = self.context
        context.document, context.key, context.natural_key, context.sent = document, key, natural_key, sent


Key = tuple[tuple[str, str, str, str], ...]
"""Rows as values: target, expression, default as JSON, what to do when empty."""


@lru_cache(maxsize=512)
def _arranged(key: Key) -> _Rows:
    rows = [Map(target, source, exact_json.loads(default), when_empty) for target, source, default, when_empty in key]
    arranged = _Rows()
    parents = {parent for row in rows for parent in accumulate(row.target.split(".")[:-1], "{}.{}".format)}
    for row in sorted(rows, key=lambda row: row.target.count("[]") * 2 - row.target.endswith("[]")):
        head, mark, tail = row.target.partition("[]")
        expression = Expression(row.source, row.target)
        if not mark:
            arranged.fields.append(_Step(head, expression, row, row.target in parents))
        elif not tail:
            arranged.lists[head] = (_Step(head, expression, row), [])
        elif head in arranged.lists:
            arranged.lists[head][1].append(_Step(tail.lstrip("."), expression, row, row.target in parents))
        else:
            raise MappingError(
                f"{row.target} needs a row for {head}[] that names the list.",
                target=row.target,
                expression=row.source,
            )
    return arranged


@lru_cache(maxsize=512)
def _compiled(key: Key) -> Run:
    """The function that makes a payload. Flows with the same rows share it."""
    rows = _arranged(key)
    source = Source()
    source.namespace |= {
        "deepcopy": deepcopy,
        "FAILURES": FAILURES,
        "failed": _failed,
        "stopped": _stopped,
        "says_nothing": _says_nothing,
    }
    with source.block("try:"):
        payload = _fields(source, rows.fields, VALUE)
        for step, inner in rows.lists.values():
            _list(source, payload, step, inner)
        source.line(f"return {payload}")
    with source.block("except FAILURES as error:"):
        source.line("raise failed(error, row) from error")
    try:
        return source.function()
    except (SyntaxError, RecursionError) as error:
        raise MappingError("These rows are nested too deeply.") from error


def _fields(source: Source, steps: Sequence[_Step], value: str) -> str:
    """What the rows make of a document, or of an element of one of its lists."""
    payload = source.new("{}")
    for step in steps:
        source.line(f"row = {source.constant(step.row)}")
        filled = source.new(codegen.write(source, step.expression.tree, value))
        _put(source, payload, step, filled, step.row.default)
    return payload


def _list(source: Source, payload: str, step: _Step, inner: Sequence[_Step]) -> None:
    source.line(f"row = {source.constant(step.row)}")
    elements = source.new(codegen.write(source, step.expression.tree, VALUE))
    made, element = source.new("[]"), source.name()
    with source.block(f"if type({elements}) is list:"), source.block(f"for {element} in {elements}:"):
        source.line(f"{made}.append({_fields(source, inner, element)})")
    source.line(f"row = {source.constant(step.row)}")
    _put(source, payload, step, made, None)


def _put(source: Source, payload: str, step: _Step, value: str, default: Any) -> None:
    """Put a value in its place; where it says nothing, the row says what happens instead."""
    row = step.row
    stands = not _says_nothing(default) or (row.when_empty == OMIT and default is not None)
    with source.block(f"if not {value} and says_nothing({value}):"):
        if not stands and row.when_empty == STOP:
            source.line("raise stopped(row)")
        else:
            source.line(f"{value} = {source.constant(default if stands else None)}")
    if step.shared:
        source.line(f"{value} = deepcopy({value})")
    *heads, last = step.path.split(".")
    place = payload + "".join(f".setdefault({name!r}, {{}})" for name in heads)
    if stands or row.when_empty != OMIT:
        source.line(f"{place}[{last!r}] = {value}")
    else:
        with source.block(f"if {value} is not None:"):
            source.line(f"{place}[{last!r}] = {value}")


def _failed(error: Exception, row: Map) -> MappingError:
    return failed(error, row.target, row.source)


def _stopped(row: Map) -> MappingError:
    return MappingError(f"{row.target} is empty, and the target needs it.", target=row.target, expression=row.source)


def _says_nothing(value: Any) -> bool:
    """Empty, as mappings mean it: false and 0 do say something."""
    return value is None or value == "" or value == [] or value == {}
