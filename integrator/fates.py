"""Compares what two simulated systems hold, document by document: is anything missing, twice, or without a fate?

The comparison trusts neither our tables nor our counts. It reads both systems' own contents, and of our records only
which documents have one and which ones say why they did not arrive.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

State = Mapping[str, Any]
Lines = dict[int, Decimal]
"""Quantity by line of the order."""
NOTHING = Decimal(0)

EXPLAINING = {"attention", "conflict", "waiting", "closed", "skipped"}
"""States of a record that say, with a cause, why a document is not in the target."""
ENDED = {"Canceled", "Cancelled", "Completed", "Invoiced", "Rejected", "Expired", "On Hold", "Credit Hold"}
CANCELLED = {"Canceled", "Cancelled"}
COMPLETED = {"Completed", "Invoiced"}
STILL_TO_SHIP = {"awaiting_shipment", "pending_fulfillment"}


@dataclass(frozen=True)
class Fate:
    """What one of our records says of its source document."""

    flow: str
    source_key: str
    state: str
    cause: str = ""

    @property
    def explains(self) -> bool:
        return self.state in EXPLAINING and bool(self.cause)


@dataclass
class Verdict:
    """What is wrong, one sentence each. Nothing in the lists means that nothing was lost or doubled."""

    unaccounted: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    """Orders that were shipped as a whole and are not completed."""
    explained: Counter[str] = field(default_factory=Counter)
    """Documents that are absent for a reason, by flow and reason."""

    @property
    def clean(self) -> bool:
        return not (self.unaccounted or self.missing or self.doubled or self.behind)

    def figures(self) -> dict[str, int]:
        return {
            "unaccounted": len(self.unaccounted),
            "missing_in_target": len(self.missing),
            "doubled_in_target": len(self.doubled),
        }


@dataclass(frozen=True)
class Parcel:
    """A shipment or fulfillment of ShipStation."""

    key: str
    mark: str
    """What its packages in Acumatica are marked with."""
    order_key: str
    tracking: str
    lines: Lines
    voided: bool
    is_return: bool = False


@dataclass(frozen=True)
class Packed:
    """A package in Acumatica, on its shipment."""

    mark: str
    tracking: str
    shipment: str
    warehouse: str
    alone: bool
    """Whether the shipment has no other package: only then its lines are this package's."""
    lines: Mapping[str, Lines]
    """By key of the order."""


