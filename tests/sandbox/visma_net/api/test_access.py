"""Limits, gateways, and all the shapes of saying no."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.visma_net.app import VismaNetSimulator
from tests.connections.vendors.visma_net.company import Company, wrap

HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Policy")
PATH = "v1/purchaseorder"


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def left(response: requests.Response) -> int:
    return int(response.headers["X-RateLimit-Remaining"])


def test_every_answer_tells_how_many_calls_are_left(company: Company) -> None:
    first, missing = company.get(PATH), company.get(f"{PATH}/none")
    assert all(name in each.headers for each in (first, missing) for name in HEADERS)
    assert first.headers["X-RateLimit-Policy"] == "4-fixed-window"
    assert left(missing) == left(first) - 1
    assert first.headers["Ipp-Request-Id"] != missing.headers["Ipp-Request-Id"]


def test_the_old_path_has_its_own_policy(company: Company) -> None:
    response = company.get("API/controller/api/v1/purchaseorder")
    assert (response.status_code, response.headers["X-RateLimit-Policy"]) == (200, "6-fixed-window")


def test_it_stops_when_the_window_is_used_up(company: Company) -> None:
    company.switch(limit=3, window_seconds=100)
    responses = [company.get(PATH) for _ in range(4)]
    assert [each.status_code for each in responses] == [200, 200, 200, 429]
    assert 0 < int(responses[-1].headers["Retry-After"]) <= 100
    assert left(responses[-1]) == 0
    company.switch(clock_offset=101)
    assert company.get(PATH).status_code == 200


def test_each_company_has_its_own_window(company: Company) -> None:
    company.switch(limit=1)
    assert [company.get(PATH).status_code for _ in range(2)] == [200, 429]
    company.sign_in(tenant_id=VismaNetSimulator.other_tenant_id)
    assert company.get(PATH).status_code == 200


def test_no_limit_is_a_limit_of_nought(company: Company) -> None:
    company.switch(limit=0)
    assert left(company.get(PATH)) == left(company.get(PATH)) == 15000


@pytest.mark.parametrize(("counts", "status"), [(True, 429), (False, 200)])
def test_sales_orders_may_have_no_limit(company: Company, counts: bool, status: int) -> None:
    company.switch(limit=1, v3_counts=counts)
    company.get(PATH)
    response = company.sale()
    assert response.status_code == status
    assert ("X-RateLimit-Limit" in response.headers) is counts


@pytest.mark.parametrize(("body", "kind"), [("json", "application/json"), ("html", "text/html"), ("empty", "")])
def test_it_throttles_with_one_body_or_another(company: Company, body: str, kind: str) -> None:
    company.switch(throttle_body=body, throttle_seconds=7)
    company.fault("throttle", path="/erp")
    response = company.get(PATH)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.headers.get("Content-Type", "").split(";")[0] == kind


# The vendor's own faults


def once(company: Company, kind: str, path: str = PATH, **fault: Any) -> requests.Response:
    company.fault(kind, path="/erp", **fault)
    return company.get(path)


def test_gateways_answer_with_pages_or_nothing(company: Company) -> None:
    page, nothing = once(company, "gateway_html"), once(company, "gateway_empty")
    assert (page.status_code, page.headers["Content-Type"]) == (502, "text/html")
    assert (nothing.status_code, nothing.content) == (503, b"")


def test_a_gateway_may_give_up_after_the_work(company: Company) -> None:
    company.fault("gateway_after", path="/erp", method="POST")
    before = len(company.state()["purchaseReceipts"])
    assert company.post("v1/PurchaseReceipt", wrap(supplierId="50000")).status_code == 504
    assert len(company.state()["purchaseReceipts"]) == before + 1


def test_a_connection_may_be_cut_after_the_work(company: Company) -> None:
    company.fault("cut_after", path="/erp", method="POST")
    before = len(company.state()["purchaseReceipts"])
    with pytest.raises(requests.ConnectionError):
        company.post("v1/PurchaseReceipt", wrap(supplierId="50000"))
    assert len(company.state()["purchaseReceipts"]) == before + 1


def test_it_says_no_in_four_shapes(company: Company) -> None:
    assert once(company, "licence").json()["ExceptionFaultCode"] == "12027"
    assert "message" in once(company, "business_500").json()
    assert "Message" in once(company, "capital_message").json()
    assert once(company, "forbidden").status_code == 403
    company.fault("status", path="/salesorder", status=400)
    assert company.sale().json()["status"] == 400


def test_a_token_may_be_lost(company: Company) -> None:
    assert once(company, "token_lost").status_code == 401
    assert company.get(PATH).status_code == 401
    company.sign_in()
    assert company.get(PATH).status_code == 200


def test_a_document_may_move_just_before(company: Company) -> None:
    old = company.get(f"{PATH}/000101").headers["ETag"]
    company.fault("row_moved", path="/erp/v1/purchaseorder", method="PUT")
    assert company.put(f"{PATH}/000101", wrap(note="x"), If_Match=old).status_code == 412
    assert company.put(f"{PATH}/000101", wrap(note="x")).status_code == 204


@pytest.mark.parametrize(
    ("path", "body"), [("/erp/v1/purchaseorder", {"message"}), ("/connect-host/connect", {"error"})]
)
def test_a_failure_has_the_shape_of_its_service(company: Company, path: str, body: set[str]) -> None:
    company.fault("server_error", path=path, status=500)
    response = company.token() if "connect" in path else company.get(PATH)
    assert (response.status_code, set(response.json())) == (500, body)


def test_a_failure_of_a_gateway_is_empty(company: Company) -> None:
    response = once(company, "status", status=503)
    assert (response.status_code, response.content) == (503, b"")
    assert once(company, "status", status=401).status_code == 401
