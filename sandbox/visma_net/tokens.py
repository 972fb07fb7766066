"""Tokens of Visma Connect: who was let in, for which company, with which scopes, and until when."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from typing import Any

from sandbox.kit import exact_json

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
class Vault:
    key: bytes
    tokens: dict[str, Token] = field(default_factory=dict)
    refreshes: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    def issue(self, token: Token, issuer: str, now: float, ident: uuid.UUID, *, names_tenant: bool) -> str:
        claims: dict[str, Any] = {
            "iss": issuer,
            "nbf": int(now),
            "iat": int(now),
            "exp": int(token.ends),
            "client_id": token.client,
            "jti": ident.hex.upper(),
            "scope": list(token.scopes),
        }
        if names_tenant:
            claims["tenant_id"] = token.tenant
        text = self._signed({"alg": "HS256", "typ": "at+jwt"}, claims)
        self.tokens[text] = token
        return text

    def _signed(self, head: dict[str, Any], claims: dict[str, Any]) -> str:
        parts = ".".join(_url64(exact_json.dumps(part).encode()) for part in (head, claims))
        return f"{parts}.{_url64(hmac.new(self.key, parts.encode(), hashlib.sha256).digest())}"

    def find(self, text: str, now: float) -> Token | None:
        token = self.tokens.get(text)
        if token and token.ends <= now:
            del self.tokens[text]
            return None
        return token


def _url64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def proves(challenge: str, verifier: str) -> bool:
    """PKCE: the verifier belongs to the challenge, where there was one."""
    return not challenge or _url64(hashlib.sha256(verifier.encode()).digest()) == challenge
