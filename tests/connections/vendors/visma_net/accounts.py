"""Clients for the tests, opened from plain values."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from requests import PreparedRequest

from connections.auth import MemorySessions
from connections.http import NoBudget
from connections.vendor import Account, Budget
from connections.vendors.visma_net import VENDOR
from connections.vendors.visma_net.client import VismaClient

ERP = "https://api.finance.visma.net"
V3 = "https://salesorder.visma.net/api/v3"
CONNECT = "https://connect.visma.com"
TOKEN = f"{CONNECT}/connect/token"
TENANT = "af1140c1-52e0-46c7-b684-df894d4b8a5a"
SECRETS = {"client_id": "isv_simulator", "client_secret": "sim-client-secret"}


def account(
    secrets: dict[str, str] | None = None,
    sessions: MemorySessions | None = None,
    budget: Budget | None = None,
    **settings: Any,
) -> Account:
    given = {"tenant_id": TENANT, "poll_seconds": 0.01, "release_seconds": 0.5}
    return Account(
        settings=VENDOR.defaults() | given | settings,
        secrets=SECRETS if secrets is None else secrets,
        sessions=sessions or MemorySessions(),
        budget=lambda name: budget or NoBudget(),
    )


def client(*args: Any, **settings: Any) -> VismaClient:
    return VismaClient(account(*args, **settings))


def token(text: str = "T1", seconds: int = 3600, **fields: Any) -> dict[str, Any]:
    """What Visma Connect answers."""
    return {"access_token": text, "expires_in": seconds, "token_type": "Bearer"} | fields


def sent_json(request: PreparedRequest) -> Any:
    return json.loads(request.body or "")


def sent_form(request: PreparedRequest) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(str(request.body)).items()}


def asked(request: PreparedRequest) -> dict[str, str]:
    """The query as it was meant."""
    return {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}
