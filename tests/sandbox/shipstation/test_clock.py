from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.connections.vendors.shipstation.simulated import Simulated


def offset_to(moment: str) -> float:
    """The clock offset that makes it this UTC moment now."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() - datetime.now(UTC).timestamp()


def test_it_writes_pacific_time_with_the_precision_of_each_field(account: Simulated) -> None:
    account.set(clock_offset=offset_to("2026-07-01T12:00"))
    stored = account.make(shipByDate="2026-07-05", shipDate="2026-07-04T10:00:00")
    assert re.fullmatch(r"2026-07-01T05:00:\d\d\.\d{3}0000", stored["createDate"])
    assert re.fullmatch(r"2026-07-01T05:00:\d\d\.\d{2,3}", stored["items"][0]["createDate"])
    assert stored["shipByDate"] == "2026-07-05T00:00:00.0000000"
    assert stored["shipDate"] == "2026-07-04"


def test_it_repeats_an_hour_when_the_clocks_go_back(account: Simulated) -> None:
    account.set(clock_offset=offset_to("2026-11-01T08:30"))
    first = account.make("1")["createDate"]
    account.set(clock_offset=offset_to("2026-11-01T09:30"))
    second = account.make("2")["createDate"]
    assert first[:16] == second[:16] == "2026-11-01T01:30"
