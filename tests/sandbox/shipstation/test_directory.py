from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Simulated, order, simulated


@pytest.fixture
def account() -> Iterator[Simulated]:
    with simulated(side_effect_delay=0) as account:
        yield account


def test_it_knows_the_carrier_nobody_mapped(account: Simulated) -> None:
    codes = [row["code"] for row in account.get("/carriers")]
    assert {"stamps_com", "ups", "fedex", "ontrac"} <= set(codes)
    assert account.get("/carriers/getcarrier", carrierCode="ontrac")["name"] == "OnTrac"
    assert account.get("/carriers/listservices", carrierCode="ups")[0]["code"] == "ups_ground"
    assert account.get("/carriers/listpackages", carrierCode="stamps_com")[0]["code"] == "package"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/warehouses", "warehouseId"),
        ("/stores", "storeId"),
        ("/users", "userId"),
        ("/accounts/listtags", "tagId"),
        ("/stores/marketplaces", "marketplaceId"),
    ],
)
def test_it_answers_some_lists_without_an_envelope(account: Simulated, path: str, field: str) -> None:
    rows: Any = account.get(path)
    assert isinstance(rows, list)
    assert len({row[field] for row in rows}) == len(rows) > 1


def test_it_finds_one_by_id(account: Simulated) -> None:
    assert account.get("/stores/179188")["storeName"] == "Manual Orders"
    assert account.get("/warehouses/511543")["isDefault"] is True
    assert account.v1.get(f"{account.url}/stores/1", timeout=5).status_code == 404


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


def test_it_quotes_rates_for_home_and_abroad(account: Simulated) -> None:
    body = {"carrierCode": "ups", "fromPostalCode": "78703", "toCountry": "NO", "weight": {"value": 3}}
    rates = account.post("/shipments/getrates", body).json()
    assert [row["serviceCode"] for row in rates] == ["ups_worldwide_expedited"]
