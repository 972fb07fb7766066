"""A drill that cannot fail proves nothing: without searching the target, the same drill doubles parcels."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from connections.vendors.acumatica.shipments.resource import Shipments
from connections.vendors.visma_net.receipts.resource import PurchaseReceipts
from sandbox.kit.server import Running
from sandbox.scenarios.acumatica_shipstation import AcumaticaShipStation
from sandbox.scenarios.consistency import Findings, RecordStatus
from sandbox.scenarios.fixture import Fixture
from sandbox.scenarios.scenario import UNLIMITED, Scenario
from sandbox.scenarios.simulator_client import SimulatorClient
from sandbox.scenarios.visma_net_shipstation import VismaNetShipStation
from syncjobs.engine import clock, transitions
from syncjobs.models import Flow, State, SyncRecord

pytestmark = [pytest.mark.journey, pytest.mark.django_db]
ORDERS = 3
LATE = 0.6
"""Seconds after which a write is applied whose answer was cut off."""
TIMEOUT = 30.0


@dataclass
class World:
    """A scenario with its customer, in this process: what a worker would do is done by `work`."""

    scenario: Scenario
    fixture: Fixture
    creation: str
    """Where what a parcel becomes is created, as method and path."""

    def states(self) -> Counter[str]:
        return Counter(self.fixture.flow(self.scenario.parcels).records.values_list("state", flat=True))

    def work(self) -> None:
        Flow.objects.update(enqueued_at=None)
        clock.tick()
        while queued := OrmQ.objects.order_by("pk").first():
            task = queued.task
            queued.delete()
            import_string(task["func"])(*task["args"])


@pytest.fixture(params=["acumatica", "visma_net"])
def world(request: pytest.FixtureRequest, acumatica: Running, visma_net: Running, shipstation: Running) -> World:
    right = SimulatorClient("shipstation", shipstation.root_url)
    if request.param == "acumatica":
        path = "PUT /MyInstance/entity/Default/25.200.001/Shipment"
        scenario: Scenario = AcumaticaShipStation(SimulatorClient("acumatica", acumatica.root_url), right)
        scenario.left.do("add_orders", count=ORDERS, lines=1)
    else:
        path = "POST /erp/v1/PurchaseReceipt"
        scenario = VismaNetShipStation(SimulatorClient("visma_net", visma_net.root_url), right)
        scenario.left.do("clear")
        scenario.left.do("make_orders", count=ORDERS, lines=1, ugly=False)
    fixture = scenario.create_fixture(UNLIMITED, rows=scenario.drill_rows)
    fixture.integration.flows.exclude(slug__in=[scenario.orders, scenario.parcels]).update(enabled=False)
    return World(scenario, fixture, path)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at the target after tenths of seconds; the first come before the late write, the last after it."""
    for resource in (Shipments, PurchaseReceipts):
        monkeypatch.setattr(resource, "settle_delays", (0.1, 0.2, 0.4, 0.8))
    monkeypatch.setattr(transitions, "FIRST_WAIT", 0.1)


@pytest.fixture
def no_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked up: what was not answered is taken for not done, and goes again at once."""

    def assume(record: SyncRecord, now: datetime, settle_delay: int) -> None:
        record.state, record.due_at = State.DUE, now

    monkeypatch.setattr(transitions, "_unknown", assume)


def drill(world: World) -> Findings:
    """One unit of each order leaves, every creation in the first system is cut off and done later; then both are compared."""
    scenario = world.scenario
    world.fixture.activate()
    world.work()
    for order in scenario.right.state()["orders"]:
        item = {"orderItemId": order["items"][0]["orderItemId"], "quantity": 1}
        scenario.right.do("ship", order_id=order["orderId"], items=[item])
    method, _, path = world.creation.partition(" ")
    scenario.left.fault("late", path=path, method=method, times=ORDERS, seconds=LATE)
    Flow.objects.update(next_run_at=None)
    until = time.monotonic() + TIMEOUT
    last_cut = 0.0
    while world.states() != {State.SYNCED: ORDERS} and time.monotonic() < until:
        world.work()
        if not last_cut and not scenario.left.armed():
            last_cut = time.monotonic()
        time.sleep(0.05)  # between two looks at the queue, in which records come due by themselves
    time.sleep(max(0.0, last_cut + LATE + 0.3 - time.monotonic()))  # until every late write has been applied
    assert scenario.left.clear_faults()["late"] == ORDERS
    return check(world)


def check(world: World) -> Findings:
    rows = SyncRecord.objects.values_list("flow__slug", "source_key", "state", "cause")
    left = world.scenario.left.state() | {"customers": [], "items": []}  # their flows are off here
    return world.scenario.check(left, world.scenario.right.state(), [RecordStatus(*row) for row in rows])


def test_it_loses_and_doubles_nothing_when_the_target_is_searched(world: World) -> None:
    findings = drill(world)
    assert findings.clean, findings
    assert world.states() == {State.SYNCED: ORDERS}


def test_it_doubles_parcels_when_nothing_is_looked_up(no_lookup: None, world: World) -> None:
    findings = drill(world)
    assert len(findings.doubled) >= ORDERS
