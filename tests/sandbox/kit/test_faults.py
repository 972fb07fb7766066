from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.kit.faults import FAULTS, Fault
from sandbox.kit.server import Running
from tests.connections.vendors.shipstation.simulated import eventually
from tests.sandbox.kit.echo import Echo


def post(echo: Running) -> requests.Response:
    return requests.post(f"{echo.base_url}/notes", data="hello", timeout=5)


def arm(echo: Running, kind: str, **options: Any) -> None:
    response = requests.post(f"{echo.control_url}/faults", json={"kind": kind, **options}, timeout=5)
    assert response.status_code == 200, response.text


def kept(echo: Running) -> list[str]:
    assert isinstance(echo.simulator, Echo)
    return echo.simulator.kept


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [("status", {"status": 404}, 404), ("throttle", {}, 429), ("server_error", {}, 500), ("teapot", {}, 418)],
)
def test_it_responds_instead_of_doing_the_work(echo: Running, kind: str, options: dict[str, Any], status: int) -> None:
    arm(echo, kind, **options)
    response = post(echo)
    assert (response.status_code, response.headers["X-Finished"], kept(echo)) == (status, "yes", [])
    assert post(echo).status_code == 200


@pytest.mark.parametrize(("kind", "status", "text"), [("error_after", 500, "error"), ("not_json", 200, "Maintenance")])
def test_it_does_the_work_and_responds_badly(echo: Running, kind: str, status: int, text: str) -> None:
    arm(echo, kind)
    response = post(echo)
    assert (response.status_code, kept(echo)) == (status, ["hello"])
    assert text in response.text


@pytest.mark.parametrize(("kind", "done"), [("cut_before", []), ("cut_after", ["hello"]), ("half", ["hello"])])
def test_it_cuts_the_connection(echo: Running, kind: str, done: list[str]) -> None:
    arm(echo, kind)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        post(echo)
    assert kept(echo) == done


def test_it_cuts_at_once_and_does_the_work_late(echo: Running) -> None:
    arm(echo, "late", seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        post(echo)
    assert kept(echo) == []
    eventually(lambda: kept(echo) == ["hello"])


def test_it_is_slow_and_then_serves(echo: Running) -> None:
    arm(echo, "slow", seconds=0.1)
    response = post(echo)
    assert (response.status_code, response.elapsed.total_seconds() >= 0.1) == (200, True)


def test_it_meets_matching_requests_only_and_so_often(echo: Running) -> None:
    arm(echo, "throttle", path="/api/notes", method="POST", times=2)
    arm(echo, "throttle", path="/api/other")
    assert requests.get(f"{echo.base_url}/notes", timeout=5).status_code == 200
    assert [post(echo).status_code for _ in range(3)] == [429, 429, 200]


def test_it_never_meets_a_request_without_a_chance(echo: Running) -> None:
    arm(echo, "throttle", chance=0.0)
    assert post(echo).status_code == 200


def test_it_counts_what_was_injected_and_disarms(echo: Running) -> None:
    arm(echo, "throttle", times=5)
    post(echo)
    url = f"{echo.control_url}/faults"
    before = requests.get(url, timeout=5).json()
    assert (before["armed"][0]["times"], before["injected"]) == (4, {"throttle": 1})
    assert requests.delete(url, timeout=5).json() == {"armed": [], "injected": {"throttle": 1}}
    assert post(echo).status_code == 200


def test_it_refuses_a_kind_that_it_does_not_know(echo: Running) -> None:
    response = requests.post(f"{echo.control_url}/faults", json={"kind": "earthquake"}, timeout=5)
    assert (response.status_code, response.json()) == (400, {"message": "Unknown fault 'earthquake'."})


@pytest.mark.parametrize("kind", FAULTS)
def test_it_arms_every_kind(echo: Running, kind: str) -> None:
    echo.simulator.fault_injector.arm(Fault(kind))
    assert [fault.kind for fault in echo.simulator.faults] == [kind]
