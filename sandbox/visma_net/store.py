"""What one company holds: tables of rows, each with a version that moves on every change."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from sandbox.kit.context import Context
from sandbox.visma_net import clock
from sandbox.visma_net.errors import not_found

Record = dict[str, Any]
ZERO = Decimal("0.0")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)
VAT = Decimal("0.25")


def number(value: Any) -> Decimal:
    """A decimal as the ERP writes it, which always has a point. Raises `InvalidOperation`."""
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise InvalidOperation
    return exact.quantize(Decimal("0.1")) if exact == exact.to_integral_value() else exact.normalize()


def cents(value: Decimal) -> Decimal:
    return number(value.quantize(CENT))


@dataclass
class Row:
    """`body` is the document as it is read. Keys that begin with `_` are never shown."""

    key: str
    body: Record
    created: int = 0
    modified: int = 0
    version: int = 0

    @property
    def stamp(self) -> str:
        """The row version as `timeStamp` shows it."""
        return base64.b64encode(self.version.to_bytes(8, "big")).decode()

    @property
    def etag(self) -> str:
        return f'"{self.stamp}"'


@dataclass
class Table:
    name: str
    rows: dict[str, Row] = field(default_factory=dict)
    last: int = 0
    width: int = 6

    def get(self, key: str) -> Row | None:
        return self.rows.get(key)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def next_number(self) -> str:
        self.last += 1
        return f"{self.last:0{self.width}d}"


def row_of(table: Table, key: str, kind: str) -> Row:
    """Raises the 404 of a key that is not there; `kind` is what a person calls the record."""
    row = table.get(key)
    if row is None:
        raise not_found(kind, key)
    return row


class Store:
    """Everything of one company."""

    def __init__(self, context: Context, random: Random, tenant: str, company: str, name: str) -> None:
        self.context, self.random = context, random
        self.tenant, self.company, self.name = tenant, company, name
        self.switches = context.switches
        self.orders = Table("purchaseOrders", last=100)
        self.receipts = Table("purchaseReceipts", last=40)
        self.invoices = Table("customerInvoices", last=300140)
        self.sales = Table("salesOrders", last=220)
        self.suppliers = Table("suppliers")
        self.customers = Table("customers")
        self.items = Table("inventory")
        self.warehouses = Table("warehouses")
        self.bills: list[Record] = []
        self.closed_periods: set[str] = set()
        self.receipts_of: dict[str, dict[str, None]] = defaultdict(dict)
        """Order number -> numbers of the receipts that have had lines of it."""
        self.listeners: list[Callable[[str, Row, str], None]] = []
        """Called with (table, row, action) on each change."""
        self._version = 0x4D182200

    @property
    def zone(self) -> str:
        return str(self.switches["time_zone"])

    def moment(self) -> int:
        return int(self.context.now() * 1000)

    def today(self) -> str:
        return clock.day(self.moment(), self.zone)

    def add(self, table: Table, key: str, body: Record, moment: int | None = None) -> Row:
        row = Row(key, body)
        table.rows[key] = row
        row.created = self.moment() if moment is None else moment
        self.touch(table, row, moment=moment)
        return row

    def touch(self, table: Table, row: Row, action: str = "Changed", moment: int | None = None) -> None:
        """The row was changed: a new version, a new time, and the listeners are called."""
        self._version += self.random.randint(1, 40)
        row.version = self._version
        row.modified = self.moment() if moment is None else moment
        for listener in self.listeners:
            listener(table.name, row, action)

    def show(self, row: Row, *, custom: bool = True) -> Record:
        """The read document, without metadata."""
        shown = _shown(row.body, custom)
        shown["lastModifiedDateTime"] = clock.local(row.modified, self.zone)
        shown["timeStamp"] = row.stamp
        return shown


def _shown(body: Record, custom: bool) -> Record:
    """No private keys, nothing that is empty, custom fields only if asked for."""
    shown: Record = {}
    for name, value in body.items():
        if name.startswith("_") or value is None or (not custom and name.startswith("custom")):
            continue
        if isinstance(value, list):
            value = [_shown(element, custom) if isinstance(element, dict) else element for element in value]
        shown[name] = value
    return shown
