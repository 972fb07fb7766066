from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from requests.exceptions import ConnectionError as CutOff

from connections.auth import MemorySessions
from connections.errors import ConnectionBroken, OutcomeUnknown, Rejected, Surprise, TryLater, VendorError
from connections.vendors.visma_net.errors import ChangedMeanwhile
from tests.connections.vendors.visma_net.accounts import (
    CONNECT,
    ERP,
    TENANT,
    TOKEN,
    V3,
    asked,
    client,
    sent_form,
    sent_json,
    token,
)

ORDER = f"{ERP}/v1/purchaseorder/000123"
RECEIPT = f"{ERP}/v1/PurchaseReceipt"


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(TOKEN, json=token())
        yield mock


class Told:
    """A budget that remembers what it was told."""

    def __init__(self) -> None:
        self.learned: list[dict[str, Any]] = []
        self.paused = 0.0

    def take(self) -> None: ...

    def learn(self, **what: Any) -> None:
        self.learned.append(what)

    def pause(self, seconds: float) -> None:
        self.paused = seconds


# What is sent


def test_it_asks_for_a_token_of_the_company_and_shows_it(wire: responses.RequestsMock) -> None:
    wire.get(ORDER, json={"orderNbr": "000123"})
    client().get("/v1/purchaseorder/000123")
    assert sent_form(wire.calls[0].request) == {
        "grant_type": "client_credentials",
        "tenant_id": TENANT,
        "client_id": "isv_simulator",
        "client_secret": "sim-client-secret",
        "scope": "vismanet_erp_service_api:read vismanet_erp_service_api:create vismanet_erp_service_api:update",
    }
    assert wire.calls[1].request.headers["Authorization"] == "Bearer T1"


def test_it_sends_old_headers_only_where_they_are_filled(wire: responses.RequestsMock) -> None:
    wire.get(ORDER, json={})
    client().get("/v1/purchaseorder/000123")
    client(company_id="5102401", branch="2").get("/v1/purchaseorder/000123")
    plain, old = wire.calls[1].request.headers, wire.calls[3].request.headers
    assert not {"ipp-company-id", "ipp-application-type", "branchid"} & {name.lower() for name in plain}
    assert (old["ipp-company-id"], old["ipp-application-type"]) == ("5102401", "Visma.net Financials")
    assert old["branchid"] == "2"


def test_it_takes_compressed_answers(wire: responses.RequestsMock) -> None:
    body = gzip.compress(json.dumps({"orderNbr": "000123"}).encode())
    wire.get(ORDER, body=body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})
    assert client().get("/v1/purchaseorder/000123") == {"orderNbr": "000123"}
    assert "gzip" in wire.calls[1].request.headers["Accept-Encoding"]


def test_it_sends_the_row_version_as_precondition(wire: responses.RequestsMock) -> None:
    wire.put(f"{RECEIPT}/000046", status=204)
    client().change("/v1/PurchaseReceipt/000046", {"hold": False}, "AAAAAE0YJ1Q=")
    request = wire.calls[1].request
    assert request.headers["If-Match"] == '"AAAAAE0YJ1Q="'
    assert sent_json(request) == {"hold": {"value": False}}


@pytest.mark.parametrize("host", [ERP, "https://integration.visma.net/API/controller/api"])
def test_the_new_number_comes_from_the_location_alone(wire: responses.RequestsMock, host: str) -> None:
    wire.post(RECEIPT, status=201, json={}, headers={"Location": f"{host}/v1/PurchaseReceipt/000046"})
    assert client().create("/v1/PurchaseReceipt", {"supplierId": "50000"}) == "000046"
    assert len(wire.calls) == 2


def test_a_create_without_a_location_is_looked_up(wire: responses.RequestsMock) -> None:
    wire.post(RECEIPT, status=201, json={})
    with pytest.raises(OutcomeUnknown):
        client().create("/v1/PurchaseReceipt", {})


def test_sales_orders_are_asked_at_their_own_host_and_only_once(wire: responses.RequestsMock) -> None:
    wire.get(f"{V3}/SalesOrders/SO/000223", json={"customer": {"order": "SHOP-1"}})
    visma = client()
    assert visma.sales_order("SO", "000223") == visma.sales_order("SO", "000223")
    assert len(wire.calls) == 2
    assert asked(wire.calls[1].request) == {"expand": "Customer"}


def test_a_sales_order_that_is_not_there_is_empty(wire: responses.RequestsMock) -> None:
    wire.get(f"{V3}/SalesOrders/SO/000223", status=404, json={"title": "Not Found"})
    assert client().sales_order("SO", "000223") == {}


def test_another_host_never_gets_the_token(wire: responses.RequestsMock) -> None:
    with pytest.raises(Rejected, match="was not called"):
        client().call("GET", "https://evil.example.com/v1/purchaseorder/1")
    assert [str(call.request.url) for call in wire.calls] == [TOKEN]


# Limits and names of calls


