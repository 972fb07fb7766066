"""The session of a connection, encrypted in the database and shared by all workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from connections.errors import TryLater
from connections.fields import Secrets
from connections.models import Connection
from toolkit import leases

LOGIN_LEASE = timedelta(seconds=150)  # longer than the longest time-out of a sign-in
WAIT_SECONDS = 20
PREFIX = "session_"


class StoredSessions:
    """A `SessionStore` on the Connection row. A killed worker leaves its session to the others, not a lost seat."""

    def __init__(self, connection_id: int) -> None:
        self.rows = Connection._base_manager.filter(pk=connection_id)
        self.known: dict[str, str] | None = None

    def current(self) -> dict[str, str] | None:
        if self.known is None:
            self.known = self._read()
            self._touch()
        return self.known

    def renew(self, stale: dict[str, str] | None, login: Callable[[], dict[str, str]]) -> dict[str, str]:
        """Single flight: one worker signs in under a lease, the others wait for what it brings.

        Raises `TryLater` if the one that signs in takes too long, and whatever `login` raises.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            session = self._read()
            if session and session != stale:
                self.known = session
                return session
            lease = leases.take(self.rows, seconds=LOGIN_LEASE.total_seconds(), prefix=PREFIX)
            if lease:
                break
            if time.monotonic() > deadline:
                raise TryLater("Another worker is still signing in.", retry_after=10)
            time.sleep(0.25)
        try:
            # Between the look and the claim another worker may have brought a session, and spent what it cost.
            session = self._read()
            if not session or session == stale:
                session = login()
                self._write(session)
        finally:
            leases.give_back(self.rows, lease, prefix=PREFIX)
        self.known = session
        return session

    def drop(self) -> dict[str, str] | None:
        session = self._read()
        self.rows.update(session=None, session_used_at=None)
        self.known = None
        return session

    def _read(self) -> dict[str, str] | None:
        session = self.rows.values_list("session", flat=True).first()
        return dict(session) if session else None

    def _touch(self) -> None:
        """It is in use, so the clock does not sign it out yet; a minute's grain spares a write each time."""
        now = timezone.now()
        self.rows.filter(session_used_at__lt=now - timedelta(minutes=1)).update(session_used_at=now)

    def _write(self, session: dict[str, str]) -> None:
        self.rows.update(session=Secrets(session), session_used_at=timezone.now())
