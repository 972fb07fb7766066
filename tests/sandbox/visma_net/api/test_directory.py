from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.visma_net.company import Company


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def test_it_lists_suppliers(company: Company) -> None:
    records = company.get("v1/supplier").json()
    assert [record["number"] for record in records] == [str(50000 + index) for index in range(6)]
    assert company.get("v1/supplier", name="Åland Handel Ab").json()[0]["number"] == "50004"
    assert company.get("v1/supplier", status="Inactive").json() == []
    mark = max(record["lastModifiedDateTime"] for record in records)
    later = company.get("v1/supplier", lastModifiedDateTime=mark, lastModifiedDateTimeCondition=">").json()
    assert later == []
    assert company.get("v1/supplier/50001").json()["name"] == "Lyskilden AS"


def test_it_lists_items_of_many_kinds(company: Company) -> None:
    records = {record["inventoryNumber"]: record for record in company.get("v1/inventory").json()}
    assert len(records) == 25
    assert {"KABEL/25M", "PÆRE-E27", "HYLLE 90"} <= set(records)
    assert records["MEL-25KG"]["lotSerialClass"]["id"] == "LOT"
    assert records["STOL-101"]["metadata"]["totalCount"] == 25


@pytest.mark.parametrize("default", [True, False])
def test_it_expands_items_by_default_or_not(company: Company, default: bool) -> None:
    company.switch(expand_by_default=default)
    assert ("warehouseDetails" in company.get("v1/inventory").json()[0]) is default
    shown = company.get("v1/inventory", expandWarehouseDetail="true", expandCrossReference="false").json()[0]
    assert ("warehouseDetails" in shown, "crossReferences" in shown) == (True, False)


def test_it_filters_items(company: Company) -> None:
    def numbers(**query: Any) -> list[str]:
        return [record["inventoryNumber"] for record in company.get("v1/inventory", **query).json()]

    barcode = company.get("v1/inventory/LAMPE-7").json()["crossReferences"][0]["alternateID"]
    assert numbers(alternateID=barcode) == ["LAMPE-7"]
    assert numbers(inventoryNumber="stol-101") == ["STOL-101"]
    assert numbers(inventoryTypes=["ServiceItem", "NonStockItem"]) == ["MONTERING", "FRAKT"]
    assert numbers(status="Inactive") == []
    assert numbers(createdDateTime="2020-01-01", createdDateTimeCondition="<") == []


def test_a_program_may_give_an_item_another_number(company: Company) -> None:
    ident = company.get("v1/inventory/LAMPE-7").json()["inventoryId"]
    path = f"v1/inventory/action/changeInventoryNbr/{ident}"
    assert company.post(path, {"inventoryNbr": "LAMPE-8"}).json()["actionResult"] == "Done"
    assert company.get("v1/inventory/LAMPE-8").json()["inventoryId"] == ident
    assert company.post(path, {"inventoryNbr": "STOL-101"}).status_code == 400
    assert company.post(path, {"inventoryNbr": {"value": "X"}}).status_code == 400
    assert company.post("v1/inventory/action/changeInventoryNbr/9", {"inventoryNbr": "X"}).status_code == 404


def test_it_lists_warehouses_with_their_places(company: Company) -> None:
    records = company.get("v1/warehouse").json()
    assert [record["warehouseID"] for record in records] == ["1", "2"]
    assert {record["locationId"] for record in records[0]["locations"]} == {"1", "MOTTAK", "RETUR"}
    assert company.get("v1/warehouse/2").json()["description"] == "Lager Göteborg"
    assert company.get("v1/warehouse", active="false").json() == []


@pytest.mark.parametrize(
    ("path", "key"),
    [("branch", "1"), ("organization", "5102401"), ("financialPeriod", "202611"), ("carrier", "BRING")],
)
def test_it_has_the_small_lists(company: Company, path: str, key: str) -> None:
    assert company.get(f"v1/{path}").json()
    assert company.get(f"v1/{path}/{key}").status_code == 200
    assert company.get(f"v1/{path}/none").status_code == 404
