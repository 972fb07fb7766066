"""Tokens of Visma Connect, shared by all workers through the account's session store.

Two ways: client credentials with a company's tenant ID (ask again when it runs out), and a person's sign-in whose
refresh token may be good once only. The newest refresh token is stored together with the access token, before that
is used; the store lets one worker at a time renew.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from connections.errors import ConnectionBroken, Surprise, VendorError
from connections.http import Answer, Http
from connections.vendor import Account
from connections.vendors.visma_net.errors import WRONG_TENANT, parsed, said

CREDENTIALS, CODE = "client_credentials", "authorization_code"
Session = dict[str, str]
CONNECT = "https://connect.visma.com"
TOKEN_PATH = "/connect/token"  # noqa: S105 (a path)
EARLY = 300  # seconds before its end at which a token is renewed
EARLY_SHARE = 0.2  # of its life, for tokens that live only minutes
SALES_ORDERS = "visma.net.erp.salesorder:read"


class GrantRefused(ConnectionBroken):
    """The sign-in of a person, or its refresh token, is not taken (any more)."""


def scopes(settings: Mapping[str, Any]) -> str:
    """What is asked for: nothing that is never used, because a scope that was not granted refuses all."""
    family = "interactive" if settings.get("auth_mode") == CODE else "service"
    asked = [f"vismanet_erp_{family}_api:{right}" for right in ("read", "create", "update")]
    if settings.get("read_sales_orders"):
        asked.append(SALES_ORDERS)
    if family == "interactive":
        asked = ["openid", "profile", "email", "offline_access", *asked]
    return " ".join(asked)


def open_door(account: Account, timeout: tuple[float, float] = (10.0, 60.0)) -> Http:
    """The way to Visma Connect: its host alone, and no token on the calls."""
    return Http(
        str(account.settings.get("connect_url") or CONNECT),
        system="Visma Connect",
        exchanges=account.exchanges,
        complain=complain_at_the_door,
        timeout=timeout,
    )


class SignIn:
    """Gets and renews the token. `door` is a connection of its own, to Visma Connect's host only."""

    def __init__(self, account: Account, door: Http) -> None:
        self.account = account
        self.store = account.sessions
        self.settings = account.settings
        self.mode = str(account.settings.get("auth_mode") or CREDENTIALS)
        self.door = door

    def current(self) -> Session:
        """The session in use, renewed where it is about to end or belongs to other credentials."""
        session = self.store.current()
        if session is None or not self._ours(session) or float(session.get("renew_at") or 0) <= time.time():
            return self.renew(session)
        return session

    def renew(self, stale: Session | None) -> Session:
        """A session other than `stale`. However many workers ask at once, one of them asks Visma Connect."""
        try:
            return self.store.renew(stale, lambda: self._token(stale))
        except GrantRefused as trouble:
            refused = trouble
        # A one-time token may have been spent by the worker before us; then its session is there by now.
        return self.store.renew(stale, lambda: _raise(refused))

    def end(self) -> None:
        """Forget the token; it ends by itself. A person's sign-in stays: its refresh token cannot be had again."""
        if self.mode != CODE:
            self.store.drop()

    def _ours(self, session: Session) -> bool:
        return session.get("for") == self._fingerprint()

    def _fingerprint(self) -> str:
        """Changes with what a token stands for, so that the token of another company is not used for an hour."""
        secrets = self.account.secrets
        parts = [self.mode, self.door.base_url, str(self.settings.get("tenant_id") or ""), scopes(self.settings)]
        parts += [secrets.get("client_id", ""), secrets.get("refresh_token", "") if self.mode == CODE else ""]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def _token(self, stale: Session | None) -> Session:
        if self.mode == CODE:
            refresh = (stale or {}).get("refresh_token", "") if stale and self._ours(stale) else ""
            refresh = refresh or self.account.secrets.get("refresh_token", "")
            if not refresh:
                raise ConnectionBroken(
                    "Nobody has signed this connection in to Visma.net yet.",
                    next_step="Sign in from the connection's page, as a user with the role API User, and pick the company.",
                )
            return self._asked({"grant_type": "refresh_token", "refresh_token": refresh}, refresh)
        tenant = str(self.settings.get("tenant_id") or "").strip()
        if not tenant:
            raise ConnectionBroken(
                "The tenant ID of the company is missing.",
                next_step="Enter the company's tenant ID, from Visma App Store or Visma Admin, in the setting Tenant ID.",
            )
        return self._asked(
            {"grant_type": CREDENTIALS, "tenant_id": tenant, "scope": scopes(self.settings)},
        )

    def _asked(self, grant: Mapping[str, str], refresh: str = "") -> Session:
        token = token_for(self.door, self.account.secrets, grant)
        life = max(1.0, float(token.get("expires_in") or 3600))
        session = {
            "token": str(token["access_token"]),
            "renew_at": str(time.time() + life - min(EARLY, life * EARLY_SHARE)),
            "for": self._fingerprint(),
            "scope": str(token.get("scope") or ""),
        }
        newest = str(token.get("refresh_token") or refresh)
        return session | ({"refresh_token": newest} if newest else {})


