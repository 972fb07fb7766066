"""What Acumatica and ShipStation must agree on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.scenarios.consistency import (
    EXPLAINING,
    NOTHING,
    ConsistencyCheck,
    Lines,
    RecordStatus,
    State,
    subtract,
    total,
)
from sandbox.scenarios.shipstation import STILL_TO_SHIP, Parcel, lines_of, orders_by_key, parcels

ENDED = {"Canceled", "Cancelled", "Completed", "Invoiced", "Rejected", "Expired", "On Hold", "Credit Hold"}
CANCELLED = {"Canceled", "Cancelled"}
COMPLETED = {"Completed", "Invoiced"}
FILTERED = "Its last change was left out by the filter"


@dataclass(frozen=True)
class Package:
    """A package in Acumatica, on its shipment."""

    mark: str
    tracking: str
    warehouse: str
    alone: bool
    """Whether the shipment has no other package: only then its lines are this package's."""
    lines: Mapping[str, Lines]
    """By key of the order."""


class AcumaticaConsistencyCheck(ConsistencyCheck):
    """Acumatica on the left, ShipStation on the right."""

    def __init__(self, left: State, right: State, statuses: Iterable[RecordStatus]) -> None:
        super().__init__(left, right, statuses)
        self.orders = {source_key(order): order for order in left["orders"]}
        self.keys = {order_key(order): key for key, order in self.orders.items()}
        self.all_parcels = parcels(right)
        self.parcels = [parcel for parcel in self.all_parcels if parcel.order_key in self.keys and not parcel.is_return]

    def sources(self) -> Mapping[str, Iterable[str]]:
        return {
            "orders": self.orders,
            "customers": [customer["CustomerID"] for customer in self.left.get("customers", [])],
            "items": [item["InventoryID"] for item in self.left.get("items", [])],
            self.parcels_flow: [parcel.key for parcel in self.all_parcels],
        }

    def compare(self) -> None:
        self._orders()
        self._parcels()
        self._quantities()

    # Every order that was to be shipped is in ShipStation once

    def _orders(self) -> None:
        by_key, numbers = orders_by_key(self.right)
        for key, order in self.orders.items():
            sent = by_key.get(order_key(order), [])
            if len(sent) > 1 or numbers[order["OrderNbr"]] > 1:
                self.findings.doubled.append(f"Order {key} is in ShipStation {max(len(sent), 2)} times.")
            elif sent:
                self._sent_order(key, order, sent[0])
            elif not self.is_explained("orders", key, EXPLAINING if may_stay(order) else EXPLAINING - {"skipped"}):
                self.findings.missing.append(f"Order {key} ({order['Status']}) is not in ShipStation.")

    def _sent_order(self, key: str, order: State, sent: State) -> None:
        if order["Status"] in CANCELLED and sent["orderStatus"] in STILL_TO_SHIP:
            if not self.is_explained("cancellations", key):
                self.findings.missing.append(f"Order {key} is cancelled, but ShipStation still ships it.")
            return
        self._excess(key, order, sent)

    def _excess(self, key: str, order: State, sent: State) -> None:
        """More of a line than was ordered is a doubled line, unless the record says why the last change did not go."""
        record, ordered = self.record_of("orders", key), _ordered(order)
        explained = record is not None and (record.explains_absence or FILTERED in record.cause)
        for number, quantity in lines_of(sent["items"]).items():
            allowed = ordered.get(number, NOTHING)
            if not number or quantity <= allowed:
                continue
            if explained:
                self.findings.explained["orders: a change that was not sent, with its cause"] += 1
            else:
                self.findings.doubled.append(f"Order {key}, line {number}: {quantity:f} of {allowed:f} ordered.")

    # Every parcel is in Acumatica once, on the right order

    def _parcels(self) -> None:
        by_mark: dict[str, list[Package]] = defaultdict(list)
        unmarked: dict[str, list[Package]] = defaultdict(list)
        for package in packages(self.left):
            by_mark[package.mark].append(package)
            if not package.mark and package.tracking:
                unmarked[package.tracking].append(package)
        for parcel in self.parcels:
            self._parcel(parcel, by_mark.get(parcel.mark, []), unmarked.get(parcel.tracking, []))
        known = {parcel.mark for parcel in self.all_parcels if not parcel.is_return}
        for mark in set(by_mark) - known - {""}:
            self.findings.doubled.append(f"Acumatica has a package {mark} that ShipStation does not know.")

    def _parcel(self, parcel: Parcel, marked: Sequence[Package], unmarked: Sequence[Package]) -> None:
        key = self.keys[parcel.order_key]
        by_warehouse = Counter(package.warehouse for package in marked)
        if parcel.voided:
            if marked and not self.is_explained("shipments", parcel.key):
                self.findings.doubled.append(f"Parcel {parcel.key} was voided, but Acumatica still has it.")
        elif not marked:
            if not self.is_explained("shipments", parcel.key):
                self.findings.missing.append(f"Parcel {parcel.key} of order {key} is not in Acumatica.")
        elif unmarked or max(by_warehouse.values()) > 1:
            self.findings.doubled.append(f"Parcel {parcel.key} is in Acumatica {len(marked) + len(unmarked)} times.")
        elif any(key not in package.lines for package in marked):
            self.findings.missing.append(f"Parcel {parcel.key} is not on order {key}, where it belongs.")
        elif any(package.tracking != parcel.tracking for package in marked):
            self.findings.missing.append(f"Parcel {parcel.key} has another tracking number in Acumatica.")
        elif parcel.lines and all(package.alone for package in marked):
            shipped = total(package.lines[key] for package in marked)
            self.compare_lines(f"Parcel {parcel.key}", parcel.lines, shipped)

    # Of every line, as much left in Acumatica as in ShipStation

    def _quantities(self) -> None:
        in_erp: dict[str, list[Lines]] = defaultdict(list)
        for shipment in self.left["shipments"]:
            for key, lines in _by_order(shipment).items():
                in_erp[key].append(lines)
        absent = {parcel.order_key for parcel in self.parcels if not self._is_synced(parcel)}
        in_parcels: dict[str, list[Lines]] = defaultdict(list)
        for parcel in self.parcels:
            if not parcel.voided:
                in_parcels[parcel.order_key].append(parcel.lines)
        for number, parts in in_parcels.items():
            # Parcels that are absent, each with its own finding or reason, or that name no goods: nothing to compare.
            if number not in absent and all(parts):
                self.compare_lines(f"Order {self.keys[number]}", total(parts), total(in_erp[self.keys[number]]))
                self._completed(self.keys[number], total(parts))

    def _completed(self, key: str, shipped: Lines) -> None:
        order = self.orders[key]
        whole = not subtract(_ordered(order), shipped)
        if whole and order["Status"] not in COMPLETED:
            sentence = f"Order {key} was shipped as a whole, and is {order['Status']} in Acumatica."
            self.findings.not_completed.append(sentence)

    def _is_synced(self, parcel: Parcel) -> bool:
        record = self.record_of("shipments", parcel.key)
        return record is not None and record.state == "synced"


