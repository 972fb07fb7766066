"""Our Visma.net client and simulator against the contracts of the ERP and of SalesOrders v3."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from tests.contracts import validations
from tests.contracts.marks import needs_contracts
from tests.contracts.recording import Call

pytestmark = needs_contracts
VALIDATIONS = {"ERP": validations.visma_erp_validation, "v3": validations.visma_v3_validation}
ORDERS, RECEIPTS, RECEIPT = "/erp/v1/purchaseorder", "/erp/v1/PurchaseReceipt", "/erp/v2/PurchaseReceipt"
MATCH = {"if-match": '"AAAAAE0YIiI="'}
SALES = "/salesorder/api/v3/SalesOrders"


@pytest.mark.parametrize("api", VALIDATIONS)
def test_it_keeps_the_contract(api: str) -> None:
    assert VALIDATIONS[api]().violations == []


@pytest.mark.parametrize("api", VALIDATIONS)
def test_it_needs_every_relaxation(api: str) -> None:
    assert VALIDATIONS[api]().validator.unused() == []


def test_the_client_makes_every_call_that_it_can() -> None:
    asked = VALIDATIONS["ERP"]().validator.asked
    writes = sorted(one for one in asked if not one.startswith("GET "))
    assert writes == [
        "POST /v1/PurchaseReceipt",
        "POST /v1/PurchaseReceipt/{receiptNumber}/action/addpurchaseorderlines",
        "POST /v1/PurchaseReceipt/{receiptNumber}/action/cancelReceipt",
        "POST /v1/PurchaseReceipt/{receiptNumber}/action/release",
        "POST /v1/purchaseorder/{purchaseorderNbr}/action/createpurchasereceipt",
        "PUT /v1/PurchaseReceipt/{receiptNumber}",
        "PUT /v1/purchaseorder/{purchaseOrderNumber}",
    ]


def test_the_client_calls_nothing_that_has_reached_its_end() -> None:
    contract = VALIDATIONS["ERP"]().validator.contract
    ended = {"/v1/salesorder", "/v2/salesorder", "GET /v1/PurchaseReceipt"}
    assert contract.find("GET", "/v1/PurchaseReceipt") is not None
    assert [one for one in VALIDATIONS["ERP"]().validator.asked if any(each in one for each in ended)] == []


def test_the_client_never_sends_a_time_without_its_condition() -> None:
    """Alone, it is ignored, and everything comes back."""
    timed = [
        (call.query, name)
        for call in validations.recorded_visma_net("ERP")
        if call.by == "client"
        for name in call.query
        if name.endswith("DateTime")
    ]
    assert timed
    assert [name for query, name in timed if f"{name}Condition" not in query] == []


def made(api: str, method: str, path: str, action: str = "", *, key: bool = False, by: str = "client") -> Call:
    """A call that went well; behind the path with a key, where it has one or an action."""
    pattern = re.escape(path) + (f"/[^/]+{action}" if key or action else "")
    for call in validations.recorded_visma_net(api):
        fits = (call.method, call.by) == (method, by) and call.status < 300 and call.answer != []
        if fits and re.fullmatch(pattern, call.path):
            return call
    raise AssertionError(f"no {method} {path}")


def validate(api: str, call: Call, **changes: Any) -> list[str]:
    return VALIDATIONS[api]().validator.fresh().validate([dataclasses.replace(call, **changes)])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": {"value": "red"}}, "colour: unknown"),
        ({"hold": True}, "hold: type"),
        ({"hold": {"value": "yes"}}, "hold.value: type"),
        ({"hold": {"value": True, "locked": True}}, "hold.locked: unknown"),
        ({"receiptType": {"value": "Receipt"}}, "receiptType.value: enum"),
        ({"lines": [{"expirationDate": "2027-01-01"}]}, "lines.expirationDate: type"),
        ({"lines": [{"operation": "Replace"}]}, "lines.operation: enum"),
        ({"lines": [{"operation": {"value": "Insert"}}]}, "lines.operation: type"),
        ({"lines": [{"quantity": {"value": 1}}]}, "lines.quantity: unknown"),
        ({"lines": [{"poOrderLineNbr": {"value": "1"}}]}, "lines.poOrderLineNbr.value: type"),
        ({"lines": [{"allocations": [{"lot": {"value": "A"}}]}]}, "lines.allocations.lot: unknown"),
    ],
)
def test_it_would_notice_a_wrong_receipt(change: dict[str, Any], place: str) -> None:
    call = made("ERP", "POST", RECEIPTS)
    violations = validate("ERP", call, request=call.request | change)
    assert any(place in sentence for sentence in violations), violations


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("/action/addpurchaseorderlines", {"purchaseOrderLines": [{"orderNbr": "1", "lines": [{"lineNbr": 1}]}]}),
        ("/action/addpurchaseorderlines", {"purchaseOrderLines": [{"orderNbr": {"value": "1"}}]}),
        ("/action/release", {}),
        ("/action/cancelReceipt", {"reason": "none"}),
    ],
)
def test_it_would_notice_a_wrong_action(action: str, body: dict[str, Any]) -> None:
    call = made("ERP", "POST", RECEIPTS, action)
    assert validate("ERP", call, request=body)


def test_it_would_notice_a_misspelt_action() -> None:
    call = made("ERP", "POST", RECEIPTS, "/action/release")
    assert validate("ERP", call, path=call.path.replace("release", "Release"))


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"status": "Open"}, "status: unknown"),
        ({"orderStatus": "open"}, "orderStatus: value"),
        ({"pageSize": "all"}, "pageSize: value"),
        ({"includeCustomFreeFields": "yes"}, "includeCustomFreeFields: value"),
        ({"lastModifiedDateTime": "2026-11-20T10:00:00Z"}, "lastModifiedDateTime: value"),
        ({"lastModifiedDateTime": "2026-11-20T10:00:00+01:00"}, "lastModifiedDateTime: value"),
        ({"lastModifiedDateTimeCondition": "since"}, "lastModifiedDateTimeCondition: value"),
    ],
)
def test_it_would_notice_a_wrong_filter(query: dict[str, str], place: str) -> None:
    assert any(place in one for one in validate("ERP", made("ERP", "GET", ORDERS), query=query))


def test_it_knows_the_values_that_came_in_2026() -> None:
    call = made("ERP", "GET", RECEIPT)
    assert validate("ERP", call, query={"status": "Cancelled"}) == []
    assert validate("ERP", call, query={"status": "Gone"}) != []
    assert validate("ERP", call, answer=[call.answer[0] | {"status": "Cancelled"}]) == []


@pytest.mark.parametrize(
    ("path", "by"),
    [(RECEIPTS, "client"), (ORDERS, "client"), ("/erp/v1/customerinvoice", "test")],  # invoices since 2026
)
def test_it_lets_a_change_name_a_version(path: str, by: str) -> None:
    call = made("ERP", "PUT", path, key=True, by=by)
    assert validate("ERP", call, headers=call.headers | MATCH) == []


def test_it_would_notice_an_action_that_names_a_version() -> None:
    call = made("ERP", "POST", RECEIPTS, "/action/release")
    assert any("if-match: unknown" in one for one in validate("ERP", call, headers=call.headers | MATCH))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": "red"}, "colour: unknown"),
        ({"status": "Done"}, "status: enum"),
        ({"lastModifiedDateTime": "2026-11-20"}, "lastModifiedDateTime: format"),
        ({"lastModifiedDateTime": "20.11.2026 10:00"}, "lastModifiedDateTime: format"),
        ({"timeStamp": "seven"}, "timeStamp: format"),
        ({"orderTotal": "5"}, "orderTotal: type"),
        ({"supplier": "50000"}, "supplier: type"),
        ({"lines": [{"lineNbr": 2**40}]}, "lines.lineNbr: format"),
    ],
)
def test_it_would_notice_a_wrong_order(change: dict[str, Any], place: str) -> None:
    call = made("ERP", "GET", ORDERS)
    violations = validate("ERP", call, answer=[call.answer[0] | change])
    assert any(place in sentence for sentence in violations), violations


@pytest.mark.parametrize("status", [418, 207])
def test_it_would_notice_a_strange_status(status: int) -> None:
    assert validate("ERP", made("ERP", "GET", ORDERS), status=status)


# SalesOrders v3


@pytest.mark.parametrize("query", [{"pageNumber": "1"}, {"pageIndex": "first"}, {"orderBy": "customer"}])
def test_it_would_notice_a_wrong_list_of_sales_orders(query: dict[str, str]) -> None:
    assert validate("v3", made("v3", "GET", SALES), query=query)


def test_it_would_notice_a_wrong_section_of_a_sales_order() -> None:
    assert validate("v3", one_sale(), query={"expand": "Everything"})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"customer": {"order": "x" * 41}}, "customer.order: maxLength"),
        ({"customer": {"order": {"value": "x"}}}, "customer.order: type"),
        ({"status": "Done"}, "status: enum"),
        ({"orderLines": []}, "orderLines: unknown"),
    ],
)
def test_it_would_notice_a_wrong_change_of_a_sales_order(change: dict[str, Any], place: str) -> None:
    call = made("v3", "PATCH", f"{SALES}/SO", key=True, by="test")
    assert any(place in one for one in validate("v3", call, request=change))


def test_it_would_notice_a_change_that_names_no_version() -> None:
    call = made("v3", "PATCH", f"{SALES}/SO", key=True, by="test")
    assert any("if-match: missing" in one for one in validate("v3", call, headers={}))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": "red"}, "colour: unknown"),
        ({"lastModified": "2026-11-20T10:00:00"}, "lastModified: offset"),
        ({"customer": {"id": 5}}, "customer.id: type"),
    ],
)
def test_it_would_notice_a_wrong_sales_order(change: dict[str, Any], place: str) -> None:
    call = one_sale()
    assert any(place in one for one in validate("v3", call, answer=call.answer | change))


def one_sale() -> Call:
    return made("v3", "GET", f"{SALES}/SO", key=True)
