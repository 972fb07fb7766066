from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.visma_net.app import VismaNetSimulator
from tests.connections.vendors.visma_net.company import KNOWN, Company

BACK = "http://localhost/callback"
SCOPE = "vismanet_erp_interactive_api:read vismanet_erp_interactive_api:update offline_access"
VERIFIER = "a-verifier-that-is-long-enough-to-be-one-0123456789"


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def authorize(company: Company, **query: Any) -> requests.Response:
    asked = {
        "response_type": "code",
        "client_id": KNOWN["client_id"],
        "redirect_uri": BACK,
        "scope": SCOPE,
        "state": "s-1",
    } | query
    return requests.get(f"{company.connect}/authorize", params=asked, timeout=30, allow_redirects=False)


def decide(company: Company, page: requests.Response, decision: str = "allow", tenant: str = "") -> dict[str, str]:
    """Press a button; what the browser carries back."""
    ident = re.search(r'name="request" value="(\w+)"', page.text)
    assert ident
    form = {"request": ident[1], "decision": decision, "tenant": tenant or KNOWN["tenant_id"]}
    response = requests.post(f"{company.connect}/consent", data=form, timeout=30, allow_redirects=False)
    assert response.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def exchange(company: Company, code: str, **form: Any) -> requests.Response:
    return company.token(grant_type="authorization_code", tenant_id=None, code=code, redirect_uri=BACK, **form)


def refresh(company: Company, token: str) -> requests.Response:
    return company.token(grant_type="refresh_token", tenant_id=None, refresh_token=token)


def signed_in(company: Company, **query: Any) -> Any:
    return exchange(company, decide(company, authorize(company, **query))["code"]).json()


def status(company: Company, token: str, path: str = "v1/supplier") -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{company.erp}/{path}", headers=headers, timeout=30).status_code


def claims(token: str) -> Any:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


# Service applications


def test_it_says_where_its_endpoints_are(company: Company) -> None:
    result = requests.get(f"{company.root}/connect-host/.well-known/openid-configuration", timeout=30).json()
    assert result["token_endpoint"] == f"{company.connect}/token"
    assert result["code_challenge_methods_supported"] == ["S256"]


def test_it_gives_a_token_to_a_service(company: Company) -> None:
    result = company.token(scope="vismanet_erp_service_api:read").json()
    assert (result["token_type"], result["expires_in"], result["scope"]) == (
        "Bearer",
        3600,
        "vismanet_erp_service_api:read",
    )
    assert claims(result["access_token"])["scope"] == ["vismanet_erp_service_api:read"]
    assert status(company, result["access_token"]) == 200


@pytest.mark.parametrize("named", [True, False])
def test_it_may_name_the_tenant_in_the_token(company: Company, named: bool) -> None:
    company.switch(token_names_tenant=named)
    assert ("tenant_id" in claims(company.token().json()["access_token"])) is named


def test_it_takes_the_secret_by_http_basic(company: Company) -> None:
    form = {"grant_type": "client_credentials", "tenant_id": KNOWN["tenant_id"]}
    pair = (KNOWN["client_id"], KNOWN["client_secret"])
    assert requests.post(f"{company.connect}/token", data=form, auth=pair, timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"tenant_id": None}, "invalid_request"),
        ({"tenant_id": "nobody"}, "invalid_grant"),
        ({"scope": "vismanet_erp_service_api:everything"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "none"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "none"}, "invalid_grant"),
    ],
)
def test_it_refuses_tokens(company: Company, form: dict[str, Any], error: str) -> None:
    response = company.token(**form)
    assert (response.status_code, response.json()["error"]) == (400, error)


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_tenant"])
def test_it_may_name_an_unknown_tenant_in_its_own_way(company: Company, error: str) -> None:
    company.switch(unknown_tenant_error=error)
    assert company.token(tenant_id="nobody").json()["error"] == error


def test_it_takes_forms_only(company: Company) -> None:
    response = requests.post(f"{company.connect}/token", json={"grant_type": "client_credentials"}, timeout=30)
    assert response.json()["error"] == "invalid_request"


def test_it_may_withhold_a_scope_and_revoke_the_secret(company: Company) -> None:
    company.switch(withheld_scopes=["visma.net.erp.salesorder:read"])
    assert company.token(scope="visma.net.erp.salesorder:read").json()["error"] == "invalid_scope"
    company.switch(secret_revoked=True)
    assert company.token().json()["error"] == "invalid_client"


