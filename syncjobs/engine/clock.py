"""The clock: one tick a minute. It enqueues whatever is due; new work is enqueued at once, so it only catches the rest."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from audit import trail
from audit.actions import Action
from syncjobs.engine import due, transitions
from syncjobs.engine.troubles import words_of
from syncjobs.models import Heartbeat, State, SyncRecord, WebhookEvent
from toolkit import leases

EXPIRED_AT_ONCE = 500
AFTER_SECOND_DEATH = timedelta(minutes=10)
"""A notification that killed two workers is followed at leisure."""


def tick() -> None:
    """Beat, free what dead workers held, and enqueue what is due. Two ticks at once do no harm.

    A step that fails is noted on the heartbeat, and stops no other.
    """
    beat()
    faults: list[str] = []
    with noted(faults):
        expire_leases()
    with noted(faults):
        free = due.room()
        for kinds, enqueue in zip(range(len(due.KINDS), 0, -1), due.KINDS, strict=True):
            with noted(faults), due.alone():
                free -= enqueue(-(-free // kinds))  # an equal share of the room that is left, rounded up
    with noted(faults):
        once_a_day("retention", timedelta(days=1), remove_old)
    Heartbeat.objects.filter(name="tick").update(trouble="\n".join(faults))


@contextmanager
def noted(faults: list[str]) -> Iterator[None]:
    """Note a failure of the block instead of raising it."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 (one step must not stop the others)
        faults.append(words_of(error))


def beat() -> None:
    """Write the row by which anybody can see that workers live."""
    Heartbeat.objects.update_or_create(
        name="tick", defaults={"at": timezone.now(), "worker": f"{platform.node()}:{os.getpid()}"}
    )


def expire_leases() -> int:
    """Records that a dead worker was sending have an unknown outcome now. Returns how many."""
    now = timezone.now()
    with transaction.atomic():
        lost = SyncRecord.objects.filter(state=State.SENDING, lease_until__lt=now).select_for_update(of=("self",))
        records = list(lost.without_bodies().select_related("flow__integration")[:EXPIRED_AT_ONCE])
        if records:
            transitions.lease_expired(SyncRecord.objects.filter(pk__in=[record.pk for record in records]))
            trail.record_all(
                trail.entry(Action.LEASE_EXPIRED, record, customer_id=record.flow.integration.customer_id)
                for record in records
            )
    WebhookEvent.objects.filter(state=WebhookEvent.State.FOLLOWING, lease_until__lt=now).update(
        state=WebhookEvent.State.RETRYING,
        due_at=Case(When(attempts__lt=2, then=Value(now)), default=Value(now + AFTER_SECOND_DEATH)),
        **leases.FREED,
        cause="The worker that followed it stopped.",
    )
    return len(records)


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