# Acumatica


def source_key(order: State) -> str:
    return f"{order['OrderType']}/{order['OrderNbr']}"


def order_key(order: State) -> str:
    """What identifies the order in ShipStation."""
    number: str = order["OrderNbr"]
    return number if order["OrderType"] == "SO" else f"{order['OrderType']}-{number}"


def may_stay(order: State) -> bool:
    """Whether it is right that the order never went out: it ended before, is held, or is picked up."""
    return order["Status"] in ENDED or bool(order.get("Hold")) or bool(order.get("WillCall"))


def _ordered(order: State) -> Lines:
    return total({int(line["LineNbr"]): Decimal(line["OrderQty"])} for line in order["lines"])


def packages(left: State) -> list[Package]:
    return [
        Package(
            # A parcel with goods of several orders names the order behind a colon.
            mark=(package.get("CustomRefNbr1") or "").partition(":")[0],
            tracking=(package.get("TrackingNbr") or "").strip(),
            warehouse=shipment.get("WarehouseID") or "",
            alone=len(shipment["packages"]) == 1,
            lines=_by_order(shipment),
        )
        for shipment in left["shipments"]
        for package in shipment["packages"]
    ]


def _by_order(shipment: State) -> dict[str, Lines]:
    orders: dict[str, list[Lines]] = defaultdict(list)
    for line in shipment["lines"]:
        orders[source_key(line)].append({int(line["OrderLineNbr"]): Decimal(line["ShippedQty"])})
    return {key: total(lines) for key, lines in orders.items()}
