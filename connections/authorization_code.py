"""A person's sign-in by browser: authorization code with PKCE (RFC 6749, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets as randomness
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from connections.errors import ConnectionBroken
from connections.http import Http
from connections.oauth import GrantRefused
from connections.vendor import Account

TIMEOUT = (5.0, 20.0)  # a person waits


def pkce_verifier() -> str:
    """A new verifier for an authorization code (RFC 7636)."""
    return randomness.token_urlsafe(64)


def pkce_challenge(verifier: str) -> str:
    """What the authorization server holds the verifier against, by method S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class CodeSignIn(ABC):
    """A `BrowserSignIn` whose token endpoint answers a code with a refresh token."""

    mode: ClassVar[str]
    """The value of the setting `auth_mode` with which it applies."""
    when_not_renewable: ClassVar[str]
    """What to do where the system grants no refresh token."""

    @abstractmethod
    def check(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        """Raises `ConnectionBroken` naming what must be entered first."""

    @abstractmethod
    def page(self, settings: Mapping[str, Any]) -> str:
        """The address of the system's consent page, without a query."""

    @abstractmethod
    def scope(self, settings: Mapping[str, Any]) -> str: ...

    @abstractmethod
    def connect(self, account: Account) -> Http:
        """The way to the token endpoint."""

    @abstractmethod
    def ask(self, http: Http, account: Account, grant: Mapping[str, str]) -> dict[str, Any]:
        """Make the token request; see `token_from`."""

    def page_parameters(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """Parameters of the consent page beside those of the standard."""
        return {}

    def refused(self, error: GrantRefused) -> ConnectionBroken:
        """What it means that the code was not taken."""
        return error

    def applies(self, settings: Mapping[str, Any]) -> bool:
        return settings.get("auth_mode") == self.mode

    def begin(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str], redirect_uri: str, state: str
    ) -> tuple[str, str]:
        self.check(settings, secrets)
        verifier = pkce_verifier()
        query = {
            "response_type": "code",
            "client_id": secrets["client_id"],
            "redirect_uri": redirect_uri,
            "scope": self.scope(settings),
            "state": state,
            "code_challenge": pkce_challenge(verifier),
            "code_challenge_method": "S256",
            **self.page_parameters(settings),
        }
        return f"{self.page(settings)}?{urlencode(query, quote_via=quote)}", verifier

    def finish(self, account: Account, code: str, verifier: str, redirect_uri: str) -> dict[str, str]:
        self.check(account.settings, account.secrets)
        grant = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        http = self.connect(account)
        try:
            token = self.ask(http, account, grant)
        except GrantRefused as error:
            raise self.refused(error) from error
        finally:
            http.close()
        if not token.get("refresh_token"):
            raise ConnectionBroken(
                f"{http.system} gave us no refresh token, so the sign-in would end within the hour.",
                next_step=self.when_not_renewable,
            )
        return {"refresh_token": str(token["refresh_token"])}
