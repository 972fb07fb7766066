"""What our client sends, against the contract that Visma publishes, where that is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from requests import PreparedRequest, Session

from connections.vendor import Outgoing
from connections.vendors.visma_net.order_notes import PurchaseOrderNotes
from connections.vendors.visma_net.probe import probe
from connections.vendors.visma_net.resources import CustomerInvoices, Inventory, PurchaseOrders, Suppliers
from tests.vendors.visma_net.desk import Desk, again, goods, shipment

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "vendors" / "visma_net" / "erp_openapi_trimmed.json"

pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(), reason="the vendor's OpenAPI document is not beside the repository"
)


@cache
def document() -> Any:
    return json.loads(CONTRACT.read_text())


def resolved(schema: Any) -> Any:
    while "$ref" in schema:
        node = document()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def operation(method: str, path: str) -> Any:
    for template, operations in document()["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            return operations[method.lower()]
    raise AssertionError(f"{method} {path} is not in the contract")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[PreparedRequest]:
    seen: list[PreparedRequest] = []
    real = Session.send

    def send(session: Session, request: PreparedRequest, **more: Any) -> Any:
        if "/erp/" in str(request.url):
            seen.append(request)
        return real(session, request, **more)

    monkeypatch.setattr(Session, "send", send)
    return seen


def play(desk: Desk) -> None:
    """All that our client does at the ERP."""
    probe(desk.client)
    for kind in (PurchaseOrders, CustomerInvoices, Suppliers, Inventory):
        resource = kind(desk.client)
        documents = [one for page in resource.changes(resource.start(desk.begun)) for one in page.documents]
        resource.get(documents[0].key if documents else "x")
    order = desk.order({"inventory": "MEL-25KG", "orderQty": 20}, {"inventory": "STOL-101", "orderQty": 20})
    lots = goods((1, 1), lotSerialNumber="L1", expirationDate="2027-01-01") + goods((1, 1), lotSerialNumber="L2")
    stranger = {"inventoryId": "BORD-220", "quantity": Decimal(1), "locationId": "1"}
    header: dict[str, Any] = {
        "note": "n",
        "customStr2": "c",
        "branchNumber": "1",
        "warehouseId": "1",
        "createBill": True,
    }
    for way in ("add_lines", "direct", "create_from_order"):
        lines = [*lots, *goods((2, 2)), stranger]
        made = shipment(
            order,
            lines,
            f"shipstation:{way}",
            way=way,
            linesWithoutOrder="add",
            completePoLine=False,
            release=way == "add_lines",
            **header,
        )
        outcome = desk.write(made)
        key = getattr(outcome, "key", "")
        assert key, outcome
        desk.find(made)
        desk.write(again(made, key, voided=True))
    desk.switch(cancel_receipt="gone")
    made = shipment(order, goods((2, 1)), "shipstation:empty")
    desk.write(made)
    desk.write(shipment(order, mark="shipstation:empty", voided=True))
    PurchaseOrderNotes(desk.client).write([Outgoing("n", {"orderNbr": order, "note": "text"})])


def test_every_call_and_every_field_is_in_the_contract(desk: Desk, sent: list[PreparedRequest]) -> None:
    play(desk)
    seen = set()
    for request in sent:
        parts = urlsplit(str(request.url))
        path = parts.path.removeprefix("/erp")
        declared = operation(str(request.method), path)
        seen.add((request.method, re.sub(r"/\d{5,6}(?=/|$)", "/{}", path)))
        names = {resolved(each)["name"] for each in declared.get("parameters", [])}
        assert set(parse_qs(parts.query)) <= names | unpaged(path), (path, parts.query)
        content = declared.get("requestBody", {}).get("content", {}).get("application/json")
        if request.body and content and request.body != b"{}":
            body = json.loads(request.body)
            assert list(problems(body, content["schema"], "")) == [], (path, body)
    assert {
        ("POST", "/v1/PurchaseReceipt"),
        ("PUT", "/v1/PurchaseReceipt/{}"),
        ("POST", "/v1/PurchaseReceipt/{}/action/addpurchaseorderlines"),
        ("POST", "/v1/PurchaseReceipt/{}/action/release"),
        ("POST", "/v1/PurchaseReceipt/{}/action/cancelReceipt"),
        ("POST", "/v1/purchaseorder/{}/action/createpurchasereceipt"),
        ("PUT", "/v1/purchaseorder/{}"),
    } <= seen


def unpaged(path: str) -> set[str]:
    """Small lists know no pages; asking for one does no harm there."""
    return {"pageNumber", "pageSize"} if path in {"/v1/branch", "/v1/organization"} else set()


def problems(body: Any, schema: Any, where: str) -> Iterator[str]:
    """Fields that the contract does not know, and values whose type it refuses."""
    schema = resolved(schema)
    kind = schema.get("type")
    if kind == "array":
        for each in body:
            yield from problems(each, schema["items"], f"{where}[]")
    elif "properties" in schema:
        if not isinstance(body, dict):
            yield f"{where}: bare"
            return
        for name, value in body.items():
            if name not in schema["properties"]:
                yield f"{where}.{name}: unknown"
            else:
                yield from problems(value, schema["properties"][name], f"{where}.{name}")
    elif isinstance(body, dict) and kind == "object":
        return
    elif kind in {"string", "number", "integer", "boolean"}:
        fits = {"string": str, "number": int | float, "integer": int, "boolean": bool}[kind]
        if not isinstance(body, fits):
            yield f"{where}: {body!r} is no {kind}"
        if "enum" in schema and body not in schema["enum"]:
            yield f"{where}: {body!r} is none of {schema['enum']}"
