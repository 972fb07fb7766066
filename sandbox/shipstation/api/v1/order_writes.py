"""V1 writes of orders: created, replaced, deleted."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v1.responses import (
    body_of,
    done,
    exception,
    invalid,
    not_found,
    raw,
    refused,
    unreadable,
)
from sandbox.shipstation.rules.documents import Invalid, read_order
from sandbox.shipstation.rules.imports import Imports
from sandbox.shipstation.rules.readers import Unreadable
from sandbox.shipstation.rules.statuses import Locked
from sandbox.shipstation.store import Account, Document, Order

MAX_BATCH = 100
_ARRAY = (
    "Cannot deserialize the current JSON object into type 'List`1[ApiOrder]' because the type requires a"
    " JSON array (e.g. [1,2,3]) to deserialize correctly."
)


class V1OrderWrites:
    def __init__(self, context: Context, account: Account, imports: Imports) -> None:
        self.context = context
        self.account = account
        self.imports = imports

    def routes(self) -> Iterable[Rule]:
        yield Rule("/orders/createorder", endpoint=self.create_one, methods=["POST"])
        yield Rule("/orders/createorders", endpoint=self.create_many, methods=["POST"])
        yield Rule("/orders/<int:key>", endpoint=self.delete, methods=["DELETE"])

    def create_one(self, request: Request) -> Response:
        """Create or update; 200 for both."""
        batch = self.imports.new_batch()
        try:
            posted = read_order(body_of(request, "apiOrder"), "apiOrder")
            order, document, imported = self.imports.upsert(posted, batch)
        except Unreadable as error:
            return unreadable(error)
        except Invalid as error:
            return self._invalid(str(error))
        except Locked as error:
            return self._locked(posted, str(error))
        response = json_response(document)
        self.imports.finish(batch, [order], [order] if imported else [])
        return response

    def _invalid(self, message: str) -> Response:
        if self.context.switches["invalid_response"] == "500":
            return exception(message, "FluentValidation.ValidationException")
        return invalid({"apiOrder": [message]})

    def _locked(self, posted: Document, message: str) -> Response:
        match self.context.switches["locked_response"]:
            case "silent":
                return raw(self._stored(posted).raw)
            case "server_error":
                return exception(message, "System.InvalidOperationException")
        return refused(message)

    def _stored(self, posted: Document) -> Order:
        order = self.imports.find(posted)
        if order is None:
            raise not_found("order")
        return order

    def create_many(self, request: Request) -> Response:
        """200 even when some fail; a malformed array fails as a whole."""
        entries = body_of(request, "apiOrders")
        if not isinstance(entries, list):
            return invalid({"apiOrders": [_ARRAY]})
        if len(entries) > MAX_BATCH:
            return refused(f"A maximum of {MAX_BATCH} orders may be created in one request.")
        try:
            documents = [read_order(entry, f"apiOrders[{place}]") for place, entry in enumerate(entries)]
        except Unreadable as error:
            return unreadable(error)
        return self._create_all(documents)

    def _create_all(self, documents: list[Document]) -> Response:
        batch, written, imported = self.imports.new_batch(), list[Order](), list[Order]()
        results = [self._create(document, batch, written, imported) for document in documents]
        failed = any(not result["success"] for result in results)
        if any(result.pop("broken", False) for result in results):
            response = exception("Order is locked.", "System.InvalidOperationException")
        else:
            response = json_response({"hasErrors": failed, "results": results})
        self.imports.finish(batch, written, imported)
        return response

    def _create(self, posted: Document, batch: str, written: list[Order], imported: list[Order]) -> Document:
        failure = {"orderId": None, "orderNumber": posted["orderNumber"], "orderKey": posted["orderKey"]}
        failure |= {"success": False}
        try:
            order, _, is_new = self.imports.upsert(posted, batch)
        except Invalid as error:
            return failure | {"errorMessage": str(error)}
        except Locked as error:
            return self._locked_result(posted, failure | {"errorMessage": str(error)})
        written.append(order)
        if is_new:
            imported.append(order)
        return _success(order)

    def _locked_result(self, posted: Document, failure: Document) -> Document:
        match self.context.switches["locked_response"]:
            case "silent":
                return _success(self._stored(posted))
            case "server_error":
                return failure | {"broken": True}
        return failure

    def delete(self, request: Request, key: int) -> Response:
        order = self.account.orders.get(key)
        if order is None:
            raise not_found("order")
        self.account.held.pop(order.id, None)
        self.account.orders.hide(order)
        return done("The requested order has been deleted.")


def _success(order: Order) -> Document:
    names = {"orderId": order.id, "orderNumber": order.number, "orderKey": order.key}
    return {**names, "success": True, "errorMessage": None}
