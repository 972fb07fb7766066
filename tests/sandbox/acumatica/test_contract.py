"""The simulator's responses against the contract that a real server publishes, where that is at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest

from tests.connections.vendors.acumatica.simulated import Site
from tests.contracts import sources

CONTRACT = sources.folder() / "acumatica" / "default_25.200.001.trimmed.openapi.json"
READS = {
    "SalesOrder": "Details,Shipments,ShipToAddress,ShipToContact,BillToAddress,ShippingSettings,Totals,FinancialSettings",
    "Shipment": "Details,Packages,Orders,ShippingSettings,ShippingSettings/ShipToAddress",
    "Customer": "MainContact,MainContact/Address,ShippingContact,Contacts",
    "StockItem": "CrossReferences,WarehouseDetails,UOMConversions",
    "SalesInvoice": "Details",
    "ShipVia": "Packages",
    "Carrier": "",
    "ShippingBox": "",
    "Warehouse": "Locations",
}

pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(), reason="the vendor's OpenAPI document is not beside the repository"
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    site.login()
    site.do("seed")
    site.ship("000001", Packages=[{"BoxID": {"value": "SMALL"}}])
    site.confirm("000001")
    site.do("invoice", shipment_nbr="000001")
    yield site
    site.stop()


@cache
def components() -> Any:
    """The contract's schemas as JSON Schema: no field but its own, and null where it says nullable."""
    document = json.loads(CONTRACT.read_text())
    return _strict(document["components"]["schemas"])


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {name: _strict(value) for name, value in node.items() if name != "discriminator"}
    if node.pop("nullable", False) and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
    if "allOf" in node:
        node["unevaluatedProperties"] = False
    return node


def schema_of(entity: str) -> Any:
    return {"$ref": f"#/components/schemas/{entity}", "components": {"schemas": components()}}


@pytest.mark.parametrize("entity", list(READS))
def test_it_answers_as_the_contract_says(site: Site, entity: str) -> None:
    records = site.get(entity, expand=READS[entity]).json()
    checker = jsonschema.Draft202012Validator(schema_of(entity), format_checker=jsonschema.FormatChecker())
    problems = [
        f"{error.json_path}: {error.message[:200]}" for record in records for error in checker.iter_errors(record)
    ]
    assert records
    assert problems[:5] == []


@pytest.mark.parametrize("entity", list(READS))
def test_it_shows_every_plain_field_of_the_contract(site: Site, entity: str) -> None:
    [record] = site.get(entity, top="1").json()
    own = components()[entity]["allOf"][-1]["properties"]
    values = {name for name, each in own.items() if each.get("$ref", "").endswith("Value")}
    assert values <= set(record)


def test_it_answers_refused_records_as_the_contract_says(site: Site) -> None:
    body = {"ShipVia": {"value": "BALLOON"}, "Details": [{"OrderNbr": {"value": "000002"}}]}
    response = site.put("Shipment", body)
    jsonschema.Draft202012Validator(schema_of("Shipment")).validate(response.json())
    assert response.status_code == 422
