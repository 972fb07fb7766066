"""Lists of the ERP: filters, the pairs of a time and a condition, pages, and metadata inside each element."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.visma_net import clock
from sandbox.visma_net.api.erp import Call
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.store import Record, Row, Store

CONDITIONS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
Rows = Iterable[Row]


def flag(request: Request, name: str, default: bool = False) -> bool:
    value = request.args.get(name)
    return default if value is None else value.lower() == "true"


def whole(request: Request, name: str) -> int | None:
    value = request.args.get(name)
    if value is None or value == "":
        return None
    if not value.lstrip("-").isdigit():
        raise Refusal(400, f"The value '{value}' is not valid for {name}.")
    return int(value)


def same(request: Request, rows: Rows, name: str, value_of: Callable[[Record], Any]) -> Rows:
    """Rows whose value is the one asked for, in any case of letters; all, where none is."""
    value = request.args.get(name)
    if not value:
        return rows
    return [row for row in rows if str(value_of(row.body) or "").lower() == value.lower()]


def same_field(request: Request, rows: Rows, *names: str) -> Rows:
    """The same for fields whose filter has their own name."""
    for name in names:
        rows = same(request, rows, name, operator.methodcaller("get", name))
    return rows


def choice(request: Request, rows: Rows, name: str, field: str, choices: Iterable[str]) -> Rows:
    """The same for an enumeration, which refuses a word that it does not have."""
    value = request.args.get(name)
    if value and value.lower() not in {choice.lower() for choice in choices}:
        raise Refusal(400, f"The value '{value}' is not valid for {name}.")
    return same(request, rows, name, lambda body: body.get(field))


def compared(request: Request, rows: Rows, name: str, store: Store, value_of: Callable[[Row], datetime | None]) -> Rows:
    """A time and its condition, compared as the server's clock shows it. One without the other filters nothing."""
    written, condition = request.args.get(name), request.args.get(f"{name}Condition")
    if not written or not condition:
        return rows
    if condition not in CONDITIONS:
        raise Refusal(400, f"The condition '{condition}' is not valid for {name}.")
    bare = clock.zoned(written)
    if bare is not None:
        mode = store.switches["zone_in_filter"]
        if mode == "unfiltered":
            return rows
        written = bare if mode == "strip" else written
    limit = clock.parsed(written)
    if limit is None:
        raise Refusal(400, f"The value '{written}' is not valid for {name}.")
    meets = CONDITIONS[condition]
    return [row for row in rows if (value := value_of(row)) is not None and meets(value, limit)]


def modified(request: Request, rows: Rows, store: Store) -> Rows:
    return compared(request, rows, "lastModifiedDateTime", store, lambda row: clock.wall(row.modified, store.zone))


def created(request: Request, rows: Rows, store: Store) -> Rows:
    return compared(request, rows, "createdDateTime", store, lambda row: clock.wall(row.created, store.zone))


def dated(request: Request, rows: Rows, store: Store, name: str, field: str) -> Rows:
    """A filter on a document date."""
    return compared(request, rows, name, store, lambda row: clock.parsed(row.body.get(field) or ""))


def after(request: Request, rows: Rows) -> Rows:
    """`greaterThanValue`: keys behind this one."""
    mark = request.args.get("greaterThanValue")
    return [row for row in rows if row.key > mark] if mark else rows


def page(call: Call, rows: Rows, show: Callable[[Row], Record], resource: str, *, metadata: bool = True) -> Response:
    """A bare array. A page that is asked too large is cut without a word."""
    request, switches = call.request, call.store.switches
    matching = list(rows)
    if switches["list_order"] == "modified":
        matching.sort(key=lambda row: (row.modified, row.key))
    largest = int(switches["max_page_sizes"].get(resource) or switches["max_page_size"])
    requested = whole(request, "pageSize")
    default = int(switches["default_page_size"]) or largest
    size = min(largest, requested if requested and requested > 0 else default)
    first = (max(whole(request, "pageNumber") or 1, 1) - 1) * size
    shown = [show(row) for row in matching[first : first + size]]
    if metadata:
        total = {"totalCount": len(matching), "maxPageSize": largest}
        shown = [record | {"metadata": total} for record in shown]
    return json_response(shown)
