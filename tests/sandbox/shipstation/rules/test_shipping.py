from __future__ import annotations

import pytest

from tests.connections.vendors.shipstation.simulated import Document, Simulated, line


def shipments(account: Simulated, **query: object) -> list[Document]:
    rows: list[Document] = account.get("/shipments", includeShipmentItems="True", **query)["shipments"]
    return rows


def units(shipment: Document) -> dict[str, int]:
    return {row["sku"]: row["quantity"] for row in shipment["shipmentItems"]}


def status(account: Simulated, number: str = "1001") -> str:
    return str(account.get("/orders", orderNumber=number)["orders"][0]["orderStatus"])


def test_it_ships_a_whole_order(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001", carrier="fedex", service="fedex_2day")
    shipment = shipments(account)[0]
    assert status(account) == "shipped"
    assert (shipment["orderKey"], shipment["carrierCode"], shipment["serviceCode"]) == (
        "erp:1001",
        "fedex",
        "fedex_2day",
    )
    assert units(shipment) == {"SKI-180": 2, "POLE": 3}
    assert [row["lineItemKey"] for row in shipment["shipmentItems"]] == ["1", "2"]


def test_it_leaves_a_partly_shipped_order_waiting(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001", items=[{"sku": "POLE", "quantity": 1}])
    assert status(account) == "awaiting_shipment"
    account.do("ship", order_number="1001")
    assert status(account) == "shipped"
    assert [units(row) for row in shipments(account)] == [{"POLE": 1}, {"SKI-180": 2, "POLE": 2}]


def test_it_spreads_items_over_parcels_of_one_batch(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001", parcels=2)
    labels = shipments(account)
    assert [units(row) for row in labels] == [{"SKI-180": 2, "POLE": 1}, {"POLE": 2}]
    assert len({row["batchNumber"] for row in labels}) == 1


def test_it_leaves_discounts_out_of_shipments(account: Simulated) -> None:
    discount = {"name": "10% OFF", "quantity": 1, "unitPrice": -20, "adjustment": True}
    account.make(items=[line(), discount])
    account.do("ship", order_number="1001")
    assert (status(account), units(shipments(account)[0])) == ("shipped", {"SKI-180": 2})


def test_it_can_ship_without_saying_what(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001", with_items=False)
    assert shipments(account)[0]["shipmentItems"] == []


@pytest.mark.parametrize(
    "changes", [{"internalNotes": "carrier:ontrac"}, {"advancedOptions": {"customField2": "x carrier:ontrac"}}]
)
def test_it_ships_flagged_orders_with_the_flagged_carrier(account: Simulated, changes: Document) -> None:
    account.make(**changes)
    account.do("ship", order_number="1001")
    assert shipments(account)[0]["carrierCode"] == "ontrac"


def test_it_takes_a_voided_label_back(account: Simulated) -> None:
    account.make()
    key = account.do("ship", order_number="1001")["shipments"][0]["shipmentId"]
    assert account.post("/shipments/voidlabel", {"shipmentId": key}).json()["approved"] is True
    shipment = shipments(account)[0]
    assert shipment["voided"] is True
    assert status(account) == "awaiting_shipment"
    assert account.get("/shipments", voidDateStart=shipment["voidDate"])["total"] == 1
    assert account.get("/shipments", voidDateEnd="2020-01-01")["total"] == 0
    assert account.post("/shipments/voidlabel", {"shipmentId": key}).json()["approved"] is False


def test_it_can_leave_the_status_alone_after_a_void(account: Simulated) -> None:
    account.set(void_status="shipped")
    account.make()
    key = account.do("ship", order_number="1001")["shipments"][0]["shipmentId"]
    account.do("void", shipment_id=key)
    assert status(account) == "shipped"


def test_it_marks_a_whole_order_as_shipped(account: Simulated) -> None:
    key = account.make()["orderId"]
    body = {"orderId": key, "carrierCode": "usps", "shipDate": "2026-11-21", "trackingNumber": "9134"}
    assert account.post("/orders/markasshipped", body).json() == {"orderId": key, "orderNumber": "1001"}
    mark = account.get("/fulfillments", orderId=key)["fulfillments"][0]
    assert (mark["trackingNumber"], mark["carrierCode"]) == ("9134", "USPS")
    assert mark["shipDate"] == "2026-11-21T00:00:00.0000000"
    assert (status(account), shipments(account)) == ("shipped", [])


def test_it_makes_a_return_label_without_touching_the_order(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001")
    account.do("return_label", order_number="1001")
    assert [row["isReturnLabel"] for row in shipments(account)] == [False, True]
    assert status(account) == "shipped"


def test_it_edits_by_hand_and_moves_the_modify_date(account: Simulated) -> None:
    before = account.make()
    account.do("edit", order_number="1001", changes={"shipTo": {"city": "Reno"}, "quantities": {"POLE": 7}})
    after = account.get(f"/orders/{before['orderId']}")
    assert (after["shipTo"]["city"], after["items"][1]["quantity"]) == ("Reno", 7)
    assert after["modifyDate"] > before["modifyDate"]
