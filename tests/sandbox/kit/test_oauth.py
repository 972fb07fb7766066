from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request, Response

from sandbox.kit.oauth import Consent, OAuthError, Parameters, base64url, bearer_token, verifier_matches
from sandbox.kit.pages import Pages
from sandbox.kit.responses import json_response
from tests.sandbox.kit.echo import Echo

TEMPLATE = """{% extends "consent_base.html" %}{% from "consent_form.html" import consent_form %}
{% block main %}{% call consent_form(consent_path, request_id) %}<p>{{ parameters.client_id }} {{ who }}</p>{% endcall %}{% endblock %}"""
ASKED = {"client_id": "<app>", "redirect_uri": "http://app.test/back?x=1", "state": "s 1", "scope": "api"}


class AppConsent(Consent):
    template: ClassVar[str] = "app.html"

    def refuse(self, parameters: Parameters) -> Response | None:
        return None if parameters.get("client_id") == "<app>" else json_response({}, 400)

    def error(self, parameters: Parameters) -> str:
        return "" if parameters["scope"] == "api" else "invalid_scope"

    def grant(self, parameters: Parameters, form: Mapping[str, str]) -> str:
        return f"code-for-{form['company']}" if form.get("company") else ""

    def values(self, parameters: Parameters) -> dict[str, Any]:
        return {"who": "Kari"}


@pytest.fixture
def consent(tmp_path: Path) -> AppConsent:
    (tmp_path / "app.html").write_text(TEMPLATE)
    return AppConsent(Echo().context, Pages(tmp_path), "/authorize", "/consent")


def request(path: str, **arguments: Any) -> Request:
    return EnvironBuilder(path, **arguments).get_request(Request)


def decide(consent: AppConsent, **form: str) -> Response:
    consent.authorize(request("/authorize", query_string=ASKED))
    (request_id,) = consent.pending
    return consent.decide(request("/consent", method="POST", data={"request": request_id, **form}))


def test_it_shows_what_is_asked_for(consent: AppConsent) -> None:
    page = consent.authorize(request("/authorize", query_string=ASKED)).get_data(as_text=True)
    assert "<p>&lt;app&gt; Kari</p>" in page
    assert f'name="request" value="{next(iter(consent.pending))}"' in page


def test_it_sends_nobody_back_to_a_stranger(consent: AppConsent) -> None:
    assert consent.authorize(request("/authorize", query_string=ASKED | {"client_id": "x"})).status_code == 400


def test_it_sends_an_error_back_with_the_state(consent: AppConsent) -> None:
    response = consent.authorize(request("/authorize", query_string=ASKED | {"scope": "x"}))
    assert response.headers["Location"] == "http://app.test/back?x=1&error=invalid_scope&state=s+1"


@pytest.mark.parametrize(
    ("form", "result"),
    [
        ({"decision": "allow", "company": "7"}, "code=code-for-7"),
        ({"decision": "allow"}, "error=access_denied"),
        ({"decision": "deny", "company": "7"}, "error=access_denied"),
    ],
)
def test_it_sends_the_decision_back(consent: AppConsent, form: dict[str, str], result: str) -> None:
    assert decide(consent, **form).headers["Location"] == f"http://app.test/back?x=1&{result}&state=s+1"


def test_a_page_serves_once(consent: AppConsent) -> None:
    decide(consent, decision="deny")
    again = consent.decide(request("/consent", method="POST", data={"request": "x", "decision": "allow"}))
    assert (again.status_code, "used before" in again.get_data(as_text=True)) == (400, True)


def test_a_verifier_belongs_to_its_challenge() -> None:
    challenge = base64url(hashlib.sha256(b"verifier").digest())
    assert verifier_matches(challenge, "verifier")
    assert not verifier_matches(challenge, "other")
    assert verifier_matches("", "")


@pytest.mark.parametrize(
    ("header", "token"), [("Bearer abc", "abc"), ("bearer abc ", "abc"), ("Basic abc", None), ("", None)]
)
def test_it_reads_a_bearer_token(header: str, token: str | None) -> None:
    assert bearer_token(request("/", headers={"Authorization": header})) == token


class Refusing(Echo):
    def keep(self, request: Request) -> Response:
        raise OAuthError("invalid_grant", "It was used before.")


def test_an_error_ends_a_handler_as_json() -> None:
    response = Client(Refusing()).post("/api/notes")
    assert (response.status_code, response.headers["Cache-Control"]) == (400, "no-store")
    assert response.get_json() == {"error": "invalid_grant", "error_description": "It was used before."}
