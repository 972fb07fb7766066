"""Lists of records: which match a filter, found by an index where the filter allows it, and the page that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from werkzeug.datastructures import MultiDict

from sandbox.acumatica.api.filter import Filter, compile_filter
from sandbox.acumatica.api.view import View
from sandbox.acumatica.errors import Refusal, invalid
from sandbox.acumatica.schema import RENAMED
from sandbox.acumatica.store import LAST, Row, Table
from sandbox.kit.context import Context

FEW = 3000  # changed records that are gathered by stamp instead of reading all by key
Query = MultiDict[str, str]


def page(context: Context, table: Table, view: View, query: Query) -> list[bytes]:
    """The records of one page, as they are shown."""
    _check_optimization(context, table, view)
    rows = matching(table, view, query.get("$filter", ""))
    if context.switches["shuffled"]:
        shuffled = list(rows)
        context.random.shuffle(shuffled)
        rows = iter(shuffled)
    skip, top = _count(query, "$skip") or 0, _count(query, "$top")
    rows = islice(rows, skip, None if top is None else skip + top)
    return [view.record(table, row, number) for number, row in enumerate(rows, 1)]


def matching(table: Table, view: View, text: str) -> Iterator[Row]:
    """Rows that meet the filter, in order of their keys."""
    if not text.strip():
        return iter(table)
    renamed = RENAMED.get(table.schema.name, {}) if view.five else {}
    condition = compile_filter(text, table.schema, {shown: stored for stored, shown in renamed.items()})
    return filter(condition.test, _candidates(table, condition))


def _check_optimization(context: Context, table: Table, view: View) -> None:
    """Lists run as one query, and some fields stand in the way of that."""
    shown = {*view.expand, *(view.select or table.schema.kinds)}
    for obstacle in context.switches["cannot_optimize"]:
        entity, _, field = obstacle.partition(".")
        if entity == table.schema.name and (not field or field in shown):
            reason = f"{field or 'Details'}: View {field or 'Transactions'} has BQL delegate"
            raise Refusal(
                500,
                f"Optimization cannot be performed.The following fields cause the error:\r\n{reason}",
                "PX.Api.ContractBased.OptimizedExport.CannotOptimizeException",
            )


def _candidates(table: Table, condition: Filter) -> Iterator[Row]:
    """Rows that may meet a filter, in order of their keys, by way of an index where the filter allows it."""
    for name, operator, value in condition.bounds:
        if name in table.schema.stamps and operator in {"gt", "ge", "eq"}:
            few = table.changed_since(value, FEW)
            if few is not None:
                return iter(few)
    first, last = table.schema.keys[0], _range(condition, table.schema.keys[-1])
    if len(table.schema.keys) == 1:
        return table.between((last[0],), (last[1],))
    low, high = _range(condition, first)
    kinds = [kind for kind in table.first_keys() if low <= kind <= high]
    return (row for kind in kinds for row in table.between((kind, last[0]), (kind, last[1])))


def _range(condition: Filter, name: str) -> tuple[str, str]:
    """The narrowest range of a key that all matching rows lie in, both ends included."""
    low, high = "", LAST
    for bound, operator, value in condition.bounds:
        if bound == name:
            low = max(low, value) if operator in {"gt", "ge", "eq"} else low
            high = min(high, value) if operator in {"lt", "le", "eq"} else high
    return low, high


def _count(query: Query, name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise invalid(name, f"The value '{text}' is not valid for {name}.")
    return int(text)
