from __future__ import annotations

from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Document, Simulated


def listed(account: Simulated, path: str, **query: Any) -> Any:
    return account.call_v2("GET", path, **query).json()


def move(account: Simulated, **changes: Any) -> int:
    location = listed(account, "/v2/inventory_locations")["inventory_locations"][0]
    body = {"transaction_type": "adjust", "inventory_location_id": location["inventory_location_id"]}
    return account.call_v2("POST", "/v2/inventory", body | {"sku": "WAX", "quantity": 40} | changes).status_code


def on_hand(account: Simulated, **query: Any) -> list[int]:
    return [row["on_hand"] for row in listed(account, "/v2/inventory", **query)["inventory"]]


def test_it_sets_stock_absolutely_however_often(account: Simulated) -> None:
    assert [move(account), move(account)] == [204, 204]
    assert on_hand(account, sku="WAX") == [40]


def test_it_adds_and_takes_stock(account: Simulated) -> None:
    move(account)
    move(account, transaction_type="increment", quantity=5)
    move(account, transaction_type="decrement", quantity=15)
    assert on_hand(account) == [30]
    assert move(account, transaction_type="decrement", quantity=31) == 400


@pytest.mark.parametrize("changes", [{"quantity": None}, {"quantity": 1.5}, {"transaction_type": "set"}])
def test_it_refuses_a_wrong_stock_move(account: Simulated, changes: Document) -> None:
    assert move(account, **changes) == 400


def test_it_sums_stock_by_warehouse(account: Simulated) -> None:
    parent = listed(account, "/v2/inventory_warehouses")["inventory_warehouses"][0]["inventory_warehouse_id"]
    body = {"name": "Shelf", "inventory_warehouse_id": parent}
    shelf = account.call_v2("POST", "/v2/inventory_locations", body).json()["inventory_location_id"]
    move(account)
    move(account, inventory_location_id=shelf, quantity=2)
    assert on_hand(account) == [40, 2]
    assert on_hand(account, group_by="warehouse") == [42]


def test_it_can_insist_on_a_known_product(account: Simulated) -> None:
    account.set(inventory_needs_product=True, side_effect_delay=0)
    assert move(account, sku="SKI-180") == 404
    account.make()
    assert move(account, sku="SKI-180") == 204
