"""ShipStation's two clocks: V1 speaks naive Pacific local time, V2 speaks UTC with a Z.

The number of fractional digits differs by field, as recorded from the real service.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def pacific(instant: float) -> datetime:
    """Wall-clock time in Los Angeles, without a zone, as ShipStation stores it."""
    return datetime.fromtimestamp(instant, PACIFIC).replace(tzinfo=None)


def seven(instant: float) -> str:
    """Orders, customers, warehouses, shipments: seven fractional digits."""
    return pacific(instant).isoformat(timespec="milliseconds") + "0000"


def three(instant: float) -> str:
    """Products and stores: three fractional digits."""
    return pacific(instant).isoformat(timespec="milliseconds")


def two_or_three(instant: float) -> str:
    """Order lines: two or three fractional digits."""
    text = three(instant)
    return text[:-1] if text.endswith("0") else text


def day(instant: float) -> str:
    return pacific(instant).date().isoformat()


def zulu(instant: float) -> str:
    """V2: UTC with milliseconds."""
    moment = datetime.fromtimestamp(instant, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(4096)
def normal(text: str) -> str:
    """Any date that V1 reads, as naive Pacific text with seven digits. Raises ValueError.

    A date without a time is Pacific midnight; a time with an offset is moved to Pacific.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is not None:
        moment = moment.astimezone(PACIFIC).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds") + "0"


@lru_cache(4096)
def instant_of_zulu(text: str) -> float:
    """A date in a V2 filter; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def zulu_of_naive(text: str | None) -> str | None:
    """A stored Pacific date as V2 shows it."""
    if text is None:
        return None
    return zulu(datetime.fromisoformat(text).replace(tzinfo=PACIFIC).timestamp())
