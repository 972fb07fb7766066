"""Database queries that orders cost, over collect, deliver and audit, counted in this process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox.bench.environment import BenchEnvironment, states

_TABLE = re.compile(r'(?:FROM|INTO|UPDATE)\s+"(\w+)"')


def queries(bench: BenchEnvironment, batch: int = 100) -> dict[str, Any]:
    """Queries for one batch: what two batches take more than one does. For a reading: all that it takes, of one page."""
    first, second = (_count(bench, orders) for orders in (batch, 2 * batch))
    difference = second - first
    page, single = _count(bench, batch - 1), _count(bench, 1)  # a full page is followed by an empty one
    return {
        "batch": batch,
        "for_a_batch": difference.total(),
        "for_one_order_in_a_batch": round(difference.total() / batch, 2),
        "for_a_reading_of_one_less_than_a_batch": page.total(),
        "for_a_reading_of_one_order": single.total(),
        "more_for_many_than_for_one": page.total() - single.total(),
        "of_a_batch": dict(difference.most_common()),
        "of_a_reading_of_one_order": dict(single.most_common()),
    }


def _count(bench: BenchEnvironment, orders: int) -> Counter[str]:
    """Count on new systems, once the process is warm: compiled expressions cost nothing then."""
    _read(bench, orders, Counter())
    counts: Counter[str] = Counter()
    _read(bench, orders, counts)
    return counts


def _read(bench: BenchEnvironment, orders: int, counts: Counter[str]) -> None:
    from django.db import connection

    from syncjobs import tasks

    bench.start_systems(orders)
    fixture, flow = bench.create_orders_fixture(), bench.scenario.orders
    with connection.execute_wrapper(_counting(counts)):
        tasks.poll(fixture.flow(flow).pk)
    if states(fixture, flow).get("synced", 0) < orders:
        raise RuntimeError(f"Not all orders went: {states(fixture, flow)}")


def _counting(counts: Counter[str]) -> Callable[..., Any]:
    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        table = _TABLE.search(sql)
        counts[f"{sql.split(None, 1)[0]} {table[1] if table else ''}".strip()] += 1
        return execute(sql, params, many, context)

    return count
