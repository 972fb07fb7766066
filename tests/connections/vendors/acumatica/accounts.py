"""Clients for the tests, opened from plain values."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from requests import PreparedRequest

from connections.auth import MemorySessions
from connections.http import NoBudget
from connections.vendor import Account
from connections.vendors.acumatica import VENDOR
from connections.vendors.acumatica.client import AcumaticaClient

SITE = "https://erp.example.com/MyInstance"
API = f"{SITE}/entity/Default/25.200.001"
SESSION = {"cookie": ".ASPXAUTH=AA11"}


def account(
    base_url: str = SITE, session: dict[str, str] | None = None, secrets: dict[str, str] | None = None, **settings: Any
) -> Account:
    defaults = {
        "base_url": base_url,
        "tenant": "MyStore",
        "branch": "MYSTORE",
        "poll_seconds": 0.01,
        "default_box": "SMALL",
    }
    known = {
        "username": "api-user",
        "password": "sim-password",
        "client_id": "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD@MyStore",
        "client_secret": "sim-client-secret",
    }
    return Account(
        settings=VENDOR.defaults() | defaults | settings,
        secrets=known if secrets is None else secrets,
        sessions=MemorySessions(session),
        budget=lambda name: NoBudget(),
    )


def client(
    base_url: str = SITE,
    session: dict[str, str] | None = SESSION,
    secrets: dict[str, str] | None = None,
    **settings: Any,
) -> AcumaticaClient:
    """A client that is signed in, unless `session` is None."""
    return AcumaticaClient(account(base_url, dict(session) if session else None, secrets, **settings))


def problem(message: str, kind: str = "PX.Data.PXException") -> dict[str, str]:
    """Acumatica's error body."""
    return {
        "message": "An error has occurred.",
        "exceptionMessage": message,
        "exceptionType": kind,
        "stackTrace": "   at PX.Data.Secret.Method()",
    }


def sent_json(request: PreparedRequest) -> Any:
    return json.loads(request.body or "")


def sent_form(request: PreparedRequest) -> dict[str, list[str]]:
    return parse_qs(str(request.body))


def asked(request: PreparedRequest) -> dict[str, str]:
    """The query as it was meant."""
    params: dict[str, str] = request.params  # type: ignore[attr-defined]
    return params
