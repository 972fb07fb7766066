"""A served order desk with our client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connections.auth import MemorySessions
from connections.http import NoBudget
from connections.vendor import Account
from connections.vendors.example.client import ExampleClient, open_client
from sandbox.example.app import ExampleSimulator
from sandbox.kit.server import Running


@pytest.fixture
def running() -> Iterator[Running]:
    served = Running(ExampleSimulator())
    yield served
    served.stop()


@pytest.fixture
def desk(running: Running) -> ExampleSimulator:
    assert isinstance(running.simulator, ExampleSimulator)
    return running.simulator


def opened(base_url: str, api_key: str = "sim-key") -> ExampleClient:
    sessions = MemorySessions()
    return open_client(Account({"base_url": base_url}, {"api_key": api_key}, sessions, lambda name: NoBudget()))


@pytest.fixture
def client(running: Running) -> Iterator[ExampleClient]:
    opened_client = opened(running.base_url)
    yield opened_client
    opened_client.close()
