"""Lists of the ERP: filters, the pairs of a time and a condition, pages, and metadata inside each element."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.visma_net import clock
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
    said = request.args.get(name)
    return default if said is None else said.lower() == "true"


def whole(request: Request, name: str) -> int | None:
    said = request.args.get(name)
    if said is None or said == "":
        return None
    if not said.lstrip("-").isdigit():
        raise Refusal(400, f"The value '{said}' is not valid for {name}.")
    return int(said)


def same(request: Request, rows: Rows, name: str, value_of: Callable[[Record], Any]) -> Rows:
    """Rows whose value is the one asked for, in any case of letters; all, where none is."""
    wanted = request.args.get(name)
    if not wanted:
        return rows
    return [row for row in rows if str(value_of(row.body) or "").lower() == wanted.lower()]


def choice(request: Request, rows: Rows, name: str, field: str, choices: Iterable[str]) -> Rows:
    """The same for an enumeration, which refuses a word that it does not have."""
    wanted = request.args.get(name)
    if wanted and wanted.lower() not in {each.lower() for each in choices}:
        raise Refusal(400, f"The value '{wanted}' is not valid for {name}.")
    return same(request, rows, name, lambda body: body.get(field))


def compared(request: Request, rows: Rows, name: str, store: Store, value_of: Callable[[Row], datetime | None]) -> Rows:
    """A time and its condition, compared as the server's clock shows it. One without the other filters nothing."""
    written, said = request.args.get(name), request.args.get(f"{name}Condition")
    if not written or not said:
        return rows
    if said not in CONDITIONS:
        raise Refusal(400, f"The condition '{said}' is not valid for {name}.")
    bare = clock.zoned(written)
    if bare is not None:
        how = store.switches["zone_in_filter"]
        if how == "unfiltered":
            return rows
        written = bare if how == "strip" else written
    limit = clock.parsed(written)
    if limit is None:
        raise Refusal(400, f"The value '{written}' is not valid for {name}.")
    meets = CONDITIONS[said]
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


def page(
    request: Request,
    rows: Rows,
    show: Callable[[Row], Record],
    resource: str,
    switches: Mapping[str, Any],
    *,
    metadata: bool = True,
) -> Response:
    """A bare array. A page that is asked too large is cut without a word."""
    found = list(rows)
    if switches["list_order"] == "modified":
        found.sort(key=lambda row: (row.modified, row.key))
    largest = int(switches["max_page_sizes"].get(resource) or switches["max_page_size"])
    asked = whole(request, "pageSize")
    default = int(switches["default_page_size"]) or largest
    size = min(largest, asked if asked and asked > 0 else default)
    first = (max(whole(request, "pageNumber") or 1, 1) - 1) * size
    shown = [show(row) for row in found[first : first + size]]
    if metadata:
        about = {"totalCount": len(found), "maxPageSize": largest}
        shown = [each | {"metadata": about} for each in shown]
    return json_response(shown)
