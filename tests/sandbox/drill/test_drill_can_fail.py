"""A drill that cannot fail proves nothing: without looking into the target, the same drill doubles parcels."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from connections.vendors.acumatica.shipments import Shipments
from connections.vendors.visma_net.receipts import PurchaseReceipts
from sandbox.kit.simulator import Running
from sandbox.scenarios.acumatica_shipstation import AcumaticaShipStation
from sandbox.scenarios.consistency import Fate, Verdict
from sandbox.scenarios.fixture import Simulated, Stage
from sandbox.scenarios.scenario import UNLIMITED, Play
from sandbox.scenarios.visma_net_shipstation import VismaNetShipStation
from syncjobs.engine import clock, transitions
from syncjobs.models import Flow, State, SyncRecord

pytestmark = [pytest.mark.journey, pytest.mark.django_db]
ORDERS = 3
LATE = 1.2
PATIENCE = 30.0


@dataclass
class World:
    """A play on stage in this process: what a worker would do is done by `go_on`."""

    play: Play
    stage: Stage
    creation: str
    """Where what a parcel becomes is created, as method and path."""

    def states(self) -> Counter[str]:
        return Counter(self.stage.flow(self.play.parcels).records.values_list("state", flat=True))

    def go_on(self) -> None:
        Flow.objects.update(enqueued_at=None)
        clock.tick()
        while enqueue := OrmQ.objects.order_by("pk").first():
            task = enqueue.task
            enqueue.delete()
            import_string(task["func"])(*task["args"])


@pytest.fixture(params=["acumatica", "visma_net"])
def world(request: pytest.FixtureRequest, acumatica: Running, visma_net: Running, shipstation: Running) -> World:
    right = Simulated("shipstation", shipstation.root_url)
    if request.param == "acumatica":
        path = "PUT /MyInstance/entity/Default/25.200.001/Shipment"
        play: Play = AcumaticaShipStation(Simulated("acumatica", acumatica.root_url), right)
        play.left.do("add_orders", count=ORDERS, lines=1)
    else:
        path = "POST /erp/v1/PurchaseReceipt"
        play = VismaNetShipStation(Simulated("visma_net", visma_net.root_url), right)
        play.left.do("clear")
        play.left.do("make_orders", count=ORDERS, lines=1, ugly=False)
    stage = play.staged(UNLIMITED, rows=play.drill_rows)
    stage.integration.flows.exclude(slug__in=[play.orders, play.parcels]).update(enabled=False)
    return World(play, stage, path)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at the target after tenths of seconds; the first come before the late write, the last after it."""
    for resource in (Shipments, PurchaseReceipts):
        monkeypatch.setattr(resource, "settle_delays", (0.2, 0.4, 0.8, 1.6))
    monkeypatch.setattr(transitions, "FIRST_WAIT", 0.1)


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks: what was not answered is taken for not done, and goes again at once."""

    def assume(record: SyncRecord, now: datetime, settle_delay: int) -> None:
        record.state, record.due_at = State.DUE, now

    monkeypatch.setattr(transitions, "_unknown", assume)


def drill(world: World) -> Verdict:
    """One unit of each order leaves, every creation in the first system is cut off and done later; then all is counted."""
    play = world.play
    world.stage.activate()
    world.go_on()
    for order in play.right.state()["orders"]:
        item = {"orderItemId": order["items"][0]["orderItemId"], "quantity": 1}
        play.right.do("ship", order_id=order["orderId"], items=[item])
    method, _, path = world.creation.partition(" ")
    play.left.fault("late", path=path, method=method, times=ORDERS, seconds=LATE)
    Flow.objects.update(next_run_at=None)
    until = time.monotonic() + PATIENCE
    while world.states() != {State.SYNCED: ORDERS} and time.monotonic() < until:
        world.go_on()
        time.sleep(0.1)
    time.sleep(LATE + 0.3)
    assert play.left.clear_faults()["late"] == ORDERS
    return count(world)


def count(world: World) -> Verdict:
    rows = SyncRecord.objects.values_list("flow__slug", "source_key", "state", "cause")
    left = world.play.left.state() | {"customers": [], "items": []}  # their flows are off here
    return world.play.verdict(left, world.play.right.state(), [Fate(*row) for row in rows])


def test_it_loses_and_doubles_nothing_when_the_target_is_looked_into(world: World) -> None:
    verdict = drill(world)
    assert verdict.clean, verdict
    assert world.states() == {State.SYNCED: ORDERS}


def test_it_doubles_parcels_when_nobody_looks(careless: None, world: World) -> None:
    verdict = drill(world)
    assert len(verdict.doubled) >= ORDERS
