"""ShipStation's side of every play: its orders and parcels as they are compared, and its weather."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.scenarios.consistency import Lines, State, rest, total
from sandbox.scenarios.fault_profile import Weather

STILL_TO_SHIP = {"awaiting_shipment", "pending_fulfillment"}
WEATHER = Weather(doors=("GET /orders", "POST /orders", "GET /shipments", "GET /fulfillments"), hooks=True)
REVOKED: tuple[State, State] = ({"revoked": True}, {"revoked": False})
"""Switches that take all rights away, and give them back."""


@dataclass(frozen=True)
class Parcel:
    """A shipment or fulfillment."""

    key: str
    mark: str
    """What it is called in the other system."""
    order_key: str
    tracking: str
    lines: Lines
    voided: bool
    is_return: bool = False


def orders_there(right: State) -> tuple[dict[str, list[State]], Counter[str]]:
    """Orders by key, and how many there are of each number. Deleted ones are not there."""
    there: dict[str, list[State]] = defaultdict(list)
    for order in right["orders"]:
        if not order.get("deleted"):
            there[order["orderKey"]].append(order)
    return there, Counter(order["orderNumber"] for orders in there.values() for order in orders)


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
        left = rest(lines_of(order["items"]), total(sent[order["orderKey"]]))
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
        lines=lines_of(row.get("shipmentItems") or []),
        voided=bool(row["voided"]),
        is_return=bool(row["isReturnLabel"]),
    )


def lines_of(items: Sequence[State]) -> Lines:
    goods = [item for item in items if not item.get("adjustment")]
    return total({line_number(item.get("lineItemKey")): Decimal(item["quantity"])} for item in goods)


def line_number(key: str | None) -> int:
    """The line of the order that a `lineItemKey` of ours names; 0 for a foreign line."""
    tail = (key or "").rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 0
