"""What a person would do in Acumatica itself, and ready-made contents: `POST /_control/do/<name>`."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from sandbox.acumatica.errors import Refusal
from sandbox.acumatica.rules import invoices, order_actions, orders
from sandbox.acumatica.rules.writes import Write
from sandbox.acumatica.schema import fold
from sandbox.acumatica.seed.directory import add_customers, add_items
from sandbox.acumatica.seed.orders import Orders, add_plain, in_stock
from sandbox.acumatica.store import ZERO, Row, Store
from sandbox.acumatica.webhooks import Destination, Webhooks


class Actions:
    def __init__(self, store: Store, webhooks: Webhooks) -> None:
        self.store, self.webhooks = store, webhooks

    # Contents

    def do_seed(self, customers: int = 20, items: int = 40, orders: int = 100, ugly: bool = True) -> dict[str, Any]:
        """Add customers, items and orders; returns their keys by category."""
        keys = {"customers": add_customers(self.store, customers), "items": add_items(self.store, items)}
        return keys | Orders(self.store, Random(7)).add(orders, ugly)

    def do_add_orders(self, count: int, lines: int = 3) -> dict[str, Any]:
        """Many plain orders, kept packed; their stamps end now."""
        if not len(self.store.customers):
            add_customers(self.store, 20)
        if not len(self.store.items):
            add_items(self.store, 40)
        numbers = add_plain(self.store, count, lines)
        return {"count": count, "first": numbers[0] if numbers else "", "last": numbers[-1] if numbers else ""}

    # Orders

    def do_add_order(self, **fields: Any) -> dict[str, Any]:
        """One order by plain fields; customer and line are chosen where none is named."""
        store = self.store
        if not len(store.customers) or not len(store.items):
            add_customers(store, 1)
            add_items(store, 1)
        fields.setdefault("CustomerID", next(iter(store.customers)).read()["CustomerID"])
        item = next(row.read() for row in store.items if in_stock(row.read()))
        fields.setdefault("Details", [{"InventoryID": item["InventoryID"], "OrderQty": 1}])
        return _result(orders.create_order(Write(store, ""), wrapped(fields)))

    def do_edit_order(self, order_nbr: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Plain fields, linked records as dicts, lines by their LineNbr."""
        return _result(orders.update_order(Write(self.store, ""), self._order(order_nbr), wrapped(changes)))

    def do_hold(self, order_nbr: str) -> dict[str, Any]:
        return self.do_edit_order(order_nbr, {"Hold": True})

    def do_release(self, order_nbr: str) -> dict[str, Any]:
        return self.do_edit_order(order_nbr, {"Hold": False})

    def do_cancel(self, order_nbr: str) -> dict[str, Any]:
        row = self._order(order_nbr)
        order_actions.cancel(self.store, row, {})
        return _result(row)

    def _order(self, number: str) -> Row:
        table = self.store.orders
        for order_type in table.first_keys():
            row = table.get(order_type, number)
            if row:
                return row
        raise Refusal(404, f"There is no order {number}.")

    # Shipments and stock

    def do_invoice(self, shipment_nbr: str) -> dict[str, Any]:
        row = self.store.shipments.get(shipment_nbr)
        if row is None:
            raise Refusal(404, f"There is no shipment {shipment_nbr}.")
        invoices.invoice_shipment(self.store, row, {})
        return {"InvoiceNbr": row.read()["Orders"][0]["InvoiceNbr"], "Status": row.status}

    def do_stock(self, inventory_id: str, quantity: Any, warehouse: str = "") -> dict[str, Any]:
        """Set the quantity on hand, everywhere or in one warehouse."""
        row = self.store.items.get(inventory_id)
        if row is None:
            raise Refusal(404, f"There is no item {inventory_id}.")
        for detail in row.edit()["WarehouseDetails"]:
            if not warehouse or fold(detail["WarehouseID"]) == fold(warehouse):
                detail["QtyOnHand"] = Decimal(str(quantity)).quantize(ZERO)
        self.store.items.refreshed(row)
        return {"InventoryID": row.read()["InventoryID"]}

    # Push notifications

    def do_push_target(self, url: str = "", header: str = "Authorization", value: str = "") -> dict[str, Any]:
        """Where push notifications go; without a URL they stop."""
        self.webhooks.destination = Destination(url, header, value) if url else None
        return {"url": url}

    def do_push_resend(self) -> dict[str, Any]:
        return {"resent": self.webhooks.resend()}


def _result(row: Row) -> dict[str, Any]:
    return {name: row.read()[name] for name in ("OrderType", "OrderNbr", "Status")}


def wrapped(fields: dict[str, Any]) -> dict[str, Any]:
    """Plain fields as a contract body."""
    return {name: _wrap(name, value) for name, value in fields.items()}


def _wrap(name: str, value: Any) -> Any:
    if name in {"delete", "custom"}:
        return value
    if isinstance(value, dict):
        return wrapped(value)
    if isinstance(value, list):
        return [wrapped(element) for element in value]
    return {"value": value}
