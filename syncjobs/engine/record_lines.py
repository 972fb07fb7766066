"""Lines of the trail about records, without the cost of a model. One of them is made for each step of each record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.actions import Action
from audit.trail import Line
from syncjobs.engine.compiled import CompiledFlow
from syncjobs.models import SyncRecord


def record_line(
    compiled: CompiledFlow,
    record: SyncRecord,
    action: Action,
    actor: str,
    at: datetime,
    data: Mapping[str, Any],
    summary: str = "",
) -> Line:
    """What `actor`, a verb of the engine, did to a stored record; `data` holds nothing that must be redacted."""
    return Line(
        action=action.value,
        actor=actor,
        subject_type="syncrecord",
        subject_id=record.pk,
        subject=str(record),
        customer_id=compiled.flow.integration.customer_id,
        summary=summary,
        data=data,
        at=at,
    )
