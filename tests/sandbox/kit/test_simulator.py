from __future__ import annotations

import pytest
import requests
from werkzeug.exceptions import NotFound

from sandbox.kit.server import Running
from tests.sandbox.kit.echo import Echo


def test_it_counts_calls_but_not_those_of_the_control_api(echo: Running) -> None:
    requests.get(f"{echo.base_url}/notes", timeout=5)
    calls = requests.get(f"{echo.control_url}/calls", timeout=5).json()
    assert calls == {"GET /api/notes": 1, "total": 1}


def test_it_changes_switches_and_refuses_unknown_ones(echo: Running) -> None:
    url = f"{echo.control_url}/settings"
    assert requests.post(url, json={"loud": True}, timeout=5).json()["loud"] is True
    response = requests.post(url, json={"loud": False, "quiet": True}, timeout=5)
    assert (response.status_code, response.json()) == (400, {"message": "No such switch: quiet"})
    assert echo.simulator.switches["loud"] is True


def test_two_simulators_share_no_switches() -> None:
    first, second = Echo(), Echo()
    first.switches["loud"] = True
    assert (second.switches["loud"], Echo.default_switches) == (False, {"loud": False})


def test_it_runs_actions(echo: Running) -> None:
    response = requests.post(f"{echo.control_url}/do/add", json={"text": "x"}, timeout=5)
    assert response.json() == {"kept": 1}
    assert requests.post(f"{echo.control_url}/do/nothing", timeout=5).status_code == 404
    assert requests.get(f"{echo.control_url}/state", timeout=5).json() == {"kept": ["x"]}


def test_it_runs_actions_in_process() -> None:
    echo = Echo()
    assert echo.do("add", text="x") == {"kept": 1}
    with pytest.raises(NotFound):
        echo.do("nothing")


def test_it_responds_to_an_unknown_path_by_its_own_error(echo: Running) -> None:
    response = requests.get(f"{echo.base_url}/nothing", timeout=5)
    assert (response.status_code, response.json()) == (404, {"message": "An error has occurred."})
