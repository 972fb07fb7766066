"""Verbs on many records: in batches, so that no transaction is long, and not endlessly within one click."""

from __future__ import annotations

from collections.abc import Callable

from syncjobs.models import SyncRecord, SyncRecordQuerySet

BATCH_SIZE = 200
MAX_RECORDS = 2000


def in_batches(records: SyncRecordQuerySet, verb: Callable[[SyncRecordQuerySet], int]) -> tuple[int, bool]:
    """Call a verb on up to `MAX_RECORDS` records, oldest first. Returns how many it took, and whether there are more."""
    keys = list(records.order_by("pk").values_list("pk", flat=True)[: MAX_RECORDS + 1])
    taken = keys[:MAX_RECORDS]
    batches = [taken[start : start + BATCH_SIZE] for start in range(0, len(taken), BATCH_SIZE)]
    return sum(verb(SyncRecord.objects.filter(pk__in=batch)) for batch in batches), len(keys) > MAX_RECORDS
