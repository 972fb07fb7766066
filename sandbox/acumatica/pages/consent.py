"""The page on which a person allows or refuses an application what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from werkzeug.routing import Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response

if TYPE_CHECKING:
    from sandbox.acumatica.api.sessions import House

Asked = dict[str, str]
SCOPES = {"api", "offline_access", "api:concurrent_access", "openid", "email", "profile", "phone"}
STYLE = """
:root { color-scheme: light dark; } body { margin: 0; font: 16px/1.5 system-ui, sans-serif; display: grid;
  min-height: 100vh; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(92vw, 26rem); padding: 1.5rem; border: 1px solid #8886; border-radius: .6rem; overflow-wrap: anywhere; }
h1 { font-size: 1.2rem; margin: 0 0 .5rem; } form { display: flex; gap: .6rem; }
button { font: inherit; min-height: 2.6rem; padding: .4rem 1.2rem; border-radius: .4rem; border: 1px solid #8888; }
button.main { background: #14508c; color: #fff; border-color: #14508c; }
"""


class Consent:
    """`grant` keeps what was asked and answers the code for it. The person is signed in already."""

    def __init__(self, house: House, grant: Callable[[Asked], str]) -> None:
        self.house = house
        self.grant = grant
        self.asked: dict[str, Asked] = {}

    def routes(self) -> Iterable[Rule]:
        base = self.house.base_path
        yield Rule(f"{base}/identity/connect/authorize", endpoint=self.authorize, methods=["GET"])
        yield Rule(f"{base}/identity/consent", endpoint=self.decide, methods=["POST"])

    def authorize(self, request: Request) -> Response:
        """Nobody is sent to an address that is not the application's."""
        asked = {name: str(value) for name, value in request.args.items()}
        known, target = self.house.switches["redirect_uris"], asked.get("redirect_uri", "")
        if (
            asked.get("client_id") != self.house.credentials["client_id"]
            or not target
            or (known and target not in known)
        ):
            return json_response({"error": "unauthorized_client"}, 400)
        if asked.get("response_type") != "code":
            return _back(asked, error="unsupported_response_type")
        scopes = asked.get("scope", "").split()
        if not scopes or not SCOPES.issuperset(scopes):
            return _back(asked, error="invalid_scope")
        ident = self.house.new_id().hex
        self.asked[ident] = asked
        return _page(
            f"<h1>Acumatica <small>simulator</small></h1><p><b>{escape(asked['client_id'])}</b> asks for"
            f" {escape(', '.join(scopes))} as {escape(self.house.credentials['username'])}.</p>"
            f'<form method="post" action="{escape(self.house.base_path)}/identity/consent">'
            f'<input type="hidden" name="request" value="{ident}">'
            '<button class="main" name="decision" value="allow">Allow</button>'
            '<button name="decision" value="deny">Deny</button></form>'
        )

    def decide(self, request: Request) -> Response:
        asked = self.asked.pop(request.form.get("request", ""), None)
        if asked is None:
            return _page("<h1>This page was used before</h1><p>Start again from the application.</p>", 400)
        if request.form.get("decision") != "allow":
            return _back(asked, error="access_denied")
        return _back(asked, code=self.grant(asked))


def _back(asked: Asked, **said: str) -> Response:
    state = {"state": asked["state"]} if "state" in asked else {}
    target = asked["redirect_uri"]
    return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(said | state)}", 302)


def _page(inner: str, status: int = 200) -> Response:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    text = (
        f'<!doctype html><html lang="en"><head>{head}<title>Acumatica</title><style>{STYLE}</style></head>'
        f"<body><main>{inner}</main></body></html>"
    )
    return Response(text, status, content_type="text/html; charset=utf-8")
