"""The tick with many flows: seconds and statements, with some, all and none of them due."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sandbox.bench.environment import BenchEnvironment

CUSTOMERS, PAIRS = 400, 5
FLOWS, SOME = 10_000, 1_000


def tick(bench: BenchEnvironment) -> dict[str, Any]:
    """Each tick finds an empty queue. "new" is the first one, which meets every flow, also those read with others."""
    from django.utils import timezone

    from syncjobs.models import Flow, SyncRecord

    scheduled = _installation()
    now = timezone.now()
    flows, some = Flow.objects.all(), scheduled[:SOME]
    result: dict[str, Any] = {"flows": len(scheduled), "customers": CUSTOMERS, "new": _ticked()}
    flows.update(next_run_at=now + timedelta(hours=1))
    result["nothing_due"] = _ticked()
    flows.filter(pk__in=some).update(next_run_at=now)
    result[f"due_{SOME}"] = _ticked()
    flows.filter(pk__in=scheduled).update(next_run_at=now)
    result[f"due_{FLOWS}"] = _ticked()
    flows.update(next_run_at=now + timedelta(hours=1))
    SyncRecord.objects.bulk_create(_record(flow, now) for flow in scheduled)
    result[f"due_records_in_{FLOWS}"] = _ticked()
    flows.filter(pk__in=scheduled).update(next_reconcile_at=now, next_run_at=now)
    result[f"all_of_it_in_{FLOWS}"] = _ticked()
    return result | {"seconds_at_most": max(case["seconds"] for case in result.values() if isinstance(case, dict))}


def _installation() -> list[int]:
    """Customers with pairs of systems; the ids of the flows that have a schedule of their own, others beside them."""
    from connections.models import Connection, Customer
    from sandbox.bench.environment import ACUMATICA
    from syncjobs import recipes
    from syncjobs.models import Flow, Integration

    recipe = recipes.get(ACUMATICA)
    customers = Customer.objects.bulk_create(Customer(name=f"Customer {number}") for number in range(CUSTOMERS))
    sides = {
        side: Connection.objects.bulk_create(
            Connection(customer=customer, vendor=getattr(recipe, side), name=f"{number}", state="ready")
            for customer in customers
            for number in range(PAIRS)
        )
        for side in ("left", "right")
    }
    integrations = Integration.objects.bulk_create(
        Integration(customer=left.customer, recipe=recipe.slug, left=left, right=right, state="active")
        for left, right in zip(sides["left"], sides["right"], strict=True)
    )
    flows = Flow.objects.bulk_create(
        Flow(integration=integration, slug=spec.slug) for integration in integrations for spec in recipe.flows
    )
    polled = {spec.slug for spec in recipe.flows if not spec.polled_with}
    scheduled = [flow.pk for flow in flows if flow.slug in polled]
    Flow.objects.filter(pk__in=scheduled[FLOWS:]).update(enabled=False)
    return scheduled[:FLOWS]


def _record(flow: int, now: Any) -> Any:
    from syncjobs.models import SyncRecord

    key = f"SO/{flow}"
    return SyncRecord(flow_id=flow, source_key=key, natural_key=key, target_lock=f"{flow}:{key}", due_at=now)


def _ticked() -> dict[str, Any]:
    from django.db import connection
    from django_q.models import OrmQ

    from syncjobs.engine import clock

    OrmQ.objects.all().delete()
    statements: Counter[str] = Counter()
    with connection.execute_wrapper(_counting(statements)):
        started, used = time.monotonic(), time.process_time()
        clock.tick()
        seconds, cpu = time.monotonic() - started, time.process_time() - used
    return {
        "seconds": round(seconds, 3),
        "cpu": round(cpu, 3),
        "statements": statements.total(),
        "tasks": OrmQ.objects.count(),
    }


def _counting(statements: Counter[str]) -> Callable[..., Any]:
    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statements[sql.split(None, 1)[0]] += 1
        return execute(sql, params, many, context)

    return count
