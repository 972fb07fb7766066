from __future__ import annotations

from tests.connections.vendors.shipstation.simulated import Simulated, line


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
