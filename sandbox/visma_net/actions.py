"""What a person does on the screens of Visma.net: `POST /_control/do/<name>` and the operator page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from random import Random
from typing import Any, Concatenate, ParamSpec, TypeVar

from sandbox.visma_net.api.directory import rename_item
from sandbox.visma_net.api.erp import row_of
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import purchase_orders as orders
from sandbox.visma_net.rules import purchase_receipts as receipts
from sandbox.visma_net.rules import sales_orders as sales
from sandbox.visma_net.seed.documents import Seed, cancel, receive
from sandbox.visma_net.store import Record, Row, Store, number
from sandbox.visma_net.webhooks import Hooks, Subscription

P = ParamSpec("P")
R = TypeVar("R")


def _click(work: Callable[Concatenate[Operator, P], R]) -> Callable[Concatenate[Operator, P], R]:
    """One action of a person, under the lock, so that tests may call it from their own thread."""

    def run(self: Operator, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            return work(self, *args, **kwargs)

    return wraps(work)(run)


class Operator:
    """Mixed into the simulator, which gives `store` and `hooks`."""

    store: Store
    hooks: Hooks
    lock: threading.RLock

    # Purchase orders

    @_click
    def do_make_orders(self, count: int, seed: int = 7, lines: int = 0, ugly: bool = True) -> dict[str, Any]:
        """Many orders, `lines` of each (1 to 4 where it is 0); with `ugly`, some on hold, drop-ship, strict, fractions."""
        made = Seed(self.store, Random(seed)).many_orders(int(count), int(lines), bool(ugly))
        return {"count": len(made), "first": made[0] if made else "", "last": made[-1] if made else "", "orders": made}

    @_click
    def do_make_order(
        self, lines: Sequence[Mapping[str, Any]] = (), about: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """One order; lines as `{"inventory", "orderQty", ...}`, `about` holds plain header fields."""
        given = lines or [{"inventory": next(iter(self.store.items)).key, "orderQty": 10}]
        sent: Record = {"supplier": next(iter(self.store.suppliers)).key, **(about or {})}
        sent["lines"] = [_exact({"operation": "Insert", **line}) for line in given]
        return _named(orders.create(self.store, sent))

    @_click
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
        orders.change(self.store, row, sent)
        return _named(row)

    @_click
    def do_add_line(self, order_nbr: str, inventory: str, quantity: Any, warehouse: str = "") -> dict[str, Any]:
        line: Record = {"operation": "Insert", "inventory": inventory, "orderQty": number(quantity)}
        row = self._order(order_nbr)
        orders.change(self.store, row, {"lines": [line | ({"warehouse": warehouse} if warehouse else {})]})
        return _named(row) | {"lineNbr": row.body["lines"][-1]["lineNbr"]}

    @_click
    def do_delete_line(self, order_nbr: str, line_nbr: int) -> dict[str, Any]:
        row = self._order(order_nbr)
        orders.change(self.store, row, {"lines": [{"operation": "Delete", "lineNumber": int(line_nbr)}]})
        return _named(row)

    @_click
    def do_complete_line(self, order_nbr: str, line_nbr: int, completed: bool = True) -> dict[str, Any]:
        """A line that will not be delivered any more."""
        row = self._order(order_nbr)
        line = {"operation": "Update", "lineNumber": int(line_nbr), "completed": completed}
        orders.change(self.store, row, {"lines": [line]})
        return _named(row)

    @_click
    def do_cancel_order(self, order_nbr: str) -> dict[str, Any]:
        row = self._order(order_nbr)
        if row.body["status"] in {"Cancelled", "Closed"} or any(orders.linked(self.store, row.key)):
            raise Refusal(409, f"Purchase order {row.key} is {row.body['status']} or has receipts; it stays.")
        cancel(self.store, row)
        return _named(row)

    @_click
    def do_hold_order(self, order_nbr: str, hold: bool = True) -> dict[str, Any]:
        return self.do_edit_order(order_nbr, {"hold": hold})

    # Receipts

    @_click
    def do_receive(
        self, order_nbr: str, quantities: Mapping[str, Any] | None = None, release: bool = True, date: str = ""
    ) -> dict[str, Any]:
        """Goods taken in by hand: these quantities by line number, or all that is open."""
        wanted = {int(line): number(quantity) for line, quantity in (quantities or {}).items()}
        row = self._order(order_nbr)
        receipt = receive(self.store, row, wanted or None, done=bool(release), date=date)
        return _receipt(receipt) | {"orderStatus": row.body["status"]}

    @_click
    def do_release(self, receipt_nbr: str) -> dict[str, Any]:
        row = self._receipt(receipt_nbr)
        if row.body["_reads_left"] is None:
            receipts.may_release(self.store, row)
        receipts.release(self.store, row)
        return _receipt(row)

    @_click
    def do_cancel_receipt(self, receipt_nbr: str) -> dict[str, Any]:
        row = self._receipt(receipt_nbr)
        receipts.cancel(self.store, row)
        return _receipt(row)

    # Sales

    @_click
    def do_make_sales_orders(self, count: int, seed: int = 7) -> dict[str, Any]:
        made = Seed(self.store, Random(seed)).many_sales(int(count))
        return {"count": len(made), "orders": made}

    @_click
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
        wanted = {int(line): number(quantity) for line, quantity in (quantities or {}).items()}
        row = sales.invoice(self.store, rows, wanted or None)
        if release:
            sales.release(self.store, row)
        return _invoice(row)

    @_click
    def do_release_invoice(self, invoice_nbr: str) -> dict[str, Any]:
        row = row_of(self.store.invoices, invoice_nbr, "Customer invoice")
        if row.body["_reads_left"] is None:
            sales.may_release(row)
        sales.release(self.store, row)
        return _invoice(row)

    # The company

    @_click
    def do_rename_item(self, old: str, new: str) -> dict[str, Any]:
        row = rename_item(self.store, old, new)
        return {"inventoryId": row.body["inventoryId"], "inventoryNumber": row.key}

    @_click
    def do_close_period(self, period: str, closed: bool = True) -> dict[str, Any]:
        """A period as YYYYMM."""
        (self.store.closed_periods.add if closed else self.store.closed_periods.discard)(period)
        return {"closed": sorted(self.store.closed_periods)}

    @_click
    def do_clear(self) -> dict[str, Any]:
        """No documents any more; suppliers, items and the like stay."""
        for table in (self.store.orders, self.store.receipts, self.store.invoices, self.store.sales):
            table.rows.clear()
        self.store.receipts_of.clear()
        return {"purchaseOrders": 0}

    @_click
    def do_subscribe(
        self, url: str, key: str, tenant: str = "", entities: Sequence[str] = ("PurchaseOrder",)
    ) -> dict[str, Any]:
        """What the Developer Portal's page does. Without a tenant, events of all companies come."""
        self.hooks.subscriptions = [one for one in self.hooks.subscriptions if one.url != url]
        self.hooks.subscriptions.append(Subscription(url, key, tenant, tuple(entities)))
        return {"subscriptions": len(self.hooks.subscriptions)}

    @_click
    def do_unsubscribe(self) -> dict[str, Any]:
        self.hooks.subscriptions.clear()
        return {"subscriptions": 0}

    def do_resend(self) -> dict[str, Any]:
        return {"resent": self.hooks.resend()}

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


def _named(row: Row) -> dict[str, Any]:
    return {"orderNbr": row.key, "orderType": row.body["orderType"], "status": row.body["status"]}


def _receipt(row: Row) -> dict[str, Any]:
    return {"receiptNbr": row.key, "status": row.body["status"], "totalQty": row.body["totalQty"]}


def _invoice(row: Row) -> dict[str, Any]:
    return {"referenceNumber": row.key, "status": row.body["status"], "amount": row.body["amount"]}
