"""Leads the lines of a parcel back to the orders that they came from.

Our outgoing lines carry `lineItemKey` = "<orderKey>/<line number>". ShipStation keeps it when orders are merged or
split, so it, and not the parcel's own `orderKey`, says which order a line belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from connections.vendor import Body

Orders = Callable[[Any], Body | None]


def parts(parcel: Body, kind: str, order_of: Orders) -> list[Body]:
    """The parcel as one body for each order in it, with `kind`, `orderKey` and `items`.

    `itemsFrom` says where the lines come from: the shipment, or the whole order where the parcel has no lines.
    `order_of` is asked only where the parcel does not say enough by itself.
    """
    lines, source, order = _lines(parcel, order_of)
    own_key = str(parcel.get("orderKey") or (order or {}).get("orderKey") or "")
    by_order: dict[str, list[Body]] = {}
    for line in lines:
        order_key, order_line = split_line_key(line.get("lineItemKey"), own_key)
        by_order.setdefault(order_key, []).append(_item(line, order_line))
    by_order = by_order or {own_key: []}
    common = {**parcel, "kind": kind, "itemsFrom": source, "shipDate": _date(parcel.get("shipDate"))}
    return [
        {**common, "orderKey": key, "items": items, "part": number, "parts": len(by_order)}
        for number, (key, items) in enumerate(by_order.items(), 1)
    ]


def split_line_key(line_key: Any, own_key: str) -> tuple[str, Any]:
    """The order and the line that a `lineItemKey` of ours names; a foreign one belongs to the parcel's order."""
    text = str(line_key or "")
    order_key, slash, line = text.rpartition("/")
    if not slash or not order_key or not line or "://" in text:
        return own_key, text or None
    return order_key, int(line) if line.isdecimal() and str(int(line)) == line else line


def not_in(labels: Sequence[Body], items: list[Body]) -> list[Body]:
    """What of these items no good outbound label holds. A label that names no lines holds all of its order."""
    good = [label for label in labels if not label.get("voided") and not label.get("isReturnLabel")]
    if any(not label.get("shipmentItems") for label in good):
        return []
    lines = [line for label in good for line in _physical(label["shipmentItems"])]
    rest = []
    for item in items:
        same = [line for line in lines if _is_line(line, item)]
        left = (item["quantity"] or 0) - sum(line.get("quantity") or 0 for line in same)
        if left > 0:
            rest.append({**item, "quantity": left})
    return rest


def _is_line(line: Body, item: Body) -> bool:
    if line.get("lineItemKey"):
        return bool(line["lineItemKey"] == item["lineItemKey"])
    return bool(line.get("sku") == item["sku"])


def needs_order(parcel: Body) -> bool:
    """Whether only the order can say which lines are in this parcel, or whose they are."""
    lines = parcel.get("shipmentItems")
    if not lines:
        return True
    return not (all(line.get("lineItemKey") for line in _physical(lines)) or _is_alone(parcel))


def _lines(parcel: Body, order_of: Orders) -> tuple[list[Body], str, Body | None]:
    lines = parcel.get("shipmentItems")
    order = order_of(parcel.get("orderId")) if needs_order(parcel) else None
    if not lines:
        return _physical((order or {}).get("items") or []), "order" if order else "", order
    items = (order or {}).get("items") or []
    keys = {line.get("orderItemId"): line.get("lineItemKey") for line in items}
    keyed = [
        {**line, "lineItemKey": line.get("lineItemKey") or keys.get(line.get("orderItemId"))}
        for line in _physical(lines)
    ]
    return keyed, "shipment", order


def _is_alone(parcel: Body) -> bool:
    """Whether ShipStation says that the order was neither merged nor split."""
    return (parcel.get("advancedOptions") or {}).get("mergedOrSplit") is False


def _physical(lines: list[Body]) -> list[Body]:
    """Adjustment lines are discounts; nothing of them is in a parcel."""
    return [line for line in lines if not line.get("adjustment")]


def _item(line: Body, order_line: Any) -> Body:
    return {
        "sku": line.get("sku"),
        "quantity": line.get("quantity"),
        "lineItemKey": line.get("lineItemKey"),
        "orderLine": order_line,
    }


def _date(text: Any) -> Any:
    """Fulfillments write their ship date as a midnight; a parcel has a plain date."""
    return text[:10] if isinstance(text, str) else text
