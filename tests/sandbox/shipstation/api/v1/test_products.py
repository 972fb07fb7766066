from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connections.vendors.shipstation.simulated import Simulated, order, simulated


@pytest.fixture
def account() -> Iterator[Simulated]:
    with simulated(side_effect_delay=0) as account:
        yield account


def test_it_replaces_a_product_as_a_whole(account: Simulated) -> None:
    account.make()
    product = account.get("/products", sku="POLE")["products"][0]
    assert product["modifyDate"] is None
    response = account.v1.put(
        f"{account.url}/products/{product['productId']}",
        json={"sku": "POLE", "name": "Pole", "active": True},
        timeout=5,
    )
    assert response.json() == {"success": True, "message": "The requested product has been updated"}
    after = account.get(f"/products/{product['productId']}")
    assert (after["name"], after["price"], after["createDate"]) == ("Pole", None, product["createDate"])
    assert after["modifyDate"] is not None


def test_it_makes_one_customer_for_each_username(account: Simulated) -> None:
    account.post("/orders/createorders", [order("1"), order("2"), order("3", customerUsername="B")])
    page = account.get("/customers", sortBy="CreateDate")
    assert page["total"] == 2
    names = [row["marketplaceUsernames"][0]["username"] for row in page["customers"]]
    assert names == ["CUST-1", "B"]
    key = page["customers"][0]["customerId"]
    assert account.get(f"/customers/{key}")["email"] == "kari@example.com"


def test_it_can_say_zero_pages_beside_a_full_list(account: Simulated) -> None:
    account.make()
    account.set(pages_zero=True)
    page = account.get("/orders")
    assert (page["pages"], len(page["orders"])) == (0, 1)
