"""Customer invoices over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from sandbox.kit.responses import json_response
from sandbox.visma_net import clock
from sandbox.visma_net import schema as wrapping
from sandbox.visma_net.api import lists
from sandbox.visma_net.api.erp import Call, Route, check_match, row_of
from sandbox.visma_net.errors import Refusal, empty
from sandbox.visma_net.rules import sales_orders as sales
from sandbox.visma_net.schema import DAY, FLAG, TEXT
from sandbox.visma_net.store import Record, Row, Store

if TYPE_CHECKING:
    from sandbox.visma_net.app import VismaNetSimulator

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
_TEXTS = ("customerRefNumber", "externalReference", "paymentReference", "invoiceText", "note", "customerProject")
SHAPE = {
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


class Invoices:
    def __init__(self, simulator: VismaNetSimulator) -> None:
        self.simulator = simulator

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
        for name in ("financialPeriod", "externalReference", "paymentReference", "customerRefNumber"):
            rows = lists.same(request, rows, name, lambda body, name=name: body.get(name))  # type: ignore[misc]
        released = lists.whole(request, "released")
        if released is not None:
            rows = [row for row in rows if (row.body["status"] in {"Open", "Closed"}) == bool(released)]
        rows = lists.dated(request, rows, store, "documentDate", "documentDate")
        rows = lists.dated(request, rows, store, "documentDueDate", "documentDueDate")
        rows = lists.created(request, lists.modified(request, rows, store), store)
        hidden = {field for name, field in EXPANDS.items() if not lists.flag(request, name)}
        for row in list(rows):
            self._was_read(store, row)

        def show(row: Row) -> Record:
            return {name: value for name, value in show_invoice(store, row).items() if name not in hidden}

        return lists.page(request, rows, show, "customerinvoice", self.simulator.switches)

    def get(self, call: Call) -> Response:
        row = row_of(call.store.invoices, call.key, "Customer invoice")
        self._was_read(call.store, row)
        return self.simulator.erp.single(row, show_invoice(call.store, row))

    def put(self, call: Call) -> Response:
        row = row_of(call.store.invoices, call.key, "Customer invoice")
        check_match(call, row)
        sent = wrapping.read(DTO, wrapping.received(call.request, DTO), SHAPE)
        open_ = row.body["status"] in {"Hold", "Balanced"}
        refused = set(sent) - set(self.simulator.switches["released_invoice_takes"])
        if not open_ and refused:
            raise Refusal(400, f"Customer invoice {row.key} is released; {sorted(refused)[0]} cannot be changed.")
        for name in (name for name in _CHANGEABLE if name in sent):
            row.body[name] = sent[name] if sent[name] is not None else ""
        if open_ and sent.get("hold") is not None:
            row.body |= {"hold": sent["hold"], "status": "Hold" if sent["hold"] else "Balanced"}
        call.store.touch(call.store.invoices, row)
        return self.simulator.erp.changed(row)

    def release(self, call: Call) -> Response:
        row = row_of(call.store.invoices, call.key, "Customer invoice")
        sales.may_release(row)
        result, words = "Done", ""
        match self.simulator.switches["release"]:
            case "failed":
                result, words = "Failed", str(self.simulator.switches["release_error"])
            case "queued":
                row.body["_reads_left"] = int(self.simulator.switches["release_reads"])
                result = "Queued"
            case "stuck":
                row.body["_reads_left"] = -1
                result = "InProcess"
            case "lost":
                sales.release(call.store, row)
                return empty(504)
            case _:
                sales.release(call.store, row)
        return json_response({"actionId": str(self.simulator.new_id()), "actionResult": result, "errorInfo": words})

    def _was_read(self, store: Store, row: Row) -> None:
        left = row.body["_reads_left"]
        if left is not None and left >= 0:
            row.body["_reads_left"] = left - 1
            if left <= 0:
                sales.release(store, row)


def show_invoice(store: Store, row: Row) -> Record:
    return store.show(row) | {"createdDateTime": clock.local(row.created, store.zone)}
