"""OAuth 2.0: the token endpoint. A token takes a seat of the licence like a cookie does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.acumatica.api.sessions import Sessions, no_seat
from sandbox.kit.context import Context
from sandbox.kit.oauth import OAuthError, Parameters, token_response, verifier_matches
from sandbox.kit.responses import json_response

TOKEN_SECONDS = 3600
DAY_SECONDS = 86400


@dataclass
class Grant:
    """A sign-in by OAuth, which may live through many tokens."""

    scope: str
    began: float
    session: str = ""
    token: str = ""
    refresh: str = ""


class Identity:
    def __init__(self, context: Context, sessions: Sessions, base_path: str, credentials: Mapping[str, Any]) -> None:
        self.context, self.sessions, self.credentials = context, sessions, credentials
        self.path = f"{base_path}/identity"
        self.refreshes: dict[str, Grant] = {}
        self.codes: dict[str, Parameters] = {}

    def routes(self) -> Iterable[Rule]:
        yield Rule(f"{self.path}/connect/token", endpoint=self.token, methods=["POST"])
        yield Rule(f"{self.path}/.well-known/openid-configuration", endpoint=self.discovery, methods=["GET"])

    def new_code(self, parameters: Parameters) -> str:
        """What the browser carries back after a person has allowed what was asked for."""
        code = self.context.new_id().hex
        self.codes[code] = parameters
        return code

    def token(self, request: Request) -> Response:
        form, known = request.form.to_dict(), self.credentials
        if (form.get("client_id"), form.get("client_secret")) != (known["client_id"], known["client_secret"]):
            raise OAuthError("invalid_client")
        match form.get("grant_type"):
            case "password":
                return self._issue(self._by_password(form))
            case "authorization_code":
                return self._issue(self._by_code(form))
            case "refresh_token":
                return self._issue(self._by_refresh(form))
        raise OAuthError("unsupported_grant_type")

    def _by_password(self, form: Parameters) -> Grant:
        known = self.credentials
        if (form.get("username"), form.get("password")) != (known["username"], known["password"]):
            raise OAuthError("invalid_grant")
        return Grant(form.get("scope", "api"), self.context.now())

    def _by_code(self, form: Parameters) -> Grant:
        parameters = self.codes.pop(form.get("code", ""), None)
        if parameters is None or parameters.get("redirect_uri") != form.get("redirect_uri"):
            raise OAuthError("invalid_grant")
        if not verifier_matches(parameters.get("code_challenge", ""), form.get("code_verifier", "")):
            raise OAuthError("invalid_grant")
        return Grant(parameters.get("scope", "api"), self.context.now())

    def _by_refresh(self, form: Parameters) -> Grant:
        """The chain of refreshes ends so many days after the first sign-in."""
        grant = self.refreshes.get(form.get("refresh_token", ""))
        lives = DAY_SECONDS * float(self.context.switches["refresh_days"])
        if grant is None or grant.began + lives <= self.context.now():
            raise OAuthError("invalid_grant")
        if self.context.switches["rotate_refresh"]:
            del self.refreshes[grant.refresh]
        return grant

    def _issue(self, grant: Grant) -> Response:
        self.sessions.sweep()
        ends = self.context.now() + TOKEN_SECONDS
        session = self.sessions.by_id.get(grant.session) or self.sessions.open(self.credentials["tenant"], ends)
        if session is None:
            return no_seat()
        self.sessions.by_token.pop(grant.token, None)
        session.ends, grant.session, grant.token = ends, session.id, self.context.new_id().hex
        self.sessions.by_token[grant.token] = session.id
        body = {
            "access_token": grant.token,
            "expires_in": TOKEN_SECONDS,
            "token_type": "Bearer",
            "scope": grant.scope,
        }
        if "offline_access" in grant.scope.split():
            grant.refresh = body["refresh_token"] = self.context.new_id().hex
            self.refreshes[grant.refresh] = grant
        return token_response(body)

    def discovery(self, request: Request) -> Response:
        identity = f"{request.host_url.rstrip('/')}{self.path}"
        return json_response(
            {
                "issuer": identity,
                "authorization_endpoint": f"{identity}/connect/authorize",
                "token_endpoint": f"{identity}/connect/token",
                "grant_types_supported": ["authorization_code", "implicit", "password", "refresh_token"],
                "response_types_supported": ["code", "token", "id_token", "code id_token"],
                "scopes_supported": ["api", "offline_access", "api:concurrent_access", "openid", "email", "profile"],
                "code_challenge_methods_supported": ["S256"],
            }
        )
