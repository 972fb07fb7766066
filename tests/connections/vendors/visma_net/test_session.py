"""Tokens: how long they are used, who renews them, and the sign-in of a person."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
import time_machine

from connections.auth import MemorySessions
from connections.authorization_code import pkce_challenge
from connections.errors import ConnectionBroken, TryLater, VendorError
from connections.vendors.visma_net.browser_sign_in import VismaBrowserSignIn
from connections.vendors.visma_net.session import SALES_ORDERS, VismaSession, scopes
from tests.connections.vendors.visma_net.accounts import (
    CONNECT,
    SECRETS,
    TENANT,
    TOKEN,
    account,
    client,
    sent_form,
    token,
)
from tests.connections.vendors.visma_net.desk import Desk

CODE = {"auth_mode": "authorization_code"}
BACK = "https://console.example.com/callback"


class SharedSessions(MemorySessions):
    """One session for several clients, as the database keeps it; remembers every session it stored."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.stored: list[dict[str, str]] = []

    def renew(self, stale: dict[str, str] | None, login: Callable[[], dict[str, str]]) -> dict[str, str]:
        with self.lock:
            before = self.session
            session = super().renew(stale, login)
            if session is not before:
                self.stored.append(session)
            return session


def sign_in(
    sessions: MemorySessions | None = None, secrets: dict[str, str] | None = None, **settings: Any
) -> VismaSession:
    return client(secrets, sessions, **settings).session


def test_a_token_is_used_until_five_minutes_before_its_end() -> None:
    with responses.RequestsMock() as wire, time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        wire.post(TOKEN, json=token("T1", 3600))
        signing = sign_in()
        assert signing.current()["token"] == "T1"
        clock.shift(3600 - 301)
        assert signing.current()["token"] == "T1"
        clock.shift(2)
        wire.replace(responses.POST, TOKEN, json=token("T2", 3600))
        assert signing.current()["token"] == "T2"


@pytest.mark.parametrize("life", [1, 30, 120, 300])
def test_a_very_short_token_is_used_for_most_of_its_life(life: int) -> None:
    with responses.RequestsMock() as wire, time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        wire.post(TOKEN, json=token("T1", life))
        signing = sign_in()
        signing.current()
        clock.shift(life * 0.7)
        signing.current()
        assert len(wire.calls) == 1
        clock.shift(life * 0.3)
        signing.current()
        assert len(wire.calls) == 2


def test_a_token_of_another_worker_is_used() -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, json=token("T1"))
        sessions = MemorySessions()
        sign_in(sessions).current()
        assert sign_in(sessions).current()["token"] == "T1"
        assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("secrets", "settings"),
    [
        (None, {"tenant_id": "bb7e1f30-0c1f-4b52-9d2e-5f1f0f7c2a11"}),
        (None, {"read_sales_orders": True}),
        ({**SECRETS, "client_id": "another"}, {}),
    ],
)
def test_a_token_of_another_company_or_application_is_not_used(
    secrets: dict[str, str] | None, settings: dict[str, Any]
) -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, json=token("T1"))
        sessions = MemorySessions()
        sign_in(sessions).current()
        wire.replace(responses.POST, TOKEN, json=token("T2"))
        assert sign_in(sessions, secrets, **settings).current()["token"] == "T2"


def test_sales_orders_are_asked_for_only_where_they_are_read() -> None:
    assert SALES_ORDERS not in scopes({})
    assert SALES_ORDERS in scopes({"read_sales_orders": True})
    assert scopes(CODE).split()[:4] == ["openid", "profile", "email", "offline_access"]
    assert "delete" not in scopes({})


def test_signing_out_forgets_a_services_token_and_keeps_a_persons() -> None:
    service, person = MemorySessions({"token": "T"}), MemorySessions({"token": "T", "refresh_token": "R"})
    client(None, service).sign_out()
    client(None, person, **CODE).sign_out()
    assert service.session is None
    assert person.session is not None


# The sign-in of a person, against the simulator


def granted(desk: Desk, **settings: Any) -> str:
    """A person signs in by browser; returns the refresh token."""
    desk.switch(redirect_uris=[BACK], pkce_required=True)
    person = VismaBrowserSignIn()
    connect = f"{desk.running.root_url}/connect-host"
    url, verifier = person.begin({"connect_url": connect, **settings}, SECRETS, BACK, "state-1")
    page = requests.get(url, allow_redirects=False, timeout=10)
    chosen = re.search(r'name="request" value="(\w+)"', page.text)
    assert chosen, page.text
    response = requests.post(
        f"{connect}/connect/consent",
        data={"request": chosen[1], "tenant": desk.simulator.credentials["tenant_id"], "decision": "allow"},
        allow_redirects=False,
        timeout=10,
    )
    back = parse_qs(urlsplit(response.headers["Location"]).query)
    assert back["state"] == ["state-1"]
    secrets = person.finish(account(connect_url=connect), back["code"][0], verifier, BACK)
    assert set(secrets) == {"refresh_token"}
    return secrets["refresh_token"]


@pytest.mark.parametrize("mode", ["reuse", "one_time"])
def test_a_person_signs_in_by_browser_and_stays_signed_in(desk: Desk, mode: str) -> None:
    desk.switch(refresh_mode=mode, token_seconds=1)
    refresh = granted(desk)
    sessions = SharedSessions()
    visma = desk.open(sessions, {**SECRETS, "refresh_token": refresh}, **CODE, tenant_id="")
    for _ in range(3):
        assert visma.rows("/v1/branch", "number")
        sessions.session = {**(sessions.session or {}), "renew_at": "0"}
    tokens = {each["refresh_token"] for each in sessions.stored}
    assert len(tokens) == (1 if mode == "reuse" else 3)


