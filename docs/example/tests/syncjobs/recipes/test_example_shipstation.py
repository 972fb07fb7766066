"""A document goes through the recipe, over both simulators and real HTTP: order, parcel, and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.example.app import ExampleSimulator
from sandbox.kit.server import Running
from tests.world import World


@pytest.fixture
def pair(db: None, shipstation: Running) -> Iterator[World]:
    desk = Running(ExampleSimulator())
    world = World(desk, shipstation, "example_shipstation")
    world.simulators["example"].do_seed(3)
    world.activate()
    world.run_rounds()
    yield world
    desk.stop()


def test_an_order_appears_in_shipstation(pair: World) -> None:
    assert pair.states("orders") == {"synced": 3}
    orders = pair.shipstation.state()["orders"]
    assert sorted(order["orderNumber"] for order in orders) == ["A-1001", "A-1002", "A-1003"]


def test_what_is_shipped_there_comes_back(pair: World) -> None:
    shipment = pair.shipstation.do("ship", order_number="A-1002")["shipments"][0]
    pair.run_rounds()
    assert pair.states("shipments") == {"synced": 1}
    back = pair.simulators["example"].state()["shipments"]
    assert [(row["order"], row["tracking"], row["reference"]) for row in back] == [
        ("A-1002", shipment["trackingNumber"], f"parcel-{shipment['shipmentId']}")
    ]


def test_nothing_is_sent_twice(pair: World) -> None:
    calls = pair.shipstation.calls["POST /orders/createorders"]
    pair.integration.flows.update(cursor=None)
    pair.run_rounds()
    assert pair.shipstation.calls["POST /orders/createorders"] == calls


def test_an_order_that_is_no_longer_open_is_left_out(pair: World) -> None:
    pair.simulators["example"].do_seed(1)
    pair.simulators["example"].do_edit("A-1004", status="cancelled")
    pair.run_rounds()
    assert pair.record("orders", source_key="A-1004").state == "skipped"
