from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import pytest
import responses
import time_machine

from connections.auth import MemorySessions
from connections.errors import ConnectionBroken, WrongAddress
from connections.http import Http, NoBudget
from connections.oauth import APPLICATION, GrantRefused, OAuthSession, require, token_from
from connections.vendor import Account

SITE = "https://id.example.com"
SECRETS = {"client_id": "app", "client_secret": "hush"}


class Tokens(OAuthSession):
    def ask(self, grant: Mapping[str, str]) -> dict[str, Any]:
        token = token_from(self.http, "/token", self.account.secrets, grant)
        if token["access_token"] == "refused":
            raise GrantRefused("Spent.")
        return token

    def first_grant(self) -> Mapping[str, str]:
        return {"grant_type": "client_credentials"}

    def fingerprint(self) -> str:
        return str(self.account.settings.get("company", ""))


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock, time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        yield mock


def tokens(sessions: MemorySessions | None = None, **settings: str) -> Tokens:
    account = Account(settings, SECRETS, sessions or MemorySessions(), lambda name: NoBudget())
    return Tokens(account, Http(SITE, system="ID"))


def forms(wire: responses.RequestsMock) -> list[dict[str, str]]:
    return [dict(parse_qsl(str(call.request.body))) for call in wire.calls]


def test_a_token_request_shows_the_application(wire: responses.RequestsMock) -> None:
    wire.post(f"{SITE}/token", json={"access_token": "T1"})
    assert token_from(Http(SITE, system="ID"), "token", SECRETS, {"grant_type": "g"}) == {"access_token": "T1"}
    assert forms(wire) == [{"grant_type": "g", **SECRETS}]


@pytest.mark.parametrize("body", [[], {}, {"access_token": ""}])
def test_an_answer_without_a_token_is_a_wrong_address(wire: responses.RequestsMock, body: Any) -> None:
    wire.post(f"{SITE}/token", json=body)
    with pytest.raises(WrongAddress, match="without a token"):
        token_from(Http(SITE, system="ID"), "/token", SECRETS, {})


def test_what_is_not_entered_is_named() -> None:
    with pytest.raises(ConnectionBroken, match="The client ID and the client secret of the app are missing"):
        require({}, APPLICATION, "the app", "Enter it.")
    with pytest.raises(ConnectionBroken, match="The client secret of the app is missing"):
        require({"client_id": "x"}, APPLICATION, "the app", "Enter it.")
    require(SECRETS, APPLICATION, "the app", "Enter it.")


@pytest.mark.parametrize(("life", "used"), [(3600, 3300), (1000, 800), (1, 0.8)])
def test_a_token_is_renewed_early(wire: responses.RequestsMock, life: int, used: float) -> None:
    wire.post(f"{SITE}/token", json={"access_token": "T1", "expires_in": life})
    with time_machine.travel(1_000_000, tick=False):
        session = tokens().current()
    assert math.isclose(float(session["renew_at"]), 1_000_000 + used)


def test_a_token_of_another_company_is_not_used(wire: responses.RequestsMock) -> None:
    wire.post(f"{SITE}/token", json={"access_token": "T1", "refresh_token": "R1"})
    sessions = MemorySessions()
    tokens(sessions, company="a").current()
    tokens(sessions, company="a").current()
    tokens(sessions, company="b").current()
    assert [form["grant_type"] for form in forms(wire)] == ["client_credentials"] * 2


def test_the_newest_refresh_token_is_used_and_kept(wire: responses.RequestsMock) -> None:
    wire.post(f"{SITE}/token", json={"access_token": "T2"})
    session = {"token": "T1", "refresh_token": "R1", "renew_at": "1"}
    assert tokens(MemorySessions(session)).current()["refresh_token"] == "R1"
    assert forms(wire)[0]["refresh_token"] == "R1"


def test_a_spent_refresh_token_leads_back_to_the_first_grant(wire: responses.RequestsMock) -> None:
    wire.post(f"{SITE}/token", json={"access_token": "refused"})
    wire.post(f"{SITE}/token", json={"access_token": "T2"})
    session = {"token": "T1", "refresh_token": "R1", "renew_at": "1"}
    assert tokens(MemorySessions(session)).current()["token"] == "T2"
    assert [form["grant_type"] for form in forms(wire)] == ["refresh_token", "client_credentials"]