def test_many_workers_at_once_spend_a_one_time_token_once(desk: Desk) -> None:
    desk.switch(refresh_mode="one_time")
    refresh = granted(desk)
    sessions = SharedSessions()
    clients = [desk.open(sessions, {**SECRETS, "refresh_token": refresh}, **CODE) for _ in range(6)]
    seen: list[Any] = []

    def work(at: int) -> None:
        try:
            seen.append(len(clients[at].rows("/v1/branch", "number")))
        except VendorError as error:
            seen.append(error)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 6
    assert len(sessions.stored) == 1


def test_the_newest_refresh_token_is_stored_before_the_new_access_token_is_used(desk: Desk) -> None:
    desk.switch(refresh_mode="one_time")
    sessions = SharedSessions()
    visma = desk.open(sessions, {**SECRETS, "refresh_token": granted(desk)}, **CODE)
    desk.fault("cut_before", "/erp")
    with pytest.raises(TryLater):
        visma.rows("/v1/branch", "number")
    assert sessions.session is not None
    assert sessions.session["refresh_token"] != visma.secrets["refresh_token"]
    other = desk.open(sessions, {**SECRETS, "refresh_token": visma.secrets["refresh_token"]}, **CODE)
    assert other.rows("/v1/branch", "number")


def test_a_worker_that_lost_the_race_for_a_one_time_token_uses_the_winners_session() -> None:
    theirs = {"token": "T2", "refresh_token": "R2"}

    class Overtaken(MemorySessions):
        def renew(self, stale: Any, login: Callable[[], dict[str, str]]) -> dict[str, str]:
            if self.session != theirs:
                session = self.session
                try:
                    return super().renew(session, login)
                finally:
                    self.session = theirs
            return theirs

    with responses.RequestsMock() as wire:
        wire.post(TOKEN, status=400, json={"error": "invalid_grant"})
        signing = sign_in(Overtaken(), {**SECRETS, "refresh_token": "R1"}, **CODE)
        assert signing.renew(None) == theirs


def test_a_new_sign_in_replaces_the_old_chain() -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, json=token("T1", refresh_token="R1b"))
        sessions = MemorySessions()
        sign_in(sessions, {**SECRETS, "refresh_token": "R1"}, **CODE).current()
        sign_in(sessions, {**SECRETS, "refresh_token": "R9"}, **CODE).current()
        assert [sent_form(call.request)["refresh_token"] for call in wire.calls] == ["R1", "R9"]


def test_a_sign_in_that_has_ended_asks_for_another() -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, status=400, json={"error": "invalid_grant"})
        with pytest.raises(ConnectionBroken) as caught:
            sign_in(None, {**SECRETS, "refresh_token": "R1"}, **CODE).current()
        assert "Sign in again" in caught.value.next_step
        assert "R1" not in str(vars(caught.value))
        assert len(wire.calls) == 1


def test_the_address_of_the_sign_in_has_all_it_needs() -> None:
    url, verifier = VismaBrowserSignIn().begin({}, SECRETS, BACK, "state-1")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{CONNECT}/connect/authorize?")
    assert asked == {
        "response_type": "code",
        "client_id": "isv_simulator",
        "redirect_uri": BACK,
        "scope": scopes(CODE),
        "state": "state-1",
        "code_challenge": pkce_challenge(verifier),
        "code_challenge_method": "S256",
    }
    assert 43 <= len(verifier) <= 128
    assert VismaBrowserSignIn().begin({}, SECRETS, BACK, "state-1")[1] != verifier
    named, _ = VismaBrowserSignIn().begin({"tenant_id": TENANT}, SECRETS, BACK, "state-1")
    assert parse_qs(urlsplit(named).query)["acr_values"] == [f"tenant:{TENANT}"]


def test_a_sign_in_without_a_client_id_is_refused() -> None:
    with pytest.raises(ConnectionBroken, match="client ID"):
        VismaBrowserSignIn().begin({}, {}, BACK, "s")


def test_a_used_or_wrong_code_is_refused() -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, status=400, json={"error": "invalid_grant"})
        with pytest.raises(ConnectionBroken, match="used up"):
            VismaBrowserSignIn().finish(account(), "c", "v", BACK)
        form = sent_form(wire.calls[0].request)
        assert (form["code_verifier"], form["redirect_uri"]) == ("v", BACK)


def test_a_sign_in_without_a_refresh_token_is_refused() -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, json=token())
        with pytest.raises(ConnectionBroken, match="no refresh token"):
            VismaBrowserSignIn().finish(account(), "c", "v", BACK)


# What Visma.net answers to wrong credentials


def test_the_tenant_of_the_customer_is_recognised(desk: Desk) -> None:
    visma = desk.open(tenant_id=desk.simulator.customer_tenant_id)
    with pytest.raises(ConnectionBroken, match="refuses every call"):
        visma.rows("/v1/branch", "number")


def test_an_expired_token_is_renewed_by_itself(desk: Desk) -> None:
    assert desk.client.rows("/v1/branch", "number")
    desk.fault("token_lost")
    assert desk.client.rows("/v1/branch", "number")


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"secret_revoked": True}, "secret"),
        ({"withheld_scopes": ["vismanet_erp_service_api:create"]}, "scopes"),
        ({"approved": False}, "approved"),
        ({"no_licence": True}, "licence"),
    ],
)
def test_what_an_administrator_took_away_is_named(desk: Desk, switches: dict[str, Any], words: str) -> None:
    desk.switch(**switches)
    with pytest.raises(ConnectionBroken, match=words) as caught:
        desk.client.rows("/v1/branch", "number")
    assert caught.value.next_step
