"""The sign-in of a person by browser: authorization code with PKCE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.authorization_code import TIMEOUT, CodeSignIn
from connections.http import Http
from connections.oauth import token_from
from connections.vendor import Account
from connections.vendors.visma_net.session import (
    CODE,
    CONNECT,
    TOKEN_PATH,
    check_application,
    open_connect,
    scopes,
)


class VismaBrowserSignIn(CodeSignIn):
    """Sends a person to Visma Connect and takes the code that comes back."""

    mode = CODE
    when_not_renewable = (
        "In the Visma Developer Portal, allow offline access (refresh tokens) for the application, then sign in again."
    )

    def check(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        check_application(secrets)

    def page(self, settings: Mapping[str, Any]) -> str:
        site = str(settings.get("connect_url") or CONNECT).rstrip("/")
        return f"{site}/connect/authorize"

    def scope(self, settings: Mapping[str, Any]) -> str:
        return scopes({**settings, "auth_mode": CODE})

    def page_parameters(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """Offers this company; the person may still pick another."""
        tenant = str(settings.get("tenant_id") or "").strip()
        return {"acr_values": f"tenant:{tenant}"} if tenant else {}

    def connect(self, account: Account) -> Http:
        return open_connect(account, TIMEOUT)

    def ask(self, http: Http, account: Account, grant: Mapping[str, str]) -> dict[str, Any]:
        return token_from(http, TOKEN_PATH, account.secrets, grant)
