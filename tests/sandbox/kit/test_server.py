from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
import requests

from sandbox.kit.server import Running
from tests.sandbox.kit.echo import Echo


def test_it_tells_the_simulator_where_it_is_served(echo: Running) -> None:
    assert echo.base_url == f"{echo.root_url}/api"
    assert echo.simulator.context.base_url == echo.base_url


def test_its_date_follows_the_simulated_clock(echo: Running) -> None:
    echo.simulator.switches["clock_offset"] = 86400
    response = requests.get(f"{echo.base_url}/notes", timeout=5)
    dated = parsedate_to_datetime(response.headers["Date"]).timestamp()
    assert abs(dated - echo.simulator.now()) < 5


def test_it_is_gone_after_stop() -> None:
    running = Running(Echo())
    running.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{running.base_url}/notes", timeout=5)


def test_it_needs_a_free_port(echo: Running, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises((OSError, SystemExit)):
        Running(Echo(), port=echo.server.server_port)


def test_it_waits_as_long_as_the_switch_says(echo: Running) -> None:
    echo.simulator.switches["delay"] = 0.1
    assert requests.get(f"{echo.base_url}/notes", timeout=5).elapsed.total_seconds() >= 0.1
