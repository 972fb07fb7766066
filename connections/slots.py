"""Slots: how many calls or writers a system stands at once, as leases in the database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import QuerySet
from django.utils import timezone

from connections.models import Connection, Slot
from toolkit import leases

LOOK_AGAIN = 0.2


@contextmanager
def slot(connection: Connection, kind: str, patience: float = 0.0) -> Iterator[bool]:
    """Hold a slot of this kind while the block runs, waiting for it up to `patience` seconds.

    Yields False where all stayed taken, and then holds nothing.

    A killed worker's slot frees itself when its lease runs out.
    """
    until = time.monotonic() + patience
    while not (lease := _take(connection, kind)) and time.monotonic() < until:
        time.sleep(LOOK_AGAIN)
    try:
        yield bool(lease)
    finally:
        if lease:
            leases.give_back(Slot.objects.all(), lease)


def _take(connection: Connection, kind: str) -> str:
    """The lease of a free slot, empty where all are taken."""
    count = connection.declaration.slots.get(kind, 1)
    slots = Slot.objects.filter(connection=connection, kind=kind, number__lt=count)
    if (lease := _take_free(slots)) or slots.count() == count:
        return lease
    missing = [Slot(connection=connection, kind=kind, number=number) for number in range(count)]
    Slot.objects.bulk_create(missing, ignore_conflicts=True)
    return _take_free(slots)


def _take_free(slots: QuerySet[Slot]) -> str:
    free = slots.filter(leases.is_free(timezone.now())).values_list("number", flat=True)
    return next((lease for number in free if (lease := leases.take(slots.filter(number=number)))), "")
