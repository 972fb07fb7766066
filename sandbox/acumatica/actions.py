"""What a person would do in Acumatica itself, and ready-made contents: `POST /_control/do/<name>`."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from sandbox.acumatica.errors import Refusal
from sandbox.acumatica.rules import orders
from sandbox.acumatica.rules.drafts import Entry
from sandbox.acumatica.rules.invoices import invoice_shipment
from sandbox.acumatica.schema import Record, fold
from sandbox.acumatica.seed.contents import Seed
from sandbox.acumatica.store import Row, Store, stamp
from sandbox.acumatica.webhooks import Push, Target

SPREAD = 0.25  # seconds between the stamps of orders that are added in bulk


class Operator:
    """Mixed into the simulator, which gives `store` and `push`."""

    store: Store
    push: Push

    def do_seed(self, customers: int = 20, items: int = 40, orders: int = 100, ugly: bool = True) -> dict[str, Any]:
        """Add customers, items and orders; answers their keys by category."""
        seed = Seed(self.store, Random(7))
        made: dict[str, Any] = {"customers": seed.customers(customers), "items": seed.items(items)}
        return made | seed.orders(orders, ugly)

    def do_add_orders(self, count: int, lines: int = 3) -> dict[str, Any]:
        """Many plain orders, kept packed; their stamps end now."""
        store = self.store
        seed = Seed(store, Random(7))
        if not len(store.customers):
            seed.customers(20)
        if not len(store.items):
            seed.items(40)
        start = store.clock() - min(count * SPREAD, 86400.0)
        step = (store.clock() - start) / max(count, 1)
        stock = [row.read() for row in store.items if row.read()["WarehouseDetails"][0]["QtyOnHand"] > 0]
        buyers = [row.read() for row in store.customers]
        first = last = ""
        for place in range(count):
            order = _bulk(store, buyers[place % len(buyers)], stock, place, lines, stamp(start + place * step))
            last = order["OrderNbr"]
            first = first or last
        return {"count": count, "first": first, "last": last}

    def do_add_order(self, **fields: Any) -> dict[str, Any]:
        """One order by plain fields; customer and line are chosen where none is named."""
        store = self.store
        if not len(store.customers) or not len(store.items):
            Seed(store, Random(7)).customers(1)
            Seed(store, Random(7)).items(1)
        fields.setdefault("CustomerID", next(iter(store.customers)).read()["CustomerID"])
        stocked = next(row.read() for row in store.items if row.read()["WarehouseDetails"][0]["QtyOnHand"] > 0)
        fields.setdefault("Details", [{"InventoryID": stocked["InventoryID"], "OrderQty": 1}])
        row = orders.create_order(Entry(store, ""), wrapped(fields))
        return _named(row)

    def do_edit_order(self, order_nbr: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Plain fields, linked records as dicts, lines by their LineNbr."""
        return _named(orders.update_order(Entry(self.store, ""), self._order(order_nbr), wrapped(changes)))

    def do_hold(self, order_nbr: str) -> dict[str, Any]:
        return self.do_edit_order(order_nbr, {"Hold": True})

    def do_release(self, order_nbr: str) -> dict[str, Any]:
        return self.do_edit_order(order_nbr, {"Hold": False})

    def do_cancel(self, order_nbr: str) -> dict[str, Any]:
        row = self._order(order_nbr)
        orders.cancel(self.store, row, {})
        return _named(row)

    def do_invoice(self, shipment_nbr: str) -> dict[str, Any]:
        row = self.store.shipments.get(shipment_nbr)
        if row is None:
            raise Refusal(404, f"There is no shipment {shipment_nbr}.")
        invoice_shipment(self.store, row, {})
        return {"InvoiceNbr": row.read()["Orders"][0]["InvoiceNbr"], "Status": row.status}

    def do_stock(self, inventory_id: str, quantity: Any, warehouse: str = "") -> dict[str, Any]:
        """Set the quantity on hand, everywhere or in one warehouse."""
        row = self.store.items.get(inventory_id)
        if row is None:
            raise Refusal(404, f"There is no item {inventory_id}.")
        for detail in row.edit()["WarehouseDetails"]:
            if not warehouse or fold(detail["WarehouseID"]) == fold(warehouse):
                detail["QtyOnHand"] = Decimal(str(quantity)).quantize(Decimal("0.000001"))
        self.store.items.refreshed(row)
        return {"InventoryID": row.read()["InventoryID"]}

    def do_push_target(self, url: str = "", header: str = "Authorization", value: str = "") -> dict[str, Any]:
        """Where push notifications go; without a URL they stop."""
        self.push.aim(Target(url, header, value) if url else None)
        return {"url": url}

    def do_push_resend(self) -> dict[str, Any]:
        return {"resent": self.push.resend()}

    def _order(self, number: str) -> Row:
        table = self.store.orders
        found = [row for row in (table.get(kind, number) for kind in table.first_keys()) if row]
        if not found:
            raise Refusal(404, f"There is no order {number}.")
        return found[0]


def _bulk(store: Store, customer: Record, stock: list[Record], place: int, lines: int, now: str) -> Record:
    number = store.number(store.orders, "", 6, "SO")
    order = orders.new_order(customer, "SO", number, now)
    order["CustomerOrder"] = f"BULK-{number}"
    order["Details"] = [
        orders.new_line(
            stock[(place + each) % len(stock)], order, each, Decimal(f"{1 + (place + each) % 5}.000000"), now
        )
        for each in range(1, lines + 1)
    ]
    orders.total(order)
    store.orders.add(order, now).pack()
    return order


def _named(row: Row) -> dict[str, Any]:
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
        return [wrapped(each) for each in value]
    return {"value": value}
