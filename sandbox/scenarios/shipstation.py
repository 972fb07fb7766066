"""ShipStation's side of every scenario: its orders and parcels as they are compared, and what can go wrong there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.scenarios.consistency import Lines, State, subtract, total
from sandbox.scenarios.fault_profile import FaultProfile

STILL_TO_SHIP = {"awaiting_shipment", "pending_fulfillment"}
FAULT_PROFILE = FaultProfile(
    endpoints=("GET /orders", "POST /orders", "GET /shipments", "GET /fulfillments"), webhooks=True
)
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


def orders_by_key(right: State) -> tuple[dict[str, list[State]], Counter[str]]:
    """Orders by key, and how many there are of each number. Deleted ones are left out."""
    orders: dict[str, list[State]] = defaultdict(list)
    for order in right["orders"]:
        if not order.get("deleted"):
            orders[order["orderKey"]].append(order)
    return orders, Counter(order["orderNumber"] for same_key in orders.values() for order in same_key)


def parcels(right: State) -> list[Parcel]:
    """All shipments and fulfillments. A fulfillment holds what no shipment of its order held."""
    orders = {order["orderId"]: order for order in right["orders"]}
    shipments = [_shipment(row, orders) for row in right["shipments"]]
    shipped: dict[str, list[Lines]] = defaultdict(list)
    for parcel in shipments:
        if not parcel.voided and not parcel.is_return:
            shipped[parcel.order_key].append(parcel.lines)
    return [*shipments, *(_fulfillment(row, orders[row["orderId"]], shipped) for row in right["fulfillments"])]


def _fulfillment(row: State, order: State, shipped: Mapping[str, list[Lines]]) -> Parcel:
    number, key = row["fulfillmentId"], order["orderKey"]
    return Parcel(
        key=f"fulfillment-{number}",
        mark=f"f-{number}",
        order_key=key,
        tracking=row.get("trackingNumber") or "",
        lines=subtract(lines_of(order["items"]), total(shipped.get(key, []))),
        voided=bool(row.get("voided")),
    )


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
    number = (key or "").rpartition("/")[2]
    return int(number) if number.isdecimal() else 0
