"""The subset of OData 3 that the contract API takes in `$filter`, compiled to a test on a stored row."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.acumatica.errors import Refusal
from sandbox.acumatica.schema import (
    AMOUNT,
    DAY,
    EDM,
    FLAG,
    GUID,
    INSTANT,
    QUANTITY,
    TEXT,
    WHOLE,
    Schema,
    fold,
)
from sandbox.acumatica.store import Row

Test = Callable[[Row], bool]
Getter = Callable[[Row], Any]
OPERATORS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "eq": ("Equal", operator.eq),
    "ne": ("NotEqual", operator.ne),
    "gt": ("GreaterThan", operator.gt),
    "ge": ("GreaterThanOrEqual", operator.ge),
    "lt": ("LessThan", operator.lt),
    "le": ("LessThanOrEqual", operator.le),
}
FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "substringof": lambda text, part: part in text,
}
FLIPPED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq", "ne": "ne"}
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<moment>(?:datetimeoffset|datetime|date)'[^']*')"
    r"|(?P<guid>guid'[^']*')"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?[MmFfDdLl]?)"
    r"|(?P<name>[A-Za-z_][\w./]*)"
    r"|(?P<sign>[(),=])"
    r")"
)
NUMBERS = {AMOUNT, QUANTITY, WHOLE}


@dataclass
class Filter:
    """`test` decides; `bounds` are the comparisons that all matching rows must meet, for reading along an index."""

    test: Test
    bounds: list[tuple[str, str, Any]] = field(default_factory=list)


@dataclass
class _Field:
    name: str
    kind: str
    get: Getter


@dataclass
class _Literal:
    kind: str
    value: Any


def compile_filter(text: str, schema: Schema, renamed: dict[str, str]) -> Filter:
    """Raises `Refusal` (500, as Acumatica refuses a filter it cannot read). `renamed` maps shown to stored names."""
    return _Parser(text, schema, renamed).parse()


def comparable(kind: str, value: Any) -> Any:
    """A stored value as comparisons see it."""
    if kind == DAY:
        return f"{value}T00:00:00.000000"
    return fold(value) if kind in {TEXT, GUID} else value


class _Parser:
    def __init__(self, text: str, schema: Schema, renamed: dict[str, str]) -> None:
        self.schema, self.renamed = schema, renamed
        self.tokens = list(_tokens(text))
        self.position = 0
        self.bounds: list[tuple[str, str, Any]] = []

    def parse(self) -> Filter:
        test = self._either(top=True)
        if self.position != len(self.tokens):
            raise _unreadable(f"Syntax error at '{self.tokens[self.position][1]}'.")
        return Filter(test, self.bounds)

    def _either(self, top: bool = False) -> Test:
        kept = list(self.bounds)
        test = self._both(top)
        while self._word("or"):
            self.bounds, top = kept, False
            test = _or(test, self._both(top))
        return test

    def _both(self, top: bool) -> Test:
        test = self._not(top)
        while self._word("and"):
            test = _and(test, self._not(top))
        return test

    def _not(self, top: bool) -> Test:
        if self._word("not"):
            inner = self._not(top=False)
            return lambda row: not inner(row)
        return self._comparison(top)

    def _comparison(self, top: bool) -> Test:
        kind, word = self._peek()
        if word == "(" and kind == "sign":
            self.position += 1
            inner = self._either(top=False)
            self._take(")")
            return inner
        if kind == "name" and word.lower() in FUNCTIONS and self._peek(1)[1] == "(":
            test = self._function(word.lower())
            if self._word("eq"):
                expected = self._operand()
                return test if getattr(expected, "value", True) else lambda row: not test(row)
            return test
        return self._compared(top)

    def _compared(self, top: bool) -> Test:
        left = self._operand()
        word = self._next()[1].lower()
        if word not in OPERATORS:
            raise _unreadable(f"Unexpected '{word}'.")
        right = self._operand()
        if isinstance(left, _Literal) and isinstance(right, _Field):
            left, right, word = right, left, FLIPPED[word]
        if not isinstance(left, _Field) or not isinstance(right, _Literal):
            raise _unreadable("A field must be compared with a value.")
        value = _matching(left, right, word)
        if top and value is not None:
            self.bounds.append((left.name, word, value))
        return _compare(left.get, OPERATORS[word][1], word, value)

    def _function(self, name: str) -> Test:
        self._next()
        self._take("(")
        first = self._operand()
        self._take(",")
        second = self._operand()
        self._take(")")
        subject, part = (second, first) if name == "substringof" else (first, second)
        if not isinstance(subject, _Field) or not isinstance(part, _Literal) or subject.kind != TEXT:
            raise _unreadable(f"{name} takes a text field and a text.")
        get, operand, matches = subject.get, fold(str(part.value)), FUNCTIONS[name]
        return lambda row: matches(get(row) or "", operand)

    def _operand(self) -> _Field | _Literal:
        kind, word = self._next()
        match kind:
            case "text":
                return _Literal(TEXT, word[1:-1].replace("''", "'"))
            case "number":
                return _Literal(QUANTITY, Decimal(word.rstrip("MmFfDdLl")))
            case "moment":
                return _Literal(INSTANT, _moment(word))
            case "guid":
                return _Literal(GUID, word[5:-1])
            case "name" if word in {"true", "false"}:
                return _Literal(FLAG, word == "true")
            case "name" if word == "null":
                return _Literal("null", None)
            case "name" if word.startswith("cf."):
                return self._custom()
            case "name":
                return self._field(word)
        raise _unreadable(f"Unexpected '{word}'.")

    def _custom(self) -> _Field:
        """`cf.String(f='View.Field')`"""
        self._take("(")
        self._take("f")
        self._take("=")
        view, _, name = self._next()[1].strip("'").partition(".")
        self._take(")")

        def get(row: Row) -> Any:
            value = row.read().get("custom", {}).get(view, {}).get(name, {}).get("value")
            return fold(value) if isinstance(value, str) else value

        return _Field(name, TEXT, get)

    def _field(self, path: str) -> _Field:
        *parents, name = path.split("/")
        schema = self.schema
        for parent in parents:
            if parent not in schema.linked:
                raise _unreadable(f"Filtering by '{path}' is not supported.")
            schema = schema.linked[parent]
        name = name if parents else self.renamed.get(name, name)
        kind = schema.kinds.get(name)
        if kind is None:
            raise _unreadable(f"Could not find a property named '{path}' on type '{self.schema.name}'.")
        return _Field(path if parents else name, kind, _getter(self.schema, parents, name, kind))

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        position = self.position + ahead
        return self.tokens[position] if position < len(self.tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self.position += 1
        return token

    def _word(self, word: str) -> bool:
        kind, token = self._peek()
        if kind == "name" and token.lower() == word:
            self.position += 1
            return True
        return False

    def _take(self, sign: str) -> None:
        if self._next()[1] != sign:
            raise _unreadable(f"'{sign}' expected.")


def _getter(schema: Schema, parents: list[str], name: str, kind: str) -> Getter:
    if not parents:
        if name in schema.keys:
            position = schema.keys.index(name)
            return lambda row: row.key[position]
        if name in schema.stamps:
            return lambda row: row.modified
        if name == "Status":
            return lambda row: fold(row.status)

    def get(row: Row) -> Any:
        record = row.read()
        for parent in parents:
            record = record.get(parent) or {}
        value = record.get(name)
        return None if value is None else comparable(kind, value)

    return get


def _compare(get: Getter, compare: Callable[[Any, Any], bool], word: str, value: Any) -> Test:
    if value is None or word == "ne":
        return lambda row: compare(get(row), value)

    def test(row: Row) -> bool:
        stored = get(row)
        return stored is not None and compare(stored, value)

    return test


def _and(first: Test, second: Test) -> Test:
    return lambda row: first(row) and second(row)


def _or(first: Test, second: Test) -> Test:
    return lambda row: first(row) or second(row)


def _matching(left: _Field, right: _Literal, word: str) -> Any:
    """The literal as the field's values are compared. A wrong type is 500 and names the Edm types."""
    if right.kind == "null":
        return None
    kinds = {left.kind, right.kind}
    alike = left.kind == right.kind or kinds <= {DAY, INSTANT} or kinds <= NUMBERS or kinds <= {GUID, TEXT}
    if not alike:
        raise _unreadable(
            "A binary operator with incompatible types was detected. Found operand types "
            f"'{EDM[left.kind]}' and '{EDM[right.kind]}' for operator kind '{OPERATORS[word][0]}'."
        )
    return fold(right.value) if isinstance(right.value, str) and left.kind in {TEXT, GUID} else right.value


def _moment(word: str) -> str:
    text = word[word.index("'") + 1 : -1]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _unreadable(f"Unrecognized 'Edm.DateTimeOffset' literal '{word}'.") from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if not token or token.lastgroup is None:
            raise _unreadable(f"Syntax error at position {position}.")
        tokens.append((token.lastgroup, token[token.lastgroup]))
        position = token.end()
    return tokens


def _unreadable(message: str) -> Refusal:
    return Refusal(500, message, "Microsoft.Data.OData.ODataException")
