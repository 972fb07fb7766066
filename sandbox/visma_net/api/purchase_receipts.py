"""Purchase orders and purchase receipts over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from sandbox.kit.responses import json_response
from sandbox.visma_net import schema as wrapping
from sandbox.visma_net.api import lists
from sandbox.visma_net.api.erp import Call, Route, check_match, row_of
from sandbox.visma_net.errors import Refusal, empty
from sandbox.visma_net.rules import order_schema as shape
from sandbox.visma_net.rules import purchase_orders as orders
from sandbox.visma_net.rules import purchase_receipts as receipts
from sandbox.visma_net.rules import receipt_lines
from sandbox.visma_net.store import ZERO, Record, Row, Store

if TYPE_CHECKING:
    from sandbox.visma_net.app import VismaNetSimulator

ORDER_DTO, RECEIPT_DTO = "PurchaseOrderUpdateDto", "PurchaseReceiptUpdateDto"
END_OF_LIFE = '299 - "GET v1/PurchaseReceipt was removed on 2026-09-15; use GET v2/PurchaseReceipt"'


def show_order(store: Store, row: Row, *, custom: bool) -> Record:
    return store.show(row, custom=custom)


def show_receipt(store: Store, row: Row, *, custom: bool, note: bool = True) -> Record:
    """Lines tell what their order line wants and still misses."""
    shown = store.show(row, custom=custom)
    for line, kept in zip(shown["lines"], row.body["lines"], strict=True):
        order = store.orders.get(kept["_order"])
        ordered = orders.line_of(order.body, kept["_line"]) if order else None
        if ordered:
            line["orderQty"] = ordered["orderQty"]
            line["openQty"] = max(ordered["orderQty"] - ordered["qtyOnReceipts"], ZERO)
    if not note:
        shown.pop("note", None)
    return shown


class Purchasing:
    def __init__(self, simulator: VismaNetSimulator) -> None:
        self.simulator = simulator

    def routes(self) -> Iterable[Route]:
        yield "GET", "v1/purchaseorder", self.list_orders
        yield "POST", "v1/purchaseorder", self.post_order
        yield "GET", "v1/purchaseorder/{}", self.get_order
        yield "PUT", "v1/purchaseorder/{}", self.put_order
        yield "POST", "v1/purchaseorder/{}/action/createpurchasereceipt", self.create_receipt
        yield "GET", "v1/PurchaseReceipt", self.old_list
        yield "GET", "v1/PurchaseReceipt/{}", self.old_get
        yield "GET", "v2/PurchaseReceipt", self.list_receipts
        yield "GET", "v2/PurchaseReceipt/{}", self.get_receipt
        yield "POST", "v1/PurchaseReceipt", self.post_receipt
        yield "PUT", "v1/PurchaseReceipt/{}", self.put_receipt
        yield "POST", "v1/PurchaseReceipt/{}/action/release", self.release
        yield "POST", "v1/PurchaseReceipt/{}/action/addpurchaseorder", self.add_order
        yield "POST", "v1/PurchaseReceipt/{}/action/addpurchaseorderlines", self.add_lines
        yield "POST", "v1/PurchaseReceipt/{}/action/cancelReceipt", self.cancel

    # Orders

    def list_orders(self, call: Call) -> Response:
        request, store = call.request, call.store
        rows: lists.Rows = store.orders
        rows = lists.choice(request, rows, "orderType", "orderType", shape.TYPES)
        rows = lists.choice(request, rows, "orderStatus", "status", shape.STATUSES)
        rows = lists.same(request, rows, "supplier", lambda body: body["supplier"]["number"])
        rows = lists.same(request, rows, "branch", lambda body: body["branch"]["number"])
        rows = lists.dated(request, rows, store, "orderDate", "date")
        rows = lists.dated(request, rows, store, "deliveryDate", "promisedOn")
        rows = lists.after(request, lists.modified(request, rows, store))
        custom = lists.flag(request, "includeCustomFreeFields")
        show = lambda row: show_order(store, row, custom=custom)  # noqa: E731
        return lists.page(request, rows, show, "purchaseorder", self.simulator.switches)

    def get_order(self, call: Call) -> Response:
        row = row_of(call.store.orders, call.key, "Purchase order")
        custom = lists.flag(call.request, "includeCustomFreeFields")
        return self.simulator.erp.single(row, show_order(call.store, row, custom=custom))

    def post_order(self, call: Call) -> Response:
        sent = wrapping.read(ORDER_DTO, wrapping.received(call.request, ORDER_DTO), shape.SHAPE)
        return self.simulator.erp.created(call, "v1/purchaseorder", orders.create(call.store, sent))

    def put_order(self, call: Call) -> Response:
        row = row_of(call.store.orders, call.key, "Purchase order")
        check_match(call, row)
        sent = wrapping.read(ORDER_DTO, wrapping.received(call.request, ORDER_DTO), shape.SHAPE)
        orders.change(call.store, row, sent)
        return self.simulator.erp.changed(row)

    def create_receipt(self, call: Call) -> Response:
        """New in 2026; what it answers is not documented."""
        mode = self.simulator.switches["create_from_order"]
        if mode == "gone":
            raise Refusal(404, "The action createpurchasereceipt could not be found.")
        order = row_of(call.store.orders, call.key, "Purchase order")
        sent = wrapping.received(call.request, "CreatePurchaseReceiptActionDto")
        if not isinstance(sent, dict) or not isinstance(sent.get("orderType"), str):
            raise wrapping.unrecognized("CreatePurchaseReceiptActionDto")
        header = {"supplierId": order.body["supplier"]["number"], "warehouseId": order.body["warehouse"]["id"]}
        receipt = receipts.create(call.store, header)
        try:
            receipts.changed(
                call.store, receipt, lambda staged: self._add_whole(call.store, staged, call.key, sent["orderType"])
            )
        except Refusal:
            receipts.discard(call.store, receipt.key)
            raise
        done = self._result("Done")
        if mode == "with_location":
            done.headers["Location"] = f"{self.simulator.root(call.request)}/erp/v1/PurchaseReceipt/{receipt.key}"
        return done

    # Reading receipts

    def list_receipts(self, call: Call) -> Response:
        request, store = call.request, call.store
        rows = self._of_order(request.args.get("poOrderNbr"), store)
        rows = lists.choice(request, rows, "receiptType", "receiptType", receipts.TYPES)
        rows = lists.choice(request, rows, "status", "status", receipts.STATUSES)
        rows = lists.same(request, rows, "supplier", lambda body: body["supplier"]["number"])
        rows = lists.same(request, rows, "branch", lambda body: body["branchNumber"]["number"])
        rows = lists.same(request, rows, "finPeriod", lambda body: body["postPeriod"])
        rows = lists.dated(request, rows, store, "receiptDate", "date")
        rows = lists.dated(request, rows, store, "dueDate", "dueDate")
        rows = lists.after(request, lists.modified(request, rows, store))
        custom, note = lists.flag(request, "includeCustomFreeFields"), lists.flag(request, "expandNote")
        for row in list(rows):
            self._was_read(store, row)
        show = lambda row: show_receipt(store, row, custom=custom, note=note)  # noqa: E731
        return lists.page(request, rows, show, "PurchaseReceipt", self.simulator.switches)

    def _of_order(self, order_nbr: str | None, store: Store) -> lists.Rows:
        """Only receipts with lines that are linked to that order; an empty one is not found by it."""
        if not order_nbr:
            return store.receipts
        found = [store.receipts.get(key) for key in store.receipts_of.get(order_nbr, ())]
        return [row for row in found if row and order_nbr in receipts.order_numbers(row.body)]

    def get_receipt(self, call: Call) -> Response:
        row = row_of(call.store.receipts, call.key, "Purchase receipt")
        self._was_read(call.store, row)
        custom = lists.flag(call.request, "includeCustomFreeFields")
        return self.simulator.erp.single(row, show_receipt(call.store, row, custom=custom))

    def _was_read(self, store: Store, row: Row) -> None:
        """A queued release is done after so many reads."""
        left = row.body["_reads_left"]
        if left is None or left < 0:
            return
        row.body["_reads_left"] = left - 1
        if left <= 0:
            receipts.release(store, row)

    def old_list(self, call: Call) -> Response:
        return self._old(call, self.list_receipts)

    def old_get(self, call: Call) -> Response:
        return self._old(call, self.get_receipt)

    def _old(self, call: Call, work: Any) -> Response:
        mode = self.simulator.switches["receipts_v1"]
        if mode == "gone":
            raise Refusal(410, "GET v1/PurchaseReceipt has been removed. Use GET v2/PurchaseReceipt.")
        if mode == "missing":
            raise Refusal(404, "No HTTP resource was found that matches the request URI.")
        if mode == "throttled":
            return self.simulator.throttled(call.request)
        response: Response = work(call)
        response.headers["Warning"] = END_OF_LIFE
        return response

    # Writing receipts

    def post_receipt(self, call: Call) -> Response:
        sent = wrapping.read(RECEIPT_DTO, wrapping.received(call.request, RECEIPT_DTO), receipts.SHAPE)
        return self.simulator.erp.created(call, "v1/PurchaseReceipt", receipts.create(call.store, sent))

    def put_receipt(self, call: Call) -> Response:
        row = row_of(call.store.receipts, call.key, "Purchase receipt")
        check_match(call, row)
        sent = wrapping.read(RECEIPT_DTO, wrapping.received(call.request, RECEIPT_DTO), receipts.SHAPE)
        receipts.change(call.store, row, sent)
        return self.simulator.erp.changed(row)

    def add_order(self, call: Call) -> Response:
        dto = "PurchaseReceiptOrderListUpdateDto"
        sent = wrapping.received(call.request, dto)
        wanted = [
            (_bare(each, "orderNbr", dto), _bare(each, "orderType", dto)) for each in _list(sent, "purchaseOrders", dto)
        ]

        def work(staged: Record) -> None:
            for order_nbr, order_type in wanted:
                self._add_whole(call.store, staged, order_nbr, order_type)

        return self._add(call, work)

    def _add_whole(self, store: Store, staged: Record, order_nbr: str, order_type: str) -> None:
        """All lines of an order that still wait for goods."""
        order = receipt_lines.receivable(store, staged, order_nbr, order_type)
        for line in order.body["lines"]:
            done = line["completed"] or line["canceled"] or line["lineType"] in shape.NEVER_RECEIVED
            if not done and line["qtyOnReceipts"] < line["orderQty"]:
                receipt_lines.add(store, staged, order_nbr, line["lineNbr"])

    def add_lines(self, call: Call) -> Response:
        """Line numbers are text here."""
        dto = "PurchaseReceiptOrderLinesListUpdateDto"
        sent = wrapping.received(call.request, dto)
        wanted = [
            (_bare(order, "orderNbr", dto), _bare(line, "lineNbr", dto))
            for order in _list(sent, "purchaseOrderLines", dto)
            for line in _list(order, "lines", dto)
        ]

        def work(staged: Record) -> None:
            for order_nbr, line_nbr in wanted:
                receipt_lines.add(call.store, staged, order_nbr, int(line_nbr) if line_nbr.isdigit() else 0)

        return self._add(call, work)

    def _add(self, call: Call, work: Any) -> Response:
        row = row_of(call.store.receipts, call.key, "Purchase receipt")
        try:
            receipts.must_be_open(row)
            receipts.changed(call.store, row, work)
        except Refusal as refusal:
            return self._refused(refusal)
        return self._result("Done")

    # Actions

    def release(self, call: Call) -> Response:
        row = row_of(call.store.receipts, call.key, "Purchase receipt")
        try:
            receipts.may_release(call.store, row)
        except Refusal as refusal:
            return self._refused(refusal)
        match self.simulator.switches["release"]:
            case "failed":
                return self._result("Failed", str(self.simulator.switches["release_error"]))
            case "queued":
                row.body["_reads_left"] = int(self.simulator.switches["release_reads"])
                return self._result("Queued")
            case "stuck":
                row.body["_reads_left"] = -1
                return self._result("InProcess")
            case "lost":
                receipts.release(call.store, row)
                return empty(504)
        receipts.release(call.store, row)
        return self._result("Done")

    def cancel(self, call: Call) -> Response:
        if self.simulator.switches["cancel_receipt"] == "gone":
            raise Refusal(404, "The action cancelReceipt could not be found.")
        row = row_of(call.store.receipts, call.key, "Purchase receipt")
        try:
            receipts.cancel(call.store, row)
        except Refusal as refusal:
            return self._refused(refusal)
        return self._result("Done")

    def _result(self, result: str, words: str = "") -> Response:
        return json_response({"actionId": str(self.simulator.new_id()), "actionResult": result, "errorInfo": words})

    def _refused(self, refusal: Refusal) -> Response:
        """What an action cannot do: a plain error, or 200 with `Failed`."""
        if self.simulator.switches["action_refusal"] == "failed":
            return self._result("Failed", refusal.words)
        raise refusal


def _list(sent: Any, name: str, dto: str) -> list[Any]:
    found = sent.get(name) if isinstance(sent, dict) else None
    if not isinstance(found, list):
        raise wrapping.unrecognized(dto)
    return found


def _bare(sent: Any, name: str, dto: str) -> str:
    """Bodies of actions are not wrapped."""
    found = sent.get(name) if isinstance(sent, dict) else None
    if not isinstance(found, str):
        raise wrapping.unrecognized(dto)
    return found
