"""The Visma.net simulator: the ERP, SalesOrders v3 and Visma Connect on one port, and a page for a person.

The ERP is under `/erp`, SalesOrders v3 under `/salesorder/api/v3`, Visma Connect under `/connect-host`. Facts, and how
sure each is, are in the vendor notes; where a fact is unverified there is a switch and both sides can be tried.
Switches (see `switches`) are set with `POST /_control/settings`, what a person would do in Visma.net with
`POST /_control/do/<name>` or on the page at `/_operator`.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from random import Random
from typing import Any, ClassVar

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.faults import Fault
from sandbox.kit.responses import json_response
from sandbox.kit.simulator import Simulator
from sandbox.visma_net.actions import Operator
from sandbox.visma_net.api.background import Background
from sandbox.visma_net.api.connect import PREFIX as CONNECT
from sandbox.visma_net.api.connect import VismaConnect
from sandbox.visma_net.api.customer_invoices import Invoices
from sandbox.visma_net.api.directory import Directory
from sandbox.visma_net.api.erp import OLD_PATH, Erp, decoded
from sandbox.visma_net.api.limits import Limits
from sandbox.visma_net.api.purchase_receipts import Purchasing
from sandbox.visma_net.api.sales_orders import PREFIX as SALES
from sandbox.visma_net.api.sales_orders import SalesOrders
from sandbox.visma_net.contents import contents
from sandbox.visma_net.errors import (
    NO_LICENCE,
    Refusal,
    empty,
    gateway,
    message,
    platform,
    problem,
)
from sandbox.visma_net.pages.operator import Page
from sandbox.visma_net.seed.documents import found
from sandbox.visma_net.store import Row, Store
from sandbox.visma_net.switches import FAULTS, SWITCHES
from sandbox.visma_net.tokens import Token
from sandbox.visma_net.webhooks import Hooks

TENANT = "visma.tenant"
"""Where a request's environment names the company of its token."""
RIGHTS = {"GET": "read", "POST": "create", "PUT": "update", "DELETE": "delete"}


