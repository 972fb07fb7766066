from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Document, Simulated, simulated


@pytest.fixture
def account() -> Iterator[Simulated]:
    with simulated() as found:
        yield found


def shipment(number: str = "V2-1", **changes: Any) -> Document:
    address = {"name": "Kari", "address_line1": "1 Main St", "city_locality": "Austin", "state_province": "TX"}
    address |= {"postal_code": "78703", "country_code": "US", "address_residential_indicator": "no"}
    item = {"sku": "WAX", "name": "Wax", "quantity": 2, "unit_price": 4.5, "external_order_item_id": "1"}
    found = {"external_shipment_id": f"key:{number}", "shipment_number": number, "ship_to": address}
    return found | {"items": [item], "create_sales_order": True} | changes


def post(account: Simulated, *entries: Document) -> Any:
    return account.call_v2("POST", "/v2/shipments", {"shipments": list(entries)}).json()


def listed(account: Simulated, path: str, **query: Any) -> Any:
    return account.call_v2("GET", path, **query).json()


# Views of the same account


def test_it_shows_a_v1_order_as_a_shipment(account: Simulated) -> None:
    stored = account.make(customerNotes="please")
    key = f"se-{stored['orderId']}"
    found = listed(account, f"/v2/shipments/{key}")
    assert (found["shipment_id"], found["external_shipment_id"]) == (key, "erp:1001")
    assert (found["shipment_number"], found["shipment_status"]) == ("1001", "pending")
    assert found["created_at"].endswith("Z")
    assert found["ship_to"]["city_locality"] == "Austin"
    assert [one["quantity"] for one in found["items"]] == [2, 3]
    assert found == listed(account, "/v2/shipments/external_shipment_id/erp:1001")


def test_it_shows_a_v1_shipment_as_a_label(account: Simulated) -> None:
    account.make()
    made = account.do("ship", order_number="1001")["shipments"][0]
    found = listed(account, "/v2/labels", batch_id=f"se-{made['batchId']}")["labels"]
    assert [one["label_id"] for one in found] == [f"se-{made['shipmentId']}"]
    assert (found[0]["tracking_number"], found[0]["status"]) == (made["trackingNumber"], "completed")
    assert "items" not in found[0]
    assert listed(account, "/v2/shipments")["shipments"][0]["shipment_status"] == "label_purchased"


def test_it_pages_with_links(account: Simulated) -> None:
    for number in range(3):
        account.make(str(number))
    first = listed(account, "/v2/shipments", page_size=2, sort_by="created_at", sort_dir="asc")
    assert [one["shipment_number"] for one in first["shipments"]] == ["0", "1"]
    assert (first["total"], first["pages"], first["links"]["prev"]) == (3, 2, {})
    second = account.v2.get(first["links"]["next"]["href"], timeout=5).json()
    assert [one["shipment_number"] for one in second["shipments"]] == ["2"]
    assert second["links"]["next"] == {}
    assert listed(account, "/v2/shipments", page_size=2, page=9)["shipments"] == []


def test_it_sorts_the_newest_first_by_default(account: Simulated) -> None:
    for number in ("1", "2"):
        account.make(number)
    found = listed(account, "/v2/shipments")["shipments"]
    assert [one["shipment_number"] for one in found] == ["2", "1"]


def test_it_filters_shipments_by_utc_and_status(account: Simulated) -> None:
    account.make("1")
    account.make("2", orderStatus="cancelled")
    start = listed(account, "/v2/shipments", shipment_number="1")["shipments"][0]["created_at"]
    assert listed(account, "/v2/shipments", created_at_start=start)["total"] == 2
    assert listed(account, "/v2/shipments", modified_at_end="2020-01-01T00:00:00Z")["total"] == 0
    found = listed(account, "/v2/shipments", shipment_status="cancelled")["shipments"]
    assert [one["shipment_number"] for one in found] == ["2"]


def test_it_refuses_a_bad_id_in_its_own_words(account: Simulated) -> None:
    answer = account.call_v2("GET", "/v2/shipments/17")
    assert answer.status_code == 400
    fault = answer.json()["errors"][0]
    assert (fault["error_source"], fault["error_code"]) == ("ShipStation", "invalid_identifier")
    assert account.call_v2("GET", "/v2/labels/se-17").status_code == 404


# Writing


def test_it_creates_shipments_with_partial_failure(account: Simulated) -> None:
    answer = post(account, shipment(), shipment(), {"shipment_number": "V2-2"})
    assert answer["has_errors"] is True
    assert [bool(one["errors"]) for one in answer["shipments"]] == [False, True, True]
    stored = account.get("/orders")["orders"]
    assert [(one["orderKey"], one["orderTotal"]) for one in stored] == [("key:V2-1", 9.0)]


