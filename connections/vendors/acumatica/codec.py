"""Acumatica's contract records and plain documents, in both directions.

On the wire each business field is wrapped, `{"value": x}`; an empty one is `{}`; linked entities are objects and detail
entities lists of objects. Contract 5 (endpoint 26.200.001) puts `{"id": …, "description": …}` where a drop-down's text
was. The ids of detail lines change with every session, so no id is part of a decoded document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from connections.errors import Surprise
from connections.reader import to_instant, to_text
from connections.vendor import Body

Record = dict[str, Any]
"""A record as it stands on the wire."""

BOOKKEEPING = {"id", "rowNumber", "_links", "_workflowActions", "error", "files", "delete"}
# The contract types every date as a date-time; these are days of a calendar, which travel as midnight.
DAYS = {
    "RequestedOn",
    "ShipOn",
    "Date",
    "ShipmentDate",
    "ScheduledShipmentDate",
    "CancelByDate",
    "SchedOrderDate",
    "EffectiveDate",
    "DueDate",
    "FirstDueDate",
    "InvoiceDate",
    "CashDiscountDate",
    "ExpirationDate",
    "ApplicationDate",
    "DocumentDate",
    "PaymentDate",
    "DateOfBirth",
    "QualificationDate",
    "LaunchDate",
    "TerminationDate",
    "LastForecastDate",
}
INSTANTS = {
    "LastModified",
    "CreatedDate",
    "LastModifiedDate",
    "LastIncomingActivity",
    "LastOutgoingActivity",
    "DateReported",
    "ClosingDate",
    "StartDate",
    "TranDate",
}
KEYS = {"OrderType", "ShipVia", "UOM", "BaseUOM", "SalesUOM", "PurchaseUOM", "WeightUOM", "InvoiceType"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_UTC = ("+00:00", "Z")
_CUSTOM_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "CustomBooleanField"),
    (int, "CustomIntField"),
    (Decimal, "CustomDecimalField"),
    (str, "CustomStringField"),
)


def decode(record: Mapping[str, Any]) -> Body:
    """A record as a plain document with Acumatica's own field names; fields that are empty are left out.

    A page of orders holds some twenty thousand fields, half of them empty: hence the exact types that JSON gives, no
    abstract classes, and the common case first.
    """
    body: Body = {}
    for name, value in record.items():
        kind = type(value)
        if kind is dict and "value" in value:
            plain = _plain_value(name, value["value"])
        elif (not value and kind is dict) or name in BOOKKEEPING or name == "custom":
            continue
        else:
            plain = _decoded(name, value)
        if plain is not None:
            body[name] = plain
    custom = _decode_custom(record.get("custom") or {})
    return body | {"custom": custom} if custom else body


def encode(body: Mapping[str, Any]) -> Record:
    """A plain document as Acumatica wants it; `None` becomes `{}`, which changes nothing there."""
    return {name: _encode_custom(value) if name == "custom" else _encoded(value) for name, value in body.items()}


def plain(record: Mapping[str, Any], name: str) -> Any:
    """One decoded field of a raw record, None where it is empty or absent."""
    return _decoded(name, record.get(name))


def text(record: Mapping[str, Any], name: str) -> str:
    """One field of a raw record as text, empty where there is none."""
    value = plain(record, name)
    return "" if value is None else str(value)


def stamp(moment: Any) -> str:
    """The text of an instant with a fixed width, so that stamps sort as they follow each other.

    Raises `Surprise` where it is none, or has no zone: a zone is never guessed.
    """
    try:
        return to_instant(str(moment)).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except ValueError as error:
        raise Surprise(
            "Acumatica sent a time of change that cannot be read.",
            next_step="Tell the people who run this console which endpoint version is used.",
            sample=str(moment)[:40],
        ) from error


def _decoded(name: str, value: Any) -> Any:
    if type(value) is dict:
        if "value" in value:
            return _plain_value(name, value["value"])
        return decode(value) if value.keys() - {"error"} else None
    if type(value) is list:
        return [_decoded(name, each) for each in value]
    return _plain_value(name, value)


def _plain_value(name: str, value: Any) -> Any:
    if type(value) is str:
        read = _reading(name)
        return read(value) if read else value
    if type(value) is dict:
        return value.get("description", value.get("id"))
    return [_plain_value(name, each) for each in value] if type(value) is list else value


@cache
def _reading(name: str) -> Callable[[str], str] | None:
    """How texts of a field are read, if not as they are."""
    if _is_key(name):
        return str.strip
    if name in DAYS:
        return _day
    return _in_utc if name in INSTANTS or name.endswith("DateTime") else None


@lru_cache(maxsize=4096)
def _day(value: str) -> str:
    """The day of a midnight. The orders of a page share most of theirs."""
    return value[:10] if _MOMENT.fullmatch(value) else value


def _in_utc(value: str) -> str:
    moment = _MOMENT.fullmatch(value)
    if moment is None:
        return value
    if moment[2] in _UTC:  # as it nearly always is, and then no calendar is needed
        fraction = (moment[1] or "")[1:7].ljust(6, "0")
        return f"{value[:19]}Z" if fraction == "000000" else f"{value[:19]}.{fraction}Z"
    try:
        return to_text(to_instant(value))
    except ValueError:
        return value  # without a zone it is left as it was


def _is_key(name: str) -> bool:
    return name in KEYS or name.endswith(("ID", "Nbr"))


def _encoded(value: Any) -> Any:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return encode(value)
    if isinstance(value, (list, tuple)) and all(isinstance(each, Mapping) for each in value):
        return [encode(each) for each in value]
    if isinstance(value, datetime):
        return {"value": to_text(value)}
    return {"value": value}


def _decode_custom(views: Mapping[str, Any]) -> Body:
    """`{"Document": {"AttributeX": {"type": …, "value": v}}}` without the types."""
    return {
        view: {name: field.get("value") for name, field in fields.items()} for view, fields in views.items() if fields
    }


def _encode_custom(views: Mapping[str, Any]) -> Record:
    return {view: {name: _custom_field(value) for name, value in fields.items()} for view, fields in views.items()}


def _custom_field(value: Any) -> Record:
    kind = next((kind for type_, kind in _CUSTOM_TYPES if isinstance(value, type_)), "CustomStringField")
    return {"type": kind, "value": value}
