"""The simulator's answers against recorded V1 answers and against the published V2 schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml

from tests.connections.vendors.shipstation.simulated import Simulated, line, simulated
from tests.contracts.sources import folder

CONTRACTS = folder() / "shipstation"
pytestmark = pytest.mark.skipif(not CONTRACTS.exists(), reason="the vendor's contract files are not here")


@pytest.fixture
def account() -> Iterator[Simulated]:
    with simulated(side_effect_delay=0) as account:
        discount = {"name": "10% OFF", "quantity": 1, "unitPrice": -20.55, "adjustment": True}
        options = [{"name": "Size", "value": "Large"}]
        size = {"units": "inches", "length": 7, "width": 5, "height": 6}
        account.make(items=[line(options=options), discount], dimensions=size)
        account.make("2")
        account.do("ship", order_number="1001")
        account.do("mark_shipped", order_number="2", tracking="T")
        account.subscribe("ORDER_NOTIFY", "http://example.test/hook")
        yield account


@cache
def recorded(group: str, name: str) -> Any:
    """A body that the real V1 service answered."""
    collection = json.loads((CONTRACTS / "shipstation-v1-postman-captured-responses.json").read_text())
    items = next(entry["item"] for entry in collection["item"] if entry["name"] == group)
    bodies = [response["body"] for item in items for response in item["response"] if response["name"] == name]
    return json.loads(bodies[0])


def shape(value: Any) -> Any:
    """Key names in their order, with kinds of values; null stands for any kind, lists for their first element."""
    if isinstance(value, dict):
        return {key: shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if value is None:
        return None
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def differences(ours: Any, theirs: Any, path: str = "$") -> list[str]:
    if ours is None or theirs is None or ours == [] or theirs == []:
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        named = [key for key in ours if key in theirs]
        messages = [f"{path}: no {key}" for key in theirs if key not in ours]
        messages += [f"{path}: order of keys"] if named != [key for key in theirs if key in ours] else []
        return messages + [entry for key in named for entry in differences(ours[key], theirs[key], f"{path}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list):
        return differences(ours[0], theirs[0], f"{path}[]")
    return [] if ours == theirs else [f"{path}: {ours} is not {theirs}"]


@pytest.mark.parametrize(
    ("group", "name", "path"),
    [
        ("Orders", "List Orders", "/orders?sortDir=DESC&orderNumber=1001"),
        ("Products", "List Products", "/products"),
        ("Customers", "List Customers", "/customers"),
        ("Carriers", "List Carriers", "/carriers"),
        ("Carriers", "List Services", "/carriers/listservices?carrierCode=stamps_com"),
        ("Carriers", "List Packages", "/carriers/listpackages?carrierCode=stamps_com"),
        ("Stores", "List Stores", "/stores"),
        ("Stores", "List Marketplaces", "/stores/marketplaces"),
        ("Users", "List Users", "/users"),
        ("Warehouses", "List Warehouses", "/warehouses"),
        ("Webhooks", "List Webhooks", "/webhooks"),
    ],
)
def test_it_answers_v1_in_the_recorded_shape(account: Simulated, group: str, name: str, path: str) -> None:
    assert differences(shape(account.get(path)), shape(recorded(group, name))) == []


@cache
def v2() -> Any:
    return composable(yaml.safe_load((CONTRACTS / "shipstation-v2-openapi.yaml").read_text()))


def composable(schema: Any) -> Any:
    """The schema closes the parts that it puts together with allOf, so that no document could ever pass: open them."""
    if isinstance(schema, list):
        return [composable(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: composable(entry) for key, entry in schema.items() if (key, entry) != ("additionalProperties", False)}


# Where the schema contradicts what the real service is recorded to answer, or is silent.
SLIPS = (
    r"label_messages: 'reference\d' is a required property",
    r"services\[\d+\]\.carrier_code: .* does not match '\^se",
    # A V1 discount line; how V2 shows it is not recorded.
    r"items\[\d+\]\.unit_price: -[\d.]+ is less than the minimum of 0",
)


def without_nulls(value: Any) -> Any:
    """Recorded answers carry nulls that the schema does not know: a null counts as an absent field."""
    if isinstance(value, dict):
        return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
    return [without_nulls(entry) for entry in value] if isinstance(value, list) else value


def faults(schema: Any, document: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema | {"components": v2()["components"]})
    messages = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(without_nulls(document))]
    return [message for message in messages if not any(re.search(slip, message) for slip in SLIPS)]


@pytest.mark.parametrize(
    "path",
    [
        "/v2/shipments",
        "/v2/labels",
        "/v2/carriers",
        "/v2/warehouses",
        "/v2/products",
        "/v2/users",
        "/v2/inventory",
        "/v2/inventory_warehouses",
        "/v2/inventory_locations",
        "/v2/tags",
        "/v2/environment/webhooks",
    ],
)
def test_it_answers_v2_by_the_schema(account: Simulated, path: str) -> None:
    schema = v2()["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert faults(schema, account.call_v2("GET", path).json()) == []


def test_it_words_v2_errors_by_the_schema(account: Simulated) -> None:
    schema = v2()["components"]["schemas"]["error_response_body"]
    for path in ("/v2/shipments/se-1", "/v2/labels/x", "/v2/nothing"):
        assert faults(schema, account.call_v2("GET", path).json()) == []
