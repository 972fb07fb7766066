"""What one simulated tenant holds: tables of records, stock, and number sequences.

A hundred thousand orders must stay small and quick to page, so a record may lie packed until it is changed, keys are
kept sorted, and so are the stamps of change.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.acumatica.contract import ENTITIES
from sandbox.acumatica.schema import Record, Schema, fold, identity, serial_of
from sandbox.kit import exact_json
from sandbox.kit.context import Context

Key = tuple[str, ...]
ZERO = Decimal("0.000000")
NO_MONEY = Decimal("0.0000")
CENTS = Decimal("0.0001")
LAST = "\uffff"
Listener = Callable[["Row", str, str], None]
"""Called after a change of a row, with its status and stamp from before; both empty for a new row."""


def stamp(instant: float) -> str:
    """An instant as the tables hold it: UTC, to the millisecond, of fixed width so that texts sort like times."""
    thousandths = round(instant * 1000)
    moment = datetime.fromtimestamp(thousandths // 1000, UTC).replace(microsecond=thousandths % 1000 * 1000)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


class Row:
    """A record with what lists need of it at hand. `read` shows the record, `edit` gives it for changing."""

    __slots__ = ("key", "modified", "packed", "record", "serial", "status")

    def __init__(self, serial: int, key: Key, record: Record) -> None:
        self.serial, self.key = serial, key
        self.status, self.modified = "", ""
        self.record: Record | None = record
        self.packed = b""

    def read(self) -> Record:
        if self.record is not None:
            return self.record
        record: Record = exact_json.loads(zlib.decompress(self.packed))
        return record

    def edit(self) -> Record:
        self.record, self.packed = self.read(), b""
        return self.record

    def pack(self) -> None:
        if self.record is not None:
            self.packed, self.record = zlib.compress(exact_json.dumps(self.record).encode(), 1), None


class Table:
    """The records of one entity."""

    def __init__(self, schema: Schema, code: int, clock: Callable[[], float]) -> None:
        self.schema, self.code, self.clock = schema, code, clock
        self.rows: dict[Key, Row] = {}
        self.by_serial: dict[int, Row] = {}
        self.keys: list[Key] = []
        self.stamps: list[tuple[str, int]] = []
        self.listeners: list[Listener] = []
        self.shown: dict[int, tuple[Any, bytes]] = {}
        self.serials = 0

    def __iter__(self) -> Iterator[Row]:
        return (self.rows[key] for key in self.keys)

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, *keys: str) -> Row | None:
        return self.rows.get(tuple(map(fold, keys)))

    def by_id(self, record_id: str) -> Row | None:
        serial = serial_of(record_id, self.code)
        return None if serial is None else self.by_serial.get(serial)

    def identity(self, row: Row) -> str:
        return identity(row.serial, self.code)

    def next_identity(self) -> str:
        """The id that the next record will have."""
        return identity(self.serials + 1, self.code)

    def add(self, record: Record, modified: str = "") -> Row:
        self.serials += 1
        key = tuple(fold(str(record[name])) for name in self.schema.keys)
        row = Row(self.serials, key, record)
        if "NoteID" in self.schema.kinds:
            record["NoteID"] = self.identity(row)
        self.rows[key] = self.by_serial[row.serial] = row
        if not self.keys or key > self.keys[-1]:
            self.keys.append(key)
        else:
            insort(self.keys, key)
        self.changed(row, modified)
        return row

    def changed(self, row: Row, modified: str = "") -> None:
        """Stamp the row, and call the listeners. Every change of a record ends here."""
        record = row.edit()
        before = row.status, row.modified
        self._unindex(row)
        row.modified = modified or max(stamp(self.clock()), row.modified)
        for name in self.schema.stamps:
            record[name] = row.modified
        row.status = record.get("Status") or ""
        indexed = (row.modified, row.serial)
        if not self.stamps or indexed > self.stamps[-1]:
            self.stamps.append(indexed)
        else:
            insort(self.stamps, indexed)
        self.refreshed(row)
        for listener in self.listeners:
            listener(row, *before)

    def refreshed(self, row: Row) -> None:
        """Something changed that leaves no stamp, such as the quantity on hand."""
        self.shown.pop(row.serial, None)

    def remove(self, row: Row) -> None:
        self._unindex(row)
        del self.rows[row.key], self.by_serial[row.serial]
        del self.keys[bisect_left(self.keys, row.key)]
        self.refreshed(row)
        for listener in self.listeners:
            listener(row, row.status, row.modified)

    def _unindex(self, row: Row) -> None:
        index = bisect_left(self.stamps, (row.modified, row.serial))
        if index < len(self.stamps) and self.stamps[index] == (row.modified, row.serial):
            del self.stamps[index]

    def holds(self, row: Row) -> bool:
        return self.rows.get(row.key) is row

    def between(self, start: Key, end: Key) -> Iterator[Row]:
        """Rows in order of their keys, both ends included."""
        low, high = bisect_left(self.keys, start), bisect_right(self.keys, end)
        return (self.rows[self.keys[index]] for index in range(low, high))

    def first_keys(self) -> list[str]:
        """The different values of the first key, found without looking at each record."""
        values: list[str] = []
        index = 0
        while index < len(self.keys):
            values.append(self.keys[index][0])
            index = bisect_right(self.keys, (values[-1], LAST))
        return values

    def changed_since(self, modified: str, at_most: int) -> list[Row] | None:
        """Rows with this stamp or a later one, by key; None where they are too many to gather."""
        low = bisect_left(self.stamps, (modified, -1))
        if len(self.stamps) - low > at_most:
            return None
        rows = [self.by_serial[serial] for _, serial in self.stamps[low:]]
        return sorted(rows, key=lambda row: row.key)


class Store:
    """One tenant: its tables, its numbering, and what is reserved for open shipments."""

    def __init__(self, context: Context, tenant: str) -> None:
        self.context, self.tenant = context, tenant
        self.switches = context.switches
        self.tables = {
            name: Table(schema, 0x5B1E + index, context.now) for index, (name, schema) in enumerate(ENTITIES.items())
        }
        self.reserved: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        self.sequences: dict[tuple[str, str, str], int] = {}

    def stamp(self) -> str:
        """The present instant, as tables hold it."""
        return stamp(self.context.now())

    @property
    def orders(self) -> Table:
        return self.tables["SalesOrder"]

    @property
    def shipments(self) -> Table:
        return self.tables["Shipment"]

    @property
    def customers(self) -> Table:
        return self.tables["Customer"]

    @property
    def items(self) -> Table:
        return self.tables["StockItem"]

    @property
    def invoices(self) -> Table:
        return self.tables["SalesInvoice"]

    def number(self, table: Table, prefix: str, width: int, first: str = "") -> str:
        """The next number of a sequence; none is used twice. `first` is the first part of the key."""
        head = (first,) if first else ()
        index = bisect_right(table.keys, (*head, prefix + LAST)) - 1
        last = table.keys[index][-1] if index >= 0 and table.keys[index][: len(head)] == head else ""
        digits = last.removeprefix(prefix) if last.startswith(prefix) else ""
        sequence = (table.schema.name, first, prefix)
        number = max(int(digits) if digits.isdigit() else 0, self.sequences.get(sequence, 0)) + 1
        self.sequences[sequence] = number
        return f"{prefix}{number:0{width}d}"

    # Stock

    def on_hand(self, item: str, warehouse: str) -> Decimal:
        detail = self._detail(item, warehouse)
        return detail["QtyOnHand"] if detail else ZERO

    def available(self, item: str, warehouse: str) -> Decimal:
        """On hand and not yet on an open shipment."""
        return self.on_hand(item, warehouse) - self.reserved[fold(item), fold(warehouse)]

    def reserve(self, item: str, warehouse: str, quantity: Decimal) -> None:
        self.reserved[fold(item), fold(warehouse)] += quantity

    def issue(self, item: str, warehouse: str, quantity: Decimal) -> None:
        """Take out of stock; a negative quantity puts back."""
        detail = self._detail(item, warehouse)
        row = self.items.get(item)
        if detail and row:
            detail["QtyOnHand"] -= quantity
            self.items.refreshed(row)

    def _detail(self, item: str, warehouse: str) -> Record | None:
        row = self.items.get(item)
        details = row.edit().get("WarehouseDetails", []) if row else []
        return next((detail for detail in details if fold(detail["WarehouseID"]) == fold(warehouse)), None)
