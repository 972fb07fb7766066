"""The queries of workers and of the console find their index, on both databases, although most of them are partial."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from syncjobs.admin.record_filters import KEYS
from syncjobs.models import IN_FLIGHT, WORK, Flow, State, SyncRecord
from tests import factories
from toolkit import leases
from toolkit.lookup_sql import rows_by

pytestmark = pytest.mark.django_db

RECORDS = SyncRecord.objects.order_by()
NOW = timezone.now() + timedelta(days=1)
QUERIES: dict[str, tuple[str, Callable[[Flow], Any]]] = {
    "claim": ("record_work", lambda flow: SyncRecord.objects.due(NOW).filter(flow=flow).order_by("due_at", "pk")[:100]),
    "claim, no other delivery": (
        "record_in_flight_once",
        lambda flow: SyncRecord.objects.due(NOW).filter(flow=flow)[:100],
    ),
    "due in some flows": (
        "record_work",
        lambda flow: RECORDS.filter(flow__in=[flow.pk, flow.pk + 1], state__in=WORK, due_at__lte=NOW),
    ),
    "due in any flow": (
        "record_work",
        lambda flow: Flow.objects.filter(Exists(RECORDS.filter(flow=OuterRef("pk"), due_at__lte=NOW))),
    ),
    "settle": (
        "record_work|record_state",
        lambda flow: RECORDS.filter(leases.is_free(NOW), flow=flow, state=State.UNKNOWN, due_at__lte=NOW).order_by(
            "due_at"
        )[:9],
    ),
    "lost leases": ("record_lease", lambda flow: RECORDS.filter(state=State.SENDING, lease_until__lt=NOW)),
    "by state": ("record_state", lambda flow: RECORDS.filter(flow__in=[flow.pk, flow.pk + 1], state=State.ATTENTION)),
    "in flight": ("record_state", lambda flow: RECORDS.filter(flow=flow, state__in=IN_FLIGHT)),
    "reached": (
        "record_source_once",
        lambda flow: RECORDS.filter(flow=flow, source_key__in=["SO/1"], target_key__isnull=False),
    ),
    "of a natural key": (
        "record_natural_key",
        lambda flow: RECORDS.filter(
            flow__integration=flow.integration_id, flow__slug="orders", natural_key__in=["1", "2"]
        ),
    ),
    "of a source key": (
        "record_source_once",
        lambda flow: RECORDS.filter(
            flow__integration=flow.integration_id, flow__slug="orders", source_key__in=["1"], target_key__isnull=False
        ),
    ),
    "a target twice": ("record_target_once", lambda flow: RECORDS.filter(flow=flow, target_key="100001")),
}
INDEXES = {
    "source_label": "record_label",
    "source_key": "record_source_once",
    "natural_key": "record_natural_key",
    "target_key": "record_target_once",
    "belongs_to": "record_belongs_to",
}


@pytest.fixture
def many(db: None) -> Flow:
    """A table in which nearly everything is done, as it is."""
    flow = factories.flow()
    done: dict[str, Any] = {"flow": flow, "state": State.SYNCED}
    SyncRecord.objects.bulk_create(
        SyncRecord(**done, source_key=f"SO/{n}", source_label=f"{n}", natural_key=f"{n}", belongs_to=f"{n}", target_key=f"T{n}", target_lock=f"{n}")
        for n in range(2000)
    )  # fmt: skip
    for state in (State.DUE, State.SENDING, State.ATTENTION, State.UNKNOWN):
        factories.record(flow=flow, state=state)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a small table is read whole
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("ANALYZE")
    return flow


def plan(query: Any) -> str:
    """How the database finds the rows; SQLite does not keep the name of the constraint of a table."""
    explained: str = query.explain()
    return re.sub(r"sqlite_autoindex_syncjobs_syncrecord_1(?= \(source_key)", "record_source_once", explained)


@pytest.mark.parametrize(("index", "query"), QUERIES.values(), ids=QUERIES.keys())
def test_a_query_of_workers_finds_its_index(many: Flow, index: str, query: Callable[[Flow], Any]) -> None:
    assert re.search(index, plan(query(many)))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("how", [{"__in": ["1", "X1"]}, {"__gte": "19", "__lt": "19zzzzzzzz", "__startswith": "19"}])
def test_a_search_by_any_key_finds_its_index(many: Flow, key: str, how: dict[str, Any]) -> None:
    found = RECORDS.filter(**{f"{key}{lookup}": value for lookup, value in how.items()})
    assert INDEXES[key] in plan(found.values_list("pk", flat=True)[:500])


def test_what_is_stored_of_a_page_is_found_by_its_index(many: Flow) -> None:
    assert rows_by(SyncRecord, ("id", "source_key"), "source_key", ["SO/7"], flow=many.pk)
    rows = RECORDS.filter(flow=many, source_key__in=["SO/7", "SO/8"])
    assert "record_source_once" in plan(rows)
