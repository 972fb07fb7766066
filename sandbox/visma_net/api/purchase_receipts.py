"""Purchase receipts over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Response

from sandbox.kit.context import Context
from sandbox.visma_net.api import lists
from sandbox.visma_net.api.access import throttled
from sandbox.visma_net.api.erp import Call, Handler, Route, check_match
from sandbox.visma_net.api.responses import action_refused, action_result, changed, created, release_result, single
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import purchase_receipts as receipts
from sandbox.visma_net.rules import receipt_lines, receipt_release
from sandbox.visma_net.rules.order_progress import line_of
from sandbox.visma_net.schema import document, json_body, unrecognized
from sandbox.visma_net.store import ZERO, Record, Row, Store, row_of

DTO = "PurchaseReceiptUpdateDto"
ORDERS_DTO, LINES_DTO = "PurchaseReceiptOrderListUpdateDto", "PurchaseReceiptOrderLinesListUpdateDto"
END_OF_LIFE = '299 - "GET v1/PurchaseReceipt was removed on 2026-09-15; use GET v2/PurchaseReceipt"'


def show_receipt(store: Store, row: Row, *, custom: bool, note: bool = True) -> Record:
    """Lines tell what their order line wants and still misses."""
    shown = store.show(row, custom=custom)
    for line, stored in zip(shown["lines"], row.body["lines"], strict=True):
        order = store.orders.get(stored["_order"])
        order_line = line_of(order.body, stored["_line"]) if order else None
        if order_line:
            line["orderQty"] = order_line["orderQty"]
            line["openQty"] = max(order_line["orderQty"] - order_line["qtyOnReceipts"], ZERO)
    if not note:
        shown.pop("note", None)
    return shown


class PurchaseReceipts:
    def __init__(self, context: Context) -> None:
        self.context = context

    def routes(self) -> Iterable[Route]:
        yield "GET", "v1/PurchaseReceipt", self._old(self.list)
        yield "GET", "v1/PurchaseReceipt/{}", self._old(self.get)
        yield "GET", "v2/PurchaseReceipt", self.list
        yield "GET", "v2/PurchaseReceipt/{}", self.get
        yield "POST", "v1/PurchaseReceipt", self.post
        yield "PUT", "v1/PurchaseReceipt/{}", self.put
        yield "POST", "v1/PurchaseReceipt/{}/action/release", self.release
        yield "POST", "v1/PurchaseReceipt/{}/action/addpurchaseorder", self.add_orders
        yield "POST", "v1/PurchaseReceipt/{}/action/addpurchaseorderlines", self.add_lines
        yield "POST", "v1/PurchaseReceipt/{}/action/cancelReceipt", self.cancel

    # Reading

    def list(self, call: Call) -> Response:
        request, store = call.request, call.store
        rows = _of_order(store, request.args.get("poOrderNbr"))
        rows = lists.choice(request, rows, "receiptType", "receiptType", receipts.TYPES)
        rows = lists.choice(request, rows, "status", "status", receipts.STATUSES)
        rows = lists.same(request, rows, "supplier", lambda body: body["supplier"]["number"])
        rows = lists.same(request, rows, "branch", lambda body: body["branchNumber"]["number"])
        rows = lists.same(request, rows, "finPeriod", lambda body: body["postPeriod"])
        rows = lists.dated(request, rows, store, "receiptDate", "date")
        rows = lists.dated(request, rows, store, "dueDate", "dueDate")
        rows = tuple(lists.after(request, lists.modified(request, rows, store)))
        custom, note = lists.flag(request, "includeCustomFreeFields"), lists.flag(request, "expandNote")
        for row in rows:
            receipt_release.read(store, row)
        return lists.page(call, rows, lambda row: show_receipt(store, row, custom=custom, note=note), "PurchaseReceipt")

    def get(self, call: Call) -> Response:
        row = _receipt(call)
        receipt_release.read(call.store, row)
        custom = lists.flag(call.request, "includeCustomFreeFields")
        return single(row, show_receipt(call.store, row, custom=custom))

    def _old(self, handler: Handler) -> Handler:
        """GET under v1, which was removed."""

        def serve(call: Call) -> Response:
            match self.context.switches["receipts_v1"]:
                case "gone":
                    raise Refusal(410, "GET v1/PurchaseReceipt has been removed. Use GET v2/PurchaseReceipt.")
                case "missing":
                    raise Refusal(404, "No HTTP resource was found that matches the request URI.")
                case "throttled":
                    return throttled(self.context)
            response = handler(call)
            response.headers["Warning"] = END_OF_LIFE
            return response

        return serve

    # Writing

    def post(self, call: Call) -> Response:
        sent = document(call.request, DTO, receipts.SCHEMA)
        return created(call, "v1/PurchaseReceipt", receipts.create(call.store, sent))

    def put(self, call: Call) -> Response:
        row = _receipt(call)
        check_match(call, row)
        receipts.change(call.store, row, document(call.request, DTO, receipts.SCHEMA))
        return changed(row)

    def add_orders(self, call: Call) -> Response:
        orders = [
            (_bare(order, "orderNbr", ORDERS_DTO), _bare(order, "orderType", ORDERS_DTO))
            for order in _bare_list(json_body(call.request, ORDERS_DTO), "purchaseOrders", ORDERS_DTO)
        ]

        def work(draft: Record) -> None:
            for order_nbr, order_type in orders:
                receipt_lines.add_order(call.store, draft, order_nbr, order_type)

        return self._add(call, work)

    def add_lines(self, call: Call) -> Response:
        """Line numbers are text here."""
        lines = [
            (_bare(order, "orderNbr", LINES_DTO), _bare(line, "lineNbr", LINES_DTO))
            for order in _bare_list(json_body(call.request, LINES_DTO), "purchaseOrderLines", LINES_DTO)
            for line in _bare_list(order, "lines", LINES_DTO)
        ]

        def work(draft: Record) -> None:
            for order_nbr, line_nbr in lines:
                receipt_lines.add(call.store, draft, order_nbr, int(line_nbr) if line_nbr.isdigit() else 0)

        return self._add(call, work)

    def _add(self, call: Call, work: Callable[[Record], None]) -> Response:
        row = _receipt(call)
        try:
            receipts.must_be_open(row)
            receipts.change_by(call.store, row, work)
        except Refusal as refusal:
            return action_refused(self.context, refusal)
        return action_result(self.context)

    # Actions

    def release(self, call: Call) -> Response:
        row = _receipt(call)
        try:
            receipt_release.may_release(call.store, row)
        except Refusal as refusal:
            return action_refused(self.context, refusal)
        return release_result(self.context, row, lambda: receipt_release.release(call.store, row))

    def cancel(self, call: Call) -> Response:
        if self.context.switches["cancel_receipt"] == "gone":
            raise Refusal(404, "The action cancelReceipt could not be found.")
        row = _receipt(call)
        try:
            receipt_release.cancel(call.store, row)
        except Refusal as refusal:
            return action_refused(self.context, refusal)
        return action_result(self.context)


def _receipt(call: Call) -> Row:
    return row_of(call.store.receipts, call.key, "Purchase receipt")


def _of_order(store: Store, order_nbr: str | None) -> lists.Rows:
    """Only receipts with lines that are linked to that order; an empty one is not found by it."""
    if not order_nbr:
        return store.receipts
    rows = [store.receipts.get(key) for key in store.receipts_of.get(order_nbr, ())]
    return [row for row in rows if row and order_nbr in receipts.order_numbers(row.body)]


def _bare_list(sent: Any, name: str, dto: str) -> list[Any]:
    elements = sent.get(name) if isinstance(sent, dict) else None
    if not isinstance(elements, list):
        raise unrecognized(dto)
    return elements


def _bare(sent: Any, name: str, dto: str) -> str:
    """Bodies of actions are not wrapped."""
    value = sent.get(name) if isinstance(sent, dict) else None
    if not isinstance(value, str):
        raise unrecognized(dto)
    return value
