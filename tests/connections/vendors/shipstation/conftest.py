"""One running simulator for each module, reset before each test; and a network that answers what a test says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import responses

from tests.connections.vendors.shipstation.simulated import Simulated, simulated


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulated]:
    with simulated() as found:
        yield found


@pytest.fixture
def simulator(shared: Simulated) -> Simulated:
    requests.delete(f"{shared.running.control_url}/faults", timeout=10)
    shared.set(locked_response="error", range_ends="inclusive", pages_zero=False, webhook_mode="normal")
    shared.simulator.account.poisoned.clear()
    return shared


@pytest.fixture
def network() -> Iterator[None]:
    """The calls of `responses` answer instead of the network."""
    with responses.mock:
        yield
