"""Reading requests: every scalar wrapped as `{"value": x}` but for a few, and the refusal where one is not.

A schema says what a document may hold: name -> kind. Kinds are those named below, a tuple of the values of an
enumeration, `Bare(kind)`, `Lines(schema)`, or `Nested(schema)` for a wrapped object of wrapped scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.wrappers import Request

from sandbox.kit import exact_json
from sandbox.visma_net import clock
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.store import Record, number

TEXT, NUMBER, WHOLE, FLAG, DAY = "text", "number", "whole", "flag", "day"
CUSTOM: dict[str, Any] = {f"customStr{digit}": TEXT for digit in range(1, 6)} | {
    "customDec1": NUMBER,
    "customDec2": NUMBER,
    "customInt1": WHOLE,
    "customInt2": WHOLE,
    "customDateTimeUTC1": TEXT,
}
OPERATIONS = ("Insert", "Update", "Delete")
BARE_ANYWHERE = {"operation", "timeStamp", "segmentId", "segmentValue", "changeDatesOnLines"}
LONGEST_CUSTOM = 100


@dataclass(frozen=True)
class Bare:
    kind: Any


@dataclass(frozen=True)
class Lines:
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Nested:
    schema: Mapping[str, Any]


class _Unrecognized(Exception):
    """A value is not of the kind that its field has."""


def json_body(request: Request, dto: str) -> Any:
    """The JSON body of a request as it was sent. `dto` is what the refusal calls it."""
    try:
        return exact_json.loads(request.get_data() or b"null")
    except exact_json.DecodeError:
        raise unrecognized(dto) from None


def document(request: Request, dto: str, schema: Mapping[str, Any]) -> Record:
    """The body of a request, unwrapped; only the fields that were sent. `{"value": null}` is there, as None."""
    try:
        return _object(json_body(request, dto), schema)
    except _Unrecognized:
        raise unrecognized(dto) from None


def unrecognized(dto: str) -> Refusal:
    return Refusal(400, f"Data received not recognized as {dto}")


def operation_of(line: Record, document: str) -> str:
    """Lines say what to do with them; one that does not is refused."""
    operation = line.get("operation")
    if operation is None:
        raise Refusal(400, f"Operation is not specified for a line of the {document}.")
    return str(operation)


def _object(body: Any, schema: Mapping[str, Any]) -> Record:
    if not isinstance(body, dict):
        raise _Unrecognized
    fields: Record = {}
    for name, value in body.items():
        if value is None:
            continue
        kind = schema.get(name)
        if kind is not None:
            fields[name] = _field(value, kind)
        elif not isinstance(value, dict | list) and name not in BARE_ANYWHERE:
            raise _Unrecognized
    for name, value in fields.items():
        if name.startswith("customStr") and value is not None and len(value) > LONGEST_CUSTOM:
            raise Refusal(400, f"The value of {name} is longer than {LONGEST_CUSTOM} characters.")
    return fields


def _field(value: Any, kind: Any) -> Any:
    if isinstance(kind, Bare):
        return _scalar(value, kind.kind)
    if isinstance(kind, Lines):
        if not isinstance(value, list):
            raise _Unrecognized
        return [_object(line, kind.schema) for line in value]
    if not isinstance(value, dict) or "value" not in value:
        raise _Unrecognized
    inner = value["value"]
    if inner is None:
        return None
    return _object(inner, kind.schema) if isinstance(kind, Nested) else _scalar(inner, kind)


def _scalar(value: Any, kind: Any) -> Any:
    if isinstance(value, dict | list):
        raise _Unrecognized
    if isinstance(kind, tuple):
        return _choice(value, kind)
    scalar = _READERS[kind](value)
    if scalar is None:
        raise _Unrecognized
    return scalar


def _choice(value: Any, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if str(value).lower() == choice.lower():
            return choice
    raise _Unrecognized


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        return number(value)
    except InvalidOperation:
        return None


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else None


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return None if isinstance(value, bool) else str(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    TEXT: _text,
    NUMBER: _number,
    WHOLE: _whole,
    FLAG: _flag,
    DAY: lambda value: clock.document_day(value) if isinstance(value, str) else None,
}
