"""A drill that cannot fail proves nothing: without looking into the target, the same drill doubles parcels."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from connections.simulation import Fault
from connections.vendors.acumatica.shipments import Shipments
from integrator.fates import Fate, Verdict, compare
from syncjobs.engine import outcomes
from syncjobs.models import Flow, State, SyncRecord
from tests.world import World

pytestmark = pytest.mark.journey
ORDERS = 3
LATE = 1.2
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at the target after tenths of seconds; the first come before the late write, the last after it."""
    monkeypatch.setattr(Shipments, "settle_delays", (0.2, 0.4, 0.8, 1.6))
    monkeypatch.setattr(outcomes, "FIRST_WAIT", 0.1)


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks: what was not answered is taken for not done, and goes again at once."""

    def assume(record: SyncRecord, now: datetime, settle_delay: int) -> None:
        record.state, record.due_at = State.DUE, now

    monkeypatch.setattr(outcomes, "_doubt", assume)


def drill(world: World) -> Verdict:
    """One unit of each order leaves, every creation in Acumatica is cut off and done later, and all is counted."""
    world.acumatica.do_add_orders(ORDERS, lines=1)
    world.only("orders", "shipments")
    world.activate()
    world.go_on(1)
    for order in world.shipstation.state()["orders"]:
        item = {"orderItemId": order["items"][0]["orderItemId"], "quantity": 1}
        world.shipstation.do_ship(order_id=order["orderId"], items=[item])
    path = "/MyInstance/entity/Default/25.200.001/Shipment"
    world.acumatica.faults.append(Fault("late", path, "PUT", times=ORDERS, seconds=LATE))
    Flow.objects.update(next_run_at=None)
    until = time.monotonic() + PATIENCE
    while world.states("shipments") != {State.SYNCED: ORDERS} and time.monotonic() < until:
        Flow.objects.update(rung_at=None)
        world.tick()
        time.sleep(0.1)
    time.sleep(LATE + 0.3)
    assert world.acumatica.injected["late"] == ORDERS
    return count(world)


def count(world: World) -> Verdict:
    rows = SyncRecord.objects.values_list("flow__slug", "source_key", "state", "cause")
    left = world.acumatica.state() | {"customers": [], "items": []}  # their flows are off here
    return compare(left, world.shipstation.state(), [Fate(*row) for row in rows])


def test_it_loses_and_doubles_nothing_when_the_target_is_looked_into(world: World) -> None:
    verdict = drill(world)
    assert verdict.clean, verdict
    assert world.states("shipments") == {State.SYNCED: ORDERS}


def test_it_doubles_parcels_when_nobody_looks(careless: None, world: World) -> None:
    verdict = drill(world)
    assert len(verdict.doubled) >= ORDERS
