from __future__ import annotations

from typing import Any

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


def test_it_marks_shipments_as_shipped_one_by_one(account: Simulated) -> None:
    key = post(account, shipment())["shipments"][0]["shipment_id"]
    good = {"shipment_id": key, "tracking_number": "T", "carrier_code": "ups", "ship_date": "2026-11-20T10:00:00Z"}
    body = {"fulfillments": [good, good | {"shipment_id": "se-7"}, good]}
    response = account.call_v2("POST", "/v2/fulfillments", body).json()
    assert response["has_errors"] is True
    assert [bool(row["error_message"]) for row in response["fulfillments"]] == [False, True, True]
    mark = listed(account, "/v2/fulfillments", shipment_id=key)["fulfillments"][0]
    assert (mark["tracking_number"], mark["ship_date"]) == ("T", "2026-11-20T08:00:00Z")