def test_it_may_lose_the_approval(company: Company) -> None:
    company.switch(approved=False)
    assert company.token().json()["error"] == "unauthorized_client"
    assert company.get("v1/supplier").status_code == 401


def test_it_gives_a_useless_token_to_the_customers_own_tenant(company: Company) -> None:
    result = company.token(tenant_id=VismaNetSimulator.customer_tenant_id).json()
    assert status(company, result["access_token"]) == 401


def test_it_keeps_companies_apart(company: Company) -> None:
    company.sign_in(tenant_id=VismaNetSimulator.other_tenant_id)
    assert company.get("v1/purchaseorder").json() == []
    assert company.get("v1/purchaseorder/000101").status_code == 404


def test_it_lets_tokens_end(company: Company) -> None:
    company.switch(token_seconds=60)
    company.sign_in()
    company.switch(clock_offset=59)
    assert company.get("v1/supplier").status_code == 200
    company.switch(clock_offset=62)
    assert company.get("v1/supplier").status_code == 401


def test_it_answers_401_without_a_token(company: Company) -> None:
    assert requests.get(f"{company.erp}/v1/supplier", timeout=30).status_code == 401
    result = requests.get(f"{company.v3}/SalesOrders", timeout=30)
    assert (result.status_code, result.json()["status"]) == (401, 401)


# Rights


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", "erp/v1/purchaseorder", "vismanet_erp_service_api:read"),
        ("POST", "erp/v1/PurchaseReceipt", "vismanet_erp_service_api:create"),
        ("PUT", "erp/v1/PurchaseReceipt/000042", "vismanet_erp_service_api:update"),
        ("POST", "erp/v1/PurchaseReceipt/000042/action/release", "vismanet_erp_service_api:update"),
        ("DELETE", "erp/v1/purchaseorder/000101", "vismanet_erp_service_api:delete"),
        ("GET", "salesorder/api/v3/SalesOrders", "visma.net.erp.salesorder:read"),
        ("PATCH", "salesorder/api/v3/SalesOrders/SO/000221", "visma.net.erp.salesorder:write"),
    ],
)
def test_it_wants_the_right_scope_for_each_method(company: Company, method: str, path: str, right: str) -> None:
    def answered(scope: str) -> int:
        company.sign_in(scope=scope)
        return company.http.request(method, f"{company.root}/{path}", json={}, timeout=30).status_code

    others = " ".join(scope for scope in company.token().json()["scope"].split() if scope != right)
    assert answered(right) != 403
    assert answered(others) == 403


def test_it_may_want_another_scope_for_actions(company: Company) -> None:
    company.switch(action_scope="create")
    company.sign_in(scope="vismanet_erp_service_api:update")
    assert company.release("000042").status_code == 403


# People


def test_it_asks_a_person_which_company(company: Company) -> None:
    page = authorize(company)
    assert page.status_code == 200
    assert "Fjordhandel AS" in page.text
    assert "Fjordhandel Sverige AB" in page.text
    assert ">Allow</button>" in page.text


def test_it_comes_back_with_a_code_and_the_state(company: Company) -> None:
    result = decide(company, authorize(company))
    assert result["state"] == "s-1"
    token = exchange(company, result["code"]).json()
    assert status(company, token["access_token"]) == 200
    assert token["refresh_token"]


def test_it_comes_back_without_a_code_where_a_person_denies(company: Company) -> None:
    assert decide(company, authorize(company), "deny") == {"error": "access_denied", "state": "s-1"}


def test_it_takes_a_page_and_a_code_once(company: Company) -> None:
    page = authorize(company)
    code = decide(company, page)["code"]
    assert exchange(company, code).status_code == 200
    assert exchange(company, code).json()["error"] == "invalid_grant"
    ident = re.search(r'name="request" value="(\w+)"', page.text)
    assert ident
    assert requests.post(f"{company.connect}/consent", data={"request": ident[1]}, timeout=30).status_code == 400


@pytest.mark.parametrize(("seconds", "status"), [(300, 400), (400, 200)])
def test_it_lets_a_code_end(company: Company, seconds: int, status: int) -> None:
    company.switch(code_seconds=seconds)
    code = decide(company, authorize(company))["code"]
    company.switch(clock_offset=301)
    assert exchange(company, code).status_code == status


