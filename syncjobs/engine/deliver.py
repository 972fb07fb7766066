"""Deliver: due records go to their target, in batches, each with a claim stored before and an outcome after."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Line
from connections import exact_json
from connections.clients import Opened
from connections.errors import ConnectionBroken, OutcomeUnknown, Rejected, Surprise, TryLater, VendorError
from connections.vendor import Body, Exchange, Outcome, Outgoing, Refused, Resource
from syncjobs import dispatch
from syncjobs.engine import compare, transitions
from syncjobs.engine.collect import Batch, decide
from syncjobs.engine.compiled import CompiledFlow, Subject, filter_batch, map_batch
from syncjobs.engine.differences import for_trail
from syncjobs.engine.record_lines import record_line
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import State, SyncRecord
from toolkit import bulk_sql, leases
from toolkit.lookup_sql import rows_by

log = logging.getLogger(__name__)

COMPARED_AT_ONCE = 100
CALLS_IN_TRAIL = 3
# What every outcome writes anew, or what delivering never looks at: reading it costs as much as all the rest.
NOT_NEEDED = [
    "answer_body", "triggers", "first_seen_at", "changed_at", "source_status", "source_version", "lease",
    "lease_until", "in_flight", "claimed_at", "source_body", *transitions.REASON_FIELDS,
]  # fmt: skip


@dataclass
class Delivery:
    """One claimed record on its way: what is sent for it, what the target said, and what became of it."""

    record: SyncRecord
    payload: Body | None = None
    outcome: Outcome | None = None
    action: Action | None = None

    def outgoing(self) -> Outgoing:
        record = self.record
        return Outgoing(record.natural_key, self.payload or {}, record.target_key or "", record.sent_body)


@dataclass(frozen=True)
class ReadyBatch:
    """A batch made ready: some of it needs a write, the rest has its outcome already."""

    batch: Batch
    deliveries: Sequence[Delivery]

    @property
    def to_write(self) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.action is None]


def deliver_batch(compiled: CompiledFlow, access: Opened) -> Counter[str]:
    """Claim one batch of due records of a flow, write it, store each outcome. Returns counts; empty if none was due.

    Killed at any line, the claims stay as `sending` until their lease runs out, and are looked up then.
    """
    batch = claim(compiled)
    return deliver(batch, access) if batch else Counter()


def deliver(batch: Batch, access: Opened) -> Counter[str]:
    """Write what is claimed, and store each outcome. Raises `ConnectionBroken` after that."""
    ready = make_ready(batch)
    broken = write(ready, access)
    counts = store_outcomes(ready, access.take_exchanges())
    if broken:
        raise broken
    return counts


# The claim


def claim(compiled: CompiledFlow) -> Batch | None:
    """Claim the next batch of due records; None if there is none, or another flow writes to one of its targets."""
    now, lease = timezone.now(), leases.new_token()
    until = leases.ends(now)
    try:
        with transaction.atomic():
            records = _claimable(compiled)
            if not records:
                return None
            _give_bodies(records)
            rows = SyncRecord.objects.filter(pk__in=[record.pk for record in records])
            transitions.claim_all(rows, lease, until, now)
            for record in records:
                record.attempts += 1
    except IntegrityError:  # another flow began to write one of these target documents just now
        return None
    return Batch(compiled, records, lease, until)


def _claimable(compiled: CompiledFlow) -> list[SyncRecord]:
    """The next batch: smaller after unknown outcomes, so that one bad record cannot keep the others in doubt."""
    skip_locked = connection.features.has_select_for_update_skip_locked
    due = SyncRecord.objects.due(timezone.now()).filter(flow=compiled.flow).order_by("due_at", "pk")
    size = COMPARED_AT_ONCE if compiled.spec.compares else compiled.target.batch_size
    records = list(due.select_for_update(skip_locked=skip_locked, of=("self",)).defer(*NOT_NEEDED)[:size])
    if not records:
        return []
    unknown = records[0].unknown_count
    alike = [record for record in records if record.unknown_count == unknown][: max(1, size >> (3 * unknown))]
    first_of_each = {record.target_lock: record for record in reversed(alike)}
    return list(reversed(first_of_each.values()))


def _give_bodies(records: Sequence[SyncRecord]) -> None:
    stored = SyncRecord.objects.filter(pk__in=[record.pk for record in records]).only("source_body")
    bodies = {record.pk: record.source_body for record in stored}
    for record in records:
        record.source_body = bodies[record.pk]


# Making ready


def make_ready(batch: Batch) -> ReadyBatch:
    """Map the documents of a batch; what cannot be mapped, or need not be sent, has its outcome at once."""
    deliveries = [Delivery(record) for record in batch.records]
    _use_documents_at_hand(batch)
    _check_filter_again(batch.compiled, deliveries)
    _map(batch.compiled, deliveries)
    _leave_out_unchanged(batch.compiled, deliveries)
    return ReadyBatch(batch, deliveries)


def _use_documents_at_hand(batch: Batch) -> None:
    for record in batch.records:
        incoming = batch.at_hand.get(record.source_key)
        if incoming:
            record.source_body = incoming.document.body


def _check_filter_again(compiled: CompiledFlow, deliveries: Sequence[Delivery]) -> None:
    """Records whose source changed while an earlier write was in doubt have not met the filter since."""
    changed = [d for d in deliveries if d.record.claimed_hash not in ("", d.record.source_hash)]
    if changed and compiled.filter is not None:
        subjects = [Subject.of(delivery.record, delivery.record.source_body or {}) for delivery in changed]
        for delivery, passes in zip(changed, filter_batch(compiled, subjects), strict=True):
            if passes is False:
                transitions.claim_given_back(delivery.record)
                decide(compiled, delivery.record, passes)
                delivery.action = Action.SKIPPED
    for delivery in deliveries:
        delivery.record.claimed_hash = delivery.record.source_hash


def _map(compiled: CompiledFlow, deliveries: Sequence[Delivery]) -> None:
    todo = []
    for delivery in deliveries:
        record = delivery.record
        if delivery.action is not None:
            continue
        if record.edited_body is not None:
            delivery.payload = record.edited_body
        elif record.source_body is None:
            gone = MappingError("Its source document is not kept any more; replay reads it again.")
            delivery.action = transitions.refused(record, gone)
        else:
            todo.append(delivery)
    payloads = map_batch(compiled, [Subject.of(delivery.record, delivery.record.source_body) for delivery in todo])
    for delivery, payload in zip(todo, payloads, strict=True):
        if isinstance(payload, Exception):
            delivery.action = transitions.refused(delivery.record, payload)
        else:
            delivery.payload = payload


def _leave_out_unchanged(compiled: CompiledFlow, deliveries: Sequence[Delivery]) -> None:
    """What was sent last time needs no second write, unless another flow has written the same document since."""
    if compiled.spec.compares:
        return
    same = {delivery.record.target_lock: delivery for delivery in deliveries if _is_as_sent(delivery)}
    if not same:
        return
    siblings = SyncRecord.objects.filter(target_lock__in=same, synced_at__isnull=False).exclude(flow=compiled.flow)
    for lock, at in siblings.values_list("target_lock", "synced_at"):
        delivery = same.get(lock)
        if delivery and (delivery.record.synced_at is None or (at and at > delivery.record.synced_at)):
            del same[lock]
    for delivery in same.values():
        transitions.same_as_sent(delivery.record)
        delivery.action = Action.UNCHANGED


def _is_as_sent(delivery: Delivery) -> bool:
    record = delivery.record
    return bool(
        delivery.action is None
        and record.target_key
        and record.edited_body is None
        and record.sent_hash
        and record.sent_hash == exact_json.digest(delivery.payload)
    )


# The write


def write(ready: ReadyBatch, access: Opened) -> ConnectionBroken | None:
    """Write, and give every delivery an outcome. Touches no record in the database. Returns what broke the connection."""
    compiled, deliveries = ready.batch.compiled, ready.to_write
    if not deliveries:
        return None
    if timezone.now() >= ready.batch.until:
        _refuse_all(deliveries, TryLater("Its worker was held up for too long, so it was not sent."))
        return None
    if compiled.spec.compares:
        records, theirs = [d.record for d in deliveries], [d.payload or {} for d in deliveries]
        _give(deliveries, compare.outcomes(compiled, records, theirs))
        return None
    return _write(deliveries, compiled.target(access.client))


def _write(deliveries: Sequence[Delivery], resource: Resource) -> ConnectionBroken | None:
    """A refusal of the whole call is narrowed down to the guilty ones."""
    try:
        _give(deliveries, resource.write([delivery.outgoing() for delivery in deliveries]))
    except Rejected as error:
        if len(deliveries) == 1:
            deliveries[0].outcome = Refused(error)
            return None
        middle = len(deliveries) // 2
        broken = _write(deliveries[:middle], resource)
        if broken:
            _refuse_all(deliveries[middle:], broken)
            return broken
        return _write(deliveries[middle:], resource)
    except VendorError as error:
        _refuse_all(deliveries, _in_doubt(error) if isinstance(error, Surprise) else error)
    except Exception as error:
        log.exception("Writing to %s failed", resource.slug)
        _refuse_all(deliveries, _in_doubt(error))
    errors = (delivery.outcome.error for delivery in deliveries if isinstance(delivery.outcome, Refused))
    return next((error for error in errors if isinstance(error, ConnectionBroken)), None)


def _give(deliveries: Sequence[Delivery], outcomes: Sequence[Outcome]) -> None:
    for delivery, outcome in zip(deliveries, outcomes, strict=True):
        delivery.outcome = outcome


def _refuse_all(deliveries: Sequence[Delivery], error: VendorError) -> None:
    for delivery in deliveries:
        delivery.outcome = delivery.outcome or Refused(error)


def _in_doubt(error: Exception) -> OutcomeUnknown:
    """An answer that we do not understand is no proof that nothing was written."""
    words = (
        str(error) if isinstance(error, VendorError) else f"Our own code failed while writing ({type(error).__name__})."
    )
    return OutcomeUnknown(words, next_step="It is looked up in the target before anything is sent again.")


# The outcomes


def store_outcomes(ready: ReadyBatch, exchanges: Sequence[Exchange]) -> Counter[str]:
    """Turn outcomes into states and store them, with the calls that led to them in the trail.

    Records whose claim was taken over meanwhile are left alone.
    """
    compiled, deliveries = ready.batch.compiled, ready.deliveries
    delay = compiled.target.settle_delays[0]
    for delivery in deliveries:
        if delivery.action is None:
            outcome = delivery.outcome or Refused(OutcomeUnknown("The target named no outcome for it."))
            delivery.action = transitions.outcome_came(
                delivery.record, outcome, delivery.payload or {}, compiled.version, delay
            )
    calls = [asdict(exchange) for exchange in exchanges[-CALLS_IN_TRAIL:]]
    try:
        with transaction.atomic():
            stored = _store(ready, deliveries, calls)
    except IntegrityError:
        stored = [d for delivery in deliveries for d in _store_alone(ready, delivery, calls)]
    return Counter(str(delivery.record.state) for delivery in stored)


def _store(ready: ReadyBatch, deliveries: Sequence[Delivery], calls: Sequence[dict[str, Any]]) -> list[Delivery]:
    """Store outcomes of the records that are still ours, in one statement; returns those."""
    compiled = ready.batch.compiled
    keys = [delivery.record.pk for delivery in deliveries]
    held = rows_by(SyncRecord, ("id", "source_hash"), "id", keys, lease=ready.batch.lease)
    hashes: dict[int, str] = dict(held)
    ours = [delivery for delivery in deliveries if delivery.record.pk in hashes]
    for delivery in ours:
        if hashes[delivery.record.pk] != delivery.record.claimed_hash:
            transitions.source_changed_meanwhile(delivery.record)
    records = [delivery.record for delivery in ours]
    bulk_sql.update(SyncRecord, records, transitions.OUTCOME_FIELDS)
    now = timezone.now()
    trail.record_all(_entry(compiled, delivery, calls, now) for delivery in ours)
    _wake_waiting(compiled, [record for record in records if record.state == State.SYNCED])
    _fetch_missing(compiled, records)
    return ours


def _store_alone(ready: ReadyBatch, delivery: Delivery, calls: Sequence[dict[str, Any]]) -> list[Delivery]:
    """One record by itself, after its batch hit a constraint."""
    try:
        with transaction.atomic():
            return _store(ready, [delivery], calls)
    except IntegrityError:
        delivery.action = transitions.target_belongs_to_another(delivery.record, delivery.record.target_key or "")
        with transaction.atomic():
            return _store(ready, [delivery], calls)


def _wake_waiting(compiled: CompiledFlow, synced: Sequence[SyncRecord]) -> None:
    if synced:
        transitions.wake(
            SyncRecord.objects.filter(
                flow__integration=compiled.flow.integration_id,
                waits_flow=compiled.spec.slug,
                waits_key__in=[record.source_key for record in synced],
            )
        )


def _fetch_missing(compiled: CompiledFlow, records: Sequence[SyncRecord]) -> None:
    """What others wait for is fetched now, rather than at its flow's next turn."""
    for record in records:
        if record.state == State.WAITING and record.waits_key:
            dispatch.enqueue_fetch(compiled.flow.integration_id, record.waits_flow, record.waits_key)


def _entry(compiled: CompiledFlow, delivery: Delivery, calls: Sequence[dict[str, Any]], now: datetime) -> Line:
    record = delivery.record
    data: dict[str, Any] = {
        "target": record.target_key,
        "attempt": record.attempts,
        "mapping": compiled.version,
        "calls": calls,
    }
    if delivery.action is Action.SYNCED:
        data["hash"] = record.sent_hash
    elif record.details:
        data["details"] = for_trail(record.details)
    action = delivery.action or Action.UNKNOWN
    return record_line(compiled, record, action, "deliver", now, data, record.cause)
