"""Time as the ERP writes it: the server's local clock without an offset. SalesOrders v3 writes UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_FILTER = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?)?")
_ZONED = re.compile(r"(.*\d)\s*(?:[Zz]|[+ -]\d\d:?\d\d)")


def wall(moment: int, zone: str) -> datetime:
    """What the server's clock shows at `moment` (milliseconds since 1970)."""
    shown = datetime.fromtimestamp(moment // 1000, UTC).astimezone(ZoneInfo(zone))
    return shown.replace(tzinfo=None, microsecond=moment % 1000 * 1000)


def text(shown: datetime) -> str:
    """As .NET writes it: as many digits of a second as it needs, three at most."""
    thousandths = f"{shown.microsecond // 1000:03d}".rstrip("0")
    return shown.strftime("%Y-%m-%dT%H:%M:%S") + (f".{thousandths}" if thousandths else "")


def local(moment: int, zone: str) -> str:
    return text(wall(moment, zone))


def utc(moment: int) -> str:
    return text(wall(moment, "UTC")) + "Z"


def day(moment: int, zone: str) -> str:
    """The document date of this moment."""
    return wall(moment, zone).strftime("%Y-%m-%dT00:00:00")


def parsed(written: str) -> datetime | None:
    """A filter value or a document date without a zone; None if it is neither."""
    match = _FILTER.fullmatch(written.strip())
    if not match:
        return None
    try:
        whole = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}")
    except ValueError:
        return None
    return whole.replace(microsecond=int((match[3] or "0").ljust(3, "0")) * 1000)


def zoned(written: str) -> str | None:
    """The value without its zone, where it has one."""
    match = _ZONED.fullmatch(written.strip())
    return match[1] if match and ":" in match[1] else None


def document_day(written: str) -> str | None:
    """A date as sent (`2026-11-21` or `2026-11-21T09:46:11.202Z`) as a document date."""
    try:
        return date.fromisoformat(written[:10]).strftime("%Y-%m-%dT00:00:00")
    except ValueError:
        return None


def since(written: str) -> int | None:
    """A moment as SalesOrders v3 takes it, in milliseconds: without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(written.replace(" ", "+"))
    except ValueError:
        return None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
