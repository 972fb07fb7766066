"""What people do to records: replay, edit and replay, close, reopen. Each leaves one entry per record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from connections.vendor import Body
from syncjobs import dispatch
from syncjobs.engine import transitions
from syncjobs.engine.differences import difference
from syncjobs.models import IN_FLIGHT, State, SyncRecord, SyncRecordQuerySet

# A write may be under way for these: they cannot be touched until its outcome is known.
UNTOUCHABLE = IN_FLIGHT


def replay_records(records: SyncRecordQuerySet, actor: Actor) -> int:
    """Make records due again and read their sources anew; returns how many. Closed ones are reopened by it.

    Records being sent, or whose outcome is unknown, are left alone. Replaying twice delivers once: what the target
    already has is not written again.
    """
    with transaction.atomic():
        rows = list(_touchable(records).exclude(state=State.DUE))
        _make_due(rows, Action.REPLAYED, actor, clear_edit=True)
        # Without its body a record must take whatever is read again for news, even if nothing has changed.
        SyncRecord.objects.filter(pk__in=[row.pk for row in rows], source_body=None).update(source_hash="")
    for row in rows:
        dispatch.enqueue("reread", row.flow_id, row.pk)
        dispatch.enqueue_flow(row.flow_id)
    return len(rows)


def edit_and_replay(record: SyncRecord, payload: Body, actor: Actor) -> bool:
    """Send this payload instead of the mapped one, once. The trail keeps which fields were changed, not to what.

    Returns False if a write of the record is under way.
    """
    with transaction.atomic():
        rows = list(_touchable(SyncRecord.objects.filter(pk=record.pk)))
        if not rows:
            return False
        row = rows[0]
        changed = sorted(difference(row.sent_body or {}, payload))
        row.edited_body = payload
        SyncRecord.objects.filter(pk=row.pk).update(edited_body=payload)
        summary = f"Fields sent differently: {', '.join(changed) or 'none'}."
        _make_due([row], Action.EDITED, actor, summary=summary)
    dispatch.enqueue_flow(row.flow_id)
    return True


def close_records(records: SyncRecordQuerySet, reason: str, actor: Actor) -> int:
    """A person decides that nothing more is to be done; returns how many were closed. Raises `ValueError` without a reason."""
    if not reason.strip():
        raise ValueError("Closing needs a reason.")
    with transaction.atomic():
        rows = list(_touchable(records).exclude(state=State.CLOSED))
        keys = [row.pk for row in rows]
        transitions.closed(SyncRecord.objects.filter(pk__in=keys), f"Closed by {actor.name}: {reason.strip()}")
        _record(rows, Action.CLOSED, actor, reason.strip())
    return len(rows)


def reopen_records(records: SyncRecordQuerySet, actor: Actor) -> int:
    """Undo closing: the records are due again. Returns how many."""
    with transaction.atomic():
        rows = list(_touchable(records).filter(state=State.CLOSED))
        _make_due(rows, Action.REOPENED, actor)
    for row in rows:
        dispatch.enqueue_flow(row.flow_id)
    return len(rows)


def _touchable(records: SyncRecordQuerySet) -> SyncRecordQuerySet:
    return records.select_for_update(of=("self",)).select_related("flow__integration").exclude(state__in=UNTOUCHABLE)


def _make_due(
    rows: Sequence[SyncRecord], action: Action, actor: Actor, *, summary: str = "", clear_edit: bool = False
) -> None:
    fresh = {"edited_body": None} if clear_edit else {}
    transitions.replayed(SyncRecord.objects.filter(pk__in=[row.pk for row in rows]), **fresh)
    _record(rows, action, actor, summary)


def _record(rows: Sequence[SyncRecord], action: Action, actor: Actor, summary: str) -> None:
    group = uuid.uuid4()
    trail.record_all(
        trail.entry(
            action,
            row,
            actor=actor,
            summary=summary,
            data={"from": row.state},
            customer_id=row.flow.integration.customer_id,
            group=group,
        )
        for row in rows
    )
