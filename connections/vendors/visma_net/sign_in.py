"""The sign-in of a person by browser: authorization code with PKCE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from connections.auth import pkce_challenge, pkce_verifier
from connections.errors import ConnectionBroken
from connections.vendor import Account
from connections.vendors.visma_net.session import CODE, CONNECT, open_door, scopes, token_for

TIMEOUT = (5.0, 20.0)  # a person waits


class VismaBrowserSignIn:
    """Sends a person to Visma Connect and takes the code that comes back. Holds no state of its own."""

    def applies(self, settings: Mapping[str, Any]) -> bool:
        return settings.get("auth_mode") == CODE

    def begin(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str], redirect_uri: str, state: str
    ) -> tuple[str, str]:
        """Where to send the person, and the verifier to keep until the answer comes. Makes no call."""
        client = secrets.get("client_id", "")
        if not client or not secrets.get("client_secret"):
            raise ConnectionBroken(
                "The client ID or the client secret of the Visma application is missing.",
                next_step="Enter the client ID and secret from the Visma Developer Portal first.",
            )
        verifier = pkce_verifier()
        asked = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": redirect_uri,
            "scope": scopes({**settings, "auth_mode": CODE}),
            "state": state,
            "code_challenge": pkce_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if tenant := str(settings.get("tenant_id") or "").strip():
            asked["acr_values"] = f"tenant:{tenant}"  # offers this company; the person may still pick another
        site = str(settings.get("connect_url") or CONNECT).rstrip("/")
        return f"{site}/connect/authorize?{urlencode(asked)}", verifier

    def finish(self, account: Account, code: str, verifier: str, redirect_uri: str) -> dict[str, str]:
        """Exchange the code; answers the secrets to store. Raises `ConnectionBroken` with the cause."""
        door = open_door(account, TIMEOUT)
        try:
            grant = {
                "grant_type": CODE,
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
            token = token_for(door, account.secrets, grant)
        finally:
            door.close()
        if not token.get("refresh_token"):
            raise ConnectionBroken(
                "Visma Connect gave us no refresh token, so the sign-in would end within the hour.",
                next_step="In the Visma Developer Portal, allow offline access (refresh tokens) for the application, then sign in again.",
            )
        return {"refresh_token": str(token["refresh_token"])}