class Comparison:
    """Acumatica on the left, ShipStation on the right."""

    def __init__(self, left: State, right: State, fates: Iterable[Fate]) -> None:
        self.left, self.right = left, right
        self.fates: dict[str, dict[str, list[Fate]]] = defaultdict(lambda: defaultdict(list))
        for fate in fates:
            self.fates[fate.flow][fate.source_key].append(fate)
        self.orders = {source_key(order): order for order in left["orders"]}
        self.keys = {order_key(order): key for key, order in self.orders.items()}
        self.all_parcels = parcels(right)
        self.parcels = [one for one in self.all_parcels if one.order_key in self.keys and not one.is_return]
        self.verdict = Verdict()

    def run(self) -> Verdict:
        self._accounts()
        self._orders()
        self._parcels()
        self._quantities()
        return self.verdict

    # Every source document has exactly one record

    def _accounts(self) -> None:
        sources = {
            "orders": list(self.orders),
            "customers": [one["CustomerID"] for one in self.left.get("customers", [])],
            "items": [one["InventoryID"] for one in self.left.get("items", [])],
            "shipments": [parcel.key for parcel in self.all_parcels],
        }
        for flow, keys in sources.items():
            for key in keys:
                count = len(self._of(flow, key))
                if count != 1:
                    self.verdict.unaccounted.append(f"{flow}: {key} has {count} records.")

    def _of(self, flow: str, key: str) -> list[Fate]:
        """The records of a document. A parcel with goods of several orders has one for each of them."""
        found = self.fates[flow].get(key, [])
        if found or flow != "shipments":
            return found
        parts = [fates for name, fates in self.fates[flow].items() if name.startswith(f"{key}:")]
        return [fates[0] for fates in parts[:1] if all(len(each) == 1 for each in parts)]

    def _excused(self, flow: str, key: str, states: Collection[str] = EXPLAINING) -> bool:
        fate = next(iter(self._of(flow, key)), None)
        excused = fate is not None and fate.explains and fate.state in states
        if fate is not None and excused:
            self.verdict.explained[f"{flow}: {fate.state}: {fate.cause}"] += 1
        return excused

    # Every order that was to be shipped is in ShipStation once

    def _orders(self) -> None:
        there: dict[str, list[State]] = defaultdict(list)
        for order in self.right["orders"]:
            if not order.get("deleted"):
                there[order["orderKey"]].append(order)
        numbers = Counter(order["orderNumber"] for orders in there.values() for order in orders)
        for key, order in self.orders.items():
            found = there[order_key(order)]
            if len(found) > 1 or numbers[order["OrderNbr"]] > 1:
                self.verdict.doubled.append(f"Order {key} is in ShipStation {max(len(found), 2)} times.")
            elif found:
                self._present_order(key, order, found[0])
            elif not self._excused("orders", key, EXPLAINING if left_out(order) else EXPLAINING - {"skipped"}):
                self.verdict.missing.append(f"Order {key} ({order['Status']}) is not in ShipStation.")

    def _present_order(self, key: str, order: State, found: State) -> None:
        if order["Status"] in CANCELLED and found["orderStatus"] in STILL_TO_SHIP:
            if not self._excused("cancellations", key):
                self.verdict.missing.append(f"Order {key} is cancelled, but ShipStation still ships it.")
            return
        self._excess(key, order, found)

    def _excess(self, key: str, order: State, found: State) -> None:
        """More of a line than was ordered is a doubled line."""
        ordered = _ordered(order)
        for number, quantity in _lines(found["items"]).items():
            if number and quantity > ordered.get(number, NOTHING):
                wanted = ordered.get(number, NOTHING)
                self.verdict.doubled.append(f"Order {key}, line {number}: {quantity:f} of {wanted:f} ordered.")

    # Every parcel is in Acumatica once, on the right order

    def _parcels(self) -> None:
        packed: dict[str, list[Packed]] = defaultdict(list)
        trackings: dict[str, list[Packed]] = defaultdict(list)
        for package in packages(self.left):
            packed[package.mark].append(package)
            trackings[package.tracking].append(package)
        for parcel in self.parcels:
            found = packed.get(parcel.mark, [])
            unmarked = [one for one in trackings[parcel.tracking] if parcel.tracking and one.mark != parcel.mark]
            self._parcel(parcel, found, [one for one in unmarked if not one.mark])
        known = {parcel.mark for parcel in self.all_parcels if not parcel.is_return}
        for mark in set(packed) - known - {""}:
            self.verdict.doubled.append(f"Acumatica has a package {mark} that ShipStation does not know.")

    def _parcel(self, parcel: Parcel, found: Sequence[Packed], unmarked: Sequence[Packed]) -> None:
        key = self.keys[parcel.order_key]
        where = Counter(package.warehouse for package in found)
        if parcel.voided:
            if found and not self._excused("shipments", parcel.key):
                self.verdict.doubled.append(f"Parcel {parcel.key} was voided, but Acumatica still has it.")
        elif not found:
            if not self._excused("shipments", parcel.key):
                self.verdict.missing.append(f"Parcel {parcel.key} of order {key} is not in Acumatica.")
        elif unmarked or max(where.values()) > 1:
            self.verdict.doubled.append(f"Parcel {parcel.key} is in Acumatica {len(found) + len(unmarked)} times.")
        elif any(key not in package.lines for package in found):
            self.verdict.missing.append(f"Parcel {parcel.key} is not on order {key}, where it belongs.")
        elif any(package.tracking != parcel.tracking for package in found):
            self.verdict.missing.append(f"Parcel {parcel.key} has another tracking number in Acumatica.")
        elif parcel.lines and all(package.alone for package in found):
            self._same(f"Parcel {parcel.key}", parcel.lines, _sum(package.lines[key] for package in found))

    # Of every line, as much left in Acumatica as in ShipStation

    def _quantities(self) -> None:
        there: dict[str, list[Lines]] = defaultdict(list)
        for shipment in self.left["shipments"]:
            for key, lines in _by_order(shipment).items():
                there[key].append(lines)
        absent = {parcel.order_key for parcel in self.parcels if self._incomplete(parcel)}
        sums: dict[str, list[Lines]] = defaultdict(list)
        for parcel in self.parcels:
            if not parcel.voided:
                sums[parcel.order_key].append(parcel.lines)
        for number, each in sums.items():
            # Parcels that are absent, each with its own finding or reason, or that name no goods: nothing to compare.
            if number not in absent and all(each):
                self._same(f"Order {self.keys[number]}", _sum(each), _sum(there[self.keys[number]]))
                self._completed(self.keys[number], _sum(each))

    def _completed(self, key: str, shipped: Lines) -> None:
        order = self.orders[key]
        whole = not _rest(_ordered(order), shipped)
        if whole and order["Status"] not in COMPLETED:
            self.verdict.behind.append(f"Order {key} was shipped as a whole, and is {order['Status']} in Acumatica.")

    def _incomplete(self, parcel: Parcel) -> bool:
        fate = next(iter(self._of("shipments", parcel.key)), None)
        return fate is None or fate.state != "synced"

    def _same(self, what: str, wanted: Lines, found: Lines) -> None:
        for line in sorted(set(wanted) | set(found)):
            left, right = wanted.get(line, NOTHING), found.get(line, NOTHING)
            if right < left:
                self.verdict.missing.append(f"{what}, line {line}: {right:f} of {left:f} shipped units.")
            elif right > left:
                self.verdict.doubled.append(f"{what}, line {line}: {right:f} units for {left:f} shipped.")


