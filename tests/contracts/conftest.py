"""A network that answers what a test says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses


@pytest.fixture
def network() -> Iterator[None]:
    """The answers registered with `responses` come instead of the network's."""
    with responses.mock:
        yield
