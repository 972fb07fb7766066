"""Flows that compare instead of writing: what people changed over there, against what we sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connections.errors import Locked
from connections.vendor import Body, Outcome, Refused, Unchanged
from syncjobs.engine.outcomes import difference
from syncjobs.engine.plans import CompiledFlow, evaluate_all
from syncjobs.mapping.expressions import MappingError
from syncjobs.mapping.functions import LinkMissing
from syncjobs.models import SyncRecord


def outcomes(plan: CompiledFlow, records: Sequence[SyncRecord], theirs: Sequence[Body]) -> list[Outcome]:
    """One outcome per record: nothing to do, or a conflict that holds the differences.

    The flow's rows are evaluated on both sides: on the document as it is there now, and on what we sent.
    """
    keys = [record.natural_key for record in records]
    sent = SyncRecord.objects.filter(
        flow__integration=plan.flow.integration_id, flow__slug=plan.spec.compares, natural_key__in=keys
    )
    bodies: dict[str, Any] = dict(sent.values_list("natural_key", "sent_body"))

    def question(record: SyncRecord) -> Any:
        about = {"key": record.source_key, "natural_key": record.natural_key}
        body = bodies.get(record.natural_key)
        return lambda: plan.plan.map(body, **about) if body is not None else None

    ours = evaluate_all(plan, [question(record) for record in records])
    return [_outcome(record, mine, body) for record, mine, body in zip(records, ours, theirs, strict=True)]


def _outcome(record: SyncRecord, ours: Body | MappingError | LinkMissing | None, theirs: Body) -> Outcome:
    if ours is None:
        return Unchanged(record.source_key, note="What was sent is not kept, so there is nothing to compare with.")
    if isinstance(ours, Exception):
        return Unchanged(record.source_key, note=f"What was sent cannot be compared: {ours}")
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
