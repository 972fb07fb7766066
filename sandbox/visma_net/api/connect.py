"""Visma Connect of the simulator: the token endpoint of services and of people's sign-ins."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.oauth import OAuthError, bearer_token, token_response, verifier_matches
from sandbox.kit.responses import json_response
from sandbox.visma_net.api.companies import Companies
from sandbox.visma_net.api.tokens import INTERACTIVE_SCOPES, SERVICE_SCOPES, Code, Grant, Token, TokenStore

PREFIX = "/connect-host"
DAY_SECONDS = 86400
CUSTOMER_TENANT = "c0ffee00-1111-4222-8333-444455556666"
"""The customer's own tenant, for which tokens are issued although no company knows it."""


class VismaConnect:
    def __init__(self, context: Context, companies: Companies, credentials: Mapping[str, Any]) -> None:
        self.context, self.companies = context, companies
        self.client = (credentials["client_id"], credentials["client_secret"])
        self.issued = TokenStore(b"visma-connect-of-the-simulator")

    def routes(self) -> Iterable[Rule]:
        yield Rule(f"{PREFIX}/.well-known/openid-configuration", endpoint=self.discovery, methods=["GET"])
        yield Rule(f"{PREFIX}/connect/token", endpoint=self.token, methods=["POST"])
        yield Rule(f"{PREFIX}/connect/userinfo", endpoint=self.userinfo, methods=["GET"])
        yield Rule(f"{PREFIX}/connect/endsession", endpoint=self.endsession, methods=["GET"])

    def current(self, request: Request) -> Token | None:
        text = bearer_token(request)
        return None if text is None else self.issued.find(text, self.context.now())

    def revoke(self, request: Request) -> None:
        self.issued.tokens.pop(bearer_token(request) or "", None)

    # Tokens

    def token(self, request: Request) -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            raise OAuthError("invalid_request", "The request must be form-encoded.")
        form = {name: str(value) for name, value in request.form.items()}
        self._check_client(request, form)
        match form.get("grant_type"):
            case "client_credentials":
                return token_response(self._for_service(request, form))
            case "authorization_code":
                return token_response(self._for_code(request, form))
            case "refresh_token":
                return token_response(self._for_refresh(request, form))
        raise OAuthError("unsupported_grant_type")

    def _check_client(self, request: Request, form: dict[str, str]) -> None:
        """The secret in the form or by HTTP Basic."""
        client = (form.get("client_id"), form.get("client_secret"))
        scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            client = _basic(coded)
        if client != self.client or self.context.switches["secret_revoked"]:
            raise OAuthError("invalid_client")
        if not self.context.switches["approved"]:
            raise OAuthError("unauthorized_client", "The integration is not approved.")

    def _for_service(self, request: Request, form: dict[str, str]) -> dict[str, Any]:
        tenant = form.get("tenant_id", "")
        if not tenant:
            raise OAuthError("invalid_request", "tenant_id is missing.")
        if tenant not in {*self.companies.tenants, CUSTOMER_TENANT}:
            raise OAuthError(str(self.context.switches["unknown_tenant_error"]), "The tenant is unknown.")
        return self._access(request, tenant, self._scopes(form.get("scope", ""), SERVICE_SCOPES))

    def _scopes(self, requested: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """What was asked for, all of it or nothing; a service that asks for nothing gets all it may have."""
        granted = [scope for scope in known if scope not in self.context.switches["withheld_scopes"]]
        scopes = tuple(dict.fromkeys(requested.split())) or tuple(granted)
        if any(scope not in granted for scope in scopes):
            raise OAuthError("invalid_scope")
        return scopes

    def _for_code(self, request: Request, form: dict[str, str]) -> dict[str, Any]:
        code = self.issued.codes.pop(form.get("code", ""), None)
        if code is None or code.ends <= self.context.now() or code.redirect != form.get("redirect_uri"):
            raise OAuthError("invalid_grant")
        if not verifier_matches(code.challenge, form.get("code_verifier", "")):
            raise OAuthError("invalid_grant", "The code verifier is wrong.")
        body = self._access(request, code.tenant, code.scopes)
        if "offline_access" in code.scopes:
            body["refresh_token"] = self._new_refresh(code.tenant, code.scopes, self.context.now())
        return body

    def _for_refresh(self, request: Request, form: dict[str, str]) -> dict[str, Any]:
        text, now = form.get("refresh_token", ""), self.context.now()
        grant = self.issued.refreshes.get(text)
        if grant is None or grant.began + DAY_SECONDS * float(self.context.switches["refresh_days"]) <= now:
            raise OAuthError("invalid_grant")
        if grant.spent and now > grant.spent + grant.grace:
            raise OAuthError("invalid_grant", "The refresh token was used before.")
        body = self._access(request, grant.tenant, self._scopes(form.get("scope", ""), grant.scopes))
        body["refresh_token"] = self._rotated(text, grant, now)
        return body

    def _rotated(self, text: str, grant: Grant, now: float) -> str:
        """Re-use: the same again. One time: another one, and once more the same within the grace period."""
        if grant.mode == "reuse":
            return text
        if not grant.spent:
            grant.spent = now
            grant.successor = self._new_refresh(grant.tenant, grant.scopes, grant.began, grant)
        return grant.successor

    def _new_refresh(self, tenant: str, scopes: tuple[str, ...], began: float, of: Grant | None = None) -> str:
        text = self.context.new_id().hex.upper()
        switches = self.context.switches
        mode = of.mode if of else str(switches["refresh_mode"])
        grace = of.grace if of else float(switches["refresh_grace"])
        self.issued.refreshes[text] = Grant(tenant, scopes, began, mode, grace)
        return text

    def _access(self, request: Request, tenant: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        lives = int(self.context.switches["token_seconds"])
        now = self.context.now()
        token = Token(self.client[0], tenant, scopes, now + lives)
        names_tenant = bool(self.context.switches["token_names_tenant"])
        text = self.issued.issue(token, _issuer(request), now, self.context.new_id(), names_tenant=names_tenant)
        return {"access_token": text, "expires_in": lives, "token_type": "Bearer", "scope": " ".join(scopes)}

    def code(self, tenant: str, parameters: Mapping[str, str]) -> str:
        """What the browser carries back after a person has allowed it."""
        text = self.context.new_id().hex.upper()
        ends = self.context.now() + float(self.context.switches["code_seconds"])
        scopes, challenge = tuple(parameters["scope"].split()), parameters.get("code_challenge", "")
        self.issued.codes[text] = Code(tenant, scopes, parameters["redirect_uri"], challenge, ends)
        return text

    # About itself

    def discovery(self, request: Request) -> Response:
        issuer = _issuer(request)
        return json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/connect/authorize",
                "token_endpoint": f"{issuer}/connect/token",
                "userinfo_endpoint": f"{issuer}/connect/userinfo",
                "end_session_endpoint": f"{issuer}/connect/endsession",
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
        target = request.args.get("post_logout_redirect_uri")
        return redirect(target, 302) if target else Response("Signed out.", content_type="text/plain")


def _issuer(request: Request) -> str:
    return request.host_url.rstrip("/") + PREFIX


def _basic(coded: str) -> tuple[str | None, str | None]:
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return name, secret
