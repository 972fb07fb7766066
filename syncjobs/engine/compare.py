"""Flows that compare instead of writing: what people changed over there, against what we sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connections.errors import Locked
from connections.vendor import Body, Outcome, Refused, Unchanged
from syncjobs.engine.compiled import CompiledFlow, Subject, Unmapped, map_batch
from syncjobs.engine.differences import difference
from syncjobs.models import SyncRecord


def outcomes(compiled: CompiledFlow, records: Sequence[SyncRecord], theirs: Sequence[Body]) -> list[Outcome]:
    """One outcome per record: nothing to do, or a conflict that holds the differences.

    The flow's rows are evaluated on both sides: on the document as it is there now, and on what we sent.
    """
    keys = [record.natural_key for record in records]
    sent = SyncRecord.objects.filter(
        flow__integration=compiled.flow.integration_id, flow__slug=compiled.spec.compares, natural_key__in=keys
    )
    bodies: dict[str, Any] = dict(sent.values_list("natural_key", "sent_body"))
    kept = [record for record in records if bodies.get(record.natural_key) is not None]
    subjects = [Subject(bodies[record.natural_key], record.source_key, record.natural_key) for record in kept]
    ours = dict(zip((record.pk for record in kept), map_batch(compiled, subjects), strict=True))
    return [_outcome(record, ours.get(record.pk), body) for record, body in zip(records, theirs, strict=True)]


def _outcome(record: SyncRecord, ours: Body | Unmapped | None, theirs: Body) -> Outcome:
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
