from __future__ import annotations

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from tests import factories


@pytest.fixture
def url(db: None) -> str:
    return f"/hooks/{factories.connection(vendor='shipstation').webhook_token}/"


def test_webhooks_meet_no_session(url: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: SessionMiddleware, request: HttpRequest) -> None:
        raise AssertionError

    monkeypatch.setattr(SessionMiddleware, "process_request", refuse)
    assert client.post(url, b"{}", content_type="application/json").status_code == 200
    with pytest.raises(AssertionError):
        client.get("/admin/login/")


def test_webhooks_get_no_cookie(url: str, client: Client) -> None:
    assert not client.post(url, b"{}", content_type="application/json").cookies


def test_webhooks_need_no_form_token(url: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(url, b"{}", content_type="application/json").status_code == 200
    assert client.post("/admin/login/", {"username": "x"}).status_code == 403


def test_webhooks_are_answered_with_the_security_headers(url: str, client: Client) -> None:
    response = client.post(url, b"{}", content_type="application/json")
    assert (response["X-Frame-Options"], response["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert response["Referrer-Policy"] == "same-origin"


def test_webhooks_are_taken_under_our_own_names_only(url: str, client: Client) -> None:
    response = client.post(url, b"{}", content_type="application/json", headers={"Host": "evil.example"})
    assert response.status_code == 400


def test_webhooks_come_over_tls_where_the_console_does(url: str, client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.post(url, b"{}", content_type="application/json").status_code == 301
    assert client.post(url, b"{}", content_type="application/json", secure=True).status_code == 200


def test_other_paths_below_it_are_not_found(db: None, client: Client) -> None:
    assert client.post("/hooks/a/b/c", b"{}", content_type="application/json").status_code == 404
