from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.kit.server import Running
from tests.sandbox.kit.echo import Echo


@pytest.fixture
def echo() -> Iterator[Running]:
    running = Running(Echo())
    yield running
    running.stop()
