"""Signing in as a person: the page where one picks a company and presses Allow or Deny."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from werkzeug.routing import Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.visma_net.tokens import INTERACTIVE_SCOPES

if TYPE_CHECKING:
    from sandbox.visma_net.api.connect import VismaConnect

STYLE = """
:root { color-scheme: light dark; } body { margin: 0; font: 16px/1.5 system-ui, sans-serif; display: grid;
  min-height: 100vh; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(92vw, 26rem); padding: 1.5rem; border: 1px solid #8886; border-radius: .6rem; }
h1 { font-size: 1.2rem; margin: 0 0 .5rem; } fieldset { border: 0; padding: 0; margin: 1rem 0; display: grid; gap: .4rem; }
legend { font-weight: 600; } ul { padding-left: 1.1rem; overflow-wrap: anywhere; font-size: .85rem; }
button { font: inherit; min-height: 2.6rem; padding: .4rem 1.2rem; border-radius: .4rem; border: 1px solid #8888; }
button.main { background: #14508c; color: #fff; border-color: #14508c; } .row { display: flex; gap: .6rem; }
"""


class Consent:
    def __init__(self, connect: VismaConnect) -> None:
        self.connect = connect
        self.asked: dict[str, dict[str, str]] = {}

    def routes(self) -> Iterable[Rule]:
        yield Rule("/connect-host/connect/authorize", endpoint=self.authorize, methods=["GET"])
        yield Rule("/connect-host/connect/consent", endpoint=self.decide, methods=["POST"])

    def authorize(self, request: Request) -> Response:
        """Only what cannot be told to the application by a redirect is told on a page of our own."""
        asked = {name: str(value) for name, value in request.args.items()}
        house = self.connect.house
        target = asked.get("redirect_uri", "")
        allowed = house.switches["redirect_uris"]
        if asked.get("client_id") != house.credentials["client_id"]:
            return _page("<h1>Unknown application</h1><p>unauthorized_client</p>", 400)
        if not target or (allowed and target not in allowed):
            return _page("<h1>Wrong redirect address</h1><p>invalid_request: redirect_uri</p>", 400)
        wrong = self._wrong(asked)
        if wrong:
            return _back(asked, error=wrong)
        ident = house.new_id().hex
        self.asked[ident] = asked
        return _page(self._form(ident, asked), 200)

    def _wrong(self, asked: dict[str, str]) -> str:
        if asked.get("response_type") != "code":
            return "unsupported_response_type"
        withheld = self.connect.house.switches["withheld_scopes"]
        scopes = asked.get("scope", "").split()
        if not scopes or any(scope not in INTERACTIVE_SCOPES or scope in withheld for scope in scopes):
            return "invalid_scope"
        challenged = "code_challenge" in asked
        if challenged and asked.get("code_challenge_method") != "S256":
            return "invalid_request"
        if not challenged and self.connect.house.switches["pkce_required"]:
            return "invalid_request"
        return ""

    def _form(self, ident: str, asked: dict[str, str]) -> str:
        companies = self.connect.house.companies()
        wanted = asked.get("acr_values", "").removeprefix("tenant:")
        chosen = wanted if wanted and self.connect.house.switches["preselects_tenant"] else companies[0].tenant
        radios = "".join(
            f'<label><input type="radio" name="tenant" value="{escape(each.tenant)}"'
            f"{' checked' if each.tenant == chosen else ''}> {escape(each.name)}</label>"
            for each in companies
        )
        rights = "".join(f"<li>{escape(scope)}</li>" for scope in asked["scope"].split())
        return (
            f"<h1>Visma Connect <small>simulator</small></h1><p><b>{escape(asked['client_id'])}</b> asks for access"
            f' as Kari Nordmann:</p><ul>{rights}</ul><form method="post" action="/connect-host/connect/consent">'
            f'<input type="hidden" name="request" value="{ident}"><fieldset><legend>Company</legend>{radios}</fieldset>'
            '<div class="row"><button class="main" name="decision" value="allow">Allow</button>'
            '<button name="decision" value="deny">Deny</button></div></form>'
        )

    def decide(self, request: Request) -> Response:
        asked = self.asked.pop(request.form.get("request", ""), None)
        if asked is None:
            return _page("<h1>This page was used before</h1><p>Start again from the application.</p>", 400)
        tenants = {each.tenant for each in self.connect.house.companies()}
        tenant = request.form.get("tenant", "")
        if request.form.get("decision") != "allow" or tenant not in tenants:
            return _back(asked, error="access_denied")
        scopes = tuple(asked["scope"].split())
        code = self.connect.code(tenant, scopes, asked["redirect_uri"], asked.get("code_challenge", ""))
        return _back(asked, code=code)


def _back(asked: dict[str, str], **said: str) -> Response:
    state = {"state": asked["state"]} if "state" in asked else {}
    target = asked["redirect_uri"]
    return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(said | state)}", 302)


def _page(inner: str, status: int) -> Response:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    text = (
        f'<!doctype html><html lang="en"><head>{head}<title>Visma Connect</title><style>{STYLE}</style></head>'
        f"<body><main>{inner}</main></body></html>"
    )
    return Response(text, status, content_type="text/html; charset=utf-8")
