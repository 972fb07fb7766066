"""OAuth 2: token requests, and sessions that hold a token.

Written on `Http` and not on a library of the field: these bring HTTP of their own, past the rate budget, the exchange
log, the host check and the error tree.
"""

from __future__ import annotations

import hashlib
import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from connections.errors import ConnectionBroken, WrongAddress
from connections.http import Http
from connections.session_auth import Session, SessionAuth

APPLICATION = {"client_id": "client ID", "client_secret": "client secret"}


class GrantRefused(ConnectionBroken):
    """The token endpoint does not take the grant: it has ended, was spent, or was withdrawn."""


def token_from(http: Http, path: str, secrets: Mapping[str, str], grant: Mapping[str, str]) -> dict[str, Any]:
    """What a token endpoint grants to the application in `secrets`.

    Raises `WrongAddress` where the answer holds no token, and whatever the status of a refusal means.
    """
    application = {name: secrets.get(name, "") for name in APPLICATION}
    # Not a write: a lost answer makes no document, and asking again costs nothing but a token.
    token = http.post(path, data={**grant, **application}, write=False).json()
    if not isinstance(token, dict) or not token.get("access_token"):
        raise WrongAddress(f"{http.system} answered without a token.", next_step=f"Check the address of {http.system}.")
    return token


def require(values: Mapping[str, Any], labels: Mapping[str, str], owner: str, next_step: str) -> None:
    """Raises `ConnectionBroken` naming what is empty of `labels` (name → label)."""
    missing = [label for name, label in labels.items() if not values.get(name)]
    if missing:
        verb = "are" if len(missing) > 1 else "is"
        raise ConnectionBroken(f"The {' and the '.join(missing)} of {owner} {verb} missing.", next_step=next_step)


class OAuthSession(SessionAuth):
    """A session that holds a token. Keys: `token`, `renew_at`, `for`, `scope`, `refresh_token`.

    The newest refresh token is stored together with the access token, before that is used: it may be the only one
    that still works.
    """

    early: ClassVar[float] = 300
    """Seconds before its end at which a token is renewed."""
    early_share: ClassVar[float] = 0.2
    """At most this share of its life earlier, for tokens that live only minutes."""

    @abstractmethod
    def ask(self, grant: Mapping[str, str]) -> dict[str, Any]:
        """Make a token request; see `token_from`."""

    @abstractmethod
    def first_grant(self) -> Mapping[str, str]:
        """The grant to begin with. Raises `ConnectionBroken` where something must be entered, or a person sign in."""

    def fingerprint(self) -> str:
        """Changes with what a token stands for: one of another company or sign-in is not used."""
        return ""

    def refresh_tokens(self, stale: Session) -> list[str]:
        """The refresh tokens worth a try: that of the session, or the entered one where the session is not ours."""
        own = stale.get("refresh_token", "") if self.ours(stale) else ""
        token = own or self.account.secrets.get("refresh_token", "")
        return [token] if token else []

    def ours(self, session: Session) -> bool:
        """Not one that a slow worker opened with the sign-in of before."""
        return session.get("for", "") == self.fingerprint()

    def usable(self, session: Session) -> bool:
        return self.ours(session) and float(session.get("renew_at") or "inf") > time.time()

    def renew(self, stale: Session | None) -> Session:
        try:
            return super().renew(stale)
        except GrantRefused as error:
            refused = error

        def refuse() -> Session:
            raise refused

        # A token that is good once may have been spent by the worker before us; then its session is there by now.
        return self.store.renew(stale, refuse)

    def login(self, stale: Session | None) -> Session:
        refused: GrantRefused | None = None
        for refresh in self.refresh_tokens(stale or {}):
            try:
                return self.token({"grant_type": "refresh_token", "refresh_token": refresh}, refresh)
            except GrantRefused as error:
                refused = error
        if refused and self.granted_by_person:
            raise refused
        return self.token(self.first_grant())

    def token(self, grant: Mapping[str, str], refresh: str = "") -> Session:
        """The session that a grant brings; `refresh` stays its refresh token unless a newer one comes."""
        token = self.ask(grant)
        life = max(1.0, float(token.get("expires_in") or 3600))
        session = {
            "token": str(token["access_token"]),
            "renew_at": str(time.time() + life - min(self.early, life * self.early_share)),
            "for": self.fingerprint(),
            "scope": str(token.get("scope") or ""),
        }
        newest = str(token.get("refresh_token") or refresh)
        return session | ({"refresh_token": newest} if newest else {})


def bearer(session: Session) -> dict[str, str]:
    """The header that shows a token on a request."""
    return {"Authorization": f"Bearer {session['token']}"}


def fingerprint_of(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
