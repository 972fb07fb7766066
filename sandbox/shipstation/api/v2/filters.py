"""Filters and order of V2 lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request

from sandbox.shipstation.api.v2.responses import instant
from sandbox.shipstation.api.v2.values import status_of
from sandbox.shipstation.store import Account, Order


def within(request: Request, name: str, rows: list[Any], read: Callable[[Any], float]) -> list[Any]:
    """Rows from `<name>_start` to `<name>_end`."""
    start, end = instant(request, f"{name}_start"), instant(request, f"{name}_end")
    # Stamps are shown in milliseconds, so they are compared in milliseconds.
    if start is not None:
        rows = [row for row in rows if int(read(row) * 1000) >= int(start * 1000)]
    if end is not None:
        rows = [row for row in rows if int(read(row) * 1000) <= int(end * 1000)]
    return rows


def equal(request: Request, rows: list[Any], fields: Mapping[str, Callable[[Any], Any]]) -> list[Any]:
    """Rows that have the wanted value of each field that the query names."""
    for name, read in fields.items():
        if value := request.args.get(name):
            rows = [row for row in rows if read(row) == value]
    return rows


def ordered(request: Request, rows: list[Any]) -> list[Any]:
    """By the last change unless creation is asked for, newest first unless asked otherwise."""
    by_creation = request.args.get("sort_by") == "created_at"
    rows = sorted(rows, key=lambda row: (row.created_at if by_creation else row.modified_at, row.id))
    return rows if request.args.get("sort_dir", "desc").lower() == "asc" else rows[::-1]


Filter = Callable[[Order], bool]


def shipment_filters(request: Request, account: Account) -> list[Filter]:
    """Filters of a shipment list; a batch makes the vendor ignore status and tag."""
    filters: list[Filter] = []
    query = request.args
    if number := query.get("shipment_number"):
        filters.append(lambda row: row.number == number)
    if key := query.get("external_shipment_id"):
        filters.append(lambda row: row.key == key)
    if store := query.get("store_id"):
        filters.append(lambda row: str(row.store) == store.removeprefix("se-"))
    if name := query.get("ship_to_name", "").lower():
        filters.append(lambda row: name in row.name.lower())
    if query.get("batch_id"):
        return filters
    if status := query.get("shipment_status"):
        filters.append(lambda row: status_of(row) == status)
    if tag := query.get("tag"):
        ids = {key for key, known in account.tags.items() if known["name"] == tag}
        filters.append(lambda row: bool(ids & set(row.open()["tagIds"] or [])))
    return filters
