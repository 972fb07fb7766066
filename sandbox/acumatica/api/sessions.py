"""Signing in and out of the simulator: cookies and OAuth 2.0, with the seats that sessions take."""

from __future__ import annotations

import base64
import hashlib
import html
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.acumatica.errors import error, invalid, plain
from sandbox.acumatica.pages.consent import Consent
from sandbox.kit import exact_json
from sandbox.kit.responses import json_response

SESSION, TICKET = "ASP.NET_SessionId", ".ASPXAUTH"
TOKEN_SECONDS = 3600
DAY_SECONDS = 86400


class House(Protocol):
    """What signing in needs of the simulator."""

    switches: dict[str, Any]
    credentials: ClassVar[dict[str, Any]]
    base_path: ClassVar[str]
    other_tenant: ClassVar[str]

    def now(self) -> float: ...

    def new_id(self) -> uuid.UUID: ...


@dataclass
class Session:
    """A seat of the licence. `tag` is what the ids of details end with in this session."""

    ident: str
    tag: str
    tenant: str
    used: float
    ends: float = 0.0
    """When its token runs out; 0 for a cookie session, which ends by standing idle."""


@dataclass
class Grant:
    """A sign-in by OAuth, which may live through many tokens."""

    scope: str
    began: float
    session: str = ""
    token: str = ""
    refresh: str = ""


