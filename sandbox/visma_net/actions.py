"""What a person does on the screens of Visma.net: `POST /_control/do/<name>` and the operator page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from random import Random
from typing import Any, Concatenate, ParamSpec, TypeVar

from sandbox.kit.context import Context
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import customer_invoices, items, purchase_orders, receipt_release
from sandbox.visma_net.rules.order_progress import linked
from sandbox.visma_net.seed.documents import Documents
from sandbox.visma_net.store import Record, Row, Store, number, row_of
from sandbox.visma_net.webhooks import Subscription, Webhooks

P = ParamSpec("P")
R = TypeVar("R")


def _locked(action: Callable[Concatenate[Actions, P], R]) -> Callable[Concatenate[Actions, P], R]:
    """Run the action under the lock, so that tests may call it from their own thread."""

    def run(self: Actions, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.context.lock:
            return action(self, *args, **kwargs)

    return wraps(action)(run)


class Actions:
    def __init__(self, context: Context, store: Store, webhooks: Webhooks) -> None:
        self.context, self.store, self.webhooks = context, store, webhooks

    # Purchase orders

    @_locked
    def do_make_orders(self, count: int, seed: int = 7, lines: int = 0, ugly: bool = True) -> dict[str, Any]:
        """Many orders, `lines` of each (1 to 4 where it is 0); with `ugly`, some on hold, drop-ship, strict, fractions."""
        keys = Documents(self.store, Random(seed)).many_orders(int(count), int(lines), bool(ugly))
        return {"count": len(keys), "first": keys[0] if keys else "", "last": keys[-1] if keys else "", "orders": keys}

    @_locked
    def do_make_order(
        self, lines: Sequence[Mapping[str, Any]] = (), fields: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """One order; lines as `{"inventory", "orderQty", ...}`, `fields` are plain header fields."""
        lines = lines or [{"inventory": next(iter(self.store.items)).key, "orderQty": 10}]
        sent: Record = {"supplier": next(iter(self.store.suppliers)).key, **(fields or {})}
        sent["lines"] = [_exact({"operation": "Insert", **line}) for line in lines]
        return _order_result(purchase_orders.create(self.store, sent))

    @_locked
    def do_edit_order(
        self, order_nbr: str, changes: Mapping[str, Any] | None = None, quantities: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Plain header fields, and quantities by line number; a line that is not there is refused."""
        row = self._order(order_nbr)
        lines = [
            {"operation": "Update", "lineNumber": int(line), "orderQty": number(quantity)}
            for line, quantity in (quantities or {}).items()
        ]
        sent = dict(changes or {})
        sent["lines"] = [*(_exact(line) for line in sent.get("lines", ())), *lines]
        if not sent["lines"]:
            del sent["lines"]
        purchase_orders.change(self.store, row, sent)
        return _order_result(row)

    @_locked
    def do_add_line(self, order_nbr: str, inventory: str, quantity: Any, warehouse: str = "") -> dict[str, Any]:
        line: Record = {"operation": "Insert", "inventory": inventory, "orderQty": number(quantity)}
        row = self._order(order_nbr)
        purchase_orders.change(self.store, row, {"lines": [line | ({"warehouse": warehouse} if warehouse else {})]})
        return _order_result(row) | {"lineNbr": row.body["lines"][-1]["lineNbr"]}

    @_locked
    def do_delete_line(self, order_nbr: str, line_nbr: int) -> dict[str, Any]:
        row = self._order(order_nbr)
        line = {"operation": "Delete", "lineNumber": int(line_nbr)}
        purchase_orders.change(self.store, row, {"lines": [line]})
        return _order_result(row)

    @_locked
    def do_complete_line(self, order_nbr: str, line_nbr: int, completed: bool = True) -> dict[str, Any]:
        """A line that will not be delivered any more."""
        row = self._order(order_nbr)
        line = {"operation": "Update", "lineNumber": int(line_nbr), "completed": completed}
        purchase_orders.change(self.store, row, {"lines": [line]})
        return _order_result(row)

    @_locked
    def do_cancel_order(self, order_nbr: str) -> dict[str, Any]:
        row = self._order(order_nbr)
        if row.body["status"] in {"Cancelled", "Closed"} or any(linked(self.store, row.key)):
            raise Refusal(409, f"Purchase order {row.key} is {row.body['status']} or has receipts; it stays.")
        purchase_orders.cancel(self.store, row)
        return _order_result(row)

    @_locked
    def do_hold_order(self, order_nbr: str, hold: bool = True) -> dict[str, Any]:
        return self.do_edit_order(order_nbr, {"hold": hold})

    # Receipts

    @_locked
    def do_receive(
        self, order_nbr: str, quantities: Mapping[str, Any] | None = None, release: bool = True, date: str = ""
    ) -> dict[str, Any]:
        """Goods taken in by hand: these quantities by line number, or all that is open."""
        by_line = {int(line): number(quantity) for line, quantity in (quantities or {}).items()}
        order = self._order(order_nbr)
        receipt = receipt_release.receive(self.store, order, by_line or None, released=bool(release), date=date)
        return _receipt_result(receipt) | {"orderStatus": order.body["status"]}

    @_locked
    def do_release(self, receipt_nbr: str) -> dict[str, Any]:
        row = self._receipt(receipt_nbr)
        if row.body["_reads_left"] is None:
            receipt_release.may_release(self.store, row)
        receipt_release.release(self.store, row)
        return _receipt_result(row)

    @_locked
    def do_cancel_receipt(self, receipt_nbr: str) -> dict[str, Any]:
        row = self._receipt(receipt_nbr)
        receipt_release.cancel(self.store, row)
        return _receipt_result(row)

    # Sales

    @_locked
    def do_make_sales_orders(self, count: int, seed: int = 7) -> dict[str, Any]:
        keys = Documents(self.store, Random(seed)).many_sales(int(count))
        return {"count": len(keys), "orders": keys}

    @_locked
    def do_invoice(
        self,
        order_nbr: str = "",
        order_nbrs: Sequence[str] = (),
        quantities: Mapping[str, Any] | None = None,
        release: bool = False,
    ) -> dict[str, Any]:
        """An invoice of one sales order or of several; quantities by line number for the first of them."""
        rows = [row_of(self.store.sales, key, "Sales order") for key in ([order_nbr] if order_nbr else order_nbrs)]
        if not rows:
            raise Refusal(400, "No sales order is named.")
        by_line = {int(line): number(quantity) for line, quantity in (quantities or {}).items()}
        row = customer_invoices.create(self.store, rows, by_line or None)
        if release:
            customer_invoices.release(self.store, row)
        return _invoice_result(row)

    @_locked
    def do_release_invoice(self, invoice_nbr: str) -> dict[str, Any]:
        row = row_of(self.store.invoices, invoice_nbr, "Customer invoice")
        if row.body["_reads_left"] is None:
            customer_invoices.may_release(row)
        customer_invoices.release(self.store, row)
        return _invoice_result(row)

    # The company

    @_locked
    def do_rename_item(self, old: str, new: str) -> dict[str, Any]:
        row = items.rename(self.store, old, new)
        return {"inventoryId": row.body["inventoryId"], "inventoryNumber": row.key}

    @_locked
    def do_close_period(self, period: str, closed: bool = True) -> dict[str, Any]:
        """A period as YYYYMM."""
        (self.store.closed_periods.add if closed else self.store.closed_periods.discard)(period)
        return {"closed": sorted(self.store.closed_periods)}

    @_locked
    def do_clear(self) -> dict[str, Any]:
        """No documents any more; suppliers, items and the like stay."""
        for table in (self.store.orders, self.store.receipts, self.store.invoices, self.store.sales):
            table.rows.clear()
        self.store.receipts_of.clear()
        return {"purchaseOrders": 0}

    @_locked
    def do_subscribe(
        self, url: str, key: str, tenant: str = "", entities: Sequence[str] = ("PurchaseOrder",)
    ) -> dict[str, Any]:
        """What the Developer Portal's page does. Without a tenant, events of all companies come."""
        others = [subscription for subscription in self.webhooks.subscriptions if subscription.url != url]
        self.webhooks.subscriptions = [*others, Subscription(url, key, tenant, tuple(entities))]
        return {"subscriptions": len(self.webhooks.subscriptions)}

    @_locked
    def do_unsubscribe(self) -> dict[str, Any]:
        self.webhooks.subscriptions.clear()
        return {"subscriptions": 0}

    def do_resend(self) -> dict[str, Any]:
        return {"resent": self.webhooks.resend()}

    def _order(self, key: str) -> Row:
        return row_of(self.store.orders, key, "Purchase order")

    def _receipt(self, key: str) -> Row:
        return row_of(self.store.receipts, key, "Purchase receipt")


def _exact(line: Mapping[str, Any]) -> Record:
    """Plain numbers as decimals; `lineNbr` and `lineNumber` stay whole."""
    whole = {"lineNbr", "lineNumber"}
    return {
        name: number(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in whole
        else value
        for name, value in line.items()
    }


def _order_result(row: Row) -> dict[str, Any]:
    return {"orderNbr": row.key, "orderType": row.body["orderType"], "status": row.body["status"]}


def _receipt_result(row: Row) -> dict[str, Any]:
    return {"receiptNbr": row.key, "status": row.body["status"], "totalQty": row.body["totalQty"]}


def _invoice_result(row: Row) -> dict[str, Any]:
    return {"referenceNumber": row.key, "status": row.body["status"], "amount": row.body["amount"]}
