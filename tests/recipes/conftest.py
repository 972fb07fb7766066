"""Both systems with some orders that have arrived."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture
def running(world: World) -> World:
    world.acumatica.do_seed(customers=4, items=6, orders=6, ugly=False)
    world.activate()
    world.work_off()
    return world
