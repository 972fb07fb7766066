"""Tokens of Visma Connect: who was let in, for which company, with which scopes, and until when."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from typing import Any

from sandbox.kit import exact_json
from sandbox.kit.oauth import base64url

ERP_SERVICE = tuple(f"vismanet_erp_service_api:{right}" for right in ("read", "create", "update", "delete"))
ERP_INTERACTIVE = tuple(f"vismanet_erp_interactive_api:{right}" for right in ("read", "create", "update", "delete"))
SALES_ORDERS = ("visma.net.erp.salesorder:read", "visma.net.erp.salesorder:write")
IDENTITY = ("openid", "profile", "email", "offline_access")
SERVICE_SCOPES = (*ERP_SERVICE, *SALES_ORDERS)
INTERACTIVE_SCOPES = (*ERP_INTERACTIVE, *SALES_ORDERS, *IDENTITY)


@dataclass
class Token:
    client: str
    tenant: str
    scopes: tuple[str, ...]
    ends: float

    def may(self, right: str) -> bool:
        """A right such as `erp:update` or `salesorder:write`."""
        family, _, verb = right.partition(":")
        names = {
            "erp": (f"vismanet_erp_service_api:{verb}", f"vismanet_erp_interactive_api:{verb}"),
            "salesorder": (f"visma.net.erp.salesorder:{verb}",),
        }[family]
        return any(name in self.scopes for name in names)


@dataclass
class Grant:
    """What a person allowed. It keeps the refresh mode that the application had at that time."""

    tenant: str
    scopes: tuple[str, ...]
    began: float
    mode: str
    grace: float
    successor: str = ""
    """The refresh token that took this one's place, in mode `one_time`."""
    spent: float = 0.0


@dataclass
class Code:
    tenant: str
    scopes: tuple[str, ...]
    redirect: str
    challenge: str
    ends: float


@dataclass
class TokenStore:
    """What was issued, by its text. Access tokens are signed with `key`."""

    key: bytes
    tokens: dict[str, Token] = field(default_factory=dict)
    refreshes: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    def issue(self, token: Token, issuer: str, now: float, token_id: uuid.UUID, *, names_tenant: bool) -> str:
        claims: dict[str, Any] = {
            "iss": issuer,
            "nbf": int(now),
            "iat": int(now),
            "exp": int(token.ends),
            "client_id": token.client,
            "jti": token_id.hex.upper(),
            "scope": list(token.scopes),
        }
        if names_tenant:
            claims["tenant_id"] = token.tenant
        text = self._signed({"alg": "HS256", "typ": "at+jwt"}, claims)
        self.tokens[text] = token
        return text

    def _signed(self, head: dict[str, Any], claims: dict[str, Any]) -> str:
        parts = ".".join(base64url(exact_json.dumps(part).encode()) for part in (head, claims))
        return f"{parts}.{base64url(hmac.new(self.key, parts.encode(), hashlib.sha256).digest())}"

    def find(self, text: str, now: float) -> Token | None:
        token = self.tokens.get(text)
        if token and token.ends <= now:
            del self.tokens[text]
            return None
        return token
