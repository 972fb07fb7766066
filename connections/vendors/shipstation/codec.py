"""ShipStation V1 documents in and out: Pacific wall-clock outside, UTC instants inside; laid over and compared.

V1 writes every time as naive Pacific local time with daylight saving, requests included, and repeats the number of
fraction digits of its own columns (source: requirements page of the V1 documentation, and recorded answers). Only
the field name tells an instant from a calendar date: `shipDate` and `holdUntilDate` are dates, at fulfillments in
the disguise of a midnight; they stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from connections.http import Response
from connections.vendor import Body

PACIFIC = ZoneInfo("America/Los_Angeles")
INSTANTS = frozenset(
    {
        "createDate",
        "modifyDate",
        "orderDate",
        "paymentDate",
        "shipByDate",
        "voidDate",
        "deliveryDate",
    }
)
HOUR = timedelta(hours=1)
# The `Date` header is cut to whole seconds and need not come from the machine that stamped the document.
CLOCK_SLACK = timedelta(minutes=1)

_NAIVE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?")
_ZONED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


def decode(raw: Any, received_at: datetime | None = None) -> Any:
    """A V1 answer with its instants in UTC. `received_at` settles the hour that autumn repeats."""
    return _converted(raw, lambda text: to_utc(text, received_at))


def encode(body: Any) -> Any:
    """The inverse of `decode`: UTC instants become Pacific wall-clock with the same fraction digits."""
    return _converted(body, to_pacific)


def _converted(value: Any, convert: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {
            name: convert(part) if name in INSTANTS and isinstance(part, str) else _converted(part, convert)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_converted(part, convert) for part in value]
    return value


def to_utc(text: str, received_at: datetime | None = None) -> str:
    """Pacific wall-clock as UTC text; anything else comes back as it was.

    A time that autumn repeats becomes the latest instant not after `received_at` (the second one if that is not
    known); a time that spring leaves out moves on by an hour.
    """
    match = _NAIVE.fullmatch(text)
    if not match:
        return text
    try:
        instant = _instant(datetime.fromisoformat(match[1]), received_at)
    except (ValueError, OverflowError):
        return text  # the end of the calendar, which old records use for "never"
    return f"{instant.replace(tzinfo=None).isoformat()}{match[2] or ''}Z"


def _instant(wall: datetime, received_at: datetime | None) -> datetime:
    first = wall.replace(tzinfo=PACIFIC, fold=0)
    second = wall.replace(tzinfo=PACIFIC, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(PACIFIC).replace(tzinfo=None) != wall:
        return first.astimezone(UTC)  # in the gap, the offset before it carries the time one hour on
    early, late = first.astimezone(UTC), second.astimezone(UTC)
    return late if received_at is None or late <= received_at + CLOCK_SLACK else early


def to_pacific(text: str) -> str:
    """An instant with a zone as Pacific wall-clock; a text without a zone comes back as it was."""
    match = _ZONED.fullmatch(text)
    if not match:
        return text
    try:
        wall = datetime.fromisoformat(match[1] + match[3]).astimezone(PACIFIC)
    except (ValueError, OverflowError):
        return text
    return wall.replace(tzinfo=None).isoformat() + (match[2] or "")


def filter_text(instant: datetime) -> str:
    """The start of a V1 date filter: the wall-clock of an instant, an hour early where autumn repeats that hour.

    V1 compares wall-clock with wall-clock, so in the repeated hour a later document can carry the smaller time.
    """
    local = instant.astimezone(PACIFIC)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    wall = local.replace(tzinfo=None, microsecond=0, fold=0)
    return (wall - HOUR if twice else wall).isoformat()


def received_at(response: Response) -> datetime | None:
    """When the vendor answered, by its own clock, if it says so."""
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


def sortable(text: str | None) -> str:
    """A UTC text with exactly seven fraction digits, so that texts sort like the instants; empty for none."""
    match = _ZONED.fullmatch(text or "")
    if not match:
        return ""
    whole = datetime.fromisoformat(match[1] + match[3]).astimezone(UTC).replace(tzinfo=None)
    return f"{whole.isoformat()}.{(match[2] or '.')[1:8]:0<7}Z"


def merged(current: Any, changes: Any) -> Any:
    """`changes` over `current`: what we do not send stays as a person set it; lists are replaced."""
    if isinstance(current, dict) and isinstance(changes, dict):
        return current | {name: merged(current.get(name), part) for name, part in changes.items()}
    return changes


def agrees(current: Any, expected: Any) -> bool:
    """Whether everything in `expected` stands in `current`, whatever the case of texts and the digits of numbers."""
    if isinstance(expected, dict):
        fields: Body = current if isinstance(current, dict) else {}
        return all(agrees(fields.get(name), part) for name, part in expected.items())
    if isinstance(expected, list):
        rows: list[Any] = current if isinstance(current, list) else []
        return len(rows) == len(expected) and all(map(agrees, rows, expected))
    if expected is None or expected == "":
        return current is None or current == ""
    if isinstance(expected, bool) or isinstance(current, bool):
        return expected is current
    if isinstance(expected, int | Decimal) and isinstance(current, int | Decimal):
        return Decimal(expected) == Decimal(current)
    mine, theirs = str(expected).strip(), str(current).strip()
    instant = sortable(mine)
    return mine.casefold() == theirs.casefold() or bool(instant and instant == sortable(theirs))