class SignIn:
    def __init__(self, house: House) -> None:
        self.house = house
        self.sessions: dict[str, Session] = {}
        self.tokens: dict[str, Grant] = {}
        self.refreshes: dict[str, Grant] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.consent = Consent(house, self._code)

    def routes(self) -> Iterable[Rule]:
        base = self.house.base_path
        yield Rule(f"{base}/entity/auth/login", endpoint=self.login, methods=["POST"])
        yield Rule(f"{base}/entity/auth/logout", endpoint=self.logout, methods=["POST"])
        yield Rule(f"{base}/identity/connect/token", endpoint=self.token, methods=["POST"])
        yield from self.consent.routes()
        yield Rule(f"{base}/identity/.well-known/openid-configuration", endpoint=self.discovery, methods=["GET"])
        yield Rule(f"{base}/Frames/Login.aspx", endpoint=self.page, methods=["GET"])

    # Sessions

    def current(self, request: Request) -> Session | None:
        """The session a request belongs to, by token or by both cookies."""
        self.sweep()
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            session = self._of_token(token)
        else:
            session = self.sessions.get(request.cookies.get(SESSION, ""))
            if session and request.cookies.get(TICKET) != _ticket(session):
                session = None
        if session:
            session.used = self.house.now()
        return session

    def _of_token(self, token: str) -> Session | None:
        grant = self.tokens.get(token)
        return self.sessions.get(grant.session) if grant else None

    def sweep(self) -> None:
        """End the sessions whose time is over."""
        now, idle = self.house.now(), float(self.house.switches["session_idle"])
        for session in list(self.sessions.values()):
            over = session.ends <= now if session.ends else session.used + idle <= now
            if over:
                del self.sessions[session.ident]

    def drop(self, session: Session) -> None:
        self.sessions.pop(session.ident, None)

    def _open(self, tenant: str, ends: float = 0.0) -> Session | None:
        """A new session, or None where the licence has no seat left."""
        self.sweep()
        if len(self.sessions) >= int(self.house.switches["seats"]):
            return None
        if self.house.switches["tenant_mixup"]:
            tenant = self.house.other_tenant
        unique = self.house.new_id().hex
        session = Session(unique[:24], self.house.new_id().hex[:12], tenant, self.house.now(), ends)
        self.sessions[session.ident] = session
        return session

    # By cookie

    def login(self, request: Request) -> Response:
        sent = _sent(request)
        wanted = self.house.credentials
        if (sent.get("name"), sent.get("password")) != (wanted["username"], wanted["password"]):
            return error(500, "Error: Invalid credentials. Please try again.")
        tenant = str(sent.get("tenant") or sent.get("company") or "") or wanted["tenant"]
        if self.house.switches["single_tenant"]:
            tenant = wanted["tenant"]
        if tenant not in {wanted["tenant"], self.house.other_tenant}:
            words = "A proper company ID cannot be determined for the request."
            return error(500, words, "PX.Data.PXUndefinedCompanyException")
        branch = sent.get("branch")
        if branch and branch != wanted["branch"]:
            return error(500, f"Error: The branch '{html.escape(str(branch))}' cannot be found in the system.")
        session = self._open(tenant)
        return self._no_seat() if session is None else self._welcome(session)

    def _no_seat(self) -> Response:
        return plain("API Login Limit", 429)

    def _welcome(self, session: Session) -> Response:
        response = Response(b"", 204)
        # Real ones are `secure`; over plain http a cookie jar would then not send them back.
        response.set_cookie(TICKET, _ticket(session), httponly=True)
        response.set_cookie(SESSION, session.ident, httponly=True, samesite="Lax")
        response.set_cookie("CompanyID", session.tenant, max_age=3 * DAY_SECONDS)
        response.set_cookie("Locale", "Culture=en-US&TimeZone=GMTM0800A", max_age=3 * DAY_SECONDS)
        response.set_cookie("UserBranch", "1")
        return response

    def logout(self, request: Request) -> Response:
        session = self.current(request)
        if session:
            self.drop(session)
        response = Response(b"", 204)
        response.delete_cookie(TICKET)
        response.delete_cookie(SESSION)
        return response

    # By OAuth

    def _code(self, asked: dict[str, str]) -> str:
        code = self.house.new_id().hex
        self.codes[code] = asked
        return code

    def token(self, request: Request) -> Response:
        form = request.form.to_dict()
        wanted = self.house.credentials
        if (form.get("client_id"), form.get("client_secret")) != (wanted["client_id"], wanted["client_secret"]):
            return json_response({"error": "invalid_client"}, 400)
        grants: dict[str, Callable[[dict[str, str]], Grant | None]] = {
            "password": self._by_password,
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
        }
        if form.get("grant_type") not in grants:
            return json_response({"error": "unsupported_grant_type"}, 400)
        grant = grants[form["grant_type"]](form)
        return json_response({"error": "invalid_grant"}, 400) if grant is None else self._issue(grant)

    def _by_password(self, form: dict[str, str]) -> Grant | None:
        wanted = self.house.credentials
        if (form.get("username"), form.get("password")) != (wanted["username"], wanted["password"]):
            return None
        return Grant(form.get("scope", "api"), self.house.now())

    def _by_code(self, form: dict[str, str]) -> Grant | None:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or asked.get("redirect_uri") != form.get("redirect_uri") or not _proves(asked, form):
            return None
        return Grant(asked.get("scope", "api"), self.house.now())

    def _by_refresh(self, form: dict[str, str]) -> Grant | None:
        """The chain of refreshes ends so many days after the first sign-in."""
        grant = self.refreshes.get(form.get("refresh_token", ""))
        lives = DAY_SECONDS * float(self.house.switches["refresh_days"])
        if grant is None or grant.began + lives <= self.house.now():
            return None
        if self.house.switches["rotate_refresh"]:
            del self.refreshes[grant.refresh]
        return grant

    def _issue(self, grant: Grant) -> Response:
        self.sweep()
        ends = self.house.now() + TOKEN_SECONDS
        tenant = self.house.credentials["tenant"]
        session = self.sessions.get(grant.session) or self._open(tenant, ends)
        if session is None:
            return self._no_seat()
        self.tokens.pop(grant.token, None)
        session.ends, grant.session, grant.token = ends, session.ident, self.house.new_id().hex
        self.tokens[grant.token] = grant
        body = {
            "access_token": grant.token,
            "expires_in": TOKEN_SECONDS,
            "token_type": "Bearer",
            "scope": grant.scope,
        }
        if "offline_access" in grant.scope.split():
            grant.refresh = body["refresh_token"] = self.house.new_id().hex
            self.refreshes[grant.refresh] = grant
        return json_response(body, headers={"Cache-Control": "no-store"})

    def discovery(self, request: Request) -> Response:
        identity = f"{request.host_url.rstrip('/')}{self.house.base_path}/identity"
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

    def page(self, request: Request) -> Response:
        """The sign-in page; only with a session does it name the tenant."""
        session = self.current(request)
        tenant = html.escape(session.tenant if session else "")
        field = f'<input type="hidden" name="txtSingleCompany" id="txtSingleCompany" value="{tenant}" />'
        return Response(f"<html><body><form>{field}</form></body></html>", content_type="text/html; charset=utf-8")


def _ticket(session: Session) -> str:
    return hashlib.sha256(session.ident.encode()).hexdigest().upper()


def _proves(asked: dict[str, str], form: dict[str, str]) -> bool:
    """PKCE: the verifier belongs to the challenge, where there was one."""
    if "code_challenge" not in asked:
        return True
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]


def _sent(request: Request) -> dict[str, Any]:
    if request.mimetype == "application/x-www-form-urlencoded":
        return dict(request.form.items())
    try:
        sent = exact_json.loads(request.get_data())
    except exact_json.DecodeError:
        sent = None
    if not isinstance(sent, dict):
        raise invalid("", "The request body should not be empty.")
    return sent
