"""Arming faults, and looking into outcomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from connections.vendor import Outcome, Refused
from tests.connections.vendors.shipstation.simulated import Simulated

BEFORE = datetime.now(UTC) - timedelta(minutes=1)


def fault(simulator: Simulated, kind: str, path: str, **more: Any) -> None:
    answer = requests.post(
        f"{simulator.running.control_url}/faults", json={"kind": kind, "path": path, **more}, timeout=10
    )
    assert answer.status_code == 200, answer.text


def error_of(outcome: Outcome) -> Any:
    assert isinstance(outcome, Refused)
    return outcome.error