def test_it_learns_the_rate_from_every_answer(wire: responses.RequestsMock) -> None:
    told = {"X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "499", "X-RateLimit-Reset": "3599"}
    wire.get(ORDER, json={}, headers=told)
    budget = Told()
    client(None, None, budget).get("/v1/purchaseorder/000123")
    assert budget.learned[-1] == {"limit": 500, "remaining": 499, "resets_in": 3599.0}


def test_being_throttled_pauses_the_account_for_as_long_as_it_says(wire: responses.RequestsMock) -> None:
    wire.get(ORDER, status=429, headers={"Retry-After": "120"}, body="")
    budget = Told()
    with pytest.raises(TryLater) as caught:
        client(None, None, budget).get("/v1/purchaseorder/000123")
    assert (caught.value.retry_after, budget.paused) == (120, 120)


def test_it_names_the_call_for_vismas_support(wire: responses.RequestsMock) -> None:
    wire.get(ORDER, json={}, headers={"Ipp-Request-Id": "abc-1"})
    visma = client()
    visma.get("/v1/purchaseorder/000123")
    assert visma.erp.exchanges[-1].request_id == "abc-1"


# The token


def test_a_401_is_repeated_once_with_a_fresh_token(wire: responses.RequestsMock) -> None:
    wire.replace(responses.POST, TOKEN, json=token("T1"))
    wire.post(TOKEN, json=token("T2"))
    wire.get(ORDER, status=401)
    wire.get(ORDER, json={"orderNbr": "000123"})
    sessions = MemorySessions()
    assert client(None, sessions).get("/v1/purchaseorder/000123") == {"orderNbr": "000123"}
    assert wire.calls[3].request.headers["Authorization"] == "Bearer T2"
    assert sessions.session is not None
    assert sessions.session["token"] == "T2"


def test_a_token_that_is_always_refused_names_the_wrong_tenant_as_the_cause(wire: responses.RequestsMock) -> None:
    wire.post(TOKEN, json=token("T2"))
    wire.get(ORDER, status=401)
    with pytest.raises(ConnectionBroken, match="gives us a token, but") as caught:
        client().get("/v1/purchaseorder/000123")
    assert "customer (the contract)" in caught.value.next_step
    assert "licence" in caught.value.next_step
    assert sum(call.request.url == TOKEN for call in wire.calls) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_no_licence_is_named_whatever_the_status(wire: responses.RequestsMock, status: int) -> None:
    body = {
        "ExceptionType": "IPPException",
        "ExceptionMessage": "No license for this company.",
        "ExceptionFaultCode": "12027",
    }
    wire.get(ORDER, status=status, json=body)
    with pytest.raises(ConnectionBroken, match="no licence"):
        client().get("/v1/purchaseorder/000123")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/purchaseorder", "api:read"),
        ("POST", "/v1/PurchaseReceipt", "api:create"),
        ("PUT", "/v1/PurchaseReceipt/1", "api:update"),
        ("POST", "/v1/PurchaseReceipt/1/action/release", "api:update"),
    ],
)
def test_a_missing_right_names_the_scope(wire: responses.RequestsMock, method: str, path: str, scope: str) -> None:
    wire.add(method, ERP + path, status=403)
    with pytest.raises(ConnectionBroken, match=scope):
        client().call(method, path)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("invalid_client", "secret is wrong"),
        ("invalid_scope", "scopes"),
        ("invalid_grant", "granted to us"),
        ("unauthorized_client", "may not sign in this way"),
        ("unsupported_grant_type", "refused our request"),
    ],
)
def test_each_refusal_of_visma_connect_has_its_own_sentence(error: str, words: str) -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, status=400, json={"error": error})
        with pytest.raises(ConnectionBroken, match=words) as caught:
            client().get("/v1/purchaseorder/000123")
    assert caught.value.next_step
    assert "sim-client-secret" not in str(vars(caught.value))


@pytest.mark.parametrize(
    ("secrets", "settings", "words"),
    [
        ({}, {}, "client ID and the client secret"),
        ({"client_id": "x"}, {}, "client secret"),
        (None, {"tenant_id": ""}, "tenant ID of the company is missing"),
        (None, {"auth_mode": "authorization_code"}, "Nobody has signed"),
        (None, {"time_zone": "Europe/Trondheim"}, "time zone"),
    ],
)
def test_what_is_missing_is_named_before_any_call(
    secrets: dict[str, str] | None, settings: dict[str, Any], words: str
) -> None:
    visma = client(secrets, **settings)
    with pytest.raises(ConnectionBroken, match=words):
        _ = (visma.zone, visma.get("/v1/purchaseorder/1"))


def test_visma_connect_that_is_down_is_a_passing_reason() -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, status=503)
        with pytest.raises(TryLater):
            client().get("/v1/purchaseorder/000123")


def test_visma_connect_without_a_token_is_a_surprise() -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, json={"scope": "x"})
        with pytest.raises(Surprise):
            client().get("/v1/purchaseorder/000123")


