"""Signing in as a person: the page where one picks a company and presses Allow or Deny."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Response

from sandbox.kit.context import Context
from sandbox.kit.oauth import Consent, Parameters
from sandbox.kit.pages import Pages
from sandbox.visma_net.api.companies import Companies
from sandbox.visma_net.api.tokens import INTERACTIVE_SCOPES

AUTHORIZE, DECIDE = "/connect-host/connect/authorize", "/connect-host/connect/consent"


class ConsentPage(Consent):
    """`new_code` makes the code for a company and what the application asked for."""

    def __init__(
        self, context: Context, companies: Companies, client_id: str, new_code: Callable[[str, Parameters], str]
    ) -> None:
        super().__init__(context, Pages(Path(__file__).parent), AUTHORIZE, DECIDE)
        self.companies, self.client_id, self.new_code = companies, client_id, new_code

    def refuse(self, parameters: Parameters) -> Response | None:
        target = parameters.get("redirect_uri", "")
        allowed = self.context.switches["redirect_uris"]
        if parameters.get("client_id") != self.client_id:
            return self._refused("Unknown application", "unauthorized_client")
        if not target or (allowed and target not in allowed):
            return self._refused("Wrong redirect address", "invalid_request: redirect_uri")
        return None

    def _refused(self, heading: str, error: str) -> Response:
        return self.pages.render("consent_refused.html", status=400, heading=heading, error=error)

    def error(self, parameters: Parameters) -> str:
        switches = self.context.switches
        if parameters.get("response_type") != "code":
            return "unsupported_response_type"
        scopes = parameters.get("scope", "").split()
        if not scopes or any(
            scope not in INTERACTIVE_SCOPES or scope in switches["withheld_scopes"] for scope in scopes
        ):
            return "invalid_scope"
        if "code_challenge" not in parameters:
            return "invalid_request" if switches["pkce_required"] else ""
        return "" if parameters.get("code_challenge_method") == "S256" else "invalid_request"

    def values(self, parameters: Parameters) -> dict[str, Any]:
        preselected = parameters.get("acr_values", "").removeprefix("tenant:")
        first = self.companies.stores[0].tenant
        chosen = preselected if preselected and self.context.switches["preselects_tenant"] else first
        return {"companies": self.companies, "chosen": chosen}

    def grant(self, parameters: Parameters, form: Mapping[str, str]) -> str:
        tenant = form.get("tenant", "")
        return self.new_code(tenant, parameters) if tenant in self.companies.tenants else ""
