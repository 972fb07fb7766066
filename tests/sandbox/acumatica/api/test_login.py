from __future__ import annotations

import base64
import hashlib
import http.client
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.connections.vendors.acumatica.simulated import Site, consented

CLIENT = {"client_id": "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD@MyStore", "client_secret": "sim-client-secret"}
PERSON = {"username": "api-user", "password": "sim-password"}


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


def token(site: Site, **form: str) -> requests.Response:
    return requests.post(f"{site.url}/identity/connect/token", data=CLIENT | form, timeout=30)


def granted(site: Site, **form: str) -> Any:
    return token(site, grant_type="password", scope="api offline_access", **PERSON, **form).json()


def orders(site: Site, bearer: str) -> int:
    headers = {"Authorization": f"Bearer {bearer}"}
    return requests.get(f"{site.api}/SalesOrder", headers=headers, timeout=30).status_code


def tenant_shown(site: Site) -> str:
    page = site.http.get(f"{site.url}/Frames/Login.aspx", timeout=30).text
    match = re.search(r'name="txtSingleCompany"[^>]*value="([^"]*)"', page)
    return match[1] if match else "no such field"


def test_it_signs_in_with_204_and_cookies(site: Site) -> None:
    response = site.login()
    assert (response.status_code, response.content) == (204, b"")
    assert {".ASPXAUTH", "ASP.NET_SessionId"} <= set(response.cookies.keys())
    assert site.get("SalesOrder").json() == []


def test_it_takes_the_older_name_of_the_tenant_and_forms(site: Site) -> None:
    form = {"name": "api-user", "password": "sim-password", "company": "MyStore"}
    assert requests.post(f"{site.url}/entity/auth/login", data=form, timeout=30).status_code == 204


def test_it_answers_401_without_a_session(site: Site) -> None:
    assert site.get("SalesOrder").status_code == 401


def test_it_needs_both_cookies(site: Site) -> None:
    cookies = site.login().cookies
    half = {"ASP.NET_SessionId": cookies["ASP.NET_SessionId"], ".ASPXAUTH": "FORGED"}
    assert requests.get(f"{site.api}/SalesOrder", cookies=half, timeout=30).status_code == 401


def test_it_answers_a_wrong_password_with_500(site: Site) -> None:
    response = site.login(password="wrong")
    assert response.status_code == 500
    assert response.json()["exceptionType"] == "PX.Data.PXException"
    assert "Invalid credentials" in response.json()["exceptionMessage"]


def test_it_answers_an_unknown_tenant_with_500(site: Site) -> None:
    response = site.login(tenant="Nowhere")
    assert (response.status_code, response.json()["exceptionType"]) == (500, "PX.Data.PXUndefinedCompanyException")


def test_it_takes_any_tenant_where_the_site_has_one(site: Site) -> None:
    site.settings(single_tenant=True)
    assert site.login(tenant="Nowhere").status_code == 204
    assert tenant_shown(site) == "MyStore"


def test_it_lands_on_the_default_tenant_where_none_is_named(site: Site) -> None:
    site.login(tenant="")
    assert tenant_shown(site) == "MyStore"


def test_it_can_land_on_the_wrong_tenant_without_saying_so(site: Site) -> None:
    site.do("seed", orders=3)
    site.settings(tenant_mixup=True)
    assert site.login().status_code == 204
    assert (tenant_shown(site), site.get("SalesOrder").json()) == ("OtherTenant", [])


def test_it_names_no_tenant_to_strangers(site: Site) -> None:
    assert tenant_shown(site) == ""


def test_it_refuses_the_third_seat(site: Site) -> None:
    for _ in range(2):
        assert site.login(requests.Session()).status_code == 204
    response = site.login()
    assert (response.status_code, response.text) == (429, "API Login Limit")
    assert response.headers["Content-Type"].startswith("text/plain")


def test_it_frees_the_seat_at_logout(site: Site) -> None:
    site.settings(seats=1)
    site.login()
    response = site.http.post(f"{site.url}/entity/auth/logout", timeout=30)
    assert (response.status_code, site.state()["sessions"]) == (204, 0)
    assert site.login().status_code == 204


def test_it_wants_a_length_with_every_post(site: Site) -> None:
    place = urlsplit(site.url)
    raw = http.client.HTTPConnection(place.hostname or "", place.port)
    raw.putrequest("POST", f"{place.path}/entity/auth/logout")
    raw.endheaders()
    assert raw.getresponse().status == 411
    raw.close()


def test_it_ends_a_session_that_stands_idle(site: Site) -> None:
    site.login()
    site.settings(clock_offset=1100)
    assert site.get("SalesOrder").status_code == 200
    site.settings(clock_offset=2200)
    assert site.get("SalesOrder").status_code == 200
    site.settings(clock_offset=3500)
    assert (site.get("SalesOrder").status_code, site.state()["sessions"]) == (401, 0)


def test_it_can_lose_a_session_in_the_middle(site: Site) -> None:
    site.login()
    site.fault("session_lost")
    assert [site.get("SalesOrder").status_code for _ in range(2)] == [401, 401]
    assert site.login().status_code == 204


def test_it_grants_a_token_by_password(site: Site) -> None:
    body = granted(site)
    assert (body["expires_in"], body["token_type"], body["scope"]) == (3600, "Bearer", "api offline_access")
    assert orders(site, body["access_token"]) == 200


