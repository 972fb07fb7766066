"""What one simulated ShipStation account holds. V1, V2 and the operator page are three views of it.

Orders, shipments and fulfillments are packed documents with the few facts that filters and sorting need, so that a
hundred thousand orders stay small and quick to page.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from sandbox.kit import exact_json
from sandbox.kit.context import Context
from sandbox.shipstation import clock

Document = dict[str, Any]
LAST = "\uffff"


@dataclass(slots=True)
class Stored:
    """A document with its id. `raw` is its JSON text, ready to be put into a response."""

    id: int
    created_at: float
    modified_at: float
    created: str
    packed: bytes = b""

    @property
    def raw(self) -> bytes:
        return zlib.decompress(self.packed)

    def open(self) -> Document:
        """A fresh copy of the document; changes count only once they are saved."""
        document: Document = exact_json.loads(self.raw)
        return document

    def pack(self, document: Document) -> None:
        self.packed = zlib.compress(exact_json.dumps(document).encode(), 1)


@dataclass(slots=True)
class Order(Stored):
    key: str = ""
    number: str = ""
    status: str = ""
    store: int = 0
    name: str = ""
    modified: str = ""
    import_batch: str = ""
    deleted: bool = False
    merged_into: int | None = None
    merged: list[int] = field(default_factory=list)
    shipped: dict[int, int] = field(default_factory=dict)
    shipments: list[int] = field(default_factory=list)
    fulfillments: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Shipment(Stored):
    order: int = 0
    number: str = ""
    batch: int = 0
    store: int = 0
    carrier: str = ""
    tracking: str = ""
    shipped: str = ""
    voided: str | None = None
    voided_at: float | None = None
    is_return: bool = False
    units: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Fulfillment(Stored):
    order: int = 0
    number: str = ""
    tracking: str = ""
    shipped: str = ""


class Sorted:
    """Ids kept in the order of a text, such as a date or a number."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, int]] = []

    def put(self, text: str, key: int) -> None:
        entry = (text, key)
        if not self.entries or self.entries[-1] < entry:
            self.entries.append(entry)
        else:
            insort(self.entries, entry)

    def drop(self, text: str, key: int) -> None:
        place = bisect_left(self.entries, (text, key))
        if place < len(self.entries) and self.entries[place] == (text, key):
            del self.entries[place]

    def between(self, start: str | None = None, end: str | None = None) -> list[int]:
        """Ids from `start` to `end`, both included."""
        low = bisect_left(self.entries, (start, -1)) if start else 0
        high = bisect_right(self.entries, (end, 1 << 62)) if end else len(self.entries)
        return [key for _, key in self.entries[low:high]]

    def starting_with(self, prefix: str) -> list[int]:
        return self.between(prefix, prefix + LAST)


class Orders:
    """The orders of the account and its indexes. `version` moves with every change."""

    def __init__(self) -> None:
        self.rows: dict[int, Order] = {}
        self.keys: dict[str, int] = {}
        self.by_modified = Sorted()
        self.by_created = Sorted()
        self.by_number = Sorted()
        self.by_status: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self.by_batch: defaultdict[str, list[int]] = defaultdict(list)
        self.version = 0

    def __iter__(self) -> Iterator[Order]:
        return iter(self.rows.values())

    def get(self, key: int) -> Order | None:
        """The order unless it was deleted; a deleted one is hidden and inactive."""
        order = self.rows.get(key)
        return None if order is None or order.deleted else order

    def of_key(self, key: str) -> Order | None:
        order_id = self.keys.get(key)
        return None if order_id is None else self.get(order_id)

    def add(self, order: Order, document: Document) -> None:
        self.rows[order.id] = order
        self.keys.setdefault(order.key, order.id)
        self.by_created.put(order.created, order.id)
        self.save(order, document)

    def save(self, order: Order, document: Document) -> None:
        """Store the document and bring the facts and indexes in line with it."""
        self.version += 1
        self._move(self.by_modified, order, order.modified, document["modifyDate"])
        self._move(self.by_number, order, order.number, document["orderNumber"])
        self.by_status[order.status].pop(order.id, None)
        order.status = document["orderStatus"]
        if order.merged_into is None:
            self.by_status[order.status][order.id] = None
        order.modified = document["modifyDate"]
        order.number = document["orderNumber"]
        order.store = document["advancedOptions"]["storeId"]
        order.name = document["shipTo"]["name"] or ""
        order.pack(document)

    def _move(self, index: Sorted, order: Order, old: str, new: str) -> None:
        if old != new:
            index.drop(old, order.id)
            index.put(new, order.id)

    def imported(self, order: Order, batch: str) -> None:
        order.import_batch = batch
        self.by_batch[batch].append(order.id)

    def hide(self, order: Order) -> None:
        """A soft delete: no list and no key leads to it any more."""
        self.version += 1
        order.deleted = True
        self.by_status[order.status].pop(order.id, None)
        if self.keys.get(order.key) == order.id:
            del self.keys[order.key]


class Account:
    """All that the account holds, and the numbers it gives."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._numbers = count(21466104)
        self.orders = Orders()
        self.shipments: dict[int, Shipment] = {}
        self.fulfillments: dict[int, Fulfillment] = {}
        self.customers: dict[str, Document] = {}
        self.products: dict[str, Document] = {}
        self.held: dict[int, str] = {}
        """Orders on hold that have an end: the day, by order id."""
        self.poisoned: set[int] = set()
        """Orders on which every list page fails."""
        self.tags: dict[int, Document] = {}
        self.stores: dict[int, Document] = {}
        self.warehouses: dict[int, Document] = {}
        self.inventory_warehouses: dict[str, Document] = {}
        self.inventory_locations: dict[str, Document] = {}
        self.stock: dict[tuple[str, str], Document] = {}
        """Stock by inventory location and SKU."""

    def next_number(self) -> int:
        return next(self._numbers)

    def save(self, order: Order, document: Document) -> None:
        """Store a change that moves `modifyDate`."""
        order.modified_at = self._context.now()
        document["modifyDate"] = clock.seven(order.modified_at)
        document["orderTotal"] = total(document)
        self.orders.save(order, document)

    def add_inventory_warehouse(self, name: str) -> Document:
        return self._add(self.inventory_warehouses, "inventory_warehouse_id", {"name": name})

    def add_inventory_location(self, name: str, warehouse: str) -> Document:
        values = {"name": name, "inventory_warehouse_id": warehouse}
        return self._add(self.inventory_locations, "inventory_location_id", values)

    def _add(self, table: dict[str, Document], field: str, values: Document) -> Document:
        key, now = f"se-{self.next_number()}", clock.zulu(self._context.now())
        table[key] = {field: key, **values, "created_at": now, "updated_at": now}
        return table[key]


def total(order: Document) -> Decimal:
    """What the customer owes: lines, tax and freight; adjustments count with their sign."""
    lines = (Decimal(line["quantity"]) * Decimal(line["unitPrice"] or 0) for line in order["items"])
    extras = Decimal(order["taxAmount"] or 0) + Decimal(order["shippingAmount"] or 0)
    return (sum(lines, Decimal(0)) + extras).quantize(Decimal("0.01"))
