"""The sign-in of a person by browser: authorization code with PKCE, at the site's own identity server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.authorization_code import TIMEOUT, CodeSignIn
from connections.errors import ConnectionBroken
from connections.http import Http
from connections.oauth import APPLICATION, GrantRefused, require, token_from
from connections.vendor import Account
from connections.vendors.acumatica.session import (
    CODE,
    SCOPE,
    TOKEN_PATH,
    map_sign_in_error,
    without_cookies,
)

APPLICATIONS_FORM = "Connected Applications (SM303010)"


class AcumaticaBrowserSignIn(CodeSignIn):
    """The client ID decides whose data is reached: Acumatica has no parameter for the tenant."""

    mode = CODE
    when_not_renewable = f"Allow the scope offline_access on form {APPLICATIONS_FORM}, then sign in by browser again."

    def check(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        require(settings, {"base_url": "address"}, "the Acumatica site", "Enter it in the connection's settings first.")
        require(
            secrets,
            APPLICATION,
            "the connected application",
            f"Enter what form {APPLICATIONS_FORM} shows in the connection's credentials first.",
        )

    def page(self, settings: Mapping[str, Any]) -> str:
        return f"{_site(settings)}/identity/connect/authorize"

    def scope(self, settings: Mapping[str, Any]) -> str:
        return SCOPE

    def connect(self, account: Account) -> Http:
        http = Http(
            _site(account.settings),
            system="Acumatica",
            budget=account.budget("api"),
            exchanges=account.exchanges,
            map_error=map_sign_in_error,
            timeout=TIMEOUT,
        )
        return without_cookies(http)

    def ask(self, http: Http, account: Account, grant: Mapping[str, str]) -> dict[str, Any]:
        return token_from(http, TOKEN_PATH, account.secrets, grant)

    def refused(self, error: GrantRefused) -> ConnectionBroken:
        return ConnectionBroken(
            "Acumatica did not take the answer of this sign-in: it is too old, or it was used before.",
            next_step="Sign in by browser again.",
            words=error.words,
            status=error.status,
            request_id=error.request_id,
        )


def _site(settings: Mapping[str, Any]) -> str:
    return str(settings.get("base_url") or "").rstrip("/")
