"""The sign-in of a person by browser: authorization code with PKCE, at the site's own identity server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from connections.auth import pkce_challenge, pkce_verifier
from connections.errors import ConnectionBroken
from connections.http import Http
from connections.vendor import Account
from connections.vendors.acumatica.session import (
    CODE,
    SCOPE,
    GrantRefused,
    complain_at_the_door,
    token_for,
    without_cookies,
)

TIMEOUT = (5.0, 20.0)  # a person waits
APPLICATIONS_FORM = "Connected Applications (SM303010)"


class AcumaticaBrowserSignIn:
    """Sends a person to the site's consent page and takes the code that comes back."""

    def applies(self, settings: Mapping[str, Any]) -> bool:
        return settings.get("auth_mode") == CODE

    def begin(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str], redirect_uri: str, state: str
    ) -> tuple[str, str]:
        """The client ID decides whose data is reached: Acumatica has no parameter for the tenant."""
        _check(settings, secrets)
        verifier = pkce_verifier()
        asked = {
            "response_type": "code",
            "client_id": secrets["client_id"],
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "code_challenge": pkce_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{_site(settings)}/identity/connect/authorize?{urlencode(asked, quote_via=quote)}", verifier

    def finish(self, account: Account, code: str, verifier: str, redirect_uri: str) -> dict[str, str]:
        _check(account.settings, account.secrets)
        grant = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        door = _door(account)
        try:
            token = token_for(door, account.secrets, grant)
        except GrantRefused as error:
            raise ConnectionBroken(
                "Acumatica did not take the answer of this sign-in: it is too old, or it was used before.",
                next_step="Sign in by browser again.",
                words=error.words,
                status=error.status,
                request_id=error.request_id,
            ) from error
        finally:
            door.close()
        if not token.get("refresh_token"):
            raise ConnectionBroken(
                "Acumatica gave us no refresh token, so the sign-in would end within the hour.",
                next_step=f"Allow the scope offline_access on form {APPLICATIONS_FORM}, then sign in by browser again.",
            )
        return {"refresh_token": str(token["refresh_token"])}


def _check(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    if not _site(settings):
        raise ConnectionBroken(
            "The address of the Acumatica site is missing.", next_step="Enter it in the connection's settings first."
        )
    names = {"client_id": "client ID", "client_secret": "client secret"}
    missing = [label for name, label in names.items() if not secrets.get(name)]
    if missing:
        verb = "are" if len(missing) > 1 else "is"
        raise ConnectionBroken(
            f"The {' and the '.join(missing)} of the connected application {verb} missing.",
            next_step=f"Enter what form {APPLICATIONS_FORM} shows in the connection's credentials first.",
        )


def _site(settings: Mapping[str, Any]) -> str:
    return str(settings.get("base_url") or "").rstrip("/")


def _door(account: Account) -> Http:
    return without_cookies(
        Http(
            _site(account.settings),
            system="Acumatica",
            budget=account.budget("api"),
            exchanges=account.exchanges,
            complain=complain_at_the_door,
            timeout=TIMEOUT,
        )
    )
