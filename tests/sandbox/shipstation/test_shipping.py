from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connections.vendors.shipstation.simulated import Document, Simulated, eventually, line, order, simulated


@pytest.fixture
def account() -> Iterator[Simulated]:
    with simulated() as account:
        yield account


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


def test_it_shows_items_only_when_asked(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001")
    assert account.get("/shipments")["shipments"][0]["shipmentItems"] is None


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


def test_it_buys_a_label_by_api(account: Simulated) -> None:
    key = account.make()["orderId"]
    body = {"orderId": key, "carrierCode": "ups", "serviceCode": "ups_ground", "confirmation": "none"}
    response = account.post("/orders/createlabelfororder", body | {"shipDate": "2026-11-21", "testLabel": False})
    assert response.json()["shipmentId"] == shipments(account)[0]["shipmentId"]
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


def test_it_filters_shipments(account: Simulated) -> None:
    for number in ("1", "2"):
        account.make(number)
    first = account.do("ship", order_number="1")["shipments"][0]
    account.do("ship", order_number="2", carrier="fedex")
    for query in (
        {"orderNumber": "1"},
        {"batchId": first["batchId"]},
        {"trackingNumber": first["trackingNumber"]},
        {"carrierCode": "ups"},
        {"createDateEnd": first["createDate"]},
        {"recipientName": "kari", "carrierCode": "ups", "storeId": 179188},
        {"serviceCode": "ups_ground", "recipientCountryCode": "US"},
    ):
        assert [row["orderNumber"] for row in shipments(account, **query)] == ["1"], query
    newest = shipments(account, sortBy="CreateDate", sortDir="DESC")
    assert [row["orderNumber"] for row in newest] == ["2", "1"]


def test_it_splits_an_order(account: Simulated) -> None:
    parent = account.make()
    child = account.do("split", order_number="1001", skus=["POLE"])
    stored = account.get(f"/orders/{child['orderId']}")
    assert (stored["orderNumber"], stored["advancedOptions"]["parentId"]) == ("1001-1", parent["orderId"])
    assert stored["orderKey"] != parent["orderKey"]
    assert [row["sku"] for row in stored["items"]] == ["POLE"]
    rest = account.get(f"/orders/{parent['orderId']}")
    assert [row["sku"] for row in rest["items"]] == ["SKI-180"]
    assert rest["advancedOptions"]["mergedOrSplit"] is stored["advancedOptions"]["mergedOrSplit"] is True


def test_it_can_keep_the_key_over_a_split(account: Simulated) -> None:
    account.set(split_keeps_key=True)
    account.make()
    assert account.do("split", order_number="1001", skus=["POLE"])["orderKey"] == "erp:1001"


def test_it_merges_orders(account: Simulated) -> None:
    first, second = account.make("1"), account.make("2", items=[line("9", "WAX", 4)])
    account.do("merge", order_ids=[first["orderId"], second["orderId"]])
    listed = account.get("/orders")["orders"]
    assert [order["advancedOptions"]["mergedIds"] for order in listed] == [[second["orderId"]]]
    assert [item["sku"] for item in listed[0]["items"]] == ["SKI-180", "POLE", "WAX"]
    account.do("ship", order_number="1")
    assert account.get(f"/orders/{second['orderId']}")["orderStatus"] == "shipped"


def test_it_edits_by_hand_and_moves_the_modify_date(account: Simulated) -> None:
    before = account.make()
    account.do("edit", order_number="1001", changes={"shipTo": {"city": "Reno"}, "quantities": {"POLE": 7}})
    after = account.get(f"/orders/{before['orderId']}")
    assert (after["shipTo"]["city"], after["items"][1]["quantity"]) == ("Reno", 7)
    assert after["modifyDate"] > before["modifyDate"]


def test_it_ships_everything_in_the_same_mix_for_the_same_seed() -> None:
    counts = []
    for _ in range(2):
        with simulated() as account:
            account.post("/orders/createorders", [order(str(n)) for n in range(100)])
            counts.append(account.do("ship_all", seed=5))
    assert counts[0] == counts[1]
    assert all(counts[0].get(way) for way in ("whole", "partial", "parcels", "marked"))


def test_it_ships_the_rest_with_the_next_call(account: Simulated) -> None:
    account.post("/orders/createorders", [order(str(n)) for n in range(100)])
    account.do("ship_all")
    assert account.get("/orders", orderStatus="awaiting_shipment")["total"] > 0
    account.do("ship_all")
    state = account.state()
    assert {row["orderStatus"] for row in state["orders"]} == {"shipped"}
    left = {row["orderId"] for row in state["orders"]} - {row["orderId"] for row in state["fulfillments"]}
    total = sum(sum(units(row).values()) for row in shipments(account, pageSize=500))
    assert total == 5 * len(left)


def test_it_ships_by_and_by_until_stopped(account: Simulated) -> None:
    account.post("/orders/createorders", [order(str(n)) for n in range(10)])
    account.do("autoship", every=0.02, chance=0.5)
    eventually(lambda: account.get("/orders", orderStatus="shipped")["total"] == 10)
    assert account.do("autoship", every=0) == {"running": False}
