"""The drill's sense of time: waits of minutes become seconds, and keep the order of their lengths.

Nothing of the engine's behaviour is changed: these are the same settings a patient machine would wait out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_q.models import OrmQ

from connections import health, sessions, vendors
from connections.models import Connection, Slot
from sandbox.drill.times import SHORTER
from syncjobs import dispatch
from syncjobs.engine import clock, transitions, troubles
from syncjobs.models import Flow, State, SyncRecord, WebhookEvent

CROWD = 40
"""Rings that nobody has answered yet."""


def hasten() -> None:
    """Shorten every wait of this process; called once, before anything runs."""
    transitions.FIRST_WAIT, transitions.LAST_WAIT = 0.4, 5.0
    sessions.LOGIN_LEASE = timedelta(seconds=4)
    dispatch.PICKUP_WITHIN = timedelta(seconds=1.5)
    troubles.FIRST_PAUSE, troubles.LAST_PAUSE = timedelta(seconds=1), timedelta(seconds=4)
    health.RECOVER_FIRST, health.RECOVER_LAST = timedelta(seconds=1), timedelta(seconds=4)
    for slug in vendors.SLUGS:
        for resource in vendors.get(slug).resources:
            shorter = tuple(delay / SHORTER for delay in resource.settle_delays)
            setattr(resource, "settle_delays", shorter)  # noqa: B010 (declared in whole seconds)


def let_time_pass() -> None:
    """What waits for minutes in the database waits for seconds. Unknown outcomes keep their own times."""
    now = timezone.now()
    soon = now + timedelta(seconds=1)
    # Those that were rung for are rung for again after some seconds, not at once.
    WebhookEvent.objects.filter(due_at__gt=now + timedelta(seconds=8)).update(due_at=now + timedelta(seconds=5))
    Connection.objects.filter(recover_at__gt=now + timedelta(seconds=5)).update(recover_at=soon)
    patient = [State.RETRYING, State.WAITING]
    SyncRecord.objects.filter(state__in=patient, due_at__gt=now + timedelta(seconds=10)).update(due_at=soon)


def bury(life: int | None = None) -> None:
    """The leases of a dead life run out: nobody waits for it any longer. Without a number, everybody's do."""
    now = timezone.now()
    sign = "" if life is None else f"{life:08x}"
    for model in (Flow, SyncRecord, WebhookEvent, Slot):
        rows: Any = model._default_manager
        rows.filter(lease__startswith=sign, lease_until__gt=now).update(lease_until=now)


def tick() -> None:
    """One minute of the product's clock; it does not pass while workers have more rings to answer than they can."""
    let_time_pass()
    if OrmQ.objects.filter(lock__lte=timezone.now()).count() < CROWD:
        clock.tick()
        dispatch.enqueue("tick")  # once more by a worker, which may be killed in it


def forget_rings() -> None:
    """The doorbell loses all it has, as Redis may: rings change nothing but time."""
    OrmQ.objects.all().delete()
