"""Visma.net's documents and ours, in both directions.

Answers are plain JSON whose date-times carry no zone: they are read as the server's local clock (`time_zone`, not
documented by Visma, hence a setting). Dates of documents come as midnights and are days of a calendar. In requests
each settable value is wrapped, `{"value": x}`, with a few names sent bare; addresses and contacts are wrapped twice.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from connections.errors import Surprise
from connections.reader import to_text
from connections.vendor import Body

Record = dict[str, Any]
"""A record as it stands on the wire."""

BOOKKEEPING = {"metadata"}
DAYS = {
    "date",
    "promisedOn",
    "requested",
    "promised",
    "dueDate",
    "expirationDate",
    "apBillDate",
    "documentDate",
    "documentDueDate",
    "cashDiscountDate",
    "dunningLetterDate",
    "origInvoiceDate",
    "applicationDate",
    "startDate",
    "endDate",
    "termStartDate",
    "termEndDate",
    "pendingCostDate",
    "effectiveDate",
}
# Sent as they are where everything else is wrapped.
BARE = {"operation", "segmentId", "segmentValue", "timeStamp", "overrideWithClassValues", "changeDatesOnLines"}
RESERVED = set("/?#[]@&*+;:")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?")
_B64 = re.compile(r"b64\(([A-Za-z0-9_-]*)\)")
_FIRST = datetime(1900, 1, 1)  # noqa: DTZ001 (before any document; the server's clock has no zone)
NEAR_A_CHANGE = timedelta(hours=4)


# Answers


def decode(record: Mapping[str, Any], zone: ZoneInfo) -> Body:
    """An answered record as a document: days as days, the server's moments in UTC, all else as it came."""
    return {name: _decoded(name, value, zone) for name, value in record.items() if name not in BOOKKEEPING}


def _decoded(name: str, value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, dict):
        return decode(value, zone)
    if isinstance(value, list):
        return [_decoded(name, each, zone) for each in value]
    if isinstance(value, str) and (name in DAYS or "DateTime" in name):
        return _moment(name, value, zone)
    return value


def _moment(name: str, text: str, zone: ZoneInfo) -> str:
    match = _MOMENT.fullmatch(text)
    if not match:
        return text
    if name in DAYS:
        return match[1]  # never shifted, whatever stands behind it
    return to_utc(text, ZoneInfo("UTC") if name == "customDateTimeUTC1" else zone)


def to_utc(text: str, zone: ZoneInfo) -> str:
    """A moment of the server as a UTC instant; one that carries its own offset is taken at its word.

    An hour that the clock shows twice is read as its first time. Raises `Surprise` where it is no moment.
    """
    match = _MOMENT.fullmatch(text)
    if not match:
        raise unreadable(text)
    reading = local(text)
    if match[4]:
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{match[4]}").tzinfo
        return to_text(reading.replace(tzinfo=offset))
    return to_text(reading.replace(tzinfo=zone))


def local(text: str) -> datetime:
    """What the server's clock showed, without any zone. Raises `Surprise` where it is no moment."""
    match = _MOMENT.fullmatch(text)
    if not match:
        raise unreadable(text)
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}.{(match[3] or '0')[:6]:0<6}")
    except ValueError as error:
        raise unreadable(text) from error


def stamp(moment: datetime) -> str:
    """A reading of the server's clock as filters take it: milliseconds, no zone letter."""
    return moment.isoformat(sep="T", timespec="milliseconds")


def to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the server's clock shows at an instant; the earlier reading where its zone might rather be UTC."""
    there = instant.astimezone(zone).replace(tzinfo=None)
    return min(there, instant.astimezone(UTC).replace(tzinfo=None))


def floor(seen: str, overlap: timedelta, zone: ZoneInfo) -> str:
    """The filter value to read again from: `seen`, a reading of the server's own clock, less an overlap.

    Around a change of the clock the overlap is longer than the hour that the clock then shows twice.
    """
    reading = local(seen)
    if reading - _FIRST < NEAR_A_CHANGE + overlap:
        return stamp(reading)
    around = {
        (reading + shift).replace(tzinfo=zone).utcoffset() for shift in (-NEAR_A_CHANGE, timedelta(), NEAR_A_CHANGE)
    }
    return stamp(reading - overlap - (timedelta(minutes=90) if len(around) > 1 else timedelta()))


def without_offset(text: str) -> str:
    """A moment as the server sent it, less a zone: filters do not take one."""
    match = _MOMENT.fullmatch(text)
    return text[: match.start(4)] if match and match[4] else text


def version(record: Mapping[str, Any], zone: ZoneInfo) -> str:
    """A text that sorts by state: the row version as hex digits, or the time of change where there is none."""
    row = row_version(record)
    try:
        raw = base64.b64decode(row, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) == 8:
        return raw.hex()
    moment = str(record.get("lastModifiedDateTime") or "")
    return stamp(local(to_utc(moment, zone))) if moment else ""


def row_version(record: Mapping[str, Any]) -> str:
    """The row version as `If-Match` takes it, empty where the record has none. Items spell its name differently."""
    return str(record.get("timeStamp") or record.get("timestamp") or "")


def unreadable(text: str) -> Surprise:
    return Surprise(
        "Visma.net sent a time of change that cannot be read.",
        next_step="Tell the people who run this console.",
        sample=text[:40],
    )


# Requests


def wrap(body: Mapping[str, Any]) -> Record:
    """A plain body as Visma.net takes it. `None` is left out, which keeps the field; an empty text clears it."""
    return {name: _wrapped(name, value) for name, value in body.items() if value is not None}


def _wrapped(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {"value": wrap(value)}
    if isinstance(value, list | tuple):
        return [wrap(each) if isinstance(each, Mapping) else {"value": each} for each in value]
    return value if name in BARE else {"value": value}


def unwrap(record: Mapping[str, Any]) -> Body:
    """The plain body of a request, the reverse of `wrap`."""
    return {name: _unwrapped(value) for name, value in record.items()}


def _unwrapped(value: Any) -> Any:
    if isinstance(value, Mapping) and value.keys() == {"value"}:
        inner = value["value"]
        return unwrap(inner) if isinstance(inner, Mapping) else inner
    if isinstance(value, Mapping):
        return unwrap(value)
    return [_unwrapped(each) for each in value] if isinstance(value, list) else value


# Keys in paths


def path_key(key: str) -> str:
    """A key as it stands in a path; one with reserved characters goes as `b64(...)`."""
    if not RESERVED & set(key):
        return quote(key, safe="")
    return f"b64({base64.urlsafe_b64encode(key.encode()).decode().rstrip('=')})"


def key_of(location: str) -> str:
    """The key that a `Location` header ends with, empty where there is none. The address itself is never followed."""
    last = unquote(urlsplit(location.strip()).path.rstrip("/").rpartition("/")[2])
    match = _B64.fullmatch(last)
    if not match:
        return last
    try:
        return base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)).decode()
    except ValueError:
        return ""


# Values


def number(value: Any) -> Decimal:
    """A number of an answer; zero where there is none."""
    return Decimal(str(value)) if isinstance(value, int | Decimal) and not isinstance(value, bool) else Decimal(0)


def name_of(record: Mapping[str, Any], field: str) -> str:
    """The key inside a small object such as `supplier` or `warehouse`, which calls it `number` or `id`."""
    small = record.get(field)
    if not isinstance(small, Mapping):
        return ""
    key = small.get("number")
    key = small.get("id") if key is None else key
    return "" if key is None else str(key)
