"""Verbs on many records: in groups, so that no transaction is long, and not endlessly within one click."""

from __future__ import annotations

from collections.abc import Callable

from syncjobs.models import SyncRecord, SyncRecordQuerySet

GROUP = 200
AT_ONCE = 2000


def in_groups(records: SyncRecordQuerySet, verb: Callable[[SyncRecordQuerySet], int]) -> tuple[int, bool]:
    """Call a verb on up to `AT_ONCE` records, oldest first. Answers how many it took, and whether there are more."""
    keys = list(records.order_by("pk").values_list("pk", flat=True)[: AT_ONCE + 1])
    now = keys[:AT_ONCE]
    groups = [now[start : start + GROUP] for start in range(0, len(now), GROUP)]
    return sum(verb(SyncRecord.objects.filter(pk__in=group)) for group in groups), len(keys) > AT_ONCE
