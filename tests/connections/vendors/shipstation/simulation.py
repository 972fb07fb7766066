"""Arming faults, doing what a person does meanwhile, and looking into outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from connections.vendor import Outcome, Refused
from connections.vendors.shipstation.client import ShipStationClient
from tests.connections.vendors.shipstation.simulated import Simulated

BEFORE = datetime.now(UTC) - timedelta(minutes=1)


def fault(simulator: Simulated, kind: str, path: str, **options: Any) -> None:
    response = requests.post(
        f"{simulator.running.control_url}/faults", json={"kind": kind, "path": path, **options}, timeout=10
    )
    assert response.status_code == 200, response.text


def error_of(outcome: Outcome) -> Any:
    assert isinstance(outcome, Refused)
    return outcome.error


@contextmanager
def shipped_meanwhile(client: ShipStationClient, simulator: Simulated, key: str) -> Iterator[None]:
    """A person ships one order between our reading and our first write by V1."""
    http = client.need_v1()
    post = http.post

    def late(path: str, **request: Any) -> Any:
        http.post = post  # type: ignore[method-assign]
        simulator.do("ship", order_id=int(key))
        return post(path, **request)

    http.post = late  # type: ignore[method-assign]
    yield
    http.post = post  # type: ignore[method-assign]
