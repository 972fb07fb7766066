from __future__ import annotations

from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Document, Simulated


def shipment(number: str = "V2-1", **changes: Any) -> Document:
    address = {"name": "Kari", "address_line1": "1 Main St", "city_locality": "Austin", "state_province": "TX"}
    address |= {"postal_code": "78703", "country_code": "US", "address_residential_indicator": "no"}
    item = {"sku": "WAX", "name": "Wax", "quantity": 2, "unit_price": 4.5, "external_order_item_id": "1"}
    entry = {"external_shipment_id": f"key:{number}", "shipment_number": number, "ship_to": address}
    return entry | {"items": [item], "create_sales_order": True} | changes


def post(account: Simulated, *entries: Document) -> Any:
    return account.call_v2("POST", "/v2/shipments", {"shipments": list(entries)}).json()


def listed(account: Simulated, path: str, **query: Any) -> Any:
    return account.call_v2("GET", path, **query).json()


def test_it_shows_a_v1_order_as_a_shipment(account: Simulated) -> None:
    stored = account.make(customerNotes="please")
    key = f"se-{stored['orderId']}"
    shipment = listed(account, f"/v2/shipments/{key}")
    assert (shipment["shipment_id"], shipment["external_shipment_id"]) == (key, "erp:1001")
    assert (shipment["shipment_number"], shipment["shipment_status"]) == ("1001", "pending")
    assert shipment["created_at"].endswith("Z")
    assert shipment["ship_to"]["city_locality"] == "Austin"
    assert [row["quantity"] for row in shipment["items"]] == [2, 3]
    assert shipment == listed(account, "/v2/shipments/external_shipment_id/erp:1001")


def test_it_pages_with_links(account: Simulated) -> None:
    for number in range(3):
        account.make(str(number))
    first = listed(account, "/v2/shipments", page_size=2, sort_by="created_at", sort_dir="asc")
    assert [row["shipment_number"] for row in first["shipments"]] == ["0", "1"]
    assert (first["total"], first["pages"], first["links"]["prev"]) == (3, 2, {})
    second = account.v2.get(first["links"]["next"]["href"], timeout=5).json()
    assert [row["shipment_number"] for row in second["shipments"]] == ["2"]
    assert second["links"]["next"] == {}
    assert listed(account, "/v2/shipments", page_size=2, page=9)["shipments"] == []


def test_it_sorts_the_newest_first_by_default(account: Simulated) -> None:
    for number in ("1", "2"):
        account.make(number)
    rows = listed(account, "/v2/shipments")["shipments"]
    assert [row["shipment_number"] for row in rows] == ["2", "1"]


def test_it_filters_shipments_by_utc_and_status(account: Simulated) -> None:
    account.make("1")
    account.make("2", orderStatus="cancelled")
    start = listed(account, "/v2/shipments", shipment_number="1")["shipments"][0]["created_at"]
    assert listed(account, "/v2/shipments", created_at_start=start)["total"] == 2
    assert listed(account, "/v2/shipments", modified_at_end="2020-01-01T00:00:00Z")["total"] == 0
    rows = listed(account, "/v2/shipments", shipment_status="cancelled")["shipments"]
    assert [row["shipment_number"] for row in rows] == ["2"]


def test_it_refuses_a_bad_id_in_its_own_words(account: Simulated) -> None:
    response = account.call_v2("GET", "/v2/shipments/17")
    assert response.status_code == 400
    fault = response.json()["errors"][0]
    assert (fault["error_source"], fault["error_code"]) == ("ShipStation", "invalid_identifier")
    assert account.call_v2("GET", "/v2/labels/se-17").status_code == 404


def test_it_creates_shipments_with_partial_failure(account: Simulated) -> None:
    response = post(account, shipment(), shipment(), {"shipment_number": "V2-2"})
    assert response["has_errors"] is True
    assert [bool(row["errors"]) for row in response["shipments"]] == [False, True, True]
    stored = account.get("/orders")["orders"]
    assert [(row["orderKey"], row["orderTotal"]) for row in stored] == [("key:V2-1", 9.0)]


@pytest.mark.parametrize("changes", [{"external_shipment_id": "other"}, {"shipment_number": "other"}])
def test_it_refuses_a_known_number_or_key(account: Simulated, changes: Document) -> None:
    post(account, shipment())
    assert post(account, shipment(**changes))["has_errors"] is True


def test_it_updates_a_pending_shipment(account: Simulated) -> None:
    key = post(account, shipment())["shipments"][0]["shipment_id"]
    response = account.call_v2("PUT", f"/v2/shipments/{key}", shipment(internal_notes="call"))
    assert (response.status_code, response.json()["internal_notes"]) == (200, "call")
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


def test_it_names_what_is_wrong_with_an_empty_entry(account: Simulated) -> None:
    entries = account.call_v2("POST", "/v2/shipments", {"shipments": [None]}).json()["shipments"]
    assert entries == [{"errors": ["Shipment cannot be null."], "address_validation": None}]
