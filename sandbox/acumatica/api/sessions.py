"""Sessions: the seats of the licence, taken by a cookie or by a token, until they are given back or their time is over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from sandbox.acumatica.errors import plain
from sandbox.kit.context import Context
from sandbox.kit.oauth import bearer_token

SESSION_COOKIE, TICKET_COOKIE = "ASP.NET_SessionId", ".ASPXAUTH"


@dataclass
class Session:
    """A seat of the licence. `tag` is what the ids of details end with in this session."""

    id: str
    tag: str
    tenant: str
    used: float
    ends: float = 0.0
    """When its token runs out; 0 for a cookie session, which ends by standing idle."""

    @property
    def ticket(self) -> str:
        """The second cookie, which must fit to the first."""
        return hashlib.sha256(self.id.encode()).hexdigest().upper()


class Sessions:
    def __init__(self, context: Context, other_tenant: str) -> None:
        self.context, self.other_tenant = context, other_tenant
        self.by_id: dict[str, Session] = {}
        self.by_token: dict[str, str] = {}
        """Access token -> id of its session."""

    def __len__(self) -> int:
        return len(self.by_id)

    def current(self, request: Request) -> Session | None:
        """The session a request belongs to, by token or by both cookies."""
        self.sweep()
        token = bearer_token(request)
        if token is None:
            session = self.by_id.get(request.cookies.get(SESSION_COOKIE, ""))
            if session and request.cookies.get(TICKET_COOKIE) != session.ticket:
                session = None
        else:
            session = self.by_id.get(self.by_token.get(token, ""))
        if session:
            session.used = self.context.now()
        return session

    def sweep(self) -> None:
        """End the sessions whose time is over."""
        now, idle = self.context.now(), float(self.context.switches["session_idle"])
        for session in list(self.by_id.values()):
            over = session.ends <= now if session.ends else session.used + idle <= now
            if over:
                del self.by_id[session.id]

    def drop(self, session: Session) -> None:
        self.by_id.pop(session.id, None)

    def open(self, tenant: str, ends: float = 0.0) -> Session | None:
        """A new session, or None where the licence has no seat left."""
        self.sweep()
        if len(self.by_id) >= int(self.context.switches["seats"]):
            return None
        if self.context.switches["tenant_mixup"]:
            tenant = self.other_tenant
        session_id = self.context.new_id().hex[:24]
        session = Session(session_id, self.context.new_id().hex[:12], tenant, self.context.now(), ends)
        self.by_id[session.id] = session
        return session


def no_seat() -> Response:
    return plain("API Login Limit", 429)
