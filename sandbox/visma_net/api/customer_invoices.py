"""Customer invoices over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.wrappers import Response

from sandbox.kit.context import Context
from sandbox.visma_net import clock
from sandbox.visma_net.api import lists
from sandbox.visma_net.api.erp import Call, Route, check_match
from sandbox.visma_net.api.responses import changed, release_result, single
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import customer_invoices
from sandbox.visma_net.schema import DAY, FLAG, TEXT, document
from sandbox.visma_net.store import Record, Row, Store, row_of

DTO = "CustomerInvoiceUpdateDto"
STATUSES = (
    *("Hold", "Balanced", "Voided", "Scheduled", "Open", "Closed", "PendingPrint", "PendingEmail"),
    *("CreditHold", "CcHold", "Reserved"),
)
EXPANDS = {
    "expandApplications": "applications",
    "expandAttachments": "attachments",
    "expandTaxDetails": "taxDetails",
    "expandInvoiceAddress": "invoiceAddress",
}
FILTERS = ("financialPeriod", "externalReference", "paymentReference", "customerRefNumber")
_TEXTS = ("customerRefNumber", "externalReference", "paymentReference", "invoiceText", "note", "customerProject")
SCHEMA = {
    **dict.fromkeys(_TEXTS, TEXT),
    "documentDueDate": DAY,
    "sendToAutoInvoice": FLAG,
    "excludeDebtCollection": FLAG,
    "hold": FLAG,
    "dontPrint": FLAG,
    "dontEmail": FLAG,
    **dict.fromkeys(("customerNumber", "currencyId", "referenceNumber", "branchNumber", "locationId"), TEXT),
}
_CHANGEABLE = (*_TEXTS, "documentDueDate", "sendToAutoInvoice", "excludeDebtCollection", "dontPrint", "dontEmail")


class CustomerInvoices:
    def __init__(self, context: Context) -> None:
        self.context = context

    def routes(self) -> Iterable[Route]:
        yield "GET", "v1/customerinvoice", self.list
        yield "GET", "v1/customerinvoice/{}", self.get
        yield "PUT", "v1/customerinvoice/{}", self.put
        yield "POST", "v1/customerinvoice/{}/action/release", self.release

    def list(self, call: Call) -> Response:
        request, store = call.request, call.store
        rows: lists.Rows = lists.choice(request, store.invoices, "status", "status", STATUSES)
        rows = lists.same(request, rows, "customer", lambda body: body["customer"]["number"])
        rows = lists.same(request, rows, "branch", lambda body: body["branchNumber"]["number"])
        rows = lists.same_field(request, rows, *FILTERS)
        released = lists.whole(request, "released")
        if released is not None:
            rows = [row for row in rows if (row.body["status"] in {"Open", "Closed"}) == bool(released)]
        rows = lists.dated(request, rows, store, "documentDate", "documentDate")
        rows = lists.dated(request, rows, store, "documentDueDate", "documentDueDate")
        rows = tuple(lists.created(request, lists.modified(request, rows, store), store))
        hidden = {field for name, field in EXPANDS.items() if not lists.flag(request, name)}
        for row in rows:
            customer_invoices.read(store, row)

        def show(row: Row) -> Record:
            return {name: value for name, value in show_invoice(store, row).items() if name not in hidden}

        return lists.page(call, rows, show, "customerinvoice")

    def get(self, call: Call) -> Response:
        row = _invoice(call)
        customer_invoices.read(call.store, row)
        return single(row, show_invoice(call.store, row))

    def put(self, call: Call) -> Response:
        row = _invoice(call)
        check_match(call, row)
        sent = document(call.request, DTO, SCHEMA)
        editable = row.body["status"] in {"Hold", "Balanced"}
        refused = set(sent) - set(self.context.switches["released_invoice_takes"])
        if not editable and refused:
            raise Refusal(400, f"Customer invoice {row.key} is released; {sorted(refused)[0]} cannot be changed.")
        for name in (name for name in _CHANGEABLE if name in sent):
            row.body[name] = sent[name] if sent[name] is not None else ""
        if editable and sent.get("hold") is not None:
            row.body |= {"hold": sent["hold"], "status": "Hold" if sent["hold"] else "Balanced"}
        call.store.touch(call.store.invoices, row)
        return changed(row)

    def release(self, call: Call) -> Response:
        row = _invoice(call)
        customer_invoices.may_release(row)
        return release_result(self.context, row, lambda: customer_invoices.release(call.store, row))


def _invoice(call: Call) -> Row:
    return row_of(call.store.invoices, call.key, "Customer invoice")


def show_invoice(store: Store, row: Row) -> Record:
    return store.show(row) | {"createdDateTime": clock.local(row.created, store.zone)}
