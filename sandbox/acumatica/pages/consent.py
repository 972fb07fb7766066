"""The page on which a person allows or refuses an application what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Response

from sandbox.kit.context import Context
from sandbox.kit.oauth import Consent, Parameters
from sandbox.kit.pages import Pages
from sandbox.kit.responses import json_response

SCOPES = {"api", "offline_access", "api:concurrent_access", "openid", "email", "profile", "phone"}


class ConsentPage(Consent):
    """`new_code` makes the code for what the application asked for."""

    def __init__(
        self,
        context: Context,
        base_path: str,
        credentials: Mapping[str, Any],
        new_code: Callable[[Parameters], str],
    ) -> None:
        paths = (f"{base_path}/identity/connect/authorize", f"{base_path}/identity/consent")
        super().__init__(context, Pages(Path(__file__).parent), *paths)
        self.credentials, self.new_code = credentials, new_code

    def refuse(self, parameters: Parameters) -> Response | None:
        """Nobody is sent to an address that is not the application's."""
        known, target = self.context.switches["redirect_uris"], parameters.get("redirect_uri", "")
        own = parameters.get("client_id") == self.credentials["client_id"]
        if own and target and (not known or target in known):
            return None
        return json_response({"error": "unauthorized_client"}, 400)

    def error(self, parameters: Parameters) -> str:
        if parameters.get("response_type") != "code":
            return "unsupported_response_type"
        scopes = parameters.get("scope", "").split()
        return "" if scopes and SCOPES.issuperset(scopes) else "invalid_scope"

    def values(self, parameters: Parameters) -> dict[str, Any]:
        return {"username": self.credentials["username"]}

    def grant(self, parameters: Parameters, form: Mapping[str, str]) -> str:
        return self.new_code(parameters)
