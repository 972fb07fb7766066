from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connections.errors import NotReady
from connections.vendor import Outgoing, Unchanged
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.customers import Customers
from tests.connections.vendors.shipstation.accounts import opened
from tests.connections.vendors.shipstation.learned import learned
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of


@pytest.fixture(scope="module")
def stocked() -> Iterator[Simulated]:
    with learned() as system:
        yield system


@pytest.fixture
def client(stocked: Simulated) -> Iterator[ShipStationClient]:
    client = opened(stocked.url)
    yield client
    client.close()


def customer(**payload: Any) -> Outgoing:
    return Outgoing("C-7", payload)


@pytest.mark.parametrize("payload", [{"email": "kari@example.COM "}, {"email": "x@y.example", "username": "cust-7"}])
def test_it_links_a_customer_by_email_then_user_name(client: ShipStationClient, payload: dict[str, str]) -> None:
    outcome = Customers(client).write([customer(**payload)])[0]
    assert isinstance(outcome, Unchanged)
    assert outcome.key.isdecimal()
    assert {call.method for call in client.need_v1().exchanges} == {"GET"}


def test_it_waits_for_the_first_order_of_a_customer(client: ShipStationClient) -> None:
    error = error_of(Customers(client).write([customer(email="ola@example.no", name="Ola Nordmann")])[0])
    assert isinstance(error, NotReady)
    assert error.waits_for == "first order of customer C-7"
    assert "ola" not in f"{error} {error.next_step}".lower()


def test_it_does_not_link_customers_without_email_and_user_name(client: ShipStationClient) -> None:
    assert isinstance(error_of(Customers(client).write([customer(email="", username=None)])[0]), NotReady)


def test_it_reads_the_customers_once(client: ShipStationClient) -> None:
    customers = Customers(client)
    customers.write([customer(email="a@b.example"), customer(email="c@d.example")])
    customers.find([customer(email="kari@example.com")], BEFORE)
    assert len(client.need_v1().exchanges) == 1
