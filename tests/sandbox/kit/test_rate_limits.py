from __future__ import annotations

import pytest
from werkzeug.wrappers import Response

from sandbox.kit.rate_limits import RateLimit
from tests.sandbox.kit.echo import Echo


@pytest.fixture
def limit() -> RateLimit:
    context = Echo().context
    context.switches.update(calls=2, window_seconds=60)
    return RateLimit(context, "calls", 40)


def headers(limit: RateLimit, status: int = 200) -> list[str]:
    response = Response(status=status)
    limit.set_headers(response, "X-Limit-")
    return [response.headers[f"X-Limit-{name}"] for name in ("Limit", "Remaining")]


def test_it_lets_so_many_calls_through(limit: RateLimit) -> None:
    assert [limit.take() for _ in range(3)] == [True, True, False]


def test_each_key_has_a_window_of_its_own(limit: RateLimit) -> None:
    assert [limit.take("a"), limit.take("a"), limit.take("a"), limit.take("b")] == [True, True, False, True]


def test_a_new_window_begins_when_its_time_is_over(limit: RateLimit) -> None:
    limit.take()
    limit.take()
    assert 55 < limit.seconds_left() <= 60
    limit.context.switches["clock_offset"] = 61
    assert limit.take()


def test_zero_is_no_limit(limit: RateLimit) -> None:
    limit.context.switches["calls"] = 0
    assert all(limit.take() for _ in range(100))
    assert headers(limit) == ["40", "40"]


def test_its_headers_count_down(limit: RateLimit) -> None:
    assert headers(limit) == ["2", "2"]
    limit.take()
    assert headers(limit) == ["2", "1"]
    assert headers(limit, status=429) == ["2", "0"]


def test_it_keeps_headers_that_are_there(limit: RateLimit) -> None:
    response = Response(headers={"X-Limit-Reset": "7"})
    limit.set_headers(response, "X-Limit-")
    assert response.headers["X-Limit-Reset"] == "7"
