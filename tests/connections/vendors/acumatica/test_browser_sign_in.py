"""The sign-in of a person by browser, against the simulator."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests

from connections.auth import MemorySessions
from connections.authorization_code import pkce_challenge
from connections.errors import ConnectionBroken, TryLater, VendorError
from connections.http import NoBudget
from connections.vendor import Account
from connections.vendors.acumatica import VENDOR
from connections.vendors.acumatica.browser_sign_in import AcumaticaBrowserSignIn
from connections.vendors.acumatica.client import AcumaticaClient
from tests.connections.vendors.acumatica.accounts import SITE
from tests.connections.vendors.acumatica.desk import Desk
from tests.connections.vendors.acumatica.simulated import consented

BACK = "https://console.example.com/signed-in/"
APPLICATION = {"client_id": "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD@MyStore", "client_secret": "sim-client-secret"}


def account(
    desk: Desk, secrets: dict[str, str] | None = None, sessions: MemorySessions | None = None, **settings: Any
) -> Account:
    given = {"base_url": desk.running.base_url, "tenant": "MyStore", "auth_mode": "oauth_code"} | settings
    return Account(
        settings=VENDOR.defaults() | given,
        secrets=APPLICATION if secrets is None else secrets,
        sessions=sessions or MemorySessions(),
        budget=lambda name: NoBudget(),
    )


def allowed(desk: Desk) -> tuple[str, str]:
    """A person allows it; returns the code and the verifier."""
    desk.switch(redirect_uris=[BACK], seats=9)
    url, verifier = AcumaticaBrowserSignIn().begin({"base_url": desk.running.base_url}, APPLICATION, BACK, "7-state")
    back = parse_qs(urlsplit(consented(requests.get(url, timeout=30))).query)
    assert back["state"] == ["7-state"]
    return back["code"][0], verifier


def granted(desk: Desk) -> dict[str, str]:
    return AcumaticaBrowserSignIn().finish(account(desk), *allowed(desk), BACK)


def test_it_applies_to_one_way_of_signing_in() -> None:
    modes = {"cookie": False, "oauth_password": False, "oauth_code": True}
    assert {mode: AcumaticaBrowserSignIn().applies({"auth_mode": mode}) for mode in modes} == modes
    assert not AcumaticaBrowserSignIn().applies({})


def test_it_asks_for_all_it_needs_and_shows_of_the_verifier_only_its_challenge() -> None:
    url, verifier = AcumaticaBrowserSignIn().begin({"base_url": SITE}, APPLICATION, BACK, "7-state")
    assert url.startswith(f"{SITE}/identity/connect/authorize?")
    assert dict(parse_qsl(urlsplit(url).query)) == {
        "response_type": "code",
        "client_id": APPLICATION["client_id"],
        "redirect_uri": BACK,
        "scope": "api offline_access",
        "state": "7-state",
        "code_challenge": pkce_challenge(verifier),
        "code_challenge_method": "S256",
    }
    assert not [secret for secret in (verifier, APPLICATION["client_secret"]) if secret in url]
    assert AcumaticaBrowserSignIn().begin({"base_url": SITE}, APPLICATION, BACK, "7-state")[1] != verifier


@pytest.mark.parametrize(
    ("settings", "secrets", "named"),
    [
        ({}, APPLICATION, "address"),
        ({"base_url": SITE}, {"client_secret": "s"}, "client ID"),
        ({"base_url": SITE}, {"client_id": "c"}, "client secret"),
        ({"base_url": SITE}, {}, "client ID and the client secret"),
    ],
)
def test_it_names_what_must_be_entered_first(settings: dict[str, str], secrets: dict[str, str], named: str) -> None:
    with pytest.raises(ConnectionBroken, match=named) as caught:
        AcumaticaBrowserSignIn().begin(settings, secrets, BACK, "7-state")
    assert caught.value.next_step


def test_it_brings_a_refresh_token_that_opens_sessions(desk: Desk) -> None:
    secrets = granted(desk)
    assert set(secrets) == {"refresh_token"}
    client = AcumaticaClient(account(desk, APPLICATION | secrets))
    assert client.records("SalesOrder", top=1)[0] == []
    client.close()


@pytest.mark.parametrize("wrong", ["code", "verifier", "address", "secret"])
def test_it_says_why_a_code_is_not_taken(desk: Desk, wrong: str) -> None:
    code, verifier = allowed(desk)
    secrets = APPLICATION | ({"client_secret": "wrong-secret"} if wrong == "secret" else {})
    sent = ("planted-code" if wrong == "code" else code, "planted-verifier" if wrong == "verifier" else verifier)
    with pytest.raises(ConnectionBroken) as caught:
        AcumaticaBrowserSignIn().finish(account(desk, secrets), *sent, "https://x.no/" if wrong == "address" else BACK)
    assert ("its secret is wrong" if wrong == "secret" else "too old, or it was used before") in str(caught.value)
    assert not [
        part for part in (*sent, secrets["client_secret"]) if part in f"{caught.value} {caught.value.next_step}"
    ]


def test_it_takes_a_code_once(desk: Desk) -> None:
    code, verifier = allowed(desk)
    AcumaticaBrowserSignIn().finish(account(desk), code, verifier, BACK)
    with pytest.raises(ConnectionBroken, match="used before"):
        AcumaticaBrowserSignIn().finish(account(desk), code, verifier, BACK)


@pytest.mark.parametrize("fault", ["cut_after", "server_error", "not_json", "throttle"])
def test_it_raises_nothing_but_errors_of_ours_where_the_exchange_fails(desk: Desk, fault: str) -> None:
    sent = allowed(desk)
    desk.fault(fault, "/MyInstance/identity/connect/token")
    with pytest.raises(VendorError):
        AcumaticaBrowserSignIn().finish(account(desk), *sent, BACK)


def test_it_says_that_no_seat_is_free(desk: Desk) -> None:
    sent = allowed(desk)
    desk.switch(seats=0)
    with pytest.raises(TryLater, match="seats"):
        AcumaticaBrowserSignIn().finish(account(desk), *sent, BACK)


def test_it_wants_a_refresh_token(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connections.vendors.acumatica.browser_sign_in.SCOPE", "api")
    with pytest.raises(ConnectionBroken, match="no refresh token") as caught:
        granted(desk)
    assert "offline_access" in caught.value.next_step


# What comes after it


def test_it_leaves_the_sign_in_of_before_where_a_person_has_signed_in_again(desk: Desk) -> None:
    """A slow worker may store the session of the old sign-in after the new one was stored."""
    old, new = (APPLICATION | granted(desk) for _ in range(2))
    sessions = MemorySessions()
    AcumaticaClient(account(desk, old, sessions)).session.current()
    before = dict(sessions.session or {})
    after = AcumaticaClient(account(desk, new, sessions)).session.current()
    assert after["token"] != before["token"]
    assert after == AcumaticaClient(account(desk, new, sessions)).session.current()


def test_it_goes_on_with_the_session_where_the_stored_token_is_spent(desk: Desk) -> None:
    secrets = APPLICATION | granted(desk)
    sessions = MemorySessions()
    client = AcumaticaClient(account(desk, secrets, sessions))
    first = client.session.current()
    assert sessions.session is not None
    sessions.session = first | {"for": "of-another-time"}
    assert AcumaticaClient(account(desk, secrets, sessions)).session.current()["token"] != first["token"]
