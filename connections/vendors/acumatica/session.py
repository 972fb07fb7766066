"""Signing in and out: one session for all workers, kept as plain strings in the account's session store.

Cookies are kept and sent by hand, because they belong to the connection and not to a process. Acumatica names no tenant
in its answers, and a seat of the licence is taken until sign-out or expiry.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from connections.errors import ConnectionBroken, Rejected, VendorError
from connections.http import Answer, Http
from connections.vendor import Account
from connections.vendors.acumatica.errors import (
    WrongDoor,
    complain,
    no_seat,
    parsed,
    said,
    seats_used_up,
)

COOKIE, PASSWORD, CODE = "cookie", "oauth_password", "oauth_code"
Session = dict[str, str]
EARLY = 90  # seconds before its end at which a token is renewed; longer than a slow call takes to be let in
SCOPE = "api offline_access"


class GrantRefused(ConnectionBroken):
    """The token endpoint refused what we showed it."""


class SignIn:
    """Opens, renews and ends the session. `door` is a connection of its own that sends no session by itself."""

    def __init__(self, account: Account, door: Http) -> None:
        self.account = account
        self.store = account.sessions
        self.mode = account.settings.get("auth_mode") or COOKIE
        self.door = door

    def current(self) -> Session:
        """The session in use, signing in where there is none and renewing a token that is about to end."""
        session = self.store.current()
        if session is None or not self._ours(session) or _ends(session) - EARLY < time.time():
            return self.renew(session)
        return session

    def renew(self, stale: Session | None) -> Session:
        """A session other than `stale`. However many workers ask at once, one of them signs in."""
        return self.store.renew(stale, lambda: self._login(stale))

    def end(self) -> None:
        """Give the seat back. A grant made by a person stays: its refresh token cannot be had again."""
        if self.mode == CODE:
            return
        session = self.store.drop()
        if not session:
            return
        # Without a length IIS answers 411. A seat that cannot be given back frees itself when the session idles out.
        with contextlib.suppress(VendorError):
            self.door.post("/entity/auth/logout", headers={"Content-Length": "0", **headers(session)}, write=False)

    def _login(self, stale: Session | None) -> Session:
        if self.mode == COOKIE:
            return self._by_cookie()
        refused: GrantRefused | None = None
        for refresh in self._refresh_tokens(stale or {}):
            try:
                return self._token({"grant_type": "refresh_token", "refresh_token": refresh}, refresh)
            except GrantRefused as error:
                refused = error
        if self.mode == CODE:
            raise refused or ConnectionBroken(
                "Nobody has signed this connection in to Acumatica yet.",
                next_step="Sign in by browser from the connection's page; Acumatica asks for consent once.",
            )
        return self._token(self._named() | {"grant_type": "password", "scope": SCOPE})

    def _refresh_tokens(self, stale: Session) -> list[str]:
        """The likeliest first: the session's is the newer one, unless a person has signed in again since."""
        newest, entered = stale.get("refresh_token", ""), self.account.secrets.get("refresh_token", "")
        order = (newest, entered) if self._ours(stale) else (entered, newest)
        return list(dict.fromkeys(token for token in order if token))

    def _ours(self, session: Session) -> bool:
        """Not one that a slow worker opened with the sign-in of before."""
        return session.get("grant", self._grant()) == self._grant()

    def _grant(self) -> str:
        """Tells the sign-ins of people apart."""
        given = self.account.secrets.get("refresh_token", "") if self.mode == CODE else ""
        return hashlib.sha256(given.encode()).hexdigest()[:16] if given else ""

    def _by_cookie(self) -> Session:
        settings = self.account.settings
        asked = {**_renamed(self._named()), "tenant": settings.get("tenant", "")}
        if settings.get("branch"):
            asked["branch"] = settings["branch"]
        jar = self.door.session.cookies
        jar.clear()
        self.door.post("/entity/auth/login", json=asked, write=False)
        cookies = {cookie.name: cookie.value for cookie in jar if cookie.value}
        jar.clear()
        if not cookies:
            raise WrongDoor("The sign-in was answered without a session.")
        return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}

    def _token(self, grant: Mapping[str, str], refresh: str = "") -> Session:
        token = token_for(self.door, self.account.secrets, grant)
        ends = int(time.time()) + int(token.get("expires_in") or 3600)
        # The newest refresh token is the only one that is sure to work.
        return {
            "token": str(token["access_token"]),
            "ends": str(ends),
            "refresh_token": str(token.get("refresh_token") or refresh),
            "grant": self._grant(),
        }

    def _named(self) -> dict[str, str]:
        secrets = self.account.secrets
        missing = [name for name in ("username", "password") if not secrets.get(name)]
        if missing:
            raise ConnectionBroken(
                f"The {' and '.join(missing)} of the Acumatica API user is missing.",
                next_step="Enter it in the connection's credentials.",
            )
        return {name: secrets[name] for name in ("username", "password")}


