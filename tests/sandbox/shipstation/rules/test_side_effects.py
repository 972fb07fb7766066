from __future__ import annotations

import re

from tests.connections.vendors.shipstation.simulated import Simulated, eventually


def test_it_creates_customer_and_products_later(account: Simulated) -> None:
    account.set(side_effect_delay=0.1)
    stored = account.make()
    assert stored["customerId"] is None
    eventually(lambda: account.get("/customers")["total"] == 1)
    assert {row["sku"] for row in account.get("/products")["products"]} == {"SKI-180", "POLE"}
    later = account.get(f"/orders/{stored['orderId']}")
    assert later["customerId"] == account.get("/customers")["customers"][0]["customerId"]
    assert later["items"][0]["productId"] is not None


def test_it_rewrites_the_address_and_moves_the_modify_date(account: Simulated) -> None:
    account.set(side_effect_delay=0.05)
    stored = account.make()
    eventually(lambda: bool(account.get("/customers")["total"]))
    later = account.get(f"/orders/{stored['orderId']}")
    assert later["shipTo"]["city"] == "AUSTIN"
    assert re.fullmatch(r"78703-\d{4}", later["shipTo"]["postalCode"])
    assert later["shipTo"]["addressVerified"] == "Address validated successfully"
    assert later["weight"]["value"] == 50
    assert later["modifyDate"] > stored["modifyDate"]


def test_it_leaves_the_address_when_validation_is_off(account: Simulated) -> None:
    account.set(side_effect_delay=0, address_validation=False)
    stored = account.make()
    later = account.get(f"/orders/{stored['orderId']}")
    assert (later["shipTo"]["city"], later["modifyDate"]) == ("Austin", stored["modifyDate"])
