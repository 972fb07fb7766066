"""Both pairs of systems, running, empty and without errors."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kit.server import Running
from tests.syncjobs.recipes.purchasing import Purchasing
from tests.world import World


@pytest.fixture
def running(world: World) -> World:
    """Acumatica and ShipStation with some orders that have arrived."""
    world.acumatica.actions.do_seed(customers=4, items=6, orders=6, ugly=False)
    world.activate()
    world.run_tasks()
    return world


@pytest.fixture
def draft(db: None, settings: Any, visma_net: Running, shipstation: Running) -> Purchasing:
    """Visma.net and ShipStation, before the integration is switched on."""
    return Purchasing(visma_net, shipstation)


@pytest.fixture
def purchasing(draft: Purchasing) -> Purchasing:
    """The same, switched on with the flows that move goods, and without documents yet."""
    draft.begin("purchase_orders", "cancellations", "receipts")
    return draft
