"""What Acumatica and ShipStation must agree on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.scenarios import consistency as fates
from sandbox.scenarios.consistency import EXPLAINING, NOTHING, Fate, Lines, State, Verdict, rest, total
from sandbox.scenarios.shipstation import STILL_TO_SHIP, Parcel, lines_of, orders_there, parcels

ENDED = {"Canceled", "Cancelled", "Completed", "Invoiced", "Rejected", "Expired", "On Hold", "Credit Hold"}
CANCELLED = {"Canceled", "Cancelled"}
COMPLETED = {"Completed", "Invoiced"}
LEFT_OUT = "Its last change was left out by the filter"


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


class Comparison(fates.Comparison):
    """Acumatica on the left, ShipStation on the right."""

    def __init__(self, left: State, right: State, fates: Iterable[Fate]) -> None:
        super().__init__(left, right, fates)
        self.orders = {source_key(order): order for order in left["orders"]}
        self.keys = {order_key(order): key for key, order in self.orders.items()}
        self.all_parcels = parcels(right)
        self.parcels = [one for one in self.all_parcels if one.order_key in self.keys and not one.is_return]

    def sources(self) -> Mapping[str, Iterable[str]]:
        return {
            "orders": self.orders,
            "customers": [one["CustomerID"] for one in self.left.get("customers", [])],
            "items": [one["InventoryID"] for one in self.left.get("items", [])],
            self.parcels_flow: [parcel.key for parcel in self.all_parcels],
        }

    def compare(self) -> None:
        self._orders()
        self._parcels()
        self._quantities()

    # Every order that was to be shipped is in ShipStation once

    def _orders(self) -> None:
        there, numbers = orders_there(self.right)
        for key, order in self.orders.items():
            found = there.get(order_key(order), [])
            if len(found) > 1 or numbers[order["OrderNbr"]] > 1:
                self.verdict.doubled.append(f"Order {key} is in ShipStation {max(len(found), 2)} times.")
            elif found:
                self._present_order(key, order, found[0])
            elif not self.excused("orders", key, EXPLAINING if left_out(order) else EXPLAINING - {"skipped"}):
                self.verdict.missing.append(f"Order {key} ({order['Status']}) is not in ShipStation.")

    def _present_order(self, key: str, order: State, found: State) -> None:
        if order["Status"] in CANCELLED and found["orderStatus"] in STILL_TO_SHIP:
            if not self.excused("cancellations", key):
                self.verdict.missing.append(f"Order {key} is cancelled, but ShipStation still ships it.")
            return
        self._excess(key, order, found)

    def _excess(self, key: str, order: State, found: State) -> None:
        """More of a line than was ordered is a doubled line, unless the record says why the last change did not go."""
        fate, ordered = self.fate("orders", key), _ordered(order)
        told = fate is not None and (fate.explains or LEFT_OUT in fate.cause)
        for number, quantity in lines_of(found["items"]).items():
            wanted = ordered.get(number, NOTHING)
            if not number or quantity <= wanted:
                continue
            if told:
                self.verdict.explained["orders: a change that did not go, with its cause"] += 1
            else:
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
            if found and not self.excused("shipments", parcel.key):
                self.verdict.doubled.append(f"Parcel {parcel.key} was voided, but Acumatica still has it.")
        elif not found:
            if not self.excused("shipments", parcel.key):
                self.verdict.missing.append(f"Parcel {parcel.key} of order {key} is not in Acumatica.")
        elif unmarked or max(where.values()) > 1:
            self.verdict.doubled.append(f"Parcel {parcel.key} is in Acumatica {len(found) + len(unmarked)} times.")
        elif any(key not in package.lines for package in found):
            self.verdict.missing.append(f"Parcel {parcel.key} is not on order {key}, where it belongs.")
        elif any(package.tracking != parcel.tracking for package in found):
            self.verdict.missing.append(f"Parcel {parcel.key} has another tracking number in Acumatica.")
        elif parcel.lines and all(package.alone for package in found):
            self.same(f"Parcel {parcel.key}", parcel.lines, total(package.lines[key] for package in found))

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
                self.same(f"Order {self.keys[number]}", total(each), total(there[self.keys[number]]))
                self._completed(self.keys[number], total(each))

    def _completed(self, key: str, shipped: Lines) -> None:
        order = self.orders[key]
        whole = not rest(_ordered(order), shipped)
        if whole and order["Status"] not in COMPLETED:
            self.verdict.behind.append(f"Order {key} was shipped as a whole, and is {order['Status']} in Acumatica.")

    def _incomplete(self, parcel: Parcel) -> bool:
        fate = self.fate("shipments", parcel.key)
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
    return total({int(line["LineNbr"]): Decimal(line["OrderQty"])} for line in order["lines"])


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
    return {key: total(lines) for key, lines in found.items()}
