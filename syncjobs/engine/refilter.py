"""Refilter: after a filter was changed, records it had left out are asked again."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Sequence

from django.db import transaction

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from syncjobs import dispatch
from syncjobs.engine.collect import decide
from syncjobs.engine.compiled import CompiledFlow, Subject, compile_flow, filter_batch
from syncjobs.engine.transitions import DECISION_FIELDS
from syncjobs.models import Flow, State, SyncRecord
from toolkit import bulk_sql

CHUNK = 500


def refilter(flow: Flow, actor: Actor, *, deadline: float | None = None) -> Counter[str]:
    """Ask the filter again about every record that was left out and still has its source document.

    Newest first, in transactions of 500; stops at the deadline (`time.monotonic()`) and then counts `left` as 1.
    Calling it again changes nothing that is decided already. Raises `MappingError` if the flow does not compile.
    """
    compiled = compile_flow(flow)
    group = uuid.uuid4()
    counts: Counter[str] = Counter()
    before: int | None = None
    while True:
        keys = _next_keys(flow, before)
        if not keys:
            break
        if deadline is not None and time.monotonic() > deadline:
            counts["left"] = 1
            break
        counts += _ask_again(compiled, keys, actor, group)
        before = keys[-1]
    if counts["due"]:
        dispatch.enqueue_flow(flow.pk)
    return counts


def _next_keys(flow: Flow, before: int | None) -> list[int]:
    left_out = SyncRecord.objects.filter(flow=flow, state=State.SKIPPED, source_body__isnull=False)
    if before is not None:
        left_out = left_out.filter(pk__lt=before)
    return list(left_out.order_by("-pk").values_list("pk", flat=True)[:CHUNK])


def _ask_again(compiled: CompiledFlow, keys: Sequence[int], actor: Actor, group: uuid.UUID) -> Counter[str]:
    with transaction.atomic():
        left_out = SyncRecord.objects.select_for_update().filter(pk__in=keys, state=State.SKIPPED)
        records = list(left_out.defer("sent_body", "answer_body", "edited_body").order_by("pk"))
        verdicts = filter_batch(compiled, [Subject.of(record, record.source_body) for record in records])
        for record, passes in zip(records, verdicts, strict=True):
            decide(compiled, record, passes)
        moved = [record for record in records if record.state != State.SKIPPED]
        bulk_sql.update(SyncRecord, records, DECISION_FIELDS)
        trail.record_all(
            trail.entry(
                Action.ATTENTION if record.state == State.ATTENTION else Action.CHANGED,
                record,
                actor=actor,
                customer_id=compiled.flow.integration.customer_id,
                summary=record.cause or "The filter was changed and lets it pass now.",
                group=group,
            )
            for record in moved
        )
    return Counter(looked_at=len(records)) + Counter(str(record.state) for record in moved)
