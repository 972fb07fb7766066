"""Database queries that orders cost, over collect, deliver and audit, counted in this process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox.bench.environment import Ground, states

_TABLE = re.compile(r'(?:FROM|INTO|UPDATE)\s+"(\w+)"')


def queries(ground: Ground, batch: int = 100) -> dict[str, Any]:
    """Queries for one batch: what two batches take more than one does. For a reading: all that it takes, of one page."""
    one, two = (_counted(ground, orders) for orders in (batch, 2 * batch))
    more = two - one
    page, single = _counted(ground, batch - 1), _counted(ground, 1)  # a full page is followed by an empty one
    return {
        "batch": batch,
        "for_a_batch": more.total(),
        "for_one_order_in_a_batch": round(more.total() / batch, 2),
        "for_a_reading_of_one_less_than_a_batch": page.total(),
        "for_a_reading_of_one_order": single.total(),
        "more_for_many_than_for_one": page.total() - single.total(),
        "of_a_batch": dict(more.most_common()),
        "of_a_reading_of_one_order": dict(single.most_common()),
    }


def _counted(ground: Ground, orders: int) -> Counter[str]:
    """Count on new systems, once the process is warm: compiled expressions cost nothing then."""
    _read(ground, orders, Counter())
    seen: Counter[str] = Counter()
    _read(ground, orders, seen)
    return seen


def _read(ground: Ground, orders: int, seen: Counter[str]) -> None:
    from django.db import connection

    from syncjobs import tasks

    ground.systems(orders)
    stage, flow = ground.orders_stage(), ground.play.orders
    with connection.execute_wrapper(_counting(seen)):
        tasks.poll(stage.flow(flow).pk)
    if states(stage, flow).get("synced", 0) < orders:
        raise RuntimeError(f"Not all orders went: {states(stage, flow)}")


def _counting(seen: Counter[str]) -> Callable[..., Any]:
    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        table = _TABLE.search(sql)
        seen[f"{sql.split(None, 1)[0]} {table[1] if table else ''}".strip()] += 1
        return execute(sql, params, many, context)

    return count
