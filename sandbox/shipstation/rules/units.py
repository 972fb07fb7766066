"""Units of an order's lines: which are left to ship, and how they are spread over parcels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.shipstation.store import Document, Order

Units = dict[int, int]
"""Quantities by `orderItemId`."""


def units_left(order: Order, document: Document) -> Units:
    """Units of each physical line that have not left yet, by `orderItemId`."""
    left = {
        line["orderItemId"]: line["quantity"] - order.shipped.get(line["orderItemId"], 0)
        for line in document["items"]
        if not line["adjustment"]
    }
    return {line: units for line, units in left.items() if units > 0}


def spread(units: Units, parcels: int) -> list[Units]:
    """Deal units over parcels, none of them empty."""
    single = [line for line, quantity in units.items() for _ in range(quantity)]
    parcels = max(1, min(parcels, len(single)))
    size, extra = divmod(len(single), parcels)
    dealt: list[Units] = []
    start = 0
    for parcel in range(parcels):
        end = start + size + (parcel < extra)
        dealt.append({})
        for line in single[start:end]:
            dealt[-1][line] = dealt[-1].get(line, 0) + 1
        start = end
    return dealt


def units_of(document: Document, items: Sequence[dict[str, Any]]) -> Units:
    """The lines named by `orderItemId`, `lineItemKey` or `sku`, as units by `orderItemId`."""
    units: Units = {}
    for item in items:
        left = int(item["quantity"])
        name = next(key for key in ("orderItemId", "lineItemKey", "sku") if key in item)
        for line in document["items"]:
            if line["adjustment"] or line[name] != item[name] or left <= 0:
                continue
            key = line["orderItemId"]
            taken = min(left, line["quantity"] - units.get(key, 0))
            units[key] = units.get(key, 0) + taken
            left -= taken
    return units
