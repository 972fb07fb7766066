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


def test_it_shows_a_v1_shipment_as_a_label(account: Simulated) -> None:
    account.make()
    made = account.do("ship", order_number="1001")["shipments"][0]
    labels = listed(account, "/v2/labels", batch_id=f"se-{made['batchId']}")["labels"]
    assert [row["label_id"] for row in labels] == [f"se-{made['shipmentId']}"]
    assert (labels[0]["tracking_number"], labels[0]["status"]) == (made["trackingNumber"], "completed")
    assert "items" not in labels[0]
    assert listed(account, "/v2/shipments")["shipments"][0]["shipment_status"] == "label_purchased"


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
