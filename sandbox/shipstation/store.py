"""Where the simulated account keeps its orders, shipments and fulfillments: packed documents and the
few facts that filters and sorting need, so that a hundred thousand orders stay small and quick to page.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.kit import exact_json

Document = dict[str, Any]
LAST = "\uffff"


@dataclass(slots=True)
class Stored:
    """A document with its id. `raw` is its JSON text, ready to be put into an answer."""

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
        found = self.keys.get(key)
        return None if found is None else self.get(found)

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
