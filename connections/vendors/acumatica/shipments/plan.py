"""What a parcel means for an order: how much of which line leaves which warehouse."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from connections.errors import Rejected
from connections.vendors.acumatica.shipments.state import OrderLine, OrderState, ShipmentState

Group = dict[int, Decimal]
"""Quantity by line of the order; empty where everything of the warehouse goes."""


@dataclass(frozen=True)
class GoodsLine:
    """One entry of a parcel's list of goods. `quantity` None: all that is left."""

    path: str
    line: int | None
    item: str
    quantity: Decimal | None
    warehouse: str


def goods_of(payload: Mapping[str, Any]) -> list[GoodsLine]:
    """The goods that the payload lists; none means that the order is shipped as a whole.

    Raises `Rejected` where a quantity or a line number is none.
    """
    goods = [_goods_line(f"Details[{index}]", entry) for index, entry in enumerate(payload.get("Details") or [])]
    return [entry for entry in goods if entry.quantity is None or entry.quantity > 0]


def _goods_line(path: str, entry: Mapping[str, Any]) -> GoodsLine:
    quantity, line = entry.get("ShippedQty"), entry.get("OrderLineNbr")
    try:
        return GoodsLine(
            path=path,
            line=int(line) if line is not None and line != "" else None,
            item=str(entry.get("InventoryID") or "").strip(),
            quantity=Decimal(quantity) if quantity is not None else None,
            warehouse=str(entry.get("WarehouseID") or "").strip(),
        )
    except (ValueError, TypeError, InvalidOperation) as error:
        raise Rejected(
            f"The parcel's goods cannot be read at {path}: OrderLineNbr and ShippedQty must be numbers.",
            fields={path: "not a number"},
            next_step="Correct the mapping of the shipment's lines.",
        ) from error


def plan(
    order: OrderState, goods: Collection[GoodsLine], taken: Collection[ShipmentState], *, strict: bool
) -> dict[str, Group]:
    """Quantities by warehouse, in the order of warehouses. Empty where nothing is left of what was asked for.

    `taken` are the shipments that are this parcel's already or that it may use: what is on them counts as left, so
    that the answer is the same however far an earlier try came. Raises `Rejected` if `strict` and the order has
    some of the goods left, but not all of them.
    """
    left = {line.number: line.left + _on(taken, line) for line in order.lines}
    if not goods:
        warehouses = {line.warehouse for line in order.lines if left[line.number] > 0}
        return {warehouse: {} for warehouse in sorted(warehouses)}
    groups: dict[str, Group] = {}
    short: dict[str, str] = {}
    for entry in goods:
        missing = _allocate(order, entry, left, groups)
        if missing:
            short[entry.path] = missing
    if strict and short and (groups or _unknown(order, goods)):
        raise Rejected(
            f"The parcel does not fit order {order.label}: {'; '.join(short.values())}.",
            fields=short,
            next_step="Compare the order's lines in Acumatica with the parcel; correct the order, then send this again.",
        )
    return dict(sorted(groups.items()))


def _allocate(order: OrderState, entry: GoodsLine, left: dict[int, Decimal], groups: dict[str, Group]) -> str:
    """Take one entry from the lines it means. Returns what is missing, in words."""
    lines = _lines(order, entry)
    if not lines:
        return f"no line {entry.line or f'with item {entry.item}'} is on the order"
    need = entry.quantity if entry.quantity is not None else sum((left[line.number] for line in lines), Decimal(0))
    total = need
    for line in lines:
        part = min(need, left[line.number])
        if part > 0:
            left[line.number] -= part
            group = groups.setdefault(line.warehouse, {})
            group[line.number] = group.get(line.number, Decimal(0)) + part
            need -= part
    if need > 0:
        return f"line {lines[0].number} ({lines[0].item}) has {total - need:f} left to ship, the parcel holds {total:f}"
    return ""


def _lines(order: OrderState, entry: GoodsLine) -> list[OrderLine]:
    if entry.line is not None:
        return [line for line in order.lines if line.number == entry.line]
    lines = [line for line in order.lines if line.item.casefold() == entry.item.casefold()]
    return sorted(lines, key=lambda line: (line.warehouse != entry.warehouse, line.number))


def _unknown(order: OrderState, goods: Collection[GoodsLine]) -> bool:
    return any(not _lines(order, entry) for entry in goods)


def _on(shipments: Collection[ShipmentState], line: OrderLine) -> Decimal:
    return sum((shipment.quantities.get(line.number, Decimal(0)) for shipment in shipments), Decimal(0))
