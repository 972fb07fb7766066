from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox.drill.scenario_run import last_fall_back


def test_it_finds_the_hour_that_comes_twice() -> None:
    assert last_fall_back(datetime(2026, 11, 21, 12, tzinfo=UTC)) == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert last_fall_back(datetime(2026, 10, 31, tzinfo=UTC)) > datetime(2026, 10, 31, tzinfo=UTC) - timedelta(days=370)
