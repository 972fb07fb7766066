"""Signing in and out by cookies."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.acumatica.api.sessions import SESSION_COOKIE, TICKET_COOKIE, Session, Sessions, no_seat
from sandbox.acumatica.errors import Refusal, invalid
from sandbox.kit import exact_json
from sandbox.kit.context import Context

COOKIE_SECONDS = 3 * 86400


class Login:
    def __init__(
        self, context: Context, sessions: Sessions, base_path: str, credentials: Mapping[str, Any], other_tenant: str
    ) -> None:
        self.context, self.sessions, self.base_path = context, sessions, base_path
        self.credentials, self.other_tenant = credentials, other_tenant

    def routes(self) -> Iterable[Rule]:
        yield Rule(f"{self.base_path}/entity/auth/login", endpoint=self.login, methods=["POST"])
        yield Rule(f"{self.base_path}/entity/auth/logout", endpoint=self.logout, methods=["POST"])
        yield Rule(f"{self.base_path}/Frames/Login.aspx", endpoint=self.page, methods=["GET"])

    def login(self, request: Request) -> Response:
        sent, known = _body(request), self.credentials
        if (sent.get("name"), sent.get("password")) != (known["username"], known["password"]):
            raise Refusal(500, "Error: Invalid credentials. Please try again.")
        tenant = self._tenant(sent)
        branch = sent.get("branch")
        if branch and branch != known["branch"]:
            raise Refusal(500, f"Error: The branch '{html.escape(str(branch))}' cannot be found in the system.")
        session = self.sessions.open(tenant)
        return no_seat() if session is None else _welcome(session)

    def _tenant(self, sent: Mapping[str, Any]) -> str:
        own: str = self.credentials["tenant"]
        tenant = str(sent.get("tenant") or sent.get("company") or "") or own
        if self.context.switches["single_tenant"]:
            tenant = own
        if tenant not in {own, self.other_tenant}:
            message = "A proper company ID cannot be determined for the request."
            raise Refusal(500, message, "PX.Data.PXUndefinedCompanyException")
        return tenant

    def logout(self, request: Request) -> Response:
        session = self.sessions.current(request)
        if session:
            self.sessions.drop(session)
        response = Response(b"", 204)
        response.delete_cookie(TICKET_COOKIE)
        response.delete_cookie(SESSION_COOKIE)
        return response

    def page(self, request: Request) -> Response:
        """The sign-in page; only with a session does it name the tenant."""
        session = self.sessions.current(request)
        tenant = html.escape(session.tenant if session else "")
        field = f'<input type="hidden" name="txtSingleCompany" id="txtSingleCompany" value="{tenant}" />'
        return Response(f"<html><body><form>{field}</form></body></html>", content_type="text/html; charset=utf-8")


def _welcome(session: Session) -> Response:
    response = Response(b"", 204)
    # Real ones are `secure`; over plain http a cookie jar would then not send them back.
    response.set_cookie(TICKET_COOKIE, session.ticket, httponly=True)
    response.set_cookie(SESSION_COOKIE, session.id, httponly=True, samesite="Lax")
    response.set_cookie("CompanyID", session.tenant, max_age=COOKIE_SECONDS)
    response.set_cookie("Locale", "Culture=en-US&TimeZone=GMTM0800A", max_age=COOKIE_SECONDS)
    response.set_cookie("UserBranch", "1")
    return response


def _body(request: Request) -> dict[str, Any]:
    if request.mimetype == "application/x-www-form-urlencoded":
        return dict(request.form.items())
    try:
        sent = exact_json.loads(request.get_data())
    except exact_json.DecodeError:
        sent = None
    if not isinstance(sent, dict):
        raise invalid("", "The request body should not be empty.")
    return sent
