"""The simulator's answers against the contract that Visma publishes, where that is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from tests.vendors.visma_net.company import Company, direct, wrap

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "vendors" / "visma_net" / "erp_openapi_trimmed.json"
PATHS = (
    "v1/purchaseorder",
    "v1/purchaseorder/000101",
    "v1/purchaseorder/000105",
    "v1/purchaseorder/000109",
    "v1/customerinvoice",
    "v1/customerinvoice/300141",
    "v1/supplier",
    "v1/supplier/50000",
    "v1/inventory",
    "v1/inventory/STOL-101",
    "v1/inventory/MEL-25KG",
    "v1/inventory/internal/2100",
    "v1/warehouse",
    "v1/warehouse/1",
    "v1/branch",
    "v1/branch/1",
    "v1/organization",
    "v1/organization/5102401",
    "v1/financialPeriod",
    "v1/financialPeriod/202611",
    "v1/carrier",
    "v1/carrier/DHL",
    "v2/PurchaseReceipt",
    "v2/PurchaseReceipt/000041",
)
CUSTOM = {"includeCustomFreeFields": "true", "expandNote": "true", "expandTaxDetails": "true"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?([+-]\d\d:\d\d)?")
"""Times of the ERP have no offset, although their format is called date-time."""

pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(), reason="the vendor's OpenAPI document is not beside the repository"
)


@cache
def document() -> Any:
    return json.loads(CONTRACT.read_text())


@cache
def components() -> Any:
    """The schemas with no field but their own, and with the values that came in 2026."""
    return _strict(document()["components"]["schemas"])


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {name: _strict(value) for name, value in node.items()}
    if "enum" in node and "x-2026-extra-values" in node:
        node["enum"] = [*node["enum"], *node["x-2026-extra-values"]]
    if isinstance(node.get("properties"), dict):
        node |= {"additionalProperties": False, "type": "object"}
    return node


FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("date-time")(lambda value: not isinstance(value, str) or bool(INSTANT.fullmatch(value)))
FORMATS.checks("uuid")(lambda value: bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(value))))
FORMATS.checks("byte")(lambda value: bool(re.fullmatch(r"[A-Za-z0-9+/]{11}=", str(value))))
FORMATS.checks("int32")(lambda value: not isinstance(value, int) or abs(value) < 2**31)


def operation(method: str, path: str) -> Any:
    """The operation whose path fits best."""
    for template in sorted(document()["paths"], key=lambda one: one.count("{")):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, f"/{path}", re.IGNORECASE) and method in document()["paths"][template]:
            return document()["paths"][template][method]
    raise AssertionError(f"the contract has no {method} {path}")


def judge(response: requests.Response) -> None:
    method = str(response.request.method).lower()
    path = str(response.request.path_url).removeprefix("/erp/").partition("?")[0]
    answers = operation(method, path)["responses"]
    assert str(response.status_code) in answers, f"{response.status_code} is not documented: {response.text}"
    content = answers[str(response.status_code)].get("content") or {}
    if not response.content:
        return
    schema = {**_strict(content["application/json"]["schema"]), "components": {"schemas": components()}}
    validator = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
    wrong = [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(response.json())]
    assert wrong == []


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    company = Company()
    cancelled = company.received("000101", 4)
    line = direct("000101", 2, lotSerialNumber="A")
    line["allocations"] = [{"operation": "Insert", **wrap(quantity=2, location="1")}]
    address = {"shippingAddress": {"value": wrap(city="Hamar", countryId="NO")}}
    for response in (
        company.put("v1/purchaseorder/000101", wrap(note="A note", customStr1="x", customDec1=1.5, customInt1=3)),
        company.put("v1/purchaseorder/000102", {**wrap(shipVia="DHL"), **address}),
        company.release(cancelled),
        company.post(f"v1/PurchaseReceipt/{cancelled}/action/cancelReceipt"),
        company.post("v1/PurchaseReceipt", {**wrap(supplierId="50000", customStr1="shipstation:1"), "lines": [line]}),
    ):
        response.raise_for_status()
    yield company
    company.stop()


@pytest.mark.parametrize("path", PATHS)
def test_it_reads_as_the_contract_says(company: Company, path: str) -> None:
    response = company.get(path, **(CUSTOM if "urchase" in path else {}))
    assert response.status_code == 200
    judge(response)


def test_it_writes_as_the_contract_says(company: Company) -> None:
    made = company.post("v1/PurchaseReceipt", wrap(supplierId="50000"))
    judge(made)
    number = made.headers["Location"].rpartition("/")[2]
    judge(company.add_lines(number, "000101", 1))
    judge(company.set_quantity(number, 1))
    judge(company.release(number))
    judge(company.get(f"v2/PurchaseReceipt/{number}", **CUSTOM))
    judge(company.post(f"v1/PurchaseReceipt/{number}/action/cancelReceipt"))
    whole = company.make_receipt()
    body = {"purchaseOrders": [{"orderNbr": "000101", "orderType": "RegularOrder"}]}
    judge(company.post(f"v1/PurchaseReceipt/{whole}/action/addpurchaseorder", body))
    judge(company.post("v1/purchaseorder/000111/action/createpurchasereceipt", {"orderType": "RegularOrder"}))
    judge(company.put("v1/customerinvoice/300142", wrap(note="Paid by card")))
    judge(company.post("v1/customerinvoice/300142/action/release"))
    judge(company.get("v1/customerinvoice/300142"))


def test_it_answers_background_calls_as_the_contract_says(company: Company) -> None:
    accepted = company.http.get(f"{company.erp}/v1/supplier", headers={"erp-api-background": "none"}, timeout=30)
    judge(accepted)
    state = company.get(f"v1/background/{accepted.json()['id']}")
    judge(state)
    assert state.json()["statusCode"] == 200


@pytest.mark.parametrize("result", ["queued", "stuck", "failed"])
def test_it_answers_each_kind_of_release_as_the_contract_says(company: Company, result: str) -> None:
    number = company.received("000102", 1)
    company.switch(release=result)
    judge(company.release(number))
    company.switch(release="done")


def test_it_would_notice_a_field_too_many(company: Company) -> None:
    response = company.get("v1/supplier/50000")
    response._content = json.dumps(response.json() | {"colour": "red"}).encode()
    with pytest.raises(AssertionError, match="colour"):
        judge(response)


# SalesOrders v3, of which there is a digest only

DIGEST = CONTRACT.with_name("salesorder_v3_digest.json")
NEWER = {"orderLines"}
"""Seen in a client of 2025, not in the document of 2022."""


def known(name: str) -> Any:
    return json.loads(DIGEST.read_text())["schemas"][name]


def strange(shown: Any, wanted: Any) -> set[str]:
    """Fields that the digest does not name, at any depth that it goes to."""
    if not isinstance(wanted, dict):
        return set()
    found = {name for name in shown if name not in wanted}
    for name in set(shown) & set(wanted):
        if isinstance(shown[name], dict):
            found |= strange(shown[name], wanted[name])
    return found


def test_it_shows_sales_orders_as_the_digest_says(company: Company) -> None:
    for row in company.sale().json()["value"]:
        assert set(row) <= set(known("OrderListItem"))
        order = company.sale(f"/SO/{row['orderId']}", expand="All").json()
        assert strange(order, known("Order")) <= NEWER
        for line in order["orderLines"]:
            assert strange(line, known("Line")) == set()
        for side in ("billing", "shipping"):
            assert strange(order[side]["address"], known("AddressOut")) == set()
            assert strange(order[side]["contact"], known("ContactOut")) == set()
