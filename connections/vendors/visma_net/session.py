"""Tokens of Visma Connect.

Two ways: client credentials with a company's tenant ID (ask again when it runs out), and a person's sign-in whose
refresh token may be good once only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.errors import ConnectionBroken, SignedOut, VendorError
from connections.http import Http
from connections.oauth import APPLICATION, GrantRefused, OAuthSession, fingerprint_of, require, token_from
from connections.response import Response
from connections.session_auth import Session
from connections.vendor import Account
from connections.vendors.visma_net.errors import WRONG_TENANT, words_of

CREDENTIALS, CODE = "client_credentials", "authorization_code"
CONNECT = "https://connect.visma.com"
TOKEN_PATH = "/connect/token"  # noqa: S105 (a path)
SALES_ORDERS = "visma.net.erp.salesorder:read"


def scopes(settings: Mapping[str, Any]) -> str:
    """What is asked for: nothing that is never used, because a scope that was not granted refuses all."""
    family = "interactive" if settings.get("auth_mode") == CODE else "service"
    asked = [f"vismanet_erp_{family}_api:{right}" for right in ("read", "create", "update")]
    if settings.get("read_sales_orders"):
        asked.append(SALES_ORDERS)
    if family == "interactive":
        asked = ["openid", "profile", "email", "offline_access", *asked]
    return " ".join(asked)


def open_connect(account: Account, timeout: tuple[float, float] = (10.0, 60.0)) -> Http:
    """The way to Visma Connect: its host alone, and no token on the calls."""
    return Http(
        str(account.settings.get("connect_url") or CONNECT),
        system="Visma Connect",
        exchanges=account.exchanges,
        map_error=map_sign_in_error,
        timeout=timeout,
    )


class VismaSession(OAuthSession):
    """A token for one company; `http` leads to Visma Connect's host only."""

    def __init__(self, account: Account, http: Http) -> None:
        super().__init__(account, http)
        self.settings = account.settings
        self.mode = str(account.settings.get("auth_mode") or CREDENTIALS)

    @property
    def granted_by_person(self) -> bool:
        return self.mode == CODE

    def fingerprint(self) -> str:
        """Changes with what a token stands for, so that the token of another company is not used for an hour."""
        secrets = self.account.secrets
        tenant, person = str(self.settings.get("tenant_id") or ""), secrets.get("refresh_token", "")
        return fingerprint_of(
            self.mode,
            self.http.base_url,
            tenant,
            scopes(self.settings),
            secrets.get("client_id", ""),
            person if self.granted_by_person else "",
        )

    def refresh_tokens(self, stale: Session) -> list[str]:
        return super().refresh_tokens(stale) if self.granted_by_person else []

    def first_grant(self) -> Mapping[str, str]:
        if self.granted_by_person:
            raise ConnectionBroken(
                "Nobody has signed this connection in to Visma.net yet.",
                next_step="Sign in from the connection's page, as a user with the role API User, and pick the company.",
            )
        tenant = str(self.settings.get("tenant_id") or "").strip()
        if not tenant:
            raise ConnectionBroken(
                "The tenant ID of the company is missing.",
                next_step="Enter the company's tenant ID, from Visma App Store or Visma Admin, in the setting Tenant ID.",
            )
        return {"grant_type": CREDENTIALS, "tenant_id": tenant, "scope": scopes(self.settings)}

    def ask(self, grant: Mapping[str, str]) -> dict[str, Any]:
        check_application(self.account.secrets)
        return token_from(self.http, TOKEN_PATH, self.account.secrets, grant)

    def refused(self, error: SignedOut) -> VendorError:
        """The token is fine, so it is not good for this company."""
        return ConnectionBroken(
            "Visma Connect gives us a token, but Visma.net refuses every call with it.",
            next_step=WRONG_TENANT,
            words=error.words,
            status=401,
            request_id=error.request_id,
        )


def check_application(secrets: Mapping[str, str]) -> None:
    """Raises `ConnectionBroken` naming what is missing."""
    require(
        secrets,
        APPLICATION,
        "the Visma application",
        "Enter what the Visma Developer Portal shows for the application in the connection's credentials.",
    )


def map_sign_in_error(response: Response) -> VendorError | None:
    """What Visma Connect means; see `connections.response.MapError`."""
    if response.status not in {400, 401, 403}:
        return None
    problem = response.problem()
    error = str(problem.get("error") or "")
    details = response.details(error or words_of(problem))
    if error == "invalid_client":
        return ConnectionBroken(
            "Visma Connect does not know this client ID, or its secret is wrong or has expired.",
            next_step="Enter the client ID and a valid secret from the Visma Developer Portal.",
            **details,
        )
    if error == "invalid_scope":
        return ConnectionBroken(
            "The Visma application was not given all the scopes that this connection needs.",
            next_step="In the Visma Developer Portal, add the scopes read, create and update of the Visma.net ERP API to "
            f"the application ({SALES_ORDERS} too, if sales orders are to be read), then approve it again in Visma App Store.",
            **details,
        )
    if error == "invalid_grant":
        return GrantRefused(
            "Visma Connect does not take the sign-in that was granted to us: it has ended, was used up, or was withdrawn.",
            next_step="Sign in again from the connection's page. For client credentials, see that the company has approved "
            "the integration in Visma App Store and that the tenant ID is right.",
            **details,
        )
    if error == "unauthorized_client":
        return ConnectionBroken(
            "The Visma application may not sign in this way, or the company has not approved it (any more).",
            next_step="Have the company approve the integration in Visma App Store. See in the Visma Developer Portal whether it is a service (client credentials) or a web application "
            "(sign-in by browser), and set the way of signing in to match.",
            **details,
        )
    return ConnectionBroken(
        "Visma Connect refused our request for a token.",
        next_step="Check client ID, secret, tenant ID and scopes against the Visma Developer Portal.",
        **details,
    )