def compare(left: State, right: State, fates: Iterable[Fate]) -> Verdict:
    """Compare Acumatica's contents (left) with ShipStation's; both as their simulators' `state()` tells them."""
    return Comparison(left, right, fates).run()


# Acumatica


def source_key(order: State) -> str:
    return f"{order['OrderType']}/{order['OrderNbr']}"


def order_key(order: State) -> str:
    """What identifies the order in ShipStation."""
    number: str = order["OrderNbr"]
    return number if order["OrderType"] == "SO" else f"{order['OrderType']}-{number}"


def left_out(order: State) -> bool:
    """Whether it is right that the order never went out: it ended before, is held, or is picked up."""
    return order["Status"] in ENDED or bool(order.get("Hold")) or bool(order.get("WillCall"))


def _ordered(order: State) -> Lines:
    return _sum({int(line["LineNbr"]): Decimal(line["OrderQty"])} for line in order["lines"])


def packages(left: State) -> list[Packed]:
    return [
        Packed(
            # A parcel with goods of several orders names the order behind a colon.
            mark=(package.get("CustomRefNbr1") or "").partition(":")[0],
            tracking=(package.get("TrackingNbr") or "").strip(),
            shipment=shipment["ShipmentNbr"],
            warehouse=shipment.get("WarehouseID") or "",
            alone=len(shipment["packages"]) == 1,
            lines=_by_order(shipment),
        )
        for shipment in left["shipments"]
        for package in shipment["packages"]
    ]


def _by_order(shipment: State) -> dict[str, Lines]:
    found: dict[str, list[Lines]] = defaultdict(list)
    for line in shipment["lines"]:
        found[source_key(line)].append({int(line["OrderLineNbr"]): Decimal(line["ShippedQty"])})
    return {key: _sum(lines) for key, lines in found.items()}


# ShipStation


def parcels(right: State) -> list[Parcel]:
    """All shipments and fulfillments. A fulfillment holds what no shipment of its order held."""
    orders = {order["orderId"]: order for order in right["orders"]}
    found = [_shipment(row, orders) for row in right["shipments"]]
    sent: dict[str, list[Lines]] = defaultdict(list)
    for parcel in found:
        if not parcel.voided and not parcel.is_return:
            sent[parcel.order_key].append(parcel.lines)
    for row in right["fulfillments"]:
        order = orders[row["orderId"]]
        left = _rest(_lines(order["items"]), _sum(sent[order["orderKey"]]))
        found.append(_fulfillment(row, order["orderKey"], left))
    return found


def _fulfillment(row: State, key: str, lines: Lines) -> Parcel:
    number = row["fulfillmentId"]
    voided = bool(row.get("voided"))
    return Parcel(f"fulfillment-{number}", f"f-{number}", key, row.get("trackingNumber") or "", lines, voided)


def _shipment(row: State, orders: Mapping[int, State]) -> Parcel:
    """A label without lines may hold anything of its order: its quantities are not compared."""
    return Parcel(
        key=f"shipment-{row['orderId']}-{row['shipmentId']}",
        mark=f"s-{row['shipmentId']}",
        order_key=row.get("orderKey") or orders[row["orderId"]]["orderKey"],
        tracking=row.get("trackingNumber") or "",
        lines=_lines(row.get("shipmentItems") or []),
        voided=bool(row["voided"]),
        is_return=bool(row["isReturnLabel"]),
    )


def _lines(items: Sequence[State]) -> Lines:
    goods = [item for item in items if not item.get("adjustment")]
    return _sum({line_number(item.get("lineItemKey")): Decimal(item["quantity"])} for item in goods)


def line_number(key: str | None) -> int:
    """The line of the order that a `lineItemKey` of ours names; 0 for a foreign line."""
    tail = (key or "").rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 0


def _rest(lines: Lines, gone: Lines) -> Lines:
    left = {number: quantity - gone.get(number, NOTHING) for number, quantity in lines.items()}
    return {number: quantity for number, quantity in left.items() if quantity > 0}


def _sum(lines: Iterable[Lines]) -> Lines:
    total: Lines = {}
    for each in lines:
        for number, quantity in each.items():
            total[number] = total.get(number, NOTHING) + quantity
    return total
