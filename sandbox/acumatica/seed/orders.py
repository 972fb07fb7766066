"""Orders for the simulated tenant: of every kind that makes a difference, or very many plain ones."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from sandbox.acumatica.rules.order_defaults import new_line, new_order
from sandbox.acumatica.rules.order_status import total
from sandbox.acumatica.schema import Record
from sandbox.acumatica.seed.directory import SCARCE
from sandbox.acumatica.seed.tables import LONG, SHIP_VIAS, WAREHOUSES
from sandbox.acumatica.store import ZERO, Store, Table, stamp

DAY_SECONDS = 86400
CATEGORIES = (
    *("orders", "open", "on_hold", "back_order", "canceled", "sa", "several_warehouses", "fractional", "no_address"),
    "ontrac",
)
BULK_SECONDS = 0.25  # between the stamps of orders that are added in bulk


class Orders:
    def __init__(self, store: Store, random: Random) -> None:
        self.store, self.random = store, random

    def add(self, count: int, ugly: bool) -> dict[str, list[str]]:
        """Orders by category; each list holds order numbers, which are unique over all types here."""
        groups: dict[str, list[str]] = {name: [] for name in CATEGORIES}
        moments = self._moments(count)
        for index in range(count):
            order, categories = self._order(index, next(moments), ugly)
            for category in ("orders", *categories):
                groups[category].append(order["OrderNbr"])
        return groups

    def _moments(self, count: int) -> Iterator[float]:
        """One after the other through the past thirty days, now and then two at the same moment."""
        moment, step = self.store.context.now() - 30 * DAY_SECONDS, 29 * DAY_SECONDS / max(count, 1)
        while True:
            yield moment
            moment += step if self.random.random() > 0.05 else 0.0

    def _order(self, index: int, moment: float, ugly: bool) -> tuple[Record, list[str]]:
        store, now = self.store, stamp(moment)
        order_type = "SA" if index % 13 == 12 else "SO"
        number = store.number(store.orders, "SA" if order_type == "SA" else "", 6, order_type)
        order = new_order(_nth(store.customers, index), order_type, number, now)
        categories = ["sa"] if order_type == "SA" else []
        order["CustomerOrder"] = f"PO-{7000 + index}" if index % 7 else None
        order["Description"] = LONG if index % 11 == 3 else "Web shop order" if index % 2 else None
        order["ShipVia"] = order["ShippingSettings"]["ShipVia"] = list(SHIP_VIAS)[index % 9]
        if index % 17 == 5:
            order["note"] = "Leave at the dock"
        categories += self._add_lines(order, index, now)
        categories += _uglify(order, index) if ugly else ["open"]
        if index % 19 == 7 and order["Status"] == "Open":
            self._sell_out(order, now)
            categories = [category for category in categories if category == "sa"] + ["back_order"]
        total(order)
        store.orders.add(order, now)
        return order, categories

    def _add_lines(self, order: Record, index: int, now: str) -> list[str]:
        """Returns the categories that the lines make."""
        several, fractional = index % 10 == 4, index % 15 == 6
        for number in range(1, 1 + (2 if several else 1 + index % 4)):
            item = _nth(self.store.items, index * 3 + number, without=SCARCE)
            quantity = Decimal(1 + (index + number) % 5).quantize(ZERO)
            if fractional and number == 1:
                quantity = Decimal("2.500000")
            line = new_line(item, order, number, quantity, now)
            line["WarehouseID"] = list(WAREHOUSES)[number - 1] if several else "WHOLESALE"
            order["Details"].append(line)
        return [*(["several_warehouses"] if several else []), *(["fractional"] if fractional else [])]

    def _sell_out(self, order: Record, now: str) -> None:
        item = self.store.items.get(SCARCE)
        if item:
            order["Details"] = [new_line(item.read(), order, 1, Decimal("4.000000"), now)]
        order["Status"] = "Back Order"


def _uglify(order: Record, index: int) -> list[str]:
    """Returns the categories that this makes."""
    match index:
        case 1:
            order["ShipToContact"] = {"Email": "nobody@example.com"}
            order["ShipToAddress"] |= {"AddressLine1": None, "AddressLine2": None}
            return ["open", "no_address"]
        case 2:
            order["Description"] = "Fragile. carrier:ontrac please"
            return ["open", "ontrac"]
        case 3:
            order["Status"] = "Canceled"
            return ["canceled"]
    if index % 20 == 8:
        order["Status"], order["Hold"] = "On Hold", True
        return ["on_hold"]
    return ["open"]


def _nth(table: Table, index: int, without: str = "") -> Record:
    keys = [key for key in table.keys if key != (without,)]
    return table.rows[keys[index % len(keys)]].read()


def add_plain(store: Store, count: int, lines: int) -> list[str]:
    """Many plain orders, kept packed; their stamps end now. Returns their numbers."""
    now = store.context.now()
    start = now - min(count * BULK_SECONDS, DAY_SECONDS)
    step = (now - start) / max(count, 1)
    stock = [row.read() for row in store.items if in_stock(row.read())]
    customers = [row.read() for row in store.customers]
    return [
        _add_plain(store, customers[index % len(customers)], stock, index, lines, stamp(start + index * step))
        for index in range(count)
    ]


def in_stock(item: Record) -> bool:
    return bool(item["WarehouseDetails"][0]["QtyOnHand"] > 0)


def _add_plain(store: Store, customer: Record, stock: list[Record], index: int, lines: int, now: str) -> str:
    number = store.number(store.orders, "", 6, "SO")
    order = new_order(customer, "SO", number, now)
    order["CustomerOrder"] = f"BULK-{number}"
    order["Details"] = [
        new_line(stock[(index + line) % len(stock)], order, line, Decimal(1 + (index + line) % 5).quantize(ZERO), now)
        for line in range(1, lines + 1)
    ]
    total(order)
    store.orders.add(order, now).pack()
    return number
