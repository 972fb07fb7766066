from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Simulated, simulated


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
