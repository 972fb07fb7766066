"""Records over HTTP: `/entity/{endpoint}/{version}/{Entity}…` read, listed, written, deleted, acted upon."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.acumatica.api import entity_writes, lists
from sandbox.acumatica.api.calls import Call
from sandbox.acumatica.api.endpoints import Endpoints
from sandbox.acumatica.api.entity_actions import EntityActions, is_status
from sandbox.acumatica.api.operations import Operations
from sandbox.acumatica.api.sessions import Session, Sessions
from sandbox.acumatica.api.view import View, expand_tree, select_tree
from sandbox.acumatica.contract import ENTITIES, FORMS
from sandbox.acumatica.errors import Refusal, error
from sandbox.acumatica.store import Store
from sandbox.kit.context import Context

VIEWS = 200
"""So many ways of showing records are kept ready."""


class Entities:
    """`stores` holds the tenants."""

    def __init__(
        self,
        context: Context,
        sessions: Sessions,
        endpoints: Endpoints,
        operations: Operations,
        stores: Mapping[str, Store],
    ) -> None:
        self.context, self.sessions, self.endpoints, self.operations = context, sessions, endpoints, operations
        self.base_path, self.stores = endpoints.base_path, stores
        self.views: dict[tuple[Any, ...], View] = {}
        self.methods: dict[str, Callable[[Call], Response]] = {
            "GET": self.get,
            "PUT": entity_writes.put,
            "PATCH": entity_writes.patch,
            "DELETE": entity_writes.delete,
            "POST": EntityActions(context, operations).post,
        }

    def routes(self) -> Iterable[Rule]:
        path = f"{self.base_path}/entity/<endpoint>/<version>/<path:rest>"
        yield Rule(path, endpoint=self.serve, methods=list(self.methods), merge_slashes=False)

    def serve(self, request: Request, endpoint: str, version: str, rest: str) -> Response:
        session = self.sessions.current(request)
        if session is None:
            raise AssertionError("the guard lets nobody in without a session")
        if self.context.switches["redirect"]:
            return Response(b"", 302, {"Location": f"{self.base_path}/ui/error"})
        if not self.endpoints.serves(endpoint, version):
            return self._wrong_version()
        call = self._call(request, session, f"{self.base_path}/entity/{endpoint}/{version}", rest)
        return self.methods[request.method](call)

    def _call(self, request: Request, session: Session, base: str, rest: str) -> Call:
        first, *keys = rest.split("/")
        name = next((name for name in ENTITIES if name.lower() == first.lower()), "")
        if not name:
            message = f"Entity '{first}' was not found."
            raise Refusal(404, message, "System.Collections.Generic.KeyNotFoundException")
        if name in self.context.switches["revoked"]:
            message = f"You have insufficient rights to access the object ({FORMS[name][0]})."
            raise Refusal(403, message, "PX.Data.PXNotEnoughRightsException")
        if not is_status(name, keys):
            self.operations.must_be_free(session.id, FORMS[name][0])
        store = self.stores[session.tenant]
        view = self._view(base, request, name)
        return Call(request, session, store, store.tables[name], view, keys, f"{base}/{name}")

    def _wrong_version(self) -> Response:
        """The real body is not documented."""
        match self.context.switches["wrong_version_body"]:
            case "json":
                return error(404, "Endpoint not found", "PX.Api.ContractBased.EndpointNotFoundException")
            case "html":
                return Response("<html><body><h1>404</h1></body></html>", 404, content_type="text/html; charset=utf-8")
        return Response("Endpoint not found", 404, content_type="text/plain; charset=utf-8")

    def _view(self, base: str, request: Request, name: str) -> View:
        switches = self.context.switches
        texts = tuple(request.args.get(parameter, "") for parameter in ("$expand", "$select", "$custom"))
        modes = (bool(switches["padded_keys"]), int(switches["utc_offset_minutes"]), bool(switches["null_notes"]))
        key = (base, name, *texts, *modes)
        if key not in self.views:
            if len(self.views) >= VIEWS:
                self.views.clear()
            expand, select = expand_tree(texts[0], ENTITIES[name]), select_tree(texts[1])
            custom = frozenset(part.strip() for part in texts[2].split(","))
            self.views[key] = View(key, base, "/26." in base, *modes, expand, select, custom)
        return self.views[key]

    def get(self, call: Call) -> Response:
        if is_status(call.entity, call.rest):
            return self.operations.status(call.rest[2], call.session.id)
        if call.rest in ([], [""]):
            records = lists.page(self.context, call.table, call.view, call.request.args)
            return call.respond(b"[" + b",".join(records) + b"]")
        return call.show(call.row())