class VismaNetSimulator(Operator, Simulator):
    slug: ClassVar[str] = "visma_net"
    base_path: ClassVar[str] = "/erp"
    addresses: ClassVar[dict[str, str]] = {"connect_url": CONNECT, "salesorder_url": SALES}
    operator_path: ClassVar[str] = "/_operator"
    vendor_faults: ClassVar[dict[str, str]] = FAULTS
    credentials: ClassVar[dict[str, Any]] = {
        "tenant_id": "af1140c1-52e0-46c7-b684-df894d4b8a5a",
        "client_id": "isv_simulator",
        "client_secret": "sim-client-secret",
        "webhook_key": "sim-webhook-key",
    }
    other_tenant_id: ClassVar[str] = "bb7e1f30-0c1f-4b52-9d2e-5f1f0f7c2a11"
    customer_tenant_id: ClassVar[str] = "c0ffee00-1111-4222-8333-444455556666"

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.switches |= deepcopy(SWITCHES)
        random = Random(seed)
        self.store = Store(self.credentials["tenant_id"], "5102401", "Fjordhandel AS", self.now, random)
        self.other_store = Store(self.other_tenant_id, "5102402", "Fjordhandel Sverige AB", self.now, random)
        self.connect = VismaConnect(self)
        self.hooks = Hooks(self)
        self.background = Background(self)
        self.sales = SalesOrders(self)
        parts = (Purchasing(self), Invoices(self), Directory(self), self.background)
        self.erp = Erp(self, [route for part in parts for route in part.routes()])
        self.limits = Limits(self.switches, self.now)
        for store in self.companies():
            store.switches = self.switches
            found(store, full=store is self.store)
            store.listeners.append(self._teller(store.tenant))

    def _teller(self, tenant: str) -> Any:
        def tell(table: str, row: Row, action: str) -> None:
            self.hooks.changed(tenant, table, row, action)

        return tell

    def companies(self) -> list[Store]:
        return [self.store, self.other_store]

    def root(self, request: Request) -> str:
        return request.host_url.rstrip("/")

    def store_of(self, request: Request) -> Store | None:
        """The company of the token; None where an old header names another one and that counts."""
        store = next(each for each in self.companies() if each.tenant == request.environ[TENANT])
        named = request.headers.get("ipp-company-id")
        if self.switches["company_mode"] == "strict" and named and named != store.company:
            return None
        return store

    def routes(self) -> Iterable[Rule]:
        yield from Page(self).routes()
        yield from self.connect.routes()
        yield from self.sales.routes()
        yield from self.erp.routes()

    # Every request

    def guard(self, request: Request) -> Response | None:
        request.get_data()  # a refused body must not be left in the connection
        self.background.settle()
        if not _is_api(request.path):
            return None
        token = self.connect.current(request)
        key = self._window(token)
        if self._counts(request) and not self.limits.take(key):
            return self._throttled(request, self.limits.seconds_left(key))
        if token is None or not self.switches["approved"]:
            return self._unauthorized(request)
        if token.tenant not in {store.tenant for store in self.companies()}:
            return self._unauthorized(request)
        if self.switches["no_licence"]:
            return self._no_licence()
        request.environ[TENANT] = token.tenant
        return None if token.may(self._right(request)) else self._forbidden(request)

    def perform(self, request: Request) -> Response:
        """Work that was accepted before."""
        return self.dispatch(request)

    def finish(self, request: Request, response: Response) -> Response:
        """Every answer has a number to name in a support case, and tells how many calls are left."""
        response.headers.setdefault("Ipp-Request-Id", str(self.new_id()))
        if _is_api(request.path) and self._counts(request):
            old = OLD_PATH.lower() in request.path.lower()
            self.limits.mark(self._window(self.connect.current(request)), response, old=old)
        return response

    def _right(self, request: Request) -> str:
        if request.path.startswith(SALES):
            return "salesorder:read" if request.method == "GET" else "salesorder:write"
        if "/action/" in request.path.lower():
            return f"erp:{self.switches['action_scope']}"
        return f"erp:{RIGHTS.get(request.method, 'update')}"

    def _counts(self, request: Request) -> bool:
        return bool(self.switches["v3_counts"]) or not request.path.startswith(SALES)

    def _window(self, token: Token | None) -> str:
        return f"{token.tenant}/{token.client}" if token else ""

    def _unauthorized(self, request: Request) -> Response:
        if request.path.startswith(SALES):
            return problem(401, "Unauthorized")
        return empty(401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})

    def _forbidden(self, request: Request) -> Response:
        if request.path.startswith(SALES):
            return problem(403, "Forbidden")
        return message(403, "The token has no scope for this operation.")

    def _no_licence(self) -> Response:
        status = int(self.switches["no_licence_status"])
        return platform(status, "No license for this company.", NO_LICENCE, str(self.new_id()))

    def throttled(self, request: Request) -> Response:
        return self._throttled(request, int(self.switches["throttle_seconds"]))

    def _throttled(self, request: Request, seconds: int) -> Response:
        headers = {"Retry-After": str(seconds)}
        match self.switches["throttle_body"]:
            case "empty":
                return empty(429, headers)
            case "html":
                response = gateway(429)
            case _:
                response = message(429, "API calls quota exceeded.")
        response.headers.update(headers)
        return response

    def failed(self, request: Request, status: int) -> Response:
        if request.path.startswith(CONNECT):
            return json_response({"error": "server_error"}, status)
        if request.path.startswith(SALES):
            return problem(status, "An error occurred.")
        match status:
            case 401:
                return self._unauthorized(request)
            case 502 | 503 | 504:
                return empty(status)
        return message(status, f"VismaId: {self.new_id()}. An error has occurred.")

    def vendor_fault(self, request: Request, fault: Fault) -> Response:
        match fault.kind:
            case "gateway_html":
                return self.finish(request, gateway(502))
            case "gateway_empty":
                return self.finish(request, empty(503))
            case "gateway_after":
                self.serve(request)
                return self.finish(request, empty(504))
            case "licence":
                return self.finish(request, self._no_licence())
            case "business_500":
                words = "VismaId: 94e79109-0000-4000-8000-000000000000. Error: An error occurred during processing."
                return self.finish(request, message(500, words))
            case "capital_message":
                return self.finish(request, json_response({"Message": "An error has occurred."}, 400))
            case "forbidden":
                return self.finish(request, self._forbidden(request))
            case "token_lost":
                self.connect.revoke(request)
                return self.finish(request, self._unauthorized(request))
            case "row_moved":
                self._move(request)
        return self.serve(request)

    def _move(self, request: Request) -> None:
        """Somebody changes the document just before this request reaches it."""
        segments = {decoded(segment) for segment in request.path.split("/")}
        for table in (self.store.orders, self.store.receipts, self.store.invoices, self.store.sales):
            for row in [row for key in segments if (row := table.get(key))]:
                self.store.touch(table, row)

    # The control API

    def state(self) -> dict[str, Any]:
        """All that the first company holds, with custom fields and notes, and what became of webhooks."""
        self.background.settle()
        hooks = self.hooks
        return contents(self.store) | {"deliveries": {**hooks.outcomes, "waiting": len(hooks.waiting)}}

    def run_action(self, name: str, arguments: dict[str, Any]) -> Response:
        self.background.settle()
        try:
            return super().run_action(name, arguments)
        except Refusal as refusal:
            return json_response({"message": refusal.words}, 409 if refusal.code == 400 else refusal.code or 409)


def _is_api(path: str) -> bool:
    return path.startswith(("/erp/", f"{SALES}/"))


SIMULATOR = VismaNetSimulator
