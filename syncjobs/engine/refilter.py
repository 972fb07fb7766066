"""Refilter: after a filter was changed, records it had left out are asked again."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from syncjobs import dispatch
from syncjobs.engine.collect import decide
from syncjobs.engine.plans import CompiledFlow, evaluate_all, prepare
from syncjobs.mapping.expressions import MappingError
from syncjobs.mapping.functions import LinkMissing
from syncjobs.models import Flow, State, SyncRecord
from toolkit import bulk_sql as rows

CHUNK = 500
DECIDED = [
    "state", "due_at", "attempts", "cause", "next_step", "error_class", "details", "waits_for", "waits_flow",
    "waits_key",
]  # fmt: skip


def refilter(flow: Flow, actor: Actor, *, deadline: float | None = None) -> Counter[str]:
    """Ask the filter again about every record that was left out and still has its source document.

    Newest first, in transactions of 500; stops at the deadline (`time.monotonic()`) and then counts `left` as 1.
    Calling it again changes nothing that is decided already. Raises `MappingError` if the flow does not compile.
    """
    plan = prepare(flow)
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
        counts += _ask_again(plan, keys, actor, group)
        before = keys[-1]
    if counts["due"]:
        dispatch.enqueue_flow(flow.pk)
    return counts


def _next_keys(flow: Flow, before: int | None) -> list[int]:
    left_out = SyncRecord.objects.filter(flow=flow, state=State.SKIPPED, source_body__isnull=False)
    if before is not None:
        left_out = left_out.filter(pk__lt=before)
    return list(left_out.order_by("-pk").values_list("pk", flat=True)[:CHUNK])


def _ask_again(plan: CompiledFlow, keys: Sequence[int], actor: Actor, group: uuid.UUID) -> Counter[str]:
    with transaction.atomic():
        left_out = SyncRecord.objects.select_for_update().filter(pk__in=keys, state=State.SKIPPED)
        records = list(left_out.defer("sent_body", "answer_body", "edited_body").order_by("pk"))
        answers = evaluate_all(plan, [_question(plan, record) for record in records])
        moved = []
        for record, answer in zip(records, answers, strict=True):
            decide(plan, record, answer is True, _as_mapping(answer))
            if record.state != State.SKIPPED:
                moved.append(record)
        rows.update(SyncRecord, records, DECIDED)
        trail.record_all(
            trail.entry(
                Action.ATTENTION if record.state == State.ATTENTION else Action.CHANGED,
                record,
                actor=actor,
                customer_id=plan.flow.integration.customer_id,
                summary=record.cause or "The filter was changed and lets it pass now.",
                group=group,
            )
            for record in moved
        )
    return Counter(looked_at=len(records)) + Counter(str(record.state) for record in moved)


def _as_mapping(answer: object) -> MappingError | None:
    if isinstance(answer, LinkMissing):
        return MappingError(f"It needs the record {answer}, which is not there.")
    return answer if isinstance(answer, MappingError) else None


def _question(plan: CompiledFlow, record: SyncRecord) -> Any:
    about = {"key": record.source_key, "natural_key": record.natural_key, "sent": bool(record.target_key)}
    expression = plan.filter
    if expression is None:
        return lambda: True
    return lambda: bool(plan.plan.evaluate(expression, record.source_body, **about))