def token_for(door: Http, secrets: Mapping[str, str], grant: Mapping[str, str]) -> dict[str, Any]:
    """What the token endpoint grants. Raises `GrantRefused` or another `ConnectionBroken` where it refuses."""
    client = {name: secrets.get(name, "") for name in ("client_id", "client_secret")}
    token = door.post("/identity/connect/token", data={**grant, **client}, write=False).json()
    if not isinstance(token, dict) or not token.get("access_token"):
        raise WrongDoor("The token endpoint answered without a token.")
    return token


def _renamed(named: Mapping[str, str]) -> dict[str, str]:
    return {"name": named["username"], "password": named["password"]}


def headers(session: Session) -> dict[str, str]:
    """What shows the session on a request."""
    if "token" in session:
        return {"Authorization": f"Bearer {session['token']}"}
    return {"Cookie": session["cookie"]}


def _ends(session: Session) -> float:
    """When a token ends; a cookie session is used until Acumatica says 401."""
    return float(session["ends"]) if "ends" in session else float("inf")


def without_cookies(http: Http) -> Http:
    """An `Http` whose own cookie jar stays empty: only cookies from the session store are ever sent."""
    http.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return http


def complain_at_the_door(answer: Answer, wrote: bool) -> VendorError | None:
    """A `connections.http.Complaint` for sign-in, whose refusals are not those of the records."""
    about: dict[str, Any] = {"status": answer.status, "request_id": answer.request_id}
    # Over the limit, IIS may put its own page in place of the text.
    if no_seat(answer) or answer.status == 429 or "The custom error module does not recognize" in answer.text[:500]:
        return seats_used_up(about)
    problem = parsed(answer)
    words = said(problem)
    if answer.status == 500 and problem:
        return _refused_sign_in(problem, words, about)
    if answer.status in {400, 401} and "error" in problem:
        return _refused_grant(str(problem["error"]), about)
    trouble = complain(answer, wrote)
    if isinstance(trouble, Rejected):
        return ConnectionBroken("Acumatica did not accept our sign-in.", words=words, **about)
    return trouble


def _refused_sign_in(problem: Mapping[str, Any], words: str, about: dict[str, Any]) -> VendorError | None:
    """Acumatica answers a wrong password with status 500 and an exception."""
    kind, lower = str(problem.get("exceptionType", "")), words.lower()
    if "PXUndefinedCompanyException" in kind or "proper company id" in lower:
        return ConnectionBroken(
            "Acumatica does not know the tenant of this connection.",
            next_step="Enter the tenant's login name, as the sign-in page lists it, in the setting Tenant.",
            words=words,
            **about,
        )
    if "lock" in lower:
        step = "Unlock the user on form Users (SM201010), enter the right password, then test the connection."
        return ConnectionBroken("The Acumatica API user is locked.", next_step=step, words=words, **about)
    if "password" in lower and any(sign in lower for sign in ("expire", "change", "must")):
        step = "Sign in once by browser as the API user, change the password, then enter the new one here."
        return ConnectionBroken(
            "The password of the Acumatica API user must be changed.", next_step=step, words=words, **about
        )
    if "invalid credentials" in lower:
        return ConnectionBroken(
            "Acumatica refused the user name or the password.",
            next_step="Enter the API user's name and password again, then test the connection.",
            words=words,
            **about,
        )
    if kind.endswith("PXException"):
        step = "Sign in by browser as the API user to see what is wrong, then test the connection."
        return ConnectionBroken("Acumatica refused to sign us in.", next_step=step, words=words, **about)
    return None


def _refused_grant(error: str, about: dict[str, Any]) -> VendorError:
    if error == "invalid_client":
        return ConnectionBroken(
            "Acumatica does not know the connected application, or its secret is wrong.",
            next_step="Enter the client ID (with @ and the tenant) and the client secret from form Connected Applications (SM303010).",
            words=error,
            **about,
        )
    if error == "invalid_grant":
        return GrantRefused(
            "Acumatica refused the sign-in that was granted to us, or it has ended.",
            next_step="Enter the API user's credentials, or sign in again from the connection's page; "
            "a grant lasts 30 days unless sliding expiration is on (SM303010).",
            words=error,
            **about,
        )
    return ConnectionBroken(
        "Acumatica refused our request for a token.",
        next_step="Check flow and scopes of the application on form Connected Applications (SM303010).",
        words=error[:80],
        **about,
    )
