"""A session at a system that knows sessions: one for all workers, opened by one of them.

It is kept as plain strings in the account's session store, renewed before it ends and after it was refused.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from connections.errors import SignedOut, VendorError
from connections.http import Http
from connections.response import Response
from connections.vendor import Account

Session = dict[str, str]


class SessionAuth(ABC):
    """The session of one account. A vendor brings `login`, and of the other hooks those that its system needs.

    `http` reaches the place where the system signs in, and sends no session by itself.
    """

    renewals: ClassVar[int] = 1
    """How often one call may find its session ended."""

    def __init__(self, account: Account, http: Http) -> None:
        self.account = account
        self.store = account.sessions
        self.http = http

    @abstractmethod
    def login(self, stale: Session | None) -> Session:
        """Open a session in place of `stale`. Raises any `VendorError`."""

    def logout(self, session: Session) -> None:  # noqa: B027 (not every session can be ended)
        """End a session at the system. What fails here is let go: the session ends by itself once it stands idle."""

    def usable(self, session: Session) -> bool:
        """Whether a stored session is worth a call: not about to end, and of the credentials that we have now."""
        return True

    def refused(self, error: SignedOut) -> VendorError:
        """What it means that a new session was refused at once."""
        return error

    @property
    def granted_by_person(self) -> bool:
        """Such a session is kept when it stands idle: only that person could open it again."""
        return False

    def current(self) -> Session:
        """The session in use, opened or renewed where it has to be."""
        session = self.store.current()
        return session if session is not None and self.usable(session) else self.renew(session)

    def renew(self, stale: Session | None) -> Session:
        """A session other than `stale`. However many workers ask at once, one of them signs in."""
        return self.store.renew(stale, lambda: self.login(stale))

    def end(self) -> None:
        """Forget the session and end it at the system, unless a person granted it."""
        if self.granted_by_person:
            return
        session = self.store.drop()
        if session:
            with contextlib.suppress(VendorError):
                self.logout(session)

    def call(self, send: Callable[[Session], Response]) -> Response:
        """Make a call in the session. Refused, it is made again in a new one, because `SignedOut` says "not done"."""
        session = self.current()
        for _ in range(self.renewals):
            try:
                return send(session)
            except SignedOut:
                session = self.renew(session)
        try:
            return send(session)
        except SignedOut as error:
            raise self.refused(error) from error
