"""The session: by cookie, or by a token of the site's own identity server.

Cookies are kept and sent by hand, because they belong to the connection and not to a process. Acumatica names no tenant
in its answers, and a seat of the licence is taken until sign-out or expiry.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from connections.errors import ConnectionBroken, Rejected, SignedOut, VendorError, WrongAddress
from connections.http import Http
from connections.oauth import GrantRefused, OAuthSession, bearer, fingerprint_of, require, token_from
from connections.response import Response
from connections.session_auth import Session
from connections.vendor import Account
from connections.vendors.acumatica.errors import (
    map_error,
    no_seat,
    seats_used_up,
    words_of,
)

COOKIE, PASSWORD, CODE = "cookie", "oauth_password", "oauth_code"
SCOPE = "api offline_access"
TOKEN_PATH = "/identity/connect/token"  # noqa: S105 (a path)


class AcumaticaSession(OAuthSession):
    """A cookie or a token, by the setting `auth_mode`."""

    renewals = 2  # a seat limit may push ours out again
    early = 90  # longer than a slow call takes to be let in
    early_share = 1.0

    def __init__(self, account: Account, http: Http) -> None:
        super().__init__(account, http)
        self.mode = account.settings.get("auth_mode") or COOKIE

    @property
    def granted_by_person(self) -> bool:
        return self.mode == CODE

    def login(self, stale: Session | None) -> Session:
        return self._by_cookie() if self.mode == COOKIE else super().login(stale)

    def logout(self, session: Session) -> None:
        """Give the seat back. Without a length IIS answers 411."""
        self.http.post("/entity/auth/logout", headers={"Content-Length": "0", **headers(session)}, write=False)

    def refused(self, error: SignedOut) -> VendorError:
        return ConnectionBroken(
            "Acumatica signs us in and then refuses the new session at once.",
            next_step="See on form License Monitoring Console (SM604000) whether another program uses the same API user, "
            "and on form Users (SM201010) what it may do.",
            status=401,
        )

    def fingerprint(self) -> str:
        """Tells the sign-ins of people apart."""
        entered = self.account.secrets.get("refresh_token", "") if self.mode == CODE else ""
        return fingerprint_of(entered) if entered else ""

    def refresh_tokens(self, stale: Session) -> list[str]:
        """The likeliest first: the session's is the newer one, unless a person has signed in again since."""
        newest, entered = stale.get("refresh_token", ""), self.account.secrets.get("refresh_token", "")
        order = (newest, entered) if self.ours(stale) else (entered, newest)
        return list(dict.fromkeys(token for token in order if token))

    def first_grant(self) -> Mapping[str, str]:
        if self.mode == CODE:
            raise ConnectionBroken(
                "Nobody has signed this connection in to Acumatica yet.",
                next_step="Sign in by browser from the connection's page; Acumatica asks for consent once.",
            )
        return self._credentials() | {"grant_type": "password", "scope": SCOPE}

    def ask(self, grant: Mapping[str, str]) -> dict[str, Any]:
        return token_from(self.http, TOKEN_PATH, self.account.secrets, grant)

    def _by_cookie(self) -> Session:
        settings, user = self.account.settings, self._credentials()
        body = {"name": user["username"], "password": user["password"], "tenant": settings.get("tenant", "")}
        if settings.get("branch"):
            body["branch"] = settings["branch"]
        jar = self.http.session.cookies
        jar.clear()
        self.http.post("/entity/auth/login", json=body, write=False)
        cookies = {cookie.name: cookie.value for cookie in jar if cookie.value}
        jar.clear()
        if not cookies:
            raise WrongAddress("The sign-in was answered without a session.")
        return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}

    def _credentials(self) -> dict[str, str]:
        labels = {"username": "user name", "password": "password"}
        secrets = self.account.secrets
        require(secrets, labels, "the Acumatica API user", "Enter it in the connection's credentials.")
        return {name: secrets[name] for name in labels}


def headers(session: Session) -> dict[str, str]:
    """What shows the session on a request."""
    return bearer(session) if "token" in session else {"Cookie": session["cookie"]}


def without_cookies(http: Http) -> Http:
    """An `Http` whose own cookie jar stays empty: only cookies from the session store are ever sent."""
    http.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return http


def map_sign_in_error(response: Response) -> VendorError | None:
    """What a sign-in means, whose refusals are not those of the records."""
    details: dict[str, Any] = {"status": response.status, "request_id": response.request_id}
    # Over the limit, IIS may put its own page in place of the text.
    if (
        no_seat(response)
        or response.status == 429
        or "The custom error module does not recognize" in response.text[:500]
    ):
        return seats_used_up(details)
    problem = response.problem()
    words = words_of(problem)
    if response.status == 500 and problem:
        return _refused_sign_in(problem, words, details)
    if response.status in {400, 401} and "error" in problem:
        return _refused_grant(str(problem["error"]), details)
    error = map_error(response)
    if isinstance(error, Rejected):
        return ConnectionBroken("Acumatica did not accept our sign-in.", words=words, **details)
    return error


def _refused_sign_in(problem: Mapping[str, Any], words: str, details: dict[str, Any]) -> VendorError | None:
    """Acumatica answers a wrong password with status 500 and an exception."""
    kind, lower = str(problem.get("exceptionType", "")), words.lower()
    if "PXUndefinedCompanyException" in kind or "proper company id" in lower:
        return ConnectionBroken(
            "Acumatica does not know the tenant of this connection.",
            next_step="Enter the tenant's login name, as the sign-in page lists it, in the setting Tenant.",
            words=words,
            **details,
        )
    if "lock" in lower:
        step = "Unlock the user on form Users (SM201010), enter the right password, then test the connection."
        return ConnectionBroken("The Acumatica API user is locked.", next_step=step, words=words, **details)
    if "password" in lower and any(sign in lower for sign in ("expire", "change", "must")):
        step = "Sign in once by browser as the API user, change the password, then enter the new one here."
        return ConnectionBroken(
            "The password of the Acumatica API user must be changed.", next_step=step, words=words, **details
        )
    if "invalid credentials" in lower:
        return ConnectionBroken(
            "Acumatica refused the user name or the password.",
            next_step="Enter the API user's name and password again, then test the connection.",
            words=words,
            **details,
        )
    if kind.endswith("PXException"):
        step = "Sign in by browser as the API user to see what is wrong, then test the connection."
        return ConnectionBroken("Acumatica refused to sign us in.", next_step=step, words=words, **details)
    return None


def _refused_grant(error: str, details: dict[str, Any]) -> VendorError:
    if error == "invalid_client":
        return ConnectionBroken(
            "Acumatica does not know the connected application, or its secret is wrong.",
            next_step="Enter the client ID (with @ and the tenant) and the client secret from form Connected Applications (SM303010).",
            words=error,
            **details,
        )
    if error == "invalid_grant":
        return GrantRefused(
            "Acumatica refused the sign-in that was granted to us, or it has ended.",
            next_step="Enter the API user's credentials, or sign in again from the connection's page; "
            "a grant lasts 30 days unless sliding expiration is on (SM303010).",
            words=error,
            **details,
        )
    return ConnectionBroken(
        "Acumatica refused our request for a token.",
        next_step="Check flow and scopes of the application on form Connected Applications (SM303010).",
        words=error[:80],
        **details,
    )
