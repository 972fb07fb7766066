"""Flows that compare instead of writing: what people changed over there, against what we sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connections.errors import Locked
from connections.vendor import Body, Outcome, Refused, Unchanged
from syncjobs.engine.outcomes import difference
from syncjobs.engine.plans import FlowPlan
from syncjobs.mapping import MappingError
from syncjobs.models import SyncRecord


def outcomes(plan: FlowPlan, records: Sequence[SyncRecord], theirs: Sequence[Body]) -> list[Outcome]:
    """One outcome per record: nothing to do, or a conflict that holds the differences.

    The flow's rows are evaluated on both sides: on the document as it is there now, and on what we sent.
    """
    keys = [record.natural_key for record in records]
    sent = SyncRecord.objects.filter(
        flow__integration=plan.flow.integration_id, flow__slug=plan.spec.compares, natural_key__in=keys
    )
    bodies: dict[str, Any] = dict(sent.values_list("natural_key", "sent_body"))
    return [
        _outcome(plan, record, body, bodies.get(record.natural_key))
        for record, body in zip(records, theirs, strict=True)
    ]


def _outcome(plan: FlowPlan, record: SyncRecord, theirs: Body, sent: Body | None) -> Outcome:
    if sent is None:
        return Unchanged(record.source_key, note="What was sent is not kept, so there is nothing to compare with.")
    try:
        ours: dict[str, Any] = plan.plan.map(sent, key=record.source_key, natural_key=record.natural_key)
    except MappingError as error:
        return Unchanged(record.source_key, note=f"What was sent cannot be compared: {error}")
    differences = difference(ours, theirs)
    if not differences:
        return Unchanged(record.source_key, note="It still says what was sent.")
    return Refused(
        Locked(
            f"Somebody changed it there: {', '.join(sorted(differences))}.",
            next_step="Make the same change in the other system, or undo it here; then replay, or close with a reason.",
            current={
                "differences": {path: f"{there!r} instead of {here!r}" for path, (here, there) in differences.items()}
            },
        )
    )
