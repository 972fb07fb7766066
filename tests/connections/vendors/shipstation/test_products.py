from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from connections.errors import ConnectionBroken, NotReady, OutcomeUnknown, Rejected
from connections.vendor import Outgoing, Unchanged, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.products import Products
from tests.connections.vendors.shipstation.accounts import V1_URL, opened
from tests.connections.vendors.shipstation.learned import SKUS, learned
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of, fault


@pytest.fixture(scope="module")
def stocked() -> Iterator[Simulated]:
    with learned() as system:
        yield system


@pytest.fixture
def client(stocked: Simulated) -> Iterator[ShipStationClient]:
    client = opened(stocked.url)
    yield client
    client.close()


def product(sku: str, **payload: Any) -> Outgoing:
    return Outgoing(sku, {"sku": sku, **payload})


def test_it_updates_what_differs_and_keeps_the_rest(client: ShipStationClient, stocked: Simulated) -> None:
    products = Products(client)
    assert isinstance(products.write([product("SKU-0", name="New name", weightOz=12)])[0], Written)
    assert isinstance(products.write([product("SKU-0", warehouseLocation="A-1")])[0], Written)
    stored = stocked.get("/products", sku="SKU-0")["products"][0]
    assert (stored["name"], stored["weightOz"], stored["warehouseLocation"]) == ("New name", 12, "A-1")


def test_it_writes_nothing_where_nothing_differs(client: ShipStationClient) -> None:
    Products(client).write([product("SKU-1", name="Same")])
    client.need_v1().exchanges.clear()
    outcome = Products(client).write([product("SKU-1", name="Same")])[0]
    assert isinstance(outcome, Unchanged)
    assert outcome.key
    assert {call.method for call in client.need_v1().exchanges} == {"GET"}


def test_it_waits_for_the_first_order_with_a_sku(client: ShipStationClient) -> None:
    error = error_of(Products(client).write([product("SKU")])[0])
    assert isinstance(error, NotReady)
    assert error.waits_for == "first order with SKU SKU"


def test_it_reads_the_list_once_for_many(client: ShipStationClient) -> None:
    outcomes = Products(client).write([product(sku, active=True) for sku in SKUS])
    assert all(isinstance(outcome, Unchanged) for outcome in outcomes)
    assert len(client.need_v1().exchanges) == 1


def test_it_refuses_only_the_product_whose_answer_was_lost(client: ShipStationClient, stocked: Simulated) -> None:
    fault(stocked, "cut_after", "/products/", method="PUT")
    lost, fine = Products(client).write([product("SKU-2", name="Lost"), product("SKU-3", name="Fine")])
    assert isinstance(error_of(lost), OutcomeUnknown)
    assert isinstance(fine, Written)
    assert Products(client).find([product("SKU-2", name="Lost")], BEFORE)["SKU-2"].complete


def test_it_sees_an_update_that_did_not_arrive(client: ShipStationClient) -> None:
    found = Products(client).find([product("SKU-4", name="Other"), product("UNKNOWN")], BEFORE)
    assert list(found) == ["SKU-4"]
    assert not found["SKU-4"].complete


def test_it_refuses_a_product_without_sku(client: ShipStationClient) -> None:
    assert isinstance(error_of(Products(client).write([product("")])[0]), Rejected)


LISTED = {"productId": 5, "sku": "A", "name": "Old", "upc": "42"}


@pytest.mark.usefixtures("network")
def test_it_keeps_the_fields_that_only_the_list_shows() -> None:
    responses.get(f"{V1_URL}/products", json={"products": [LISTED], "total": 1, "page": 1, "pages": 1})
    responses.get(f"{V1_URL}/products/5", json={"productId": 5, "sku": "A", "name": "Old"})
    call = responses.put(f"{V1_URL}/products/5", json={"success": True})
    Products(opened()).write([product("A", name="New")])
    assert call.calls[0].request.body == b'{"productId":5,"sku":"A","name":"New","upc":"42"}'


@pytest.mark.usefixtures("network")
def test_it_stops_for_a_cause_that_concerns_all() -> None:
    responses.get(f"{V1_URL}/products", json={"products": [LISTED], "total": 1, "page": 1, "pages": 1})
    responses.get(f"{V1_URL}/products/5", status=401, json={"message": "Invalid API credentials"})
    with pytest.raises(ConnectionBroken):
        Products(opened()).write([product("A", name="New"), product("A", name="New")])
