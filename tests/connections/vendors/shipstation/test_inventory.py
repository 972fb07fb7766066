from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connections.errors import Rejected
from connections.vendor import Outgoing, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.inventory import Inventory
from tests.connections.vendors.shipstation.accounts import V2_KEYS, opened
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of


@pytest.fixture
def client(simulator: Simulated) -> Iterator[ShipStationClient]:
    client = opened(simulator.url, V2_KEYS)
    yield client
    client.close()


def place(simulator: Simulated) -> str:
    location_id: str = simulator.call_v2("GET", "/v2/inventory_locations").json()["inventory_locations"][0][
        "inventory_location_id"
    ]
    return location_id


def test_it_sets_stock_absolutely(client: ShipStationClient, simulator: Simulated) -> None:
    stock = Outgoing("S", {"sku": "SKI-180", "quantity": 40, "inventory_location_id": place(simulator)})
    for _ in range(2):
        assert isinstance(Inventory(client).write([stock])[0], Written)
    match = Inventory(client).find([stock], BEFORE)["S"]
    assert match.complete
    assert match.proof == {"on_hand": 40}


@pytest.mark.parametrize("change", [{"sku": ""}, {"inventory_location_id": None}, {"quantity": "many"}])
def test_it_refuses_stock_that_is_not_complete(client: ShipStationClient, change: dict[str, Any]) -> None:
    payload = {"sku": "A", "quantity": 1, "inventory_location_id": "se-1"} | change
    error = error_of(Inventory(client).write([Outgoing("S", payload)])[0])
    assert isinstance(error, Rejected)
    assert list(error.fields) == list(change)


def test_it_needs_a_v2_key() -> None:
    with pytest.raises(Rejected, match="no V2 API key"):
        Inventory(opened()).write([Outgoing("S", {})])