def token_for(door: Http, secrets: Mapping[str, str], grant: Mapping[str, str]) -> dict[str, Any]:
    """Ask Visma Connect for a token. Raises `ConnectionBroken` with the cause where it refuses."""
    missing = [
        label
        for name, label in (("client_id", "client ID"), ("client_secret", "client secret"))
        if not secrets.get(name)
    ]
    if missing:
        raise ConnectionBroken(
            f"The {' and the '.join(missing)} of the Visma application is missing.",
            next_step="Enter what the Visma Developer Portal shows for the application in the connection's credentials.",
        )
    client = {name: secrets[name] for name in ("client_id", "client_secret")}
    # Not a write: a lost answer makes no document, and asking again costs nothing but a token.
    token = door.post(TOKEN_PATH, data={**grant, **client}, write=False).json()
    if not isinstance(token, dict) or not token.get("access_token"):
        raise Surprise("Visma Connect answered without a token.", next_step="Check the address of Visma Connect.")
    return token


def headers(session: Session) -> dict[str, str]:
    """What shows the token on a request."""
    return {"Authorization": f"Bearer {session['token']}"}


def refused_token(trouble: VendorError) -> ConnectionBroken:
    """A fresh token, refused again: the token is fine, so it is not good for this company."""
    return ConnectionBroken(
        "Visma Connect gives us a token, but Visma.net refuses every call with it.",
        next_step=WRONG_TENANT,
        words=trouble.words,
        status=401,
        request_id=trouble.request_id,
    )


def complain_at_the_door(answer: Answer, wrote: bool) -> VendorError | None:
    """A `connections.http.Complaint` for Visma Connect."""
    if answer.status not in {400, 401, 403}:
        return None
    problem = parsed(answer)
    error = str(problem.get("error") or "")
    about: dict[str, Any] = {"status": answer.status, "request_id": answer.request_id, "words": error or said(problem)}
    if error == "invalid_client":
        return ConnectionBroken(
            "Visma Connect does not know this client ID, or its secret is wrong or has expired.",
            next_step="Enter the client ID and a valid secret from the Visma Developer Portal.",
            **about,
        )
    if error == "invalid_scope":
        return ConnectionBroken(
            "The Visma application was not given all the scopes that this connection needs.",
            next_step="In the Visma Developer Portal, add the scopes read, create and update of the Visma.net ERP API to "
            f"the application ({SALES_ORDERS} too, if sales orders are to be read), then approve it again in Visma App Store.",
            **about,
        )
    if error == "invalid_grant":
        return GrantRefused(
            "Visma Connect does not take the sign-in that was granted to us: it has ended, was used up, or was withdrawn.",
            next_step="Sign in again from the connection's page. For client credentials, see that the company has approved "
            "the integration in Visma App Store and that the tenant ID is right.",
            **about,
        )
    if error == "unauthorized_client":
        return ConnectionBroken(
            "The Visma application may not sign in this way, or the company has not approved it (any more).",
            next_step="Have the company approve the integration in Visma App Store. See in the Visma Developer Portal whether it is a service (client credentials) or a web application "
            "(sign-in by browser), and set the way of signing in to match.",
            **about,
        )
    return ConnectionBroken(
        "Visma Connect refused our request for a token.",
        next_step="Check client ID, secret, tenant ID and scopes against the Visma Developer Portal.",
        **about,
    )


def _raise(trouble: VendorError) -> Session:
    raise trouble
