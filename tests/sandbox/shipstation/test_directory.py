from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Simulated, order, simulated


@pytest.fixture
def account() -> Iterator[Simulated]:
    with simulated(side_effect_delay=0) as found:
        yield found


def test_it_knows_the_carrier_nobody_mapped(account: Simulated) -> None:
    codes = [one["code"] for one in account.get("/carriers")]
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
    found: Any = account.get(path)
    assert isinstance(found, list)
    assert len({one[field] for one in found}) == len(found) > 1


def test_it_finds_one_by_id(account: Simulated) -> None:
    assert account.get("/stores/179188")["storeName"] == "Manual Orders"
    assert account.get("/warehouses/511543")["isDefault"] is True
    assert account.v1.get(f"{account.url}/stores/1", timeout=5).status_code == 404


def test_it_replaces_a_product_as_a_whole(account: Simulated) -> None:
    account.make()
    product = account.get("/products", sku="POLE")["products"][0]
    assert product["modifyDate"] is None
    answer = account.v1.put(
        f"{account.url}/products/{product['productId']}",
        json={"sku": "POLE", "name": "Pole", "active": True},
        timeout=5,
    )
    assert answer.json() == {"success": True, "message": "The requested product has been updated"}
    after = account.get(f"/products/{product['productId']}")
    assert (after["name"], after["price"], after["createDate"]) == ("Pole", None, product["createDate"])
    assert after["modifyDate"] is not None


def test_it_makes_one_customer_for_each_username(account: Simulated) -> None:
    account.post("/orders/createorders", [order("1"), order("2"), order("3", customerUsername="B")])
    found = account.get("/customers", sortBy="CreateDate")
    assert found["total"] == 2
    names = [one["marketplaceUsernames"][0]["username"] for one in found["customers"]]
    assert names == ["CUST-1", "B"]
    key = found["customers"][0]["customerId"]
    assert account.get(f"/customers/{key}")["email"] == "kari@example.com"


def test_it_can_say_zero_pages_beside_a_full_list(account: Simulated) -> None:
    account.make()
    account.set(pages_zero=True)
    found = account.get("/orders")
    assert (found["pages"], len(found["orders"])) == (0, 1)


def test_it_quotes_rates_for_home_and_abroad(account: Simulated) -> None:
    body = {"carrierCode": "ups", "fromPostalCode": "78703", "toCountry": "NO", "weight": {"value": 3}}
    found = account.post("/shipments/getrates", body).json()
    assert [one["serviceCode"] for one in found] == ["ups_worldwide_expedited"]
