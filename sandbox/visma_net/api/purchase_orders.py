"""Purchase orders over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.wrappers import Response

from sandbox.kit.context import Context
from sandbox.visma_net.api import lists
from sandbox.visma_net.api.erp import BASE_PATH, Call, Route, check_match, root_of
from sandbox.visma_net.api.responses import action_result, changed, created, single
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import order_schema, purchase_orders, purchase_receipts
from sandbox.visma_net.schema import document, json_body, unrecognized
from sandbox.visma_net.store import row_of

DTO, CREATE_RECEIPT_DTO = "PurchaseOrderUpdateDto", "CreatePurchaseReceiptActionDto"


class PurchaseOrders:
    def __init__(self, context: Context) -> None:
        self.context = context

    def routes(self) -> Iterable[Route]:
        yield "GET", "v1/purchaseorder", self.list
        yield "POST", "v1/purchaseorder", self.post
        yield "GET", "v1/purchaseorder/{}", self.get
        yield "PUT", "v1/purchaseorder/{}", self.put
        yield "POST", "v1/purchaseorder/{}/action/createpurchasereceipt", self.create_receipt

    def list(self, call: Call) -> Response:
        request, store = call.request, call.store
        rows: lists.Rows = store.orders
        rows = lists.choice(request, rows, "orderType", "orderType", order_schema.TYPES)
        rows = lists.choice(request, rows, "orderStatus", "status", order_schema.STATUSES)
        rows = lists.same(request, rows, "supplier", lambda body: body["supplier"]["number"])
        rows = lists.same(request, rows, "branch", lambda body: body["branch"]["number"])
        rows = lists.dated(request, rows, store, "orderDate", "date")
        rows = lists.dated(request, rows, store, "deliveryDate", "promisedOn")
        rows = lists.after(request, lists.modified(request, rows, store))
        custom = lists.flag(request, "includeCustomFreeFields")
        return lists.page(call, rows, lambda row: store.show(row, custom=custom), "purchaseorder")

    def get(self, call: Call) -> Response:
        row = row_of(call.store.orders, call.key, "Purchase order")
        return single(row, call.store.show(row, custom=lists.flag(call.request, "includeCustomFreeFields")))

    def post(self, call: Call) -> Response:
        sent = document(call.request, DTO, order_schema.SCHEMA)
        return created(call, "v1/purchaseorder", purchase_orders.create(call.store, sent))

    def put(self, call: Call) -> Response:
        row = row_of(call.store.orders, call.key, "Purchase order")
        check_match(call, row)
        purchase_orders.change(call.store, row, document(call.request, DTO, order_schema.SCHEMA))
        return changed(row)

    def create_receipt(self, call: Call) -> Response:
        """New in 2026; what it returns is not documented."""
        mode = self.context.switches["create_from_order"]
        if mode == "gone":
            raise Refusal(404, "The action createpurchasereceipt could not be found.")
        order = row_of(call.store.orders, call.key, "Purchase order")
        sent = json_body(call.request, CREATE_RECEIPT_DTO)
        if not isinstance(sent, dict) or not isinstance(sent.get("orderType"), str):
            raise unrecognized(CREATE_RECEIPT_DTO)
        receipt = purchase_receipts.create_from_order(call.store, order, sent["orderType"])
        response = action_result(self.context)
        if mode == "with_location":
            location = f"{root_of(call.request)}{BASE_PATH}/v1/PurchaseReceipt/{receipt.key}"
            response.headers["Location"] = location
        return response