# How it says no

MESSAGE = {"message": "Order 000123 is closed."}
PROBLEM = {
    "title": "One or more validation errors occurred.",
    "errors": {"orderLines[0].inventoryId": ["InventoryId cannot be found"]},
    "details": [{"code": "1804-InventoryIdNotFound", "message": "InventoryId cannot be found or is invalid"}],
}


@pytest.mark.parametrize(
    ("method", "status", "body", "expected", "words"),
    [
        ("POST", 400, MESSAGE, Rejected, "Order 000123 is closed."),
        ("POST", 400, {"Message": "Large."}, Rejected, "Large."),
        ("POST", 400, PROBLEM, Rejected, "1804-InventoryIdNotFound"),
        ("POST", 400, {"errors": {"a.b": ["wrong"]}}, Rejected, "a.b: wrong"),
        ("POST", 400, {"ExceptionMessage": "Capital."}, Rejected, "Capital."),
        ("POST", 409, MESSAGE, Rejected, "closed"),
        ("POST", 500, MESSAGE, Rejected, "closed"),
        ("POST", 500, {"message": "An error has occurred."}, OutcomeUnknown, ""),
        ("POST", 500, {"message": "Execution Timeout Expired."}, OutcomeUnknown, ""),
        ("POST", 500, None, OutcomeUnknown, ""),
        ("POST", 502, "<html>Bad gateway</html>", OutcomeUnknown, ""),
        ("POST", 503, None, OutcomeUnknown, ""),
        ("POST", 504, MESSAGE, OutcomeUnknown, ""),
        ("GET", 500, MESSAGE, TryLater, ""),
        ("GET", 500, None, TryLater, ""),
        ("GET", 502, "<html>Bad gateway</html>", TryLater, ""),
        ("GET", 503, None, TryLater, ""),
        ("PUT", 412, None, ChangedMeanwhile, ""),
        ("PUT", 428, None, Surprise, ""),
        ("GET", 410, None, Surprise, ""),
        ("GET", 418, None, Surprise, ""),
        ("PUT", 404, None, Rejected, "no such record"),
    ],
)
def test_each_answer_has_its_class(
    wire: responses.RequestsMock, method: str, status: int, body: Any, expected: type[VendorError], words: str
) -> None:
    if isinstance(body, dict):
        wire.add(method, ORDER, status=status, json=body)
    else:
        wire.add(method, ORDER, status=status, body=body or "")
    with pytest.raises(expected) as caught:
        client().call(method, "/v1/purchaseorder/000123")
    assert type(caught.value) is expected or expected is Rejected
    assert words in str(caught.value)


def test_a_wrong_type_points_to_the_mapping(wire: responses.RequestsMock) -> None:
    words = "VismaId: 94e79109. Data received not recognized as PurchaseReceiptUpdateDto ..."
    wire.post(RECEIPT, status=400, json={"message": words})
    with pytest.raises(Rejected) as caught:
        client().create("/v1/PurchaseReceipt", {})
    assert "mapping" in caught.value.next_step


def test_a_cut_connection_during_a_write_is_unknown(wire: responses.RequestsMock) -> None:
    wire.post(RECEIPT, body=CutOff("Connection aborted."))
    with pytest.raises(OutcomeUnknown):
        client().create("/v1/PurchaseReceipt", {})


def test_an_action_may_answer_nothing(wire: responses.RequestsMock) -> None:
    wire.post(f"{RECEIPT}/1/action/release", status=204)
    assert client().act("/v1/PurchaseReceipt/1/action/release") == {}


def test_an_action_that_answers_a_page_is_looked_up(wire: responses.RequestsMock) -> None:
    wire.post(f"{RECEIPT}/1/action/release", body="<html></html>")
    with pytest.raises(OutcomeUnknown):
        client().act("/v1/PurchaseReceipt/1/action/release")


# Lists


@pytest.mark.parametrize(
    "body",
    [
        [{"number": "1"}],
        {"pageNumber": 1, "records": [{"number": "1"}]},
        [{"pageNumber": 1, "records": [{"number": "1"}]}],
    ],
)
def test_lists_come_bare_or_in_an_envelope(wire: responses.RequestsMock, body: Any) -> None:
    wire.get(f"{ERP}/v1/branch", json=body)
    assert client().rows("/v1/branch", "number") == [{"number": "1"}]


def test_a_list_that_is_none_is_a_surprise(wire: responses.RequestsMock) -> None:
    wire.get(f"{ERP}/v1/branch", json={"number": "1"})
    with pytest.raises(Surprise):
        client().rows("/v1/branch", "number")


def test_tokens_go_to_visma_connect_only(wire: responses.RequestsMock) -> None:
    wire.get(ORDER, json={})
    client().get("/v1/purchaseorder/000123")
    secretive = [call.request for call in wire.calls if "sim-client-secret" in str(call.request.body)]
    assert [str(request.url) for request in secretive] == [f"{CONNECT}/connect/token"]
