"""The other setup of the pair: shipments made in Acumatica go out, and parcels confirm them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from syncjobs.models import Flow
from tests.world import World


@pytest.fixture
def warehouse(world: World) -> World:
    world.acumatica.switches["seats"] = 3
    world.acumatica.actions.do_seed(customers=3, items=5, orders=5, ugly=False)
    slugs = ["warehouse_orders", "shipments", "warehouse_shipments"]
    world.integration.flows.exclude(slug__in=slugs).update(enabled=False)
    Flow.objects.filter(integration=world.integration, slug__in=slugs).update(enabled=True)
    return world


def pack(world: World, number: str) -> None:
    """A person in the warehouse makes a shipment of an order."""
    base, known = world.left.settings["base_url"], world.acumatica.credentials
    person = requests.Session()
    names = {"name": known["username"], "password": known["password"], "tenant": known["tenant"]}
    person.post(f"{base}/entity/auth/login", json=names, timeout=5).raise_for_status()
    order = {"OrderType": {"value": "SO"}, "OrderNbr": {"value": number}}
    response = person.put(
        f"{base}/entity/Default/25.200.001/Shipment",
        json={"CustomerID": {"value": customer(world, number)}, "Details": [order]},
        headers={"If-None-Match": "*"},
        timeout=5,
    )
    response.raise_for_status()
    person.post(f"{base}/entity/auth/logout", timeout=5)


def customer(world: World, number: str) -> str:
    return str(next(one for one in world.acumatica.state()["orders"] if one["OrderNbr"] == number)["CustomerID"])


def an_order(world: World) -> dict[str, Any]:
    for one in world.acumatica.state()["orders"]:
        if one["OrderType"] == "SO" and one["Status"] == "Open" and len(one["lines"]) == 1:
            found: dict[str, Any] = one
            return found
    raise AssertionError("the seed has no such order")


def test_a_shipment_goes_out_and_its_parcel_confirms_it(warehouse: World) -> None:
    order = an_order(warehouse)
    pack(warehouse, order["OrderNbr"])
    warehouse.activate()
    warehouse.run_tasks()
    (there,) = warehouse.shipstation.state()["orders"]
    assert there["orderNumber"] == order["OrderNbr"]
    warehouse.shipstation.actions.do_ship(order_number=order["OrderNbr"])
    warehouse.run_rounds()
    (shipment,) = warehouse.acumatica.state()["shipments"]
    (label,) = warehouse.shipstation.state()["shipments"]
    assert shipment["Status"] == "Confirmed"
    assert [package["TrackingNbr"] for package in shipment["packages"]] == [label["trackingNumber"]]
    assert warehouse.states("warehouse_shipments") == {"synced": 1}


def test_orders_without_a_shipment_stay_at_home(warehouse: World) -> None:
    warehouse.activate()
    warehouse.run_tasks()
    assert warehouse.shipstation.state()["orders"] == []
