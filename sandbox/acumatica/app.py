"""The Acumatica simulator: one ERP site in a virtual directory, with the contract-based API and OAuth.

Facts, and how sure each is, are in the vendor notes; where a fact is unverified there is a switch and both sides can
be tried. Switches (see `SWITCHES`) are set with `POST /_control/settings`, what a person would do in Acumatica with
`POST /_control/do/<name>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.acumatica.actions import Operator
from sandbox.acumatica.api.entities import Entities
from sandbox.acumatica.api.licence import Queue
from sandbox.acumatica.api.operations import Operations
from sandbox.acumatica.api.sessions import Session, SignIn
from sandbox.acumatica.contents import contents
from sandbox.acumatica.contract import FORMS
from sandbox.acumatica.errors import Refusal, error, plain
from sandbox.acumatica.rules.drafts import Faulty
from sandbox.acumatica.seed.contents import found
from sandbox.acumatica.store import Row, Store
from sandbox.acumatica.webhooks import Push
from sandbox.kit.faults import Fault
from sandbox.kit.responses import json_response
from sandbox.kit.simulator import Simulator

BUILD = "26.101.0225"
VERSIONS = ("24.200.001", "25.200.001")
CONTRACT_5 = "26.200.001"
SWITCHES: dict[str, Any] = {
    # Endpoints. Extra ones, as "Name/version", are customers' own; they serve the same entities.
    "contract5": False,
    "extra_endpoints": [],
    "bare_endpoint_list": False,
    "wrong_version_body": "json",
    "redirect": False,
    # Signing in
    "seats": 2,
    "session_idle": 1200,
    "tenant_mixup": False,
    "single_tenant": False,
    "redirect_uris": [],
    "refresh_days": 30,
    "rotate_refresh": True,
    "revoked": [],
    # Records
    "shuffled": False,
    "padded_keys": False,
    "utc_offset_minutes": 0,
    "null_notes": False,
    "cannot_optimize": [],
    "package_required": False,
    # Long operations: seconds until the work is done, answers 202 before the first 204, status of a failure.
    "operation_seconds": 0.05,
    "polls": 1,
    "failure_status": 500,
    "lock_status": 500,
    # The licence's queue; 0 switches a limit off. `work_seconds` is how long each request keeps its place.
    "minute_limit": 0,
    "minute_seconds": 60.0,
    "concurrent_limit": 0,
    "work_seconds": 0.0,
    # Push notifications: normal, duplicated, dropped, reordered, delayed.
    "push_mode": "normal",
    "push_pause": 1.0,
    "push_delay": 1.0,
}


class AcumaticaSimulator(Operator, Simulator):
    slug: ClassVar[str] = "acumatica"
    base_path: ClassVar[str] = "/MyInstance"
    other_tenant: ClassVar[str] = "OtherTenant"
    vendor_faults: ClassVar[dict[str, str]] = {
        "lost_lock": "answers that another process has updated the record, instead of doing the work",
        "session_lost": "ends the session of the request and answers 401",
    }
    credentials: ClassVar[dict[str, Any]] = {
        "username": "api-user",
        "password": "sim-password",
        "tenant": "MyStore",
        "branch": "MYSTORE",
        "client_id": "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD@MyStore",
        "client_secret": "sim-client-secret",
    }

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.store = Store(self.credentials["tenant"], self.now)
        self.other_store = Store(self.other_tenant, self.now)
        self.operations = Operations(self.now, self.new_id)
        self.sign_in = SignIn(self)
        self.entities = Entities(self)
        self.switches |= SWITCHES
        self.queue = Queue(self.switches)
        self.push = Push(self.switches, self.now, self.store.tenant, seed)
        self.store.switches = self.other_store.switches = self.switches
        self.store.orders.listeners.append(self._order_changed)
        found(self.store)

    def store_of(self, session: Session) -> Store:
        return self.store if session.tenant == self.store.tenant else self.other_store

    def _order_changed(self, row: Row, status: str, modified: str) -> None:
        self.push.order_changed(row, status, modified, gone=not self.store.orders.holds(row))

    # Routes

    def routes(self) -> Iterable[Rule]:
        yield Rule(f"{self.base_path}/entity", endpoint=self.endpoints, methods=["GET"])
        yield from self.sign_in.routes()
        yield from self.entities.routes()

    def served(self) -> list[tuple[str, str]]:
        versions = (*VERSIONS, CONTRACT_5) if self.switches["contract5"] else VERSIONS
        return [("Default", version) for version in versions]

    def own_endpoints(self) -> list[tuple[str, str]]:
        return [
            (name, version) for name, _, version in (each.partition("/") for each in self.switches["extra_endpoints"])
        ]

    def serves(self, endpoint: str, version: str) -> bool:
        known = {(name.lower(), number.lower()) for name, number in [*self.served(), *self.own_endpoints()]}
        return (endpoint.lower(), version.lower()) in known

    def endpoints(self, request: Request) -> Response:
        """Needs no session; with one it names the customers' own endpoints too."""
        known = self.served() + (self.own_endpoints() if self.sign_in.current(request) else [])
        listed = [
            {"name": name, "version": version, "href": f"{self.base_path}/entity/{name}/{version}/"}
            for name, version in known
        ]
        if self.switches["bare_endpoint_list"]:
            return json_response(listed)
        build = {"acumaticaBuildVersion": BUILD, "databaseVersion": BUILD}
        return json_response({"version": build, "endpoints": listed})

    # Every request

    def serve(self, request: Request) -> Response:
        if not _queued(request.path):
            return super().serve(request)
        declined = self.queue.enter()
        if declined:
            return self.finish(request, declined)
        try:
            self.queue.work()
            return super().serve(request)
        finally:
            self.queue.leave()

    def guard(self, request: Request) -> Response | None:
        request.get_data()  # a refused body must not be left in the connection
        self.operations.settle()
        if request.method == "POST" and "CONTENT_LENGTH" not in _sized(request):
            return plain("Length Required", 411)
        if _open(request.path.removeprefix(self.base_path)):
            return None
        if self.sign_in.current(request) is None:
            return _signed_out()
        return None

    def throttled(self, request: Request) -> Response:
        return plain("The custom error module does not recognize this error.", 429)

    def failed(self, request: Request, status: int) -> Response:
        if status == 404:
            return Response(
                "<html><body>404 - File or directory not found.</body></html>", 404, content_type="text/html"
            )
        return error(status, "An unexpected failure.", "System.Exception")

    def vendor_fault(self, request: Request, fault: Fault) -> Response:
        if fault.kind == "session_lost":
            session = self.sign_in.current(request)
            if session:
                self.sign_in.drop(session)
            return self.finish(request, _signed_out())
        tables = [table for name, (_, _, table) in FORMS.items() if f"/{name}" in request.path]
        words = f"Another process has updated the '{(tables or ['SOOrder'])[0]}' record. Your changes will be lost."
        refusal = error(int(self.switches["lock_status"]), words, "PX.Data.PXLockViolationException")
        return self.finish(request, refusal)

    # The control API

    def state(self) -> dict[str, Any]:
        """All orders, shipments, customers and items of the tenant, unwrapped."""
        self.operations.settle()
        self.sign_in.sweep()
        return contents(self.store) | {"sessions": len(self.sign_in.sessions), "push": dict(self.push.outcomes)}

    def run_action(self, name: str, arguments: dict[str, Any]) -> Response:
        self.operations.settle()
        try:
            return super().run_action(name, arguments)
        except Refusal as refusal:
            return json_response({"message": refusal.words}, refusal.status if refusal.status < 500 else 409)
        except Faulty as faulty:
            return json_response({"message": faulty.words or "; ".join(faulty.errors.values())}, 422)


def _signed_out() -> Response:
    return json_response({"message": "Authorization has been denied for this request."}, 401)


def _open(path: str) -> bool:
    """Answered without a session."""
    return not path.startswith("/entity/") or path.startswith("/entity/auth/")


def _queued(path: str) -> bool:
    return "/entity/" in path and not path.endswith("/auth/logout")


def _sized(request: Request) -> set[str]:
    """The names in the environment that say how long a body is; a chunked one needs no length."""
    chunked = request.headers.get("Transfer-Encoding", "").lower() == "chunked"
    given = bool(request.environ.get("CONTENT_LENGTH")) or chunked
    return {"CONTENT_LENGTH"} if given else set()


SIMULATOR = AcumaticaSimulator
