from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import requests

from sandbox.acumatica.api.licence import LicenceQueue
from sandbox.kit.context import Context
from tests.connections.vendors.acumatica.simulated import Site


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.login()
    yield site
    site.stop()


def queue(*ages: float, **switches: Any) -> LicenceQueue:
    defaults = {"minute_seconds": 60.0, "minute_limit": 0, "concurrent_limit": 0, "work_seconds": 0.0}
    queue = LicenceQueue(Context(1, Random(1), defaults | switches))
    queue.done.extend(1000.0 - age for age in ages)
    return queue


def test_it_delays_as_the_vendors_example_says() -> None:
    assert queue(*[40.0] * 25).delay(limit=50, now=1000.0) == pytest.approx(0.8)


def test_it_delays_nothing_below_half_of_the_limit() -> None:
    assert queue(*[40.0] * 24).delay(limit=50, now=1000.0) == 0.0


def test_it_forgets_requests_after_a_minute() -> None:
    assert queue(*[61.0] * 50).delay(limit=50, now=1000.0) == 0.0


def test_it_waits_out_the_minute_at_the_limit() -> None:
    assert queue(*[40.0] * 50).delay(limit=50, now=1000.0) == pytest.approx(20.0)


def test_it_slows_down_before_it_refuses(site: Site) -> None:
    site.settings(minute_limit=4, minute_seconds=1.0)
    started = time.monotonic()
    assert [site.get("Warehouse").status_code for _ in range(4)] == [200] * 4
    assert time.monotonic() - started > 0.4


def all_at_once(site: Site, count: int) -> list[int]:
    statuses: list[int] = []

    def call() -> None:
        cookies = site.http.cookies.get_dict()
        statuses.append(requests.get(f"{site.api}/Warehouse", cookies=cookies, timeout=30).status_code)

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def test_it_lets_twenty_wait_and_declines_the_next(site: Site) -> None:
    site.settings(concurrent_limit=1, work_seconds=1.0)
    worker = threading.Thread(target=all_at_once, args=(site, 1))
    worker.start()
    time.sleep(0.3)  # until the first call is at work
    with site.running.simulator.queue.free:  # type: ignore[attr-defined]
        site.running.simulator.queue.waiting += 20  # type: ignore[attr-defined]
    response = site.get("Warehouse")
    with site.running.simulator.queue.free:  # type: ignore[attr-defined]
        site.running.simulator.queue.waiting -= 20  # type: ignore[attr-defined]
    worker.join()
    assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == (429, "text/plain")


def test_it_works_on_no_more_at_once_than_the_licence_allows(site: Site) -> None:
    site.settings(concurrent_limit=2, work_seconds=0.1)
    started = time.monotonic()
    assert all_at_once(site, 6) == [200] * 6
    assert time.monotonic() - started > 0.28


def test_it_lets_a_logout_pass_the_queue(site: Site) -> None:
    site.settings(concurrent_limit=1, work_seconds=0.6)
    worker = threading.Thread(target=all_at_once, args=(site, 1))
    worker.start()
    time.sleep(0.1)  # until the first call is at work
    started = time.monotonic()
    site.http.post(f"{site.url}/entity/auth/logout", timeout=30)
    assert time.monotonic() - started < 0.4
    worker.join()


def test_it_throttles_on_demand_in_plain_text(site: Site) -> None:
    site.fault("throttle")
    response = site.get("Warehouse")
    assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == (429, "text/plain")
    assert "Retry-After" not in response.headers