@pytest.mark.parametrize("changes", [{"external_shipment_id": "other"}, {"shipment_number": "other"}])
def test_it_refuses_a_known_number_or_key(account: Simulated, changes: Document) -> None:
    post(account, shipment())
    assert post(account, shipment(**changes))["has_errors"] is True


def test_it_updates_a_pending_shipment(account: Simulated) -> None:
    key = post(account, shipment())["shipments"][0]["shipment_id"]
    answer = account.call_v2("PUT", f"/v2/shipments/{key}", shipment(internal_notes="call"))
    assert (answer.status_code, answer.json()["internal_notes"]) == (200, "call")
    account.do("ship", order_number="V2-1")
    late = account.call_v2("PUT", f"/v2/shipments/{key}", shipment())
    assert (late.status_code, late.json()["errors"][0]["error_code"]) == (400, "invalid_status")


def test_it_cancels_a_pending_shipment(account: Simulated) -> None:
    key = post(account, shipment())["shipments"][0]["shipment_id"]
    assert account.call_v2("PUT", f"/v2/shipments/{key}/cancel").status_code == 204
    assert account.get("/orders")["orders"][0]["orderStatus"] == "cancelled"
    assert account.call_v2("PUT", f"/v2/shipments/{key}/cancel").status_code == 400


def test_it_tags_a_shipment_by_name(account: Simulated) -> None:
    key = post(account, shipment())["shipments"][0]["shipment_id"]
    account.call_v2("POST", f"/v2/shipments/{key}/tags/Rush")
    assert listed(account, "/v2/shipments", tag="Rush")["total"] == 1
    assert account.call_v2("DELETE", f"/v2/shipments/{key}/tags/Rush").status_code == 204
    assert listed(account, "/v2/shipments", tag="Rush")["total"] == 0


def test_it_buys_and_voids_a_label(account: Simulated) -> None:
    key = post(account, shipment())["shipments"][0]["shipment_id"]
    label = account.call_v2("POST", f"/v2/labels/shipment/{key}", {"label_format": "pdf"}).json()
    assert label["shipment_id"] == key
    path = f"/v2/labels/{label['label_id']}"
    assert account.call_v2("PUT", f"{path}/void").json()["approved"] is True
    assert listed(account, path)["voided"] is True
    assert listed(account, "/v2/labels", label_status="voided")["total"] == 1
    again = account.call_v2("PUT", f"{path}/void").json()
    assert (again["approved"], again["reason_code"]) == (False, "label_already_voided")


def test_it_marks_shipments_as_shipped_one_by_one(account: Simulated) -> None:
    key = post(account, shipment())["shipments"][0]["shipment_id"]
    good = {"shipment_id": key, "tracking_number": "T", "carrier_code": "ups", "ship_date": "2026-11-20T10:00:00Z"}
    body = {"fulfillments": [good, good | {"shipment_id": "se-7"}, good]}
    answer = account.call_v2("POST", "/v2/fulfillments", body).json()
    assert answer["has_errors"] is True
    assert [bool(one["error_message"]) for one in answer["fulfillments"]] == [False, True, True]
    found = listed(account, "/v2/fulfillments", shipment_id=key)["fulfillments"][0]
    assert (found["tracking_number"], found["ship_date"]) == ("T", "2026-11-20T08:00:00Z")


# Inventory


def move(account: Simulated, **changes: Any) -> int:
    location = listed(account, "/v2/inventory_locations")["inventory_locations"][0]
    body = {"transaction_type": "adjust", "inventory_location_id": location["inventory_location_id"]}
    return account.call_v2("POST", "/v2/inventory", body | {"sku": "WAX", "quantity": 40} | changes).status_code


def on_hand(account: Simulated, **query: Any) -> list[int]:
    return [one["on_hand"] for one in listed(account, "/v2/inventory", **query)["inventory"]]


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


# The rest


def test_it_lists_what_does_not_move(account: Simulated) -> None:
    account.set(side_effect_delay=0)
    account.make()
    assert {one["carrier_code"] for one in listed(account, "/v2/carriers")["carriers"]} >= {"ups", "ontrac"}
    assert listed(account, "/v2/warehouses")["warehouses"][0]["is_default"] is True
    assert listed(account, "/v2/users")["total"] == 2
    assert [one["sku"] for one in listed(account, "/v2/products", sku="pole")["products"]] == ["POLE"]


def test_it_can_answer_207(account: Simulated) -> None:
    account.set(v2_multi_status=True)
    answer = account.call_v2("GET", "/v2/carriers")
    assert answer.status_code == 207
    assert answer.json()["carriers"]
    assert answer.json()["errors"][0]["error_source"] == "carrier"


def test_it_names_what_is_wrong_with_an_empty_entry(account: Simulated) -> None:
    entries = account.call_v2("POST", "/v2/shipments", {"shipments": [None]}).json()["shipments"]
    assert entries == [{"errors": ["Shipment cannot be null."], "address_validation": None}]
