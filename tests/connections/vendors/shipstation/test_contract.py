"""What the client asks, against the published contracts of both APIs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest
import requests
import yaml

from connections.vendor import Outgoing
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.customers import Customers
from connections.vendors.shipstation.inventory import Inventory
from connections.vendors.shipstation.labels import Labels
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.orders.status import OrderStatus
from connections.vendors.shipstation.probe import probe
from connections.vendors.shipstation.products import Products
from connections.vendors.shipstation.shipments.shipments import Shipments
from connections.vendors.shipstation.webhooks import ShipStationWebhooks
from tests.connections.vendors.shipstation.accounts import V1_KEYS, V2_KEYS, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated, simulated
from tests.connections.vendors.shipstation.simulation import BEFORE

CONTRACTS = Path(__file__).parents[5] / "shared" / "vendors" / "shipstation"
pytestmark = pytest.mark.skipif(not CONTRACTS.exists(), reason="the vendor's contract files are not here")
# Documented in the vendor's guides; the V2 file is older than they are.
NEWER = {"shipment_number"}
UNLISTED = {"/v2/fulfillments", "/v2/shipments/{shipment_id}"}


@cache
def contract(name: str) -> Any:
    return yaml.safe_load((CONTRACTS / name).read_text())


def v1() -> Any:
    return contract("shipstation-v1-openapi-2024-from-postman.yaml")


def v2() -> Any:
    return contract("shipstation-v2-openapi.yaml")


@pytest.fixture(scope="module")
def system() -> Iterator[Simulated]:
    with simulated(side_effect_delay=0) as found:
        yield found


def recorded(client: ShipStationClient) -> list[requests.PreparedRequest]:
    """Every request that the client will make."""
    made: list[requests.PreparedRequest] = []
    for http in (client.v1, client.v2):
        if http:
            http.session.hooks["response"].append(lambda answer, **_: made.append(answer.request))
    return made


def used(system: Simulated, keys: dict[str, str], number: str) -> list[requests.PreparedRequest]:
    """The requests of a client that does everything once."""
    client = opened(system.url, keys)
    made = recorded(client)
    orders, shipments = Orders(client), Shipments(client)
    key = getattr(orders.write([outgoing(number)])[0], "key", "")
    orders.write([outgoing(number, target_key=key, internalNotes="x")])
    orders.find([outgoing(number)], BEFORE)
    system.do("ship", order_id=int(key.removeprefix("se-")))
    for document in [*read(orders), *read(shipments)][-3:]:
        orders.get(document.key) if "orderStatus" in document.body else shipments.get(document.key)
    OrderStatus(client).write([Outgoing(number, {"orderNumber": number, "orderStatus": "cancelled"}, key)])
    probe(client)
    hooks = ShipStationWebhooks()
    hooks.subscribe(client, f"https://console.example/{number}", hooks.topics)
    hooks.unsubscribe(client, f"https://console.example/{number}")
    if client.v1:
        Customers(client).write([Outgoing("C", {"email": "a@b.example"})])
        Products(client).write([Outgoing("SKI-180", {"sku": "SKI-180", "name": "Other"})])
    else:
        read(Labels(client))
        stock = {"sku": "A", "quantity": 4, "inventory_location_id": "se-1"}
        Inventory(client).write([Outgoing("A", stock)])
    client.close()
    return made


def read(resource: Any) -> list[Any]:
    return [document for page in resource.changes(resource.start(BEFORE)) for document in page.documents]


def template(request: requests.PreparedRequest, paths: Any) -> str:
    path = urlsplit(str(request.url)).path
    exact = [each for each in paths if each == path]
    loose = [each for each in paths if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", each), path)]
    assert exact or loose, f"{request.method} {path} is not in the contract"
    return str((exact or loose)[0])


def names(request: requests.PreparedRequest) -> set[str]:
    return {name for name, _ in parse_qsl(urlsplit(str(request.url)).query)}


def test_it_asks_v1_only_for_what_it_documents(system: Simulated) -> None:
    made = used(system, V1_KEYS, "K1")
    assert {request.method for request in made} == {"GET", "POST", "PUT", "DELETE"}
    for request in made:
        operation = v1()["paths"][template(request, v1()["paths"])][str(request.method).lower()]
        assert names(request) <= {each["name"] for each in operation.get("parameters", [])}, request.url


def test_it_asks_v2_only_for_what_it_documents(system: Simulated) -> None:
    made = used(system, V2_KEYS, "K2")
    paths = [*v2()["paths"], *UNLISTED]
    assert {request.method for request in made} == {"GET", "POST", "PUT", "DELETE"}
    for request in made:
        path = template(request, paths)
        if path not in UNLISTED:
            operation = v2()["paths"][path][str(request.method).lower()]
            known = {_resolved(each)["name"] for each in operation.get("parameters", [])}
            assert names(request) <= known, request.url


def _resolved(parameter: Any) -> Any:
    reference = str(parameter.get("$ref", ""))
    return v2()["components"]["parameters"][reference.rpartition("/")[2]] if reference else parameter


def schema(name: str) -> Any:
    return v2()["components"]["schemas"][name]


def test_it_sends_v2_orders_in_documented_fields(system: Simulated) -> None:
    made = used(system, V2_KEYS, "K3")
    created = next(r for r in made if r.method == "POST" and str(r.url).endswith("/v2/shipments"))
    entry = json.loads(created.body or "{}")["shipments"][0]
    assert set(entry) <= set(schema("create_shipment_request")["properties"]) | NEWER
    assert set(schema("address")["required"]) <= set(entry["ship_to"]) <= set(schema("partial_address")["properties"])
    assert all(set(item) <= set(schema("shipment_item")["properties"]) for item in entry["items"])


def test_it_sets_v2_stock_as_the_contract_wants(system: Simulated) -> None:
    made = used(system, V2_KEYS, "K5")
    moved = next(r for r in made if r.method == "POST" and str(r.url).endswith("/v2/inventory"))
    body = v2()["paths"]["/v2/inventory"]["post"]["requestBody"]["content"]
    stock_schema, sent = next(iter(body.values()))["schema"], json.loads(moved.body or "null")
    jsonschema.validate(sent, stock_schema)
    assert set(stock_schema["required"]) <= set(sent) <= set(stock_schema["properties"])


@cache
def order_example() -> set[str]:
    """Every field name of the documented example of an order."""
    schema = v1()["paths"]["/orders/createorders"]["post"]["requestBody"]["content"]["*/*"]["schema"]
    return set(re.findall(r'\\?"(\w+)\\?":', schema["example"]))


def test_it_sends_v1_orders_in_documented_fields(system: Simulated) -> None:
    sent = [request for request in used(system, V1_KEYS, "K4") if "createorders" in str(request.url)]
    assert len(sent) == 2
    first = json.loads(sent[0].body or "[]")[0]
    found = set(first) | set(first["items"][0]) | set(first["shipTo"])
    assert found <= order_example()
