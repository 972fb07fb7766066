"""Visma Connect of the simulator: the token endpoint of services and of people's sign-ins."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

from werkzeug.routing import Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.visma_net.pages.consent import Consent
from sandbox.visma_net.store import Store
from sandbox.visma_net.tokens import (
    INTERACTIVE_SCOPES,
    SERVICE_SCOPES,
    Code,
    Grant,
    Token,
    Vault,
    proves,
)

PREFIX = "/connect-host"
DAY_SECONDS = 86400


class House(Protocol):
    """What signing in needs of the simulator."""

    switches: dict[str, Any]
    credentials: ClassVar[dict[str, Any]]
    customer_tenant_id: ClassVar[str]

    def now(self) -> float: ...

    def new_id(self) -> uuid.UUID: ...

    def companies(self) -> list[Store]: ...


class OAuthError(Exception):
    def __init__(self, error: str, words: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error, self.words, self.status = error, words, status


class VismaConnect:
    def __init__(self, house: House) -> None:
        self.house = house
        self.vault = Vault(b"visma-connect-of-the-simulator")
        self.consent = Consent(self)

    def routes(self) -> Iterable[Rule]:
        base = PREFIX
        yield Rule(f"{base}/.well-known/openid-configuration", endpoint=self.discovery, methods=["GET"])
        yield Rule(f"{base}/connect/token", endpoint=self.token, methods=["POST"])
        yield Rule(f"{base}/connect/userinfo", endpoint=self.userinfo, methods=["GET"])
        yield Rule(f"{base}/connect/endsession", endpoint=self.endsession, methods=["GET"])
        yield from self.consent.routes()

    def current(self, request: Request) -> Token | None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        return self.vault.find(text.strip(), self.house.now()) if scheme.lower() == "bearer" else None

    def revoke(self, request: Request) -> None:
        self.vault.tokens.pop(request.headers.get("Authorization", "").partition(" ")[2].strip(), None)

    # Tokens

    def token(self, request: Request) -> Response:
        try:
            return self._token(request)
        except OAuthError as refused:
            body = {"error": refused.error} | ({"error_description": refused.words} if refused.words else {})
            return json_response(body, refused.status, {"Cache-Control": "no-store"})

    def _token(self, request: Request) -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            raise OAuthError("invalid_request", "The request must be form-encoded.")
        form = {name: str(value) for name, value in request.form.items()}
        self._check_client(request, form)
        match form.get("grant_type"):
            case "client_credentials":
                return self._for_service(request, form)
            case "authorization_code":
                return self._for_code(request, form)
            case "refresh_token":
                return self._for_refresh(request, form)
        raise OAuthError("unsupported_grant_type")

    def _check_client(self, request: Request, form: dict[str, str]) -> None:
        """The secret in the form or by HTTP Basic."""
        given = (form.get("client_id"), form.get("client_secret"))
        scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            given = _basic(coded)
        known = self.house.credentials
        if given != (known["client_id"], known["client_secret"]) or self.house.switches["secret_revoked"]:
            raise OAuthError("invalid_client")
        if not self.house.switches["approved"]:
            raise OAuthError("unauthorized_client", "The integration is not approved.")

    def _for_service(self, request: Request, form: dict[str, str]) -> Response:
        """A token even for the customer's own tenant, which no company knows."""
        tenant = form.get("tenant_id", "")
        if not tenant:
            raise OAuthError("invalid_request", "tenant_id is missing.")
        if tenant not in {*(each.tenant for each in self.house.companies()), self.house.customer_tenant_id}:
            raise OAuthError(str(self.house.switches["unknown_tenant_error"]), "The tenant is unknown.")
        scopes = self.scopes(form.get("scope", ""), SERVICE_SCOPES)
        return json_response(self._access(request, tenant, scopes), headers={"Cache-Control": "no-store"})

    def scopes(self, asked: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """What was asked for, all of it or nothing; a service that asks for nothing gets all it may have."""
        granted = [scope for scope in known if scope not in self.house.switches["withheld_scopes"]]
        wanted = tuple(dict.fromkeys(asked.split())) or tuple(granted)
        if any(scope not in granted for scope in wanted):
            raise OAuthError("invalid_scope")
        return wanted

    def _for_code(self, request: Request, form: dict[str, str]) -> Response:
        code = self.vault.codes.pop(form.get("code", ""), None)
        if code is None or code.ends <= self.house.now() or code.redirect != form.get("redirect_uri"):
            raise OAuthError("invalid_grant")
        if not proves(code.challenge, form.get("code_verifier", "")):
            raise OAuthError("invalid_grant", "The code verifier is wrong.")
        body = self._access(request, code.tenant, code.scopes)
        if "offline_access" in code.scopes:
            body["refresh_token"] = self._new_refresh(code.tenant, code.scopes, self.house.now())
        return json_response(body, headers={"Cache-Control": "no-store"})

    def _for_refresh(self, request: Request, form: dict[str, str]) -> Response:
        text, now = form.get("refresh_token", ""), self.house.now()
        grant = self.vault.refreshes.get(text)
        if grant is None or grant.began + DAY_SECONDS * float(self.house.switches["refresh_days"]) <= now:
            raise OAuthError("invalid_grant")
        if grant.spent and now > grant.spent + grant.grace:
            raise OAuthError("invalid_grant", "The refresh token was used before.")
        body = self._access(request, grant.tenant, self.scopes(form.get("scope", ""), grant.scopes))
        body["refresh_token"] = self._rotated(text, grant, now)
        return json_response(body, headers={"Cache-Control": "no-store"})

    def _rotated(self, text: str, grant: Grant, now: float) -> str:
        """Re-use: the same again. One time: another one, and once more the same within the grace period."""
        if grant.mode == "reuse":
            return text
        if not grant.spent:
            grant.spent = now
            grant.successor = self._new_refresh(grant.tenant, grant.scopes, grant.began, grant)
        return grant.successor

    def _new_refresh(self, tenant: str, scopes: tuple[str, ...], began: float, of: Grant | None = None) -> str:
        text = self.house.new_id().hex.upper()
        switches = self.house.switches
        mode = of.mode if of else str(switches["refresh_mode"])
        grace = of.grace if of else float(switches["refresh_grace"])
        self.vault.refreshes[text] = Grant(tenant, scopes, began, mode, grace)
        return text

    def _access(self, request: Request, tenant: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        lives = int(self.house.switches["token_seconds"])
        now = self.house.now()
        token = Token(self.house.credentials["client_id"], tenant, scopes, now + lives)
        issuer = request.host_url.rstrip("/") + PREFIX
        names_tenant = bool(self.house.switches["token_names_tenant"])
        text = self.vault.issue(token, issuer, now, self.house.new_id(), names_tenant=names_tenant)
        return {"access_token": text, "expires_in": lives, "token_type": "Bearer", "scope": " ".join(scopes)}

    def code(self, tenant: str, scopes: tuple[str, ...], redirect_uri: str, challenge: str) -> str:
        """What the browser carries back after a person has allowed it."""
        text = self.house.new_id().hex.upper()
        ends = self.house.now() + float(self.house.switches["code_seconds"])
        self.vault.codes[text] = Code(tenant, scopes, redirect_uri, challenge, ends)
        return text

    # About itself

    def discovery(self, request: Request) -> Response:
        here = request.host_url.rstrip("/") + PREFIX
        return json_response(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/connect/authorize",
                "token_endpoint": f"{here}/connect/token",
                "userinfo_endpoint": f"{here}/connect/userinfo",
                "end_session_endpoint": f"{here}/connect/endsession",
                "scopes_supported": sorted({*SERVICE_SCOPES, *INTERACTIVE_SCOPES}),
                "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
                "response_types_supported": ["code"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def userinfo(self, request: Request) -> Response:
        token = self.current(request)
        if token is None or "openid" not in token.scopes:
            return json_response({"error": "invalid_token"}, 401)
        person = {"sub": "5a6b7c8d-0000-4000-8000-000000000001", "name": "Kari Nordmann"}
        return json_response(person | {"email": "kari@example.no"})

    def endsession(self, request: Request) -> Response:
        back = request.args.get("post_logout_redirect_uri")
        return redirect(back, 302) if back else Response("Signed out.", content_type="text/plain")


def _basic(coded: str) -> tuple[str | None, str | None]:
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return name, secret