def test_it_checks_the_verifier(company: Company) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    assert exchange(company, decide(company, authorize(company, **asked))["code"]).status_code == 400
    code = decide(company, authorize(company, **asked))["code"]
    assert exchange(company, code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "vismanet_erp_service_api:read"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_it_tells_the_application_what_is_wrong(company: Company, query: dict[str, str], error: str) -> None:
    response = authorize(company, **query)
    assert response.status_code == 302
    assert f"error={error}" in response.headers["Location"]


def test_it_sends_nobody_to_an_unknown_place(company: Company) -> None:
    company.switch(redirect_uris=["https://console.example/callback"])
    assert authorize(company).status_code == 400
    assert authorize(company, client_id="stranger").status_code == 400


def test_it_may_insist_on_pkce(company: Company) -> None:
    company.switch(pkce_required=True)
    assert "error=invalid_request" in authorize(company).headers["Location"]


@pytest.mark.parametrize("preselects", [True, False])
def test_it_may_choose_the_company_beforehand(company: Company, preselects: bool) -> None:
    tenant_id = VismaNetSimulator.other_tenant_id
    company.switch(preselects_tenant=preselects)
    page = authorize(company, acr_values=f"tenant:{tenant_id}").text
    assert (f'value="{tenant_id}" checked' in page) is preselects


def test_it_gives_a_token_of_the_chosen_company(company: Company) -> None:
    tenant_id = VismaNetSimulator.other_tenant_id
    result = decide(company, authorize(company), tenant=tenant_id)
    token = exchange(company, result["code"]).json()["access_token"]
    assert claims(token)["tenant_id"] == tenant_id
    assert status(company, token, "v1/purchaseorder/000101") == 404


def test_it_gives_no_refresh_token_without_offline_access(company: Company) -> None:
    assert "refresh_token" not in signed_in(company, scope="vismanet_erp_interactive_api:read")


def test_it_gives_the_same_refresh_token_again(company: Company) -> None:
    first = signed_in(company)["refresh_token"]
    result = refresh(company, first).json()
    assert result["refresh_token"] == first
    assert status(company, result["access_token"]) == 200


def test_it_takes_a_one_time_refresh_token_once(company: Company) -> None:
    company.switch(refresh_mode="one_time")
    first = signed_in(company)["refresh_token"]
    second = refresh(company, first).json()["refresh_token"]
    assert second != first
    company.switch(clock_offset=5)
    assert refresh(company, first).json()["error"] == "invalid_grant"
    assert refresh(company, second).status_code == 200


def test_it_forgives_a_doubled_refresh_within_the_grace_period(company: Company) -> None:
    company.switch(refresh_mode="one_time", refresh_grace=30)
    first = signed_in(company)["refresh_token"]
    second = refresh(company, first).json()["refresh_token"]
    company.switch(clock_offset=20)
    assert refresh(company, first).json()["refresh_token"] == second
    company.switch(clock_offset=40)
    assert refresh(company, first).json()["error"] == "invalid_grant"


def test_it_keeps_the_refresh_mode_of_the_sign_in(company: Company) -> None:
    first = signed_in(company)["refresh_token"]
    company.switch(refresh_mode="one_time")
    assert refresh(company, first).json()["refresh_token"] == first


@pytest.mark.parametrize("days", [30, 365])
def test_it_lets_refresh_tokens_end(company: Company, days: int) -> None:
    company.switch(refresh_days=days)
    first = signed_in(company)["refresh_token"]
    company.switch(clock_offset=(days - 1) * 86400)
    assert refresh(company, first).status_code == 200
    company.switch(clock_offset=(days + 1) * 86400)
    assert refresh(company, first).json()["error"] == "invalid_grant"


def test_it_knows_the_person(company: Company) -> None:
    token = signed_in(company, scope="openid profile email vismanet_erp_interactive_api:read")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{company.connect}/userinfo", headers=headers, timeout=30).json()["name"] == "Kari Nordmann"
    assert requests.get(f"{company.connect}/userinfo", timeout=30).status_code == 401


# Old headers and licences


@pytest.mark.parametrize(("mode", "count"), [("ignored", 11), ("strict", 0)])
def test_it_may_answer_nothing_for_a_wrong_company(company: Company, mode: str, count: int) -> None:
    company.switch(company_mode=mode)
    company.http.headers["ipp-company-id"] = "999"
    assert len(company.get("v1/purchaseorder").json()) == count
    company.http.headers["ipp-company-id"] = "5102401"
    assert len(company.get("v1/purchaseorder").json()) == 11


@pytest.mark.parametrize("status", [401, 403, 500])
def test_it_may_have_no_licence(company: Company, status: int) -> None:
    company.switch(no_licence=True, no_licence_status=status)
    response = company.get("v1/purchaseorder")
    assert (response.status_code, response.json()["ExceptionFaultCode"]) == (status, "12027")
