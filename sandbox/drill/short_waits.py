"""Makes waits of minutes last seconds in a drill; the order of their lengths stays.

Nothing of the engine's behaviour is changed: these are the same settings a patient machine would wait out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_q.models import OrmQ

from connections import health, sessions, vendors
from connections.models import Connection, Slot
from sandbox.drill.times import SPEED_UP
from syncjobs import dispatch
from syncjobs.engine import clock, transitions, troubles
from syncjobs.models import Flow, State, SyncRecord, WebhookEvent

MAX_QUEUED = 40
"""Tasks that nobody has taken yet; with more of them the clock waits."""


def apply() -> None:
    """Shorten every wait of this process; called once, before anything runs."""
    transitions.FIRST_WAIT, transitions.LAST_WAIT = 0.4, 5.0
    sessions.LOGIN_LEASE = timedelta(seconds=4)
    dispatch.PICKUP_WITHIN = timedelta(seconds=1.5)
    troubles.FIRST_PAUSE, troubles.LAST_PAUSE = timedelta(seconds=1), timedelta(seconds=4)
    health.RECOVER_FIRST, health.RECOVER_LAST = timedelta(seconds=1), timedelta(seconds=4)
    for slug in vendors.SLUGS:
        for resource in vendors.get(slug).resources:
            shorter = tuple(delay / SPEED_UP for delay in resource.settle_delays)
            setattr(resource, "settle_delays", shorter)  # noqa: B010 (declared in whole seconds)


def shorten_stored() -> None:
    """What waits for minutes in the database waits for seconds. Unknown outcomes keep their own times."""
    now = timezone.now()
    soon = now + timedelta(seconds=1)
    # Those that have a task get another one after some seconds, not at once.
    WebhookEvent.objects.filter(due_at__gt=now + timedelta(seconds=8)).update(due_at=now + timedelta(seconds=5))
    Connection.objects.filter(recover_at__gt=now + timedelta(seconds=5)).update(recover_at=soon)
    waiting = [State.RETRYING, State.WAITING]
    SyncRecord.objects.filter(state__in=waiting, due_at__gt=now + timedelta(seconds=10)).update(due_at=soon)


def expire_leases(worker: int | None = None) -> None:
    """Let the leases of a killed worker run out, so that nobody waits for it. Without a process id, all leases."""
    now = timezone.now()
    prefix = "" if worker is None else f"{worker:08x}"
    for model in (Flow, SyncRecord, WebhookEvent, Slot):
        rows: Any = model._default_manager
        rows.filter(lease__startswith=prefix, lease_until__gt=now).update(lease_until=now)


def tick() -> None:
    """One minute of the product's clock; it does not pass while workers have more tasks than they can do."""
    shorten_stored()
    if OrmQ.objects.filter(lock__lte=timezone.now()).count() < MAX_QUEUED:
        clock.tick()
        dispatch.enqueue("tick")  # once more by a worker, which may be killed in it


def drop_tasks() -> None:
    """The queue loses all it has, as Redis may: tasks change nothing but time."""
    OrmQ.objects.all().delete()
