"""What one shipment wants on its receipt: payload lines held against the lines of the order. Makes no call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connections.errors import Rejected
from connections.vendor import Body
from connections.vendors.visma_net.codec import Record, name_of, number
from connections.vendors.visma_net.errors import ORDERS
from connections.vendors.visma_net.receipts.payload import Line, Part, bad, read_lines

NO_GOODS = {"Description", "Freight", "Service"}
STOP, ADD = "stop", "add"


@dataclass(frozen=True)
class PlannedLine:
    """One line of the receipt. `order_line` is None for goods that are on no line of the order."""

    order_line: int | None
    item: str
    uom: str
    parts: tuple[Part, ...]

    @property
    def quantity(self) -> Decimal:
        return sum((part.quantity for part in self.parts), Decimal(0))

    @property
    def label(self) -> str:
        return self.item if self.order_line is None else f"line {self.order_line} ({self.item})"


def plan(order: Record, payload: Body, held: Mapping[int, Decimal]) -> list[PlannedLine]:
    """The lines that the receipt must have in the end. `held`: what our receipt holds already, by line of the order.

    Raises `Rejected` for a payload that fits no receipt of this order.
    """
    shipped = read_lines(payload)
    if not shipped and not payload.get("lines") and payload.get("allOpenLines"):
        return _all_open(order, held)
    if not shipped:
        raise Rejected(
            "The shipment names no goods with a quantity, so there is nothing to receive.",
            fields={"lines": "empty"},
            next_step="Correct the quantities of the shipment, or its mapping, then send it again.",
        )
    lines = {line["lineNbr"]: line for line in order.get("lines") or []}
    placed: list[Line] = []
    strangers: list[Line] = []
    for line in shipped:
        if line.order_line in lines:
            placed.append(_checked(order, lines[line.order_line], line))
        elif line.order_line is None and (same := _lines_of_item(order, line.item)):
            placed += _allotted(same, line, held, placed)
        else:
            strangers.append(line)
    if strangers and (payload.get("linesWithoutOrder") or STOP) != ADD:
        raise _not_on_order(order, strangers)
    for line in strangers:
        if not line.item:
            raise _not_on_order(order, [line])
        line.order_line = None
    return _summed([*placed, *strangers], lines)


def _all_open(order: Record, held: Mapping[int, Decimal]) -> list[PlannedLine]:
    planned = [
        PlannedLine(line["lineNbr"], name_of(line, "inventory"), str(line.get("uom") or ""), (Part(open_quantity),))
        for line in order.get("lines") or []
        if line.get("lineType") not in NO_GOODS
        and (line["lineNbr"] in held or not (line.get("completed") or line.get("canceled")))
        and (open_quantity := still_open(line, held)) > 0
    ]
    if not planned:
        raise Rejected(
            f"Nothing is open any more on order {order.get('orderNbr')}, so there is nothing to receive.",
            next_step=f"See on screen {ORDERS} who received the goods; close this record if they are this shipment's.",
        )
    return planned


def others(line: Mapping[str, Any], held: Mapping[int, Decimal]) -> Decimal:
    """What other receipts than ours hold of an order's line. Visma.net counts unreleased ones too."""
    return max(number(line.get("qtyOnReceipts")) - held.get(line["lineNbr"], Decimal(0)), Decimal(0))


def still_open(line: Mapping[str, Any], held: Mapping[int, Decimal]) -> Decimal:
    return number(line.get("orderQty")) - others(line, held)


def anything_open(order: Record) -> bool:
    """Whether any goods of the order are on no receipt yet, not even on an unreleased one."""
    return any(
        still_open(line, {}) > 0
        for line in order.get("lines") or []
        if line.get("lineType") not in NO_GOODS and not (line.get("completed") or line.get("canceled"))
    )


def check_quantities(order: Record, planned: Sequence[PlannedLine], held: Mapping[int, Decimal]) -> None:
    """Raises `Rejected` where a line would get more than it accepts, or is cancelled or completed."""
    lines = {line["lineNbr"]: line for line in order.get("lines") or []}
    for entry in planned:
        line = lines.get(entry.order_line)
        if line is None or entry.quantity <= held.get(line["lineNbr"], Decimal(0)):
            continue
        where = f"Line {entry.order_line} ({entry.item}) of order {order.get('orderNbr')}"
        if line.get("canceled") or (line.get("completed") and line["lineNbr"] not in held):
            state = "cancelled" if line.get("canceled") else "completed"
            raise Rejected(
                f"{where} is {state} in Visma.net, so nothing more can be received on it.",
                next_step=f"Reopen the line on screen {ORDERS}, then send it again; or close this record.",
            )
        _check_limit(where, line, entry, held)


