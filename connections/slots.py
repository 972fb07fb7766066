"""Slots: how many calls or writers a system stands at once, as leases in the database."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from connections.models import Connection, Slot

LOOK_AGAIN = 0.2


@contextmanager
def slot(connection: Connection, kind: str, patience: float = 0.0) -> Iterator[bool]:
    """Hold a slot of this kind while the block runs, waiting for it up to `patience` seconds.

    Yields False where all stayed taken, and then holds nothing.

    A killed worker's slot frees itself when its lease runs out.
    """
    lease = uuid.uuid4().hex
    until = time.monotonic() + patience
    while not (held := _take(connection, kind, lease)) and time.monotonic() < until:
        time.sleep(LOOK_AGAIN)
    try:
        yield held
    finally:
        if held:
            Slot.objects.filter(lease=lease).update(lease="", lease_until=None)


def _take(connection: Connection, kind: str, lease: str) -> bool:
    wanted = connection.declaration.slots.get(kind, 1)
    slots = Slot.objects.filter(connection=connection, kind=kind, number__lt=wanted)
    if _take_free(slots, lease):
        return True
    if slots.count() == wanted:
        return False
    made = [Slot(connection=connection, kind=kind, number=number) for number in range(wanted)]
    Slot.objects.bulk_create(made, ignore_conflicts=True)
    return _take_free(slots, lease)


def _take_free(slots: QuerySet[Slot], lease: str) -> bool:
    now = timezone.now()
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    free = slots.filter(Q(lease="") | Q(lease_until__lt=now))
    return any(
        free.filter(number=number).update(lease=lease, lease_until=until)
        for number in free.values_list("number", flat=True)
    )
