from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connections.vendors.shipstation.simulated import Receiver, Simulated, listening, simulated


@pytest.fixture
def account() -> Iterator[Simulated]:
    with simulated() as account:
        yield account


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver
