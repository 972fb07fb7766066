"""Settle: writes whose outcome is unknown are looked up in the target. It never writes there."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Line
from connections import exact_json, lifecycle
from connections.clients import Opened
from connections.errors import ConnectionBroken, VendorError
from connections.vendor import Found, Outgoing
from syncjobs.engine.outcomes import MAX_UNKNOWN, OUTCOME_FIELDS, backoff, release
from syncjobs.engine.plans import CompiledFlow, evaluate_all
from syncjobs.models import State, SyncRecord
from toolkit import bulk_sql as rows

BATCH = 100
# A clock of ours that is ahead of the vendor's must not hide the document from a search by time.
SKEW = timedelta(minutes=10)


def settle_batch(plan: CompiledFlow, access: Opened) -> Counter[str]:
    """Look up one batch of unknown outcomes whose time has come. Answers counts; empty if there were none.

    What is found is linked; what is not there is released for another try, but only after as many growing delays as
    the resource states, because a write may still be under way and searches lag.
    """
    lease = uuid.uuid4().hex
    records = _claim(plan, lease)
    if not records:
        return Counter()
    outgoing = _outgoing(plan, records)
    since = min(record.claimed_at or record.first_seen_at for record in records) - SKEW
    try:
        found = plan.target(access.client).find(outgoing, since)
    except VendorError as error:
        _look_later(records, lease, error)
        if isinstance(error, ConnectionBroken):
            lifecycle.stop(plan.flow.target, error)
            raise
        return Counter(later=len(records))
    access.take_exchanges()
    pairs = list(zip(records, outgoing, strict=True))
    try:
        return _store(plan, pairs, found, lease)
    except IntegrityError:  # two sources never share one target: the others must not suffer from one that would
        counts: Counter[str] = Counter()
        for pair in pairs:
            counts += _store_alone(plan, pair, found, lease)
        return counts


def _store(
    plan: CompiledFlow, pairs: Sequence[tuple[SyncRecord, Outgoing]], found: Mapping[str, Found], lease: str
) -> Counter[str]:
    with transaction.atomic():
        ours = SyncRecord.objects.select_for_update().filter(lease=lease, pk__in=[record.pk for record, _ in pairs])
        hashes = dict(ours.values_list("pk", "source_hash"))
        mine = [(record, out) for record, out in pairs if record.pk in hashes]
        lines = [
            _decide(plan, record, out, found.get(out.natural_key), hashes[record.pk] != record.claimed_hash)
            for record, out in mine
        ]
        rows.update(SyncRecord, [record for record, _ in mine], OUTCOME_FIELDS)
        trail.record_all(lines)
    return Counter(str(record.state) for record, _ in mine)


def _store_alone(
    plan: CompiledFlow, pair: tuple[SyncRecord, Outgoing], found: Mapping[str, Found], lease: str
) -> Counter[str]:
    record, out = SyncRecord.objects.get(pk=pair[0].pk), pair[1]  # as it was before the batch was tried
    try:
        return _store(plan, [(record, out)], found, lease)
    except IntegrityError:
        taken = found[out.natural_key].key
        record = SyncRecord.objects.get(pk=record.pk)
        release(record)
        record.state, record.error_class = State.ATTENTION, "Rejected"
        record.cause = f"The target document {taken} already belongs to another record of this flow."
        record.next_step = "Search for that key to see the other record; close one of the two."
        with transaction.atomic():
            if SyncRecord.objects.filter(pk=record.pk, lease=lease).exists():
                rows.update(SyncRecord, [record], OUTCOME_FIELDS)
                trail.record(
                    Action.ATTENTION, record, summary=record.cause, customer_id=plan.flow.integration.customer_id
                )
        return Counter(attention=1)


def _claim(plan: CompiledFlow, lease: str) -> list[SyncRecord]:
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    with transaction.atomic():
        due = SyncRecord.objects.filter(free, flow=plan.flow, state=State.UNKNOWN, due_at__lte=now)
        skip = connection.features.has_select_for_update_skip_locked
        records = list(due.select_for_update(skip_locked=skip, of=("self",)).order_by("due_at")[:BATCH])
        SyncRecord.objects.filter(pk__in=[record.pk for record in records]).update(
            lease=lease, lease_until=now + timedelta(seconds=settings.LEASE_SECONDS), lookups=F("lookups") + 1
        )
    for record in records:
        record.lookups += 1
    return records


def _outgoing(plan: CompiledFlow, records: Sequence[SyncRecord]) -> list[Outgoing]:
    """What was being written, as far as it can still be told: enough to search for it."""

    def question(record: SyncRecord) -> Any:
        if record.edited_body is not None:
            return lambda: record.edited_body
        about = {"key": record.source_key, "natural_key": record.natural_key, "sent": bool(record.target_key)}
        return lambda: plan.plan.map(record.source_body, **about) if record.source_body else {}

    payloads = evaluate_all(plan, [question(record) for record in records])
    return [
        Outgoing(
            record.natural_key,
            payload if isinstance(payload, dict) else record.sent_body or {},
            record.target_key or "",
            record.sent_body,
        )
        for record, payload in zip(records, payloads, strict=True)
    ]


def _decide(plan: CompiledFlow, record: SyncRecord, out: Outgoing, found: Found | None, newer: bool) -> Line:
    known_before = bool(record.target_key)
    lookups, unknown_count = record.lookups, record.unknown_count
    release(record)
    if found is None:
        summary = _not_there(plan, record, lookups, unknown_count, newer)
    elif not found.complete:
        record.state, record.due_at = State.DUE, timezone.now()
        summary = f"Found {found.key} there, begun but not finished: it is resumed."
    elif known_before and plan.target.upsert:
        record.state, record.due_at = State.DUE, timezone.now()
        summary = f"{found.key} is there as before; the change is sent again, which cannot double it."
    else:
        _link(plan, record, out, found, newer)
        summary = f"Found {found.key} there: the write had been done."
    proof = {"found": found.key if found else None, "look": lookups, "state": record.state}
    return Line(
        action=Action.SETTLED.value,
        actor="settle",
        subject_type="syncrecord",
        subject_id=record.pk,
        subject=str(record),
        customer_id=plan.flow.integration.customer_id,
        summary=summary,
        data=proof,
    )


def _not_there(plan: CompiledFlow, record: SyncRecord, lookups: int, unknown_count: int, newer: bool) -> str:
    now = timezone.now()
    delays = plan.target.settle_delays
    # Sending the same again to a true upsert does no harm; a newer version must not be overtaken by the lost one.
    if lookups < len(delays) and (newer or not plan.target.upsert):
        record.state, record.due_at = State.UNKNOWN, now + timedelta(seconds=delays[lookups])
        record.in_flight = record.target_lock
        record.cause = f"Not found in the target at look {lookups} of {len(delays)}; it may still be under way there."
        return record.cause
    if unknown_count >= MAX_UNKNOWN:
        record.state = State.ATTENTION
        record.error_class = "OutcomeUnknown"
        record.cause = (
            f"{unknown_count} tries in a row ended without a trustworthy answer, and it is not in the target."
        )
        record.next_step = "Look at the target's own log for the reason, then replay or close it."
        return record.cause
    record.state, record.due_at = State.DUE, now
    return f"Not there after {lookups} looks: it is sent again."


def _link(plan: CompiledFlow, record: SyncRecord, out: Outgoing, found: Found, newer: bool) -> None:
    record.target_key, record.target_url = found.key, found.url or record.target_url
    record.unknown_count = record.lookups = record.attempts = 0
    record.synced_at = timezone.now()
    record.answer_body = found.proof
    if newer:
        record.state, record.due_at, record.sent_hash = State.DUE, timezone.now(), ""
        return
    record.state = State.SYNCED
    record.sent_body, record.sent_hash = out.payload, exact_json.digest(out.payload)
    record.mapping_version = plan.version
    record.edited_body = None


def _look_later(records: Sequence[SyncRecord], lease: str, error: VendorError) -> None:
    """The search itself failed: that is no look."""
    mine = SyncRecord.objects.filter(lease=lease, pk__in=[record.pk for record in records])
    wait = getattr(error, "retry_after", None)
    at = timezone.now() + (timedelta(seconds=wait) if wait is not None else backoff(1))
    mine.update(lease="", lease_until=None, lookups=F("lookups") - 1, due_at=at, cause=f"Looking it up failed: {error}")
