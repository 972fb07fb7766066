from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connections.vendors.acumatica.desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    opened = Desk()
    yield opened
    opened.close()
