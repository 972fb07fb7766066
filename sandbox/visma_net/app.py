"""The Visma.net simulator: the ERP, SalesOrders v3 and Visma Connect on one port, and a page for a person.

The ERP is under `/erp`, SalesOrders v3 under `/salesorder/api/v3`, Visma Connect under `/connect-host`. Facts, and how
sure each is, are in the vendor notes; where a fact is unverified there is a switch and both sides can be tried.
Switches (see `switches`) are set with `POST /_control/settings`, what a person would do in Visma.net with
`POST /_control/do/<name>` or on the page at `/_operator`.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any, ClassVar

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.faults import Fault
from sandbox.kit.responses import json_response
from sandbox.kit.simulator import Simulator
from sandbox.visma_net.actions import Actions
from sandbox.visma_net.api import access, directory
from sandbox.visma_net.api.background import Background
from sandbox.visma_net.api.companies import Companies
from sandbox.visma_net.api.connect import CUSTOMER_TENANT, VismaConnect
from sandbox.visma_net.api.connect import PREFIX as CONNECT
from sandbox.visma_net.api.customer_invoices import CustomerInvoices
from sandbox.visma_net.api.erp import BASE_PATH, Erp, decoded
from sandbox.visma_net.api.items import Items
from sandbox.visma_net.api.purchase_orders import PurchaseOrders
from sandbox.visma_net.api.purchase_receipts import PurchaseReceipts
from sandbox.visma_net.api.sales_orders import PREFIX as SALES
from sandbox.visma_net.api.sales_orders import SalesOrders
from sandbox.visma_net.contents import contents
from sandbox.visma_net.errors import Refusal, empty, error, gateway_page, problem
from sandbox.visma_net.pages.consent import ConsentPage
from sandbox.visma_net.pages.operator import Operator
from sandbox.visma_net.seed import fill
from sandbox.visma_net.store import Store
from sandbox.visma_net.switches import FAULTS, SWITCHES
from sandbox.visma_net.webhooks import Webhooks


class VismaNetSimulator(Simulator):
    slug: ClassVar[str] = "visma_net"
    base_path: ClassVar[str] = BASE_PATH
    addresses: ClassVar[dict[str, str]] = {"connect_url": CONNECT, "salesorder_url": SALES}
    operator_path: ClassVar[str] = "/_operator"
    default_switches: ClassVar[dict[str, Any]] = SWITCHES
    vendor_faults: ClassVar[dict[str, str]] = FAULTS
    credentials: ClassVar[dict[str, Any]] = {
        "tenant_id": "af1140c1-52e0-46c7-b684-df894d4b8a5a",
        "client_id": "isv_simulator",
        "client_secret": "sim-client-secret",
        "webhook_key": "sim-webhook-key",
    }
    other_tenant_id: ClassVar[str] = "bb7e1f30-0c1f-4b52-9d2e-5f1f0f7c2a11"
    customer_tenant_id: ClassVar[str] = CUSTOMER_TENANT
    actions: Actions

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        context = self.context
        self._open_companies()
        self.webhooks = Webhooks(context)
        self.actions = Actions(context, self.store, self.webhooks)
        self.connect = VismaConnect(context, self.companies, self.credentials)
        self.access = access.Access(context, self.connect, self.companies)
        self.background = Background(context, self.connect, self.webhooks, self.dispatch)
        self.consent = ConsentPage(context, self.companies, self.credentials["client_id"], self.connect.code)
        self.sales = SalesOrders(context, self.companies)
        resources = (PurchaseOrders(context), PurchaseReceipts(context), CustomerInvoices(context), Items(context))
        routes = [route for part in (*resources, directory, self.background) for route in part.routes()]
        self.erp = Erp(context, self.companies, routes, self.background.accept)
        self.operator = Operator(self.store, self.webhooks, self.actions)
        for store in self.companies:
            self.webhooks.listen(store)

    def _open_companies(self) -> None:
        random = Random(self.context.seed)
        tenant, other = self.credentials["tenant_id"], self.other_tenant_id
        self.store = Store(self.context, random, tenant, "5102401", "Fjordhandel AS")
        other_store = Store(self.context, random, other, "5102402", "Fjordhandel Sverige AB")
        self.companies = Companies(self.context, self.store, other_store)
        fill(self.store, documents=True)
        fill(other_store, documents=False)

    def routes(self) -> Iterable[Rule]:
        for part in (self.operator, self.connect, self.consent, self.sales, self.erp):
            yield from part.routes()

    # Every request

    def guard(self, request: Request) -> Response | None:
        request.get_data()  # a refused body must not be left in the connection
        self.background.run_due()
        return self.access.check(request) if access.is_api(request.path) else None

    def finish(self, request: Request, response: Response) -> Response:
        """Every response has a number to name in a support case, and says how many calls are left."""
        response.headers.setdefault("Ipp-Request-Id", str(self.context.new_id()))
        if access.is_api(request.path):
            self.access.set_headers(request, response)
        return response

    def throttled(self, request: Request) -> Response:
        return access.throttled(self.context)

    def failed(self, request: Request, status: int) -> Response:
        if request.path.startswith(CONNECT):
            return json_response({"error": "server_error"}, status)
        if request.path.startswith(SALES):
            return problem(status, "An error occurred.")
        match status:
            case 401:
                return access.unauthorized(request)
            case 502 | 503 | 504:
                return empty(status)
        return error(status, f"VismaId: {self.context.new_id()}. An error has occurred.")

    def vendor_fault(self, request: Request, fault: Fault) -> Response:
        match fault.kind:
            case "gateway_after":
                self.serve(request)
            case "token_lost":
                self.connect.revoke(request)
            case "row_moved":
                self._move(request)
                return self.serve(request)
        return self.finish(request, self._refused(request, fault.kind))

    def _refused(self, request: Request, kind: str) -> Response:
        match kind:
            case "gateway_html":
                return gateway_page(502)
            case "gateway_empty":
                return empty(503)
            case "gateway_after":
                return empty(504)
            case "licence":
                return access.no_licence(self.context)
            case "business_500":
                message = "VismaId: 94e79109-0000-4000-8000-000000000000. Error: An error occurred during processing."
                return error(500, message)
            case "capital_message":
                return json_response({"Message": "An error has occurred."}, 400)
            case "forbidden":
                return access.forbidden(request)
        return access.unauthorized(request)

    def _move(self, request: Request) -> None:
        """Somebody changes the document just before this request reaches it."""
        segments = {decoded(segment) for segment in request.path.split("/")}
        for table in (self.store.orders, self.store.receipts, self.store.invoices, self.store.sales):
            for row in [row for key in segments if (row := table.get(key))]:
                self.store.touch(table, row)

    # The control API

    def state(self) -> dict[str, Any]:
        """All that the first company holds, with custom fields and notes, and what became of webhooks."""
        self.background.run_due()
        deliveries = {**self.webhooks.outcomes, "waiting": len(self.webhooks.waiting)}
        return contents(self.store) | {"deliveries": deliveries}

    def run_action(self, name: str, arguments: dict[str, Any]) -> Response:
        self.background.run_due()
        try:
            return super().run_action(name, arguments)
        except Refusal as refusal:
            return json_response({"message": refusal.message}, 409 if refusal.code == 400 else refusal.code or 409)


SIMULATOR = VismaNetSimulator
