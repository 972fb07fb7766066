"""The clock: one tick a minute. It rings for whatever is due; new work has rung already, so it only catches the rest."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from audit import trail
from audit.actions import Action
from connections.models import Connection
from syncjobs import dispatch
from syncjobs.models import WORK, Flow, Heartbeat, State, SyncRecord, WebhookEvent

EXPIRED_AT_ONCE = 500
AFTER_SECOND_DEATH = timedelta(minutes=10)
"""A notification that killed two workers is followed at leisure."""
RECONCILE_EVERY = timedelta(days=1)


def tick() -> None:
    """Beat, free what dead workers held, and ring for everything that is due. Two ticks at once do no harm."""
    beat()
    expire_leases()
    enqueue_due_flows()
    enqueue_due_records()
    enqueue_due_events()
    enqueue_connections()
    once_a_day("retention", timedelta(days=1), remove_old)
    once_a_day("reconcile", RECONCILE_EVERY, enqueue_reconciliation)


def beat() -> None:
    """Write the row by which anybody can see that workers live."""
    Heartbeat.objects.update_or_create(
        name="tick", defaults={"at": timezone.now(), "worker": f"{platform.node()}:{os.getpid()}"}
    )


def expire_leases() -> int:
    """Records that a dead worker was sending have an unknown outcome now; answers how many."""
    now = timezone.now()
    with transaction.atomic():
        lost = SyncRecord.objects.filter(state=State.SENDING, lease_until__lt=now).select_for_update(of=("self",))
        records = list(lost.without_bodies().select_related("flow__integration")[:EXPIRED_AT_ONCE])
        if records:
            SyncRecord.objects.filter(pk__in=[record.pk for record in records]).update(
                state=State.UNKNOWN,
                due_at=now,
                lease="",
                lease_until=None,
                unknown_count=1,
                lookups=0,
                error_class="OutcomeUnknown",
                cause="The worker that was sending it stopped, so it may or may not be in the target.",
                next_step="It is looked up there before anything is sent again.",
            )
            trail.record_all(
                trail.entry(Action.LEASE_EXPIRED, record, customer_id=record.flow.integration.customer_id)
                for record in records
            )
    WebhookEvent.objects.filter(state=WebhookEvent.State.FOLLOWING, lease_until__lt=now).update(
        state=WebhookEvent.State.RETRYING,
        due_at=Case(When(attempts__lt=2, then=Value(now)), default=Value(now + AFTER_SECOND_DEATH)),
        lease="",
        lease_until=None,
        cause="The worker that followed it stopped.",
    )
    return len(records)


def enqueue_due_flows() -> int:
    """Ring for flows whose turn to read has come. Their turn is moved a little, so that one is rung for once."""
    now = timezone.now()
    due = Flow.objects.running().filter(Q(next_run_at=None) | Q(next_run_at__lte=now)).select_related("integration")
    enqueued = 0
    for flow in due.order_by("next_run_at"):
        if flow.spec.polled_with:
            continue
        again = now + dispatch.PICKUP_WITHIN
        if Flow.objects.filter(pk=flow.pk, next_run_at=flow.next_run_at).update(next_run_at=again):
            dispatch.enqueue("poll", flow.pk)
            enqueued += 1
    return enqueued


def enqueue_due_records() -> int:
    """Ring once for each flow with due records, the flow that has waited longest first."""
    states = [*WORK, State.UNKNOWN]
    due = SyncRecord.objects.filter(state__in=states, due_at__lte=timezone.now())
    flows = Flow.objects.running().filter(pk__in=due.values("flow").distinct())
    return sum(dispatch.enqueue_flow(pk) for pk in flows.order_by("enqueued_at").values_list("pk", flat=True))


def enqueue_due_events() -> int:
    """Enqueue the following of notifications that nobody has followed yet, a task for each connection."""
    now = timezone.now()
    usable = Connection.objects.filter(state__in=[Connection.State.NEW, Connection.State.READY])
    due = WebhookEvent.objects.filter(due_at__lte=now).values("connection").distinct()
    waiting = usable.filter(dispatch.unfollowed(now), pk__in=due)
    return sum(dispatch.enqueue_follow(pk) for pk in waiting.values_list("pk", flat=True))


def enqueue_connections() -> None:
    """Test connections whose time for it has come (stopped ones, or just signed in), and sign idle sessions out."""
    now = timezone.now()
    untested = [Connection.State.BROKEN, Connection.State.NEW]
    due = Connection.objects.filter(state__in=untested, recover_at__lte=now)
    for pk in due.values_list("pk", flat=True):
        Connection.objects.filter(pk=pk).update(recover_at=now + timedelta(minutes=10))
        dispatch.enqueue("probe", pk)
    idle = now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    for pk in Connection._base_manager.filter(session_used_at__lt=idle).values_list("pk", flat=True):
        Connection._base_manager.filter(pk=pk).update(session_used_at=None)
        dispatch.enqueue("sign_out", pk)


def once_a_day(name: str, every: timedelta, job: object) -> None:
    """Run a job at its interval; its row makes sure that one worker does."""
    now = timezone.now()
    row, new = Heartbeat.objects.get_or_create(name=name, defaults={"at": now})
    if not new and Heartbeat.objects.filter(pk=row.pk, at__lte=now - every).update(at=now) and callable(job):
        job(now)


def remove_old(now: datetime) -> None:
    """The retention rule: bodies go first, the trail much later. Each removal leaves an entry."""
    before = now - timedelta(days=settings.BODY_RETENTION_DAYS)
    settled = [State.SYNCED, State.SKIPPED, State.CLOSED]
    old = SyncRecord.objects.filter(state__in=settled, changed_at__lt=before, source_body__isnull=False)
    count = old.update(source_body=None, sent_body=None, answer_body=None, edited_body=None)
    if count:
        trail.record(Action.BODIES_REMOVED, Heartbeat.objects.get(name="retention"), summary=f"{count} records.")
    WebhookEvent.objects.filter(last_at__lt=before).exclude(body=b"").update(body=b"")
    trail.remove_before(now - timedelta(days=settings.AUDIT_RETENTION_DAYS))


def enqueue_reconciliation(now: datetime) -> None:
    for flow in Flow.objects.running().select_related("integration"):
        dispatch.enqueue("reconcile", flow.pk)
