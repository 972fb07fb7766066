"""Which orders a V1 list shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sandbox.shipstation.api.v1.query import Query
from sandbox.shipstation.store import Document, Order, Orders, Sorted

Filter = Callable[[Order], bool]


def matching(orders: Orders, query: Query, exclusive: bool) -> list[Order]:
    """All orders that match, in the wanted order; `exclusive` leaves out those at the ends of a range."""
    sort = query.sort("OrderDate", "ModifyDate", "CreateDate")
    filters = _filters(query, exclusive)
    rows = [orders.rows[key] for key in _candidates(orders, query, sort)]
    rows = [row for row in rows if not row.deleted and row.merged_into is None and all(keep(row) for keep in filters)]
    _sort(rows, sort, bool(query.text("orderNumber")))
    return rows[::-1] if query.descending else rows


def _sort(rows: list[Order], sort: str, by_number: bool) -> None:
    """The candidates of a dated list are in its order already, other than those found by number."""
    if sort == "orderdate":
        rows.sort(key=lambda row: (row.open()["orderDate"], row.id))
    elif sort == "modifydate" and by_number:
        rows.sort(key=lambda row: (row.modified, row.id))
    elif sort == "createdate" and by_number:
        rows.sort(key=lambda row: (row.created, row.id))
    elif not sort:
        rows.sort(key=lambda row: row.id)


def _candidates(orders: Orders, query: Query, sort: str) -> Iterable[int]:
    """Ids from the index that leaves the fewest, or that has the wanted order already."""
    if number := query.text("orderNumber"):
        return orders.by_number.starting_with(number)
    if not sort and (batch := query.text("importBatch")):
        return orders.by_batch.get(batch, [])
    created = _window(query, "createDate", orders.by_created)
    modified = _window(query, "modifyDate", orders.by_modified)
    if sort == "modifydate":
        return modified if modified is not None else orders.by_modified.between()
    if sort == "createdate":
        return created if created is not None else orders.by_created.between()
    if modified is not None:
        return modified
    return created if created is not None else list(orders.rows)


def _window(query: Query, field: str, index: Sorted) -> list[int] | None:
    start, end = query.moment(f"{field}Start"), query.moment(f"{field}End")
    return index.between(start, end) if start or end else None


def _filters(query: Query, exclusive: bool) -> list[Filter]:
    """The filters of a query; those that need the whole document come last."""
    filters: list[Filter] = []
    for name in ("modify", "create"):
        filters += _bounds(query, f"{name}Date", _STAMPS[name], exclusive)
    if status := query.text("orderStatus"):
        filters.append(lambda row: row.status == status)
    if (store := query.whole("storeId")) is not None:
        filters.append(lambda row: row.store == store)
    if batch := query.text("importBatch"):
        filters.append(lambda row: row.import_batch == batch)
    if name := (query.text("customerName") or "").lower():
        filters.append(lambda row: name in row.name.lower())
    for field in ("orderDate", "paymentDate"):
        filters += _bounds(query, field, _field(field), exclusive)
    if word := (query.text("itemKeyword") or "").lower():
        filters.append(lambda row: _mentions(row.open(), word))
    return filters


_STAMPS: dict[str, Callable[[Order], str]] = {
    "modify": lambda row: row.modified,
    "create": lambda row: row.created,
}


def _field(name: str) -> Callable[[Order], str]:
    return lambda row: row.open()[name] or ""


def _bounds(query: Query, field: str, read: Callable[[Order], str], exclusive: bool) -> list[Filter]:
    start, end = query.moment(f"{field}Start"), query.moment(f"{field}End")
    filters: list[Filter] = []
    if start:
        filters.append(lambda row: start < read(row) or (start == read(row) and not exclusive))
    if end:
        filters.append(lambda row: "" < read(row) < end or (end == read(row) and not exclusive))
    return filters


def _mentions(document: Document, word: str) -> bool:
    for line in document["items"]:
        options = [option["value"] for option in line["options"]]
        if any(word in (text or "").lower() for text in (line["sku"], line["name"], *options)):
            return True
    return False
