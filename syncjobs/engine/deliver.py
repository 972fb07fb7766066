"""Deliver: due records go to their target, in batches, each with a claim stored before and an outcome after."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Line
from connections import exact_json, lifecycle
from connections.clients import Opened
from connections.errors import ConnectionBroken, OutcomeUnknown, Rejected, Surprise, VendorError
from connections.vendor import Body, Outcome, Outgoing, Refused, Resource
from syncjobs import dispatch
from syncjobs.engine import compare
from syncjobs.engine.claims import Claims
from syncjobs.engine.collect import decide
from syncjobs.engine.outcomes import OUTCOME_FIELDS, apply, for_trail, refuse, release
from syncjobs.engine.plans import CompiledFlow, evaluate_all
from syncjobs.mapping.expressions import MappingError
from syncjobs.mapping.functions import LinkMissing
from syncjobs.models import State, SyncRecord
from toolkit import bulk_sql as rows

log = logging.getLogger(__name__)

# What every outcome writes anew, or what delivering never looks at: reading it costs as much as all the rest.
NOT_NEEDED = [
    "answer_body", "triggers", "details", "first_seen_at", "changed_at", "source_status", "source_version",
    "error_class", "cause", "next_step", "waits_for", "waits_flow", "waits_key", "lease", "lease_until", "in_flight",
    "claimed_at", "source_body",
]  # fmt: skip


@dataclass
class Delivery:
    """One claimed record on its way."""

    record: SyncRecord
    payload: Body | None = None
    outcome: Outcome | None = None
    action: Action | None = None

    def outgoing(self) -> Outgoing:
        record = self.record
        return Outgoing(record.natural_key, self.payload or {}, record.target_key or "", record.sent_body)


def deliver_batch(plan: CompiledFlow, access: Opened) -> Counter[str]:
    """Claim one batch of due records of a flow, write it, store each outcome. Answers counts; empty if none was due.

    Killed at any line, the claims stay as `sending` until their lease runs out, and are looked up then.
    """
    lease = uuid.uuid4().hex
    deliveries = _claim(plan, lease)
    return _deliver(plan, deliveries, lease, access) if deliveries else Counter()


def deliver_claimed(plan: CompiledFlow, claims: Claims, access: Opened) -> Counter[str]:
    """Write what was claimed when it was stored, and store each outcome, as `deliver_batch` does."""
    records = claims.taken.pop(plan.flow.pk, [])
    _give_bodies(plan, records)
    return _deliver(plan, [Delivery(record) for record in records], claims.lease, access) if records else Counter()


def _deliver(plan: CompiledFlow, deliveries: Sequence[Delivery], lease: str, access: Opened) -> Counter[str]:
    _map(plan, deliveries)
    _leave_out_unchanged(plan, deliveries)
    ready = [delivery for delivery in deliveries if delivery.action is None]
    broken = _write(plan, ready, plan.target(access.client)) if ready else None
    counts = _finish(plan, deliveries, lease, access)
    if broken:
        lifecycle.stop(plan.flow.target, broken)
        raise broken
    return counts


def _claim(plan: CompiledFlow, lease: str) -> list[Delivery]:
    now = timezone.now()
    try:
        with transaction.atomic():
            records = _claimable(plan)
            _give_bodies(plan, records)
            SyncRecord.objects.filter(pk__in=[record.pk for record in records]).update(
                state=State.SENDING,
                in_flight=F("target_lock"),
                due_at=None,
                lease=lease,
                lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
                attempts=F("attempts") + 1,
                claimed_at=now,
                claimed_hash=F("source_hash"),
            )
    except IntegrityError:  # another flow began to write one of these target documents just now
        return []
    deliveries = [Delivery(record) for record in records]
    for record in records:
        record.attempts += 1
    _check_filter_again(
        plan, [one for one in deliveries if one.record.claimed_hash not in ("", one.record.source_hash)]
    )
    for record in records:
        record.claimed_hash = record.source_hash
    return deliveries


def _claimable(plan: CompiledFlow) -> list[SyncRecord]:
    """The next batch: smaller after unknown outcomes, so that one bad record cannot keep the others in doubt."""
    waiting_turn = connection.features.has_select_for_update_skip_locked
    due = SyncRecord.objects.due(timezone.now()).filter(flow=plan.flow).order_by("due_at", "pk")
    size = 100 if plan.spec.compares else plan.target.batch_size
    found = list(due.select_for_update(skip_locked=waiting_turn, of=("self",)).defer(*NOT_NEEDED)[:size])
    if not found:
        return []
    unknown_count = found[0].unknown_count
    alike = [record for record in found if record.unknown_count == unknown_count][: max(1, size >> (3 * unknown_count))]
    one_each = {record.target_lock: record for record in reversed(alike)}
    return list(reversed(one_each.values()))


def _give_bodies(plan: CompiledFlow, records: Sequence[SyncRecord]) -> None:
    """Their source documents: those that this worker has just stored are still at hand, the others are read."""
    bodies: dict[int, Body | None] = {
        record.pk: seen.document.body
        for record in records
        if (seen := plan.fresh.get(record.source_key)) and seen.text.digest == record.source_hash
    }
    elsewhere = [record.pk for record in records if record.pk not in bodies]
    if elsewhere:
        stored = SyncRecord.objects.filter(pk__in=elsewhere).only("source_body")
        bodies |= {record.pk: record.source_body for record in stored}
    for record in records:
        record.source_body = bodies[record.pk]


def _check_filter_again(plan: CompiledFlow, deliveries: Sequence[Delivery]) -> None:
    """Records whose source changed while an earlier write was in doubt have not met the filter since."""
    if not deliveries or plan.filter is None:
        return

    def question(record: SyncRecord) -> Any:
        about = {"key": record.source_key, "natural_key": record.natural_key, "sent": bool(record.target_key)}
        return lambda: bool(plan.plan.evaluate(plan.filter, record.source_body, **about))  # type: ignore[arg-type]

    for delivery, passes in zip(
        deliveries, evaluate_all(plan, [question(one.record) for one in deliveries]), strict=True
    ):
        if passes is False:
            release(delivery.record)
            decide(plan, delivery.record, passes=False)
            delivery.action = Action.SKIPPED


def _map(plan: CompiledFlow, deliveries: Sequence[Delivery]) -> None:
    todo = [one for one in deliveries if one.action is None]

    def question(record: SyncRecord) -> Any:
        if record.edited_body is not None:
            return lambda: record.edited_body
        if record.source_body is None:
            return lambda: _without_body(record)
        about = {"key": record.source_key, "natural_key": record.natural_key, "sent": bool(record.target_key)}
        return lambda: plan.plan.map(record.source_body, **about)

    for delivery, result in zip(todo, evaluate_all(plan, [question(one.record) for one in todo]), strict=True):
        if isinstance(result, MappingError | LinkMissing):
            delivery.action = refuse(delivery.record, result)
        else:
            delivery.payload = result


def _without_body(record: SyncRecord) -> Body:
    raise MappingError("Its source document is not kept any more; replay reads it again.")


def _leave_out_unchanged(plan: CompiledFlow, deliveries: Sequence[Delivery]) -> None:
    """What was sent last time needs no second write, unless another flow has written the same document since."""
    same = [
        one
        for one in deliveries
        if one.action is None
        and one.record.target_key
        and one.record.edited_body is None
        and one.record.sent_hash == exact_json.digest(one.payload)
    ]
    if not same or plan.spec.compares:
        return
    locks = {one.record.target_lock: one for one in same}
    siblings = SyncRecord.objects.filter(target_lock__in=locks, synced_at__isnull=False).exclude(flow=plan.flow)
    for lock, at in siblings.values_list("target_lock", "synced_at"):
        mine = locks[lock].record.synced_at
        if mine is None or (at and at > mine):
            same = [one for one in same if one.record.target_lock != lock]
    for delivery in same:
        release(delivery.record)
        delivery.record.state = State.SYNCED
        delivery.record.attempts = 0
        delivery.action = Action.UNCHANGED


def _write(plan: CompiledFlow, ready: Sequence[Delivery], resource: Resource) -> ConnectionBroken | None:
    """Write and give every delivery an outcome. A refusal of the whole call is narrowed down to the guilty ones."""
    try:
        if plan.spec.compares:
            outcomes: Sequence[Outcome] = compare.outcomes(
                plan, [one.record for one in ready], [one.payload or {} for one in ready]
            )
        else:
            outcomes = resource.write([one.outgoing() for one in ready])
        for delivery, outcome in zip(ready, outcomes, strict=True):
            delivery.outcome = outcome
    except Rejected as error:
        if len(ready) == 1:
            ready[0].outcome = Refused(error)
            return None
        middle = len(ready) // 2
        return _write(plan, ready[:middle], resource) or _write(plan, ready[middle:], resource)
    except VendorError as error:
        _all(ready, _in_doubt(error) if isinstance(error, Surprise) else error)
        return error if isinstance(error, ConnectionBroken) else None
    except Exception as error:
        log.exception("Delivering for flow %s failed", plan.flow.pk)
        _all(ready, _in_doubt(error))
    return next(
        (
            one.outcome.error
            for one in ready
            if isinstance(one.outcome, Refused) and isinstance(one.outcome.error, ConnectionBroken)
        ),
        None,
    )


def _in_doubt(error: Exception) -> OutcomeUnknown:
    """An answer that we do not understand is no proof that nothing was written."""
    said = (
        str(error) if isinstance(error, VendorError) else f"Our own code failed while writing ({type(error).__name__})."
    )
    return OutcomeUnknown(said, next_step="It is looked up in the target before anything is sent again.")


def _all(deliveries: Sequence[Delivery], error: VendorError) -> None:
    for delivery in deliveries:
        delivery.outcome = delivery.outcome or Refused(error)


def _finish(plan: CompiledFlow, deliveries: Sequence[Delivery], lease: str, access: Opened) -> Counter[str]:
    delay = plan.target.settle_delays[0]
    for delivery in deliveries:
        if delivery.action is None:
            outcome = delivery.outcome or Refused(OutcomeUnknown("The target named no outcome for it."))
            delivery.action = apply(delivery.record, outcome, delivery.payload or {}, plan.version, delay)
    calls = [asdict(exchange) for exchange in access.take_exchanges()[-3:]]
    try:
        with transaction.atomic():
            mine = _store_outcomes(plan, deliveries, lease, calls)
    except IntegrityError:
        mine = []
        for delivery in deliveries:
            mine += _store_alone(plan, delivery, lease, calls)
    return Counter(str(one.record.state) for one in mine)


def _store_outcomes(
    plan: CompiledFlow, deliveries: Sequence[Delivery], lease: str, calls: Sequence[dict[str, Any]]
) -> list[Delivery]:
    """Store outcomes of the records that are still ours, in one statement; answers those."""
    ours = SyncRecord.objects.select_for_update().filter(pk__in=[one.record.pk for one in deliveries], lease=lease)
    hashes = dict(ours.values_list("pk", "source_hash"))
    mine = [one for one in deliveries if one.record.pk in hashes]
    for delivery in mine:
        record = delivery.record
        if hashes[record.pk] != record.claimed_hash and record.state != State.UNKNOWN:
            # The source changed while this version was being sent: the newer one goes next.
            record.state, record.due_at = State.DUE, timezone.now()
    rows.update(SyncRecord, [one.record for one in mine], OUTCOME_FIELDS)
    trail.record_all(_entry(plan, one, calls) for one in mine)
    _wake_waiting(plan, [one.record for one in mine if one.record.state == State.SYNCED])
    _fetch_missing(plan, mine)
    return mine


def _store_alone(plan: CompiledFlow, delivery: Delivery, lease: str, calls: Sequence[dict[str, Any]]) -> list[Delivery]:
    """One record by itself, after its batch hit a constraint: two sources never share one target."""
    try:
        with transaction.atomic():
            return _store_outcomes(plan, [delivery], lease, calls)
    except IntegrityError:
        taken = delivery.record.target_key
        delivery.record.target_key = None
        error = Rejected(
            f"The target document {taken} already belongs to another record of this flow.",
            next_step="Search for that key to see the other record; close one of the two.",
        )
        delivery.action = refuse(delivery.record, error)
        with transaction.atomic():
            return _store_outcomes(plan, [delivery], lease, calls)


def _wake_waiting(plan: CompiledFlow, synced: Sequence[SyncRecord]) -> None:
    if synced:
        waiting = SyncRecord.objects.filter(
            flow__integration=plan.flow.integration_id,
            state=State.WAITING,
            waits_flow=plan.spec.slug,
            waits_key__in=[record.source_key for record in synced],
        )
        waiting.update(due_at=timezone.now())


def _fetch_missing(plan: CompiledFlow, deliveries: Sequence[Delivery]) -> None:
    """What others wait for is fetched now, rather than at its flow's next turn."""
    for record in (one.record for one in deliveries if one.record.state == State.WAITING and one.record.waits_key):
        dispatch.enqueue_fetch(plan.flow.integration_id, record.waits_flow, record.waits_key)


def _entry(plan: CompiledFlow, delivery: Delivery, calls: Sequence[dict[str, Any]]) -> Line:
    record = delivery.record
    data: dict[str, Any] = {
        "target": record.target_key,
        "attempt": record.attempts,
        "mapping": plan.version,
        "calls": calls,
    }
    if delivery.action is Action.SYNCED:
        data["hash"] = record.sent_hash
    elif record.details:
        data["details"] = for_trail(record.details)
    return Line(
        action=(delivery.action or Action.UNKNOWN).value,
        actor="deliver",
        subject_type="syncrecord",
        subject_id=record.pk,
        subject=str(record),
        customer_id=plan.flow.integration.customer_id,
        summary=record.cause,
        data=data,
    )
