from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.connections.vendors.acumatica.simulated import Site, wrap


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.login()
    yield site
    site.stop()


def orders(site: Site) -> dict[str, Any]:
    return {order["OrderNbr"]: order for order in site.state()["orders"]}


def test_it_seeds_the_same_each_time(site: Site) -> None:
    other = Site()
    made = site.do("seed"), other.do("seed")
    other.stop()
    assert made[0] == made[1]
    assert {name: len(made[0][name]) for name in ("customers", "items", "orders")} == {
        "customers": 20,
        "items": 41,
        "orders": 100,
    }


def test_it_seeds_exactly_one_of_each_ugly_order(site: Site) -> None:
    made, stored = site.do("seed"), orders(site)
    nowhere = [
        number
        for number, order in stored.items()
        if not {"BusinessName", "Attention", "AddressLine1"} & set(order["shipTo"])
    ]
    ontrac = [number for number, order in stored.items() if "carrier:ontrac" in (order["Description"] or "")]
    canceled = [number for number, order in stored.items() if order["Status"] == "Canceled"]
    assert (nowhere, ontrac, canceled) == (made["no_address"], made["ontrac"], made["canceled"])
    assert [len(each) for each in (nowhere, ontrac, canceled)] == [1, 1, 1]
    assert all(stored[number]["Hold"] for number in made["on_hold"])
    assert len(made["on_hold"]) > 1


def test_it_seeds_nothing_ugly_when_told(site: Site) -> None:
    made = site.do("seed", ugly=False)
    assert [made[name] for name in ("no_address", "ontrac", "canceled", "on_hold")] == [[], [], [], []]


def test_it_seeds_a_mixture(site: Site) -> None:
    made, stored = site.do("seed"), orders(site)
    assert {stored[number]["OrderType"] for number in made["sa"]} == {"SA"}
    assert {stored[number]["Status"] for number in made["back_order"]} == {"Back Order"}
    for number in made["several_warehouses"]:
        assert len({line["WarehouseID"] for line in stored[number]["lines"]}) > 1
    for number in made["fractional"]:
        assert any(line["OrderQty"] % 1 for line in stored[number]["lines"])
    assert len({order["ShipVia"] for order in stored.values()}) > 5


def test_it_ships_every_seeded_order_that_is_open(site: Site) -> None:
    made = site.do("seed", orders=60)
    refused = []
    for number in made["open"]:
        kind = orders(site)[number]["OrderType"]
        body = {"Details": [wrap({"OrderType": kind, "OrderNbr": number})]}
        if site.put("Shipment", body).status_code != 200:
            refused.append(number)
    assert refused == []


def test_it_adds_many_orders_that_can_be_shipped(site: Site) -> None:
    made = site.do("add_orders", count=300, lines=2)
    assert (made["first"], made["last"], len(orders(site))) == ("000001", "000300", 300)
    assert site.ship("000123").status_code == 200
    site.confirm("000001")
    assert orders(site)["000123"]["Status"] == "Completed"


def test_it_adds_and_edits_orders_by_plain_fields(site: Site) -> None:
    number = site.order(CustomerOrder="PO-1", ShipToAddress={"City": "Łódź"}, ShipToAddressOverride=True)
    site.do("edit_order", order_nbr=number, changes={"Details": [{"LineNbr": 1, "OrderQty": 7}], "Description": "two"})
    order = orders(site)[number]
    assert (order["CustomerOrder"], order["shipTo"]["City"], order["Description"]) == ("PO-1", "Łódź", "two")
    assert order["lines"][0]["OrderQty"] == 7.0


def test_it_says_why_a_person_cannot_do_something(site: Site) -> None:
    number = site.order()
    site.ship(number)
    for name, arguments, status in (
        ("cancel", {"order_nbr": number}, 409),
        ("hold", {"order_nbr": number}, 422),
        ("cancel", {"order_nbr": "999999"}, 404),
    ):
        response = requests.post(f"{site.running.control_url}/do/{name}", json=arguments, timeout=30)
        assert (response.status_code, bool(response.json()["message"])) == (status, True)


def test_it_moves_the_stamp_with_every_change(site: Site) -> None:
    number = site.order()
    stamps = [orders(site)[number]["LastModified"]]
    for action in ("hold", "release"):
        site.do(action, order_nbr=number)
        stamps.append(orders(site)[number]["LastModified"])
    site.ship(number)
    stamps.append(orders(site)[number]["LastModified"])
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == 4
