"""Which shipments or fulfillments a V1 list shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.shipstation.api.v1.query import Query

# The filter, the fact it is compared with; the others need the whole document.
_EXACT: dict[str, Callable[[Any], Any]] = {
    "orderId": lambda row: row.order,
    "storeId": lambda row: row.store,
    "batchId": lambda row: row.batch,
    "fulfillmentId": lambda row: row.id,
    "orderNumber": lambda row: row.number,
    "trackingNumber": lambda row: row.tracking,
    "carrierCode": lambda row: row.carrier,
}
_DATES: dict[str, Callable[[Any], str | None]] = {
    "createDate": lambda row: row.created,
    "shipDate": lambda row: f"{row.shipped}T00:00:00.0000000",
    "voidDate": lambda row: row.voided,
}
_NUMBERS = {"orderId", "storeId", "batchId", "fulfillmentId"}


def matching(
    rows: Iterable[Any], query: Query, exact: Iterable[str], dates: Iterable[str], exclusive: bool
) -> list[Any]:
    """Rows that match all filters, in the wanted order; `exclusive` leaves out those at the ends of a range."""
    rows = list(rows)
    for name in exact:
        value = query.whole(name) if name in _NUMBERS else query.text(name)
        if value is not None:
            rows = [row for row in rows if _EXACT[name](row) == value]
    for name in dates:
        start, end = query.moment(f"{name}Start"), query.moment(f"{name}End")
        if start or end:
            rows = [row for row in rows if _is_within(_DATES[name](row), start, end, exclusive)]
    if name := (query.text("recipientName") or "").lower():
        rows = [row for row in rows if name in (row.open()["shipTo"]["name"] or "").lower()]
    if sort := query.sort("ShipDate", "CreateDate"):
        read = _DATES["shipDate" if sort == "shipdate" else "createDate"]
        rows.sort(key=lambda row: (read(row), row.id))
    return rows[::-1] if query.descending else rows


def _is_within(value: str | None, start: str | None, end: str | None, exclusive: bool) -> bool:
    if value is None:
        return False
    if exclusive and value in (start, end):
        return False
    return (start is None or start <= value) and (end is None or value <= end)