def test_it_gives_no_refresh_token_unless_asked(site: Site) -> None:
    body = token(site, grant_type="password", scope="api", **PERSON).json()
    assert "refresh_token" not in body


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"password": "wrong"}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
def test_it_refuses_a_wrong_grant(site: Site, changed: dict[str, str], error: str) -> None:
    response = token(site, **({"grant_type": "password", "scope": "api"} | PERSON | changed))
    assert (response.status_code, response.json()) == (400, {"error": error})


def test_it_ends_a_token_after_an_hour_and_renews_it_in_the_same_seat(site: Site) -> None:
    first = granted(site)
    site.settings(clock_offset=3601)
    assert orders(site, first["access_token"]) == 401
    second = token(site, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert (orders(site, second["access_token"]), site.state()["sessions"]) == (200, 1)


def test_it_takes_a_refresh_token_once_unless_switched(site: Site) -> None:
    first = granted(site)
    for expected in (200, 400):
        response = token(site, grant_type="refresh_token", refresh_token=first["refresh_token"])
        assert response.status_code == expected


def test_it_ends_the_chain_of_refreshes_after_thirty_days(site: Site) -> None:
    first = granted(site)
    site.settings(clock_offset=30 * 86400 + 1)
    response = token(site, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert response.json() == {"error": "invalid_grant"}


def test_it_counts_a_grant_as_a_seat(site: Site) -> None:
    site.settings(seats=1)
    granted(site)
    assert site.login().text == "API Login Limit"


def authorized(site: Site, **changes: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": CLIENT["client_id"],
        "redirect_uri": "https://console.example.com/back",
        "scope": "api offline_access",
        "state": "s1",
    }
    page = requests.get(f"{site.url}/identity/connect/authorize", params=asked | changes, timeout=30)
    return consented(page)


def test_it_sends_a_person_back_with_a_code(site: Site) -> None:
    target = authorized(site)
    query = parse_qs(urlsplit(target).query)
    assert target.startswith("https://console.example.com/back?")
    back = {"redirect_uri": "https://console.example.com/back"}
    response = token(site, grant_type="authorization_code", code=query["code"][0], **back)
    assert (query["state"], orders(site, response.json()["access_token"])) == (["s1"], 200)


def test_it_takes_a_code_only_for_the_same_redirect_and_once(site: Site) -> None:
    code = parse_qs(urlsplit(authorized(site)).query)["code"][0]
    response = token(site, grant_type="authorization_code", code=code, redirect_uri="https://elsewhere.example.com")
    assert response.json() == {"error": "invalid_grant"}


def test_it_sends_a_person_back_who_refuses(site: Site) -> None:
    asked = {"response_type": "code", "client_id": CLIENT["client_id"], "redirect_uri": "https://console.example.com/"}
    url = f"{site.url}/identity/connect/authorize"
    page = requests.get(url, params=asked | {"scope": "api", "state": "s1"}, timeout=30)
    assert consented(page, "deny") == "https://console.example.com/?error=access_denied&state=s1"


def test_it_takes_a_decision_once(site: Site) -> None:
    asked = {"response_type": "code", "client_id": CLIENT["client_id"], "redirect_uri": "https://console.example.com/"}
    page = requests.get(f"{site.url}/identity/connect/authorize", params=asked | {"scope": "api"}, timeout=30)
    assert "code=" in consented(page)
    with pytest.raises(KeyError):
        consented(page)


def test_it_sends_nobody_to_an_address_that_is_not_registered(site: Site) -> None:
    site.settings(redirect_uris=["https://console.example.com/back"])
    asked = {"response_type": "code", "client_id": CLIENT["client_id"], "redirect_uri": "https://evil.example.com/"}
    page = requests.get(f"{site.url}/identity/connect/authorize", params=asked, timeout=30, allow_redirects=False)
    assert (page.status_code, page.json()) == (400, {"error": "unauthorized_client"})


def test_it_asks_nobody_for_scopes_that_it_does_not_know(site: Site) -> None:
    asked = {"response_type": "code", "client_id": CLIENT["client_id"], "redirect_uri": "https://console.example.com/"}
    url = f"{site.url}/identity/connect/authorize"
    page = requests.get(url, params=asked | {"scope": "api everything"}, timeout=30, allow_redirects=False)
    assert page.headers["Location"].endswith("?error=invalid_scope")


def test_it_checks_the_proof_of_the_code(site: Site) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).rstrip(b"=").decode()
    for verifier, expected in (("another", 400), ("verifier", 200)):
        target = authorized(site, code_challenge=challenge, code_challenge_method="S256")
        code = parse_qs(urlsplit(target).query)["code"][0]
        form = {"code": code, "redirect_uri": "https://console.example.com/back", "code_verifier": verifier}
        assert token(site, grant_type="authorization_code", **form).status_code == expected


def test_it_publishes_its_oauth_endpoints(site: Site) -> None:
    body = requests.get(f"{site.url}/identity/.well-known/openid-configuration", timeout=30).json()
    assert body["token_endpoint"] == f"{site.url}/identity/connect/token"
    assert "client_credentials" not in body["grant_types_supported"]
