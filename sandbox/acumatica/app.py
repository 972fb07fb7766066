"""The Acumatica simulator: one ERP site in a virtual directory, with the contract-based API and OAuth.

Facts, and how sure each is, are in the vendor notes; where a fact is unverified there is a switch and both sides can
be tried. Switches (see `switches`) are set with `POST /_control/settings`, what a person would do in Acumatica with
`POST /_control/do/<name>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.acumatica.actions import Actions
from sandbox.acumatica.api.endpoints import Endpoints
from sandbox.acumatica.api.entities import Entities
from sandbox.acumatica.api.identity import Identity
from sandbox.acumatica.api.licence import LicenceQueue
from sandbox.acumatica.api.login import Login
from sandbox.acumatica.api.operations import Operations
from sandbox.acumatica.api.sessions import Sessions
from sandbox.acumatica.contents import contents
from sandbox.acumatica.contract import FORMS
from sandbox.acumatica.errors import Refusal, error, plain
from sandbox.acumatica.pages.consent import ConsentPage
from sandbox.acumatica.rules.writes import InvalidRecord
from sandbox.acumatica.seed import fill
from sandbox.acumatica.store import Store
from sandbox.acumatica.switches import FAULTS, SWITCHES
from sandbox.acumatica.webhooks import Webhooks
from sandbox.kit.faults import Fault
from sandbox.kit.responses import json_response
from sandbox.kit.simulator import Simulator


class AcumaticaSimulator(Simulator):
    slug: ClassVar[str] = "acumatica"
    base_path: ClassVar[str] = "/MyInstance"
    other_tenant: ClassVar[str] = "OtherTenant"
    default_switches: ClassVar[dict[str, Any]] = SWITCHES
    vendor_faults: ClassVar[dict[str, str]] = FAULTS
    credentials: ClassVar[dict[str, Any]] = {
        "username": "api-user",
        "password": "sim-password",
        "tenant": "MyStore",
        "branch": "MYSTORE",
        "client_id": "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD@MyStore",
        "client_secret": "sim-client-secret",
    }
    actions: Actions

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        context, base_path, known = self.context, self.base_path, self.credentials
        self.store = Store(context, known["tenant"])
        fill(self.store)
        stores = {store.tenant: store for store in (self.store, Store(context, self.other_tenant))}
        self.webhooks = Webhooks(context, self.store)
        self.actions = Actions(self.store, self.webhooks)
        self.queue = LicenceQueue(context)
        self.operations = Operations(context)
        self.sessions = Sessions(context, self.other_tenant)
        self.login = Login(context, self.sessions, base_path, known, self.other_tenant)
        self.identity = Identity(context, self.sessions, base_path, known)
        self.consent = ConsentPage(context, base_path, known, self.identity.new_code)
        self.endpoints = Endpoints(context, self.sessions, base_path)
        self.entities = Entities(context, self.sessions, self.endpoints, self.operations, stores)

    def routes(self) -> Iterable[Rule]:
        for part in (self.endpoints, self.login, self.identity, self.consent, self.entities):
            yield from part.routes()

    # Every request

    def serve(self, request: Request) -> Response:
        if not _is_queued(request.path):
            return super().serve(request)
        refusal = self.queue.enter()
        if refusal:
            return self.finish(request, refusal)
        try:
            self.queue.work()
            return super().serve(request)
        finally:
            self.queue.leave()

    def guard(self, request: Request) -> Response | None:
        request.get_data()  # a refused body must not be left in the connection
        self.operations.run_due()
        if request.method == "POST" and not _has_length(request):
            return plain("Length Required", 411)
        if not _needs_session(request.path.removeprefix(self.base_path)) or self.sessions.current(request):
            return None
        return _signed_out()

    def throttled(self, request: Request) -> Response:
        return plain("The custom error module does not recognize this error.", 429)

    def failed(self, request: Request, status: int) -> Response:
        if status == 404:
            page = "<html><body>404 - File or directory not found.</body></html>"
            return Response(page, 404, content_type="text/html")
        return error(status, "An unexpected failure.", "System.Exception")

    def vendor_fault(self, request: Request, fault: Fault) -> Response:
        if fault.kind == "lost_lock":
            return self.finish(request, self._lost_lock(request))
        session = self.sessions.current(request)
        if session:
            self.sessions.drop(session)
        return self.finish(request, _signed_out())

    def _lost_lock(self, request: Request) -> Response:
        tables = [table for name, (_, _, table) in FORMS.items() if f"/{name}" in request.path]
        table = tables[0] if tables else "SOOrder"
        message = f"Another process has updated the '{table}' record. Your changes will be lost."
        return error(int(self.switches["lock_status"]), message, "PX.Data.PXLockViolationException")

    # The control API

    def state(self) -> dict[str, Any]:
        """All orders, shipments, customers and items of the tenant, unwrapped."""
        self.operations.run_due()
        self.sessions.sweep()
        return contents(self.store) | {"sessions": len(self.sessions), "push": self.webhooks.state()}

    def run_action(self, name: str, arguments: dict[str, Any]) -> Response:
        self.operations.run_due()
        try:
            return super().run_action(name, arguments)
        except Refusal as refusal:
            return json_response({"message": refusal.message}, refusal.status if refusal.status < 500 else 409)
        except InvalidRecord as invalid:
            return json_response({"message": invalid.message or "; ".join(invalid.errors.values())}, 422)


def _signed_out() -> Response:
    return json_response({"message": "Authorization has been denied for this request."}, 401)


def _needs_session(path: str) -> bool:
    return path.startswith("/entity/") and not path.startswith("/entity/auth/")


def _is_queued(path: str) -> bool:
    return "/entity/" in path and not path.endswith("/auth/logout")


def _has_length(request: Request) -> bool:
    """The request says how long its body is; a chunked one needs no length."""
    chunked = request.headers.get("Transfer-Encoding", "").lower() == "chunked"
    return chunked or bool(request.environ.get("CONTENT_LENGTH"))


SIMULATOR = AcumaticaSimulator
