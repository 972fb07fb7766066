"""Due: what a worker has to do now, and no task says so yet. Each kind is found, marked and enqueued by three statements.

What finds no room stays due: the oldest go first, in turn over customers and their connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from connections.models import Connection
from syncjobs import dispatch, recipes
from syncjobs.engine.turns import Candidate, fairly
from syncjobs.models import Flow, FlowQuerySet, Heartbeat, SyncRecord, WebhookEvent
from syncjobs.recipe import FlowSpec
from toolkit import leases

PROBE_AGAIN = timedelta(minutes=10)
RECONCILE_EVERY = timedelta(days=1)
LOOK_AGAIN = timedelta(days=1)
"""How often a flow that is read with another one is looked at all the same: its recipe may have changed."""
MOVED_AT_ONCE = 10_000


def room() -> int:
    """How many tasks may be enqueued: what workers can do until the next tick, less what waits for them already."""
    return max(0, int(settings.TICK_TASKS) - dispatch.waiting())


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which no other tick enqueues anything, so that two ticks at once enqueue nothing twice."""
    with transaction.atomic():
        Heartbeat.objects.select_for_update().filter(name="tick").first()
        yield


def enqueue_probes(limit: int) -> int:
    """Test connections whose time for it has come: stopped ones, and those that were just signed in."""
    now = timezone.now()
    due = Connection.objects.filter(state__in=[Connection.State.BROKEN, Connection.State.NEW], recover_at__lte=now)
    return _enqueue("probe", due, _accounts(due.order_by("recover_at")), limit, recover_at=now + PROBE_AGAIN)


def enqueue_sign_outs(limit: int) -> int:
    """Give back the seats of sessions that stand idle."""
    idle = timezone.now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    due = Connection.objects.filter(session_used_at__lt=idle)
    return _enqueue("sign_out", due, _accounts(due.order_by("session_used_at")), limit, session_used_at=None)


def enqueue_events(limit: int) -> int:
    """Follow notifications that nobody has followed yet: a task for each connection."""
    now = timezone.now()
    events = WebhookEvent.objects.filter(connection=OuterRef("pk"), due_at__lte=now).order_by("due_at")
    free = Connection.objects.filter(dispatch.unfollowed(now))
    usable = free.filter(Exists(events), state__in=[Connection.State.NEW, Connection.State.READY])
    oldest = usable.order_by(Subquery(events.values("due_at")[:1]))
    return _enqueue("follow_connection", free, _accounts(oldest), limit, follow_enqueued_at=now)


def enqueue_reconciliations(limit: int) -> int:
    """Compare both systems of each flow once a day."""
    now = timezone.now()
    due = Flow.objects.filter(next_reconcile_at__lte=now)
    rows = _rows(due.running().order_by("next_reconcile_at"))
    return _enqueue("reconcile", due, _by_source(rows), limit, next_reconcile_at=now + RECONCILE_EVERY)


def enqueue_records(limit: int) -> int:
    """Work on each flow that has due records, the flow that has waited longest first."""
    now = timezone.now()
    records = SyncRecord.objects.filter(flow=OuterRef("pk"), due_at__lte=now).order_by("due_at")
    free = Flow.objects.filter(dispatch.unattended(now), Q(next_work_at=None) | Q(next_work_at__lte=now))
    oldest = free.running().filter(Exists(records)).order_by(Subquery(records.values("due_at")[:1]))
    return _enqueue("work", free, _by_target(_rows(oldest)), limit, enqueued_at=now)


def enqueue_flows(limit: int) -> int:
    """Read the sources of flows whose time has come, and that nobody reads just now.

    Their time is moved a little, so that one is enqueued once; reading sets it anew.
    """
    now = timezone.now()
    due = Flow.objects.filter(_to_be_read(now))
    rows = _rows(due.running().order_by(F("next_run_at").asc(nulls_first=True), "pk"))
    own = [row for row in rows if not (row.spec and row.spec.polled_with)]
    if len(own) < len(rows):
        others = {row.pk for row in rows}.difference(row.pk for row in own)
        Flow.objects.filter(pk__in=sorted(others)[:MOVED_AT_ONCE]).update(next_run_at=now + LOOK_AGAIN)
    return _enqueue("poll", due, _by_source(own), limit, next_run_at=now + dispatch.PICKUP_WITHIN)


KINDS: Sequence[Callable[[int], int]] = (
    enqueue_probes,
    enqueue_sign_outs,
    enqueue_events,
    enqueue_reconciliations,
    enqueue_records,
    enqueue_flows,
)
"""In the order in which they are given room: what few take leaves theirs to the others."""


def _to_be_read(now: datetime) -> Q:
    """A flow that somebody reads just now stays due: its reader enqueues it again in the end."""
    return (Q(next_run_at=None) | Q(next_run_at__lte=now)) & leases.is_free(now)


def _enqueue(task: str, unmarked: QuerySet[Any], candidates: Iterable[Candidate], limit: int, **mark: Any) -> int:
    """Mark those that fit, and enqueue a task for each. Returns how many."""
    chosen = fairly(candidates, limit)
    if chosen:
        with transaction.atomic():
            unmarked.filter(pk__in=chosen).update(**mark)
            dispatch.enqueue_all(task, chosen)
    return len(chosen)


class _Row(NamedTuple):
    """What a flow's turn depends on."""

    pk: int
    customer: int
    left: int
    right: int
    left_vendor: str
    spec: FlowSpec | None

    def candidate(self, resource: str) -> Candidate:
        of_left = resource.partition(".")[0] == self.left_vendor
        return Candidate(self.pk, self.customer, self.left if of_left else self.right)


def _rows(flows: FlowQuerySet) -> list[_Row]:
    integration = ("customer", "left", "right", "left__vendor", "recipe")
    names = ("pk", *(f"integration__{name}" for name in integration), "slug")
    spec = cache(_spec)
    rows = flows.values_list(*names)
    return [
        _Row(pk, customer, left, right, vendor, spec(recipe, slug))
        for pk, customer, left, right, vendor, recipe, slug in rows
    ]


def _spec(recipe: str, slug: str) -> FlowSpec | None:
    """None for what is not declared any more: reading it stores so."""
    try:
        return recipes.get(recipe).flow(slug)
    except KeyError:
        return None


def _by_source(rows: Iterable[_Row]) -> Iterator[Candidate]:
    return (row.candidate(row.spec.source if row.spec else "") for row in rows)


def _by_target(rows: Iterable[_Row]) -> Iterator[Candidate]:
    return (row.candidate(row.spec.target if row.spec else "") for row in rows)


def _accounts(connections: QuerySet[Connection]) -> Iterator[Candidate]:
    return (Candidate(pk, customer, pk) for pk, customer in connections.values_list("pk", "customer"))
