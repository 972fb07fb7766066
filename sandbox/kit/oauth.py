"""What the authorization servers of all simulators share: the consent page, codes, PKCE, bearer tokens and errors.

Which grants there are, what a token is and how long it lives is the vendor's own.
"""

from __future__ import annotations

import base64
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.pages import Pages
from sandbox.kit.responses import json_response

Parameters = dict[str, str]


class OAuthError(HTTPException):
    """Ends a handler with an OAuth error such as `invalid_grant`."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        body = {"error": error} | ({"error_description": description} if description else {})
        super().__init__(description, json_response(body, status, {"Cache-Control": "no-store"}))
        self.code = status


def token_response(body: Mapping[str, Any]) -> Response:
    return json_response(body, headers={"Cache-Control": "no-store"})


def bearer_token(request: Request) -> str | None:
    """The token of an `Authorization: Bearer` header; None without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def base64url(raw: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def verifier_matches(challenge: str, verifier: str) -> bool:
    """PKCE with S256: the verifier belongs to the challenge; true where there was no challenge."""
    return not challenge or base64url(hashlib.sha256(verifier.encode()).digest()) == challenge


def redirect_back(parameters: Parameters, **result: str) -> Response:
    """Send the browser back to the application with a code or an error, and with its `state`."""
    state = {"state": parameters["state"]} if "state" in parameters else {}
    target = parameters["redirect_uri"]
    return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(result | state)}", 302)


class Consent(ABC):
    """The page on which a person, signed in already, allows or refuses what an application asks for.

    Its template extends `consent_base.html` and gets `request_id`, `consent_path`, `parameters` and what `values` returns.
    """

    template: ClassVar[str] = "consent.html"

    def __init__(self, context: Context, pages: Pages, authorize_path: str, consent_path: str) -> None:
        self.context = context
        self.pages = pages
        self.authorize_path = authorize_path
        self.consent_path = consent_path
        self.pending: dict[str, Parameters] = {}

    # What a vendor provides

    @abstractmethod
    def refuse(self, parameters: Parameters) -> Response | None:
        """The response where the browser must not be sent back: an unknown client or redirect address."""

    @abstractmethod
    def error(self, parameters: Parameters) -> str:
        """The error that the application is sent, or empty."""

    @abstractmethod
    def grant(self, parameters: Parameters, form: Mapping[str, str]) -> str:
        """The code for what a person has allowed; empty refuses it."""

    def values(self, parameters: Parameters) -> dict[str, Any]:
        """What the template shows beside the parameters."""
        return {}

    # The two steps

    def routes(self) -> Iterable[Rule]:
        yield Rule(self.authorize_path, endpoint=self.authorize, methods=["GET"])
        yield Rule(self.consent_path, endpoint=self.decide, methods=["POST"])

    def authorize(self, request: Request) -> Response:
        parameters = {name: str(value) for name, value in request.args.items()}
        if refusal := self.refuse(parameters):
            return refusal
        if error := self.error(parameters):
            return redirect_back(parameters, error=error)
        request_id = self.context.new_id().hex
        self.pending[request_id] = parameters
        return self.pages.render(
            self.template,
            request_id=request_id,
            consent_path=self.consent_path,
            parameters=parameters,
            **self.values(parameters),
        )

    def decide(self, request: Request) -> Response:
        """A page serves once."""
        parameters = self.pending.pop(request.form.get("request", ""), None)
        if parameters is None:
            return self.pages.render("consent_used.html", status=400)
        allowed = request.form.get("decision") == "allow"
        code = self.grant(parameters, request.form) if allowed else ""
        return redirect_back(parameters, code=code) if code else redirect_back(parameters, error="access_denied")