def _check_limit(where: str, line: Mapping[str, Any], entry: PlannedLine, held: Mapping[int, Decimal]) -> None:
    if line.get("receiptAction") != "Reject" or entry.uom != str(line.get("uom") or entry.uom):
        return  # accepted, with or without a warning; other units are Visma.net's to reckon
    ordered, before = number(line.get("orderQty")), others(line, held)
    percent = number(line.get("maxReceipt")) or Decimal(100)
    if before + entry.quantity > ordered * percent / 100:
        raise Rejected(
            f"{where} accepts no more than {percent.normalize():f} % of its quantity: ordered {plain(ordered)}, "
            f"received {plain(before)}, shipped {plain(entry.quantity)}.",
            fields={"lines[].quantity": "more than the order's line accepts"},
            next_step=f"On screen {ORDERS}, raise the quantity or the limit of the line, or correct the shipment; then send it again.",
        )


def plain(quantity: Decimal) -> str:
    """A quantity for people: 12, not 12.000 or 1.2E+1."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# Holding it against the order


def _checked(order: Record, line: Mapping[str, Any], shipped: Line) -> Line:
    item = name_of(line, "inventory")
    if shipped.item and item and shipped.item.casefold() != item.casefold():
        raise Rejected(
            f"Line {shipped.order_line} of order {order.get('orderNbr')} is for item {item} in Visma.net, "
            f"but item {shipped.item} was shipped.",
            fields={"lines[].inventoryId": f"{item} on the order"},
            next_step=f"See on screen {ORDERS} whether the line or the item's number was changed, then correct the shipment or the mapping.",
        )
    return shipped


def _lines_of_item(order: Record, item: str) -> list[Mapping[str, Any]]:
    return [
        line
        for line in order.get("lines") or []
        if item and name_of(line, "inventory").casefold() == item.casefold() and not line.get("canceled")
    ]


def _allotted(
    lines: Sequence[Mapping[str, Any]], shipped: Line, held: Mapping[int, Decimal], taken: Sequence[Line]
) -> list[Line]:
    """Goods that name an item and no line fill the item's lines in order; what is over goes on the last."""
    left, parts = shipped.part.quantity, []
    for index, line in enumerate(lines):
        used = sum((earlier.part.quantity for earlier in taken if earlier.order_line == line["lineNbr"]), Decimal(0))
        room = max(still_open(line, held) - used, Decimal(0))
        share = left if index == len(lines) - 1 else min(left, room)
        if share > 0:
            part = Part(share, shipped.part.location, shipped.part.lot, shipped.part.expires)
            parts.append(Line(line["lineNbr"], shipped.item, shipped.uom, part))
            left -= share
    return parts


def _not_on_order(order: Record, strangers: Sequence[Line]) -> Rejected:
    named = ", ".join(
        f"{line.item or 'goods without an item number'} ({plain(line.part.quantity)})"
        + (f" as line {line.order_line}" if line.order_line is not None else "")
        for line in strangers
    )
    return Rejected(
        f"Goods were shipped that are not on order {order.get('orderNbr')} in Visma.net: {named}.",
        fields={"lines[].lineNbr": "not on the order, or deleted from it"},
        next_step=f"Add the line on screen {ORDERS}, or allow lines without an order in the flow's options; then send it again.",
    )


def _summed(shipped: Sequence[Line], lines: Mapping[int, Mapping[str, Any]]) -> list[PlannedLine]:
    """One planned line for each line of the order, and for each item that is on none."""
    groups: dict[tuple[int | None, str], list[Line]] = {}
    for line in shipped:
        groups.setdefault((line.order_line, "" if line.order_line is not None else line.item.casefold()), []).append(
            line
        )
    return [_planned_line(group, lines.get(key[0]) if key[0] is not None else None) for key, group in groups.items()]


def _planned_line(group: Sequence[Line], line: Mapping[str, Any] | None) -> PlannedLine:
    own = str(line.get("uom") or "") if line else ""
    units = {own if shipped.uom.casefold() in {"", own.casefold()} else shipped.uom for shipped in group}
    if len(units) > 1:
        where = f"line {group[0].order_line}" if line else group[0].item
        raise bad("lines[].uom", f"{where} comes in several units ({', '.join(sorted(units))})")
    parts: dict[tuple[str, str, str], Decimal] = {}
    for shipped in group:
        key = (shipped.part.location, shipped.part.lot, shipped.part.expires)
        parts[key] = parts.get(key, Decimal(0)) + shipped.part.quantity
    item = name_of(line, "inventory") if line else ""
    return PlannedLine(
        group[0].order_line,
        item or group[0].item,
        units.pop(),
        tuple(Part(quantity, *key) for key, quantity in parts.items()),
    )
