"""Collect: documents in, SyncRecords out. Every way in ends in `store`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Line
from connections import exact_json
from connections.vendor import Cursor, Document
from syncjobs.engine.claims import Claims
from syncjobs.engine.plans import CompiledFlow, Seen, evaluate_all
from syncjobs.mapping.expressions import MappingError
from syncjobs.mapping.functions import LinkMissing
from syncjobs.models import IN_FLIGHT, Flow, FlowRun, State, SyncRecord
from toolkit import bulk_sql as rows

# What collect changes of a record that exists; its outcome belongs to deliver.
CHANGED_FIELDS = [
    "source_label", "source_status", "source_version", "source_hash", "source_body", "natural_key", "belongs_to", "target_lock",
    "state", "due_at", "attempts", "cause", "next_step", "error_class", "details", "waits_for", "waits_flow",
    "waits_key", "triggers", "changed_at",
]  # fmt: skip
RACES = 3


class LeaseLost(Exception):
    """Another worker has taken over this flow; nothing was stored."""


@dataclass(frozen=True)
class Incoming:
    document: Document
    text: exact_json.Canonical
    natural_key: str
    passes: bool
    error: MappingError | None = None
    belongs_to: str = ""


def store(
    plans: Sequence[CompiledFlow],
    documents: Sequence[Document],
    trigger: str,
    *,
    run: FlowRun | None = None,
    cursor: Cursor | None = None,
    lease: str = "",
    claims: Claims | None = None,
) -> Counter[str]:
    """Upsert the records of these documents in every flow of `plans`, and move the first flow's cursor, at once.

    A document whose content has not changed makes no work; an older version than the stored one is left aside.
    Storing the same documents twice changes nothing. With `claims`, new records are claimed as they are stored.
    Answers counts. Raises `LeaseLost`.
    """
    newest = [Seen(document, document.text) for document in _newest_of_each(documents)]
    for race in range(RACES):
        try:
            with transaction.atomic():
                counts: Counter[str] = Counter()
                for plan in plans:
                    counts += _store_in(plan, newest, trigger, run, claims)
                if cursor is not None:
                    _move_cursor(plans[0].flow, cursor, lease)
                if run is not None:
                    run.counts = dict(Counter(run.counts) + counts)
                    run.cursor_after = cursor
                    run.save(update_fields=["counts", "cursor_after"])
            for plan in plans:
                plan.fresh.clear()
                plan.fresh.update((seen.document.key, seen) for seen in newest)
            return counts
        except IntegrityError:  # another worker stored or sends one of them at the same moment: look again
            if race == RACES - 1:
                raise
            if claims:
                claims.taken.clear()
                claims.left = True
                claims = None
    return Counter()


def _move_cursor(flow: Flow, cursor: Cursor, lease: str) -> None:
    if not Flow.objects.filter(pk=flow.pk, lease=lease).update(cursor=cursor):
        raise LeaseLost(f"{flow} is being read by another worker")
    flow.cursor = cursor


def _store_in(
    plan: CompiledFlow, newest: Sequence[Seen], trigger: str, run: FlowRun | None, claims: Claims | None
) -> Counter[str]:
    keys = [seen.document.key for seen in newest]
    stored = SyncRecord.objects.select_for_update().filter(flow=plan.flow, source_key__in=keys)
    known = {record.source_key: record for record in stored.without_bodies()}
    counts: Counter[str] = Counter(seen=len(newest))
    changed, seen_again = [], []
    for seen in newest:
        document, text = seen.document, seen.text
        record = known.get(document.key)
        if record is None or (record.source_hash != text.digest and record.source_version <= document.version):
            changed.append(seen)
        elif trigger not in record.triggers:
            seen_again.append(record)
    incoming, now = _evaluate(plan, changed, known), timezone.now()
    if plan.spec.polled_with:
        # What does not concern a riding flow has its fate in the flow it rides on, and needs no second record.
        incoming = [one for one in incoming if one.passes or one.error or one.document.key in known]
    new = [_new_record(plan, one, trigger, now) for one in incoming if one.document.key not in known]
    updated = [
        _take_over(plan, known[one.document.key], one, trigger, now) for one in incoming if one.document.key in known
    ]
    for record in seen_again:
        record.triggers = record.triggers | {trigger: _stamp()}
    if claims:
        claims.take(plan, new)
    _insert(plan, new)
    rows.update(SyncRecord, [*updated, *seen_again], CHANGED_FIELDS if updated else ["triggers"])
    entries = [_entry(plan, record, trigger, run, first=True) for record in new]
    entries += [_entry(plan, record, trigger, run, first=False) for record in updated]
    entries += [_line(plan, Action.SEEN_AGAIN, record, {"how": trigger}) for record in seen_again]
    trail.record_all(entries)
    counts.update(new=len(new), changed=len(updated))
    return counts


def _insert(plan: CompiledFlow, new: Sequence[SyncRecord]) -> None:
    """Insert new records and learn their numbers, which the trail needs."""
    for record, number in zip(new, rows.insert_numbered(SyncRecord, new), strict=True):
        record.pk = number


def _newest_of_each(documents: Sequence[Document]) -> Iterable[Document]:
    newest: dict[str, Document] = {}
    for document in documents:
        before = newest.get(document.key)
        if before is None or before.version <= document.version:
            newest[document.key] = document
    return newest.values()


def _evaluate(plan: CompiledFlow, changed: Sequence[Seen], known: dict[str, SyncRecord]) -> list[Incoming]:
    def question(document: Document, text: exact_json.Canonical) -> Any:
        record = known.get(document.key)
        sent = bool(record and record.target_key)

        def answer() -> Incoming:
            about = {"key": document.key, "sent": sent}
            natural_key = plan.plan.evaluate(plan.natural_key, document.body, **about)
            if natural_key in (None, ""):
                natural_key = document.key
            about["natural_key"] = str(natural_key)
            passes = plan.filter is None or bool(plan.plan.evaluate(plan.filter, document.body, **about))
            owner = plan.belongs_to and plan.plan.evaluate(plan.belongs_to, document.body, **about)
            return Incoming(document, text, str(natural_key), passes, belongs_to=str(owner or ""))

        return answer

    results = evaluate_all(plan, [question(seen.document, seen.text) for seen in changed])
    return [
        result
        if isinstance(result, Incoming)
        else Incoming(seen.document, seen.text, seen.document.key, False, _as_mapping(result))
        for result, seen in zip(results, changed, strict=True)
    ]


def _as_mapping(error: MappingError | LinkMissing) -> MappingError:
    return (
        error if isinstance(error, MappingError) else MappingError(f"It needs the record {error}, which is not there.")
    )


def _new_record(plan: CompiledFlow, one: Incoming, trigger: str, now: datetime) -> SyncRecord:
    record = SyncRecord(flow=plan.flow, source_key=one.document.key, state=State.DUE, first_seen_at=now)
    return _take_over(plan, record, one, trigger, now)


def _take_over(plan: CompiledFlow, record: SyncRecord, one: Incoming, trigger: str, now: datetime) -> SyncRecord:
    """The record as it is after this version of its source was seen."""
    document = one.document
    record.source_label = (document.label or document.key)[:100]
    record.source_status = document.status[:60]
    record.source_version = document.version
    record.source_hash = one.text.digest
    record.source_body = one.text
    record.triggers = record.triggers if trigger in record.triggers else record.triggers | {trigger: _stamp()}
    record.changed_at = now
    if record.state in IN_FLIGHT or record.state == State.CLOSED:
        return record  # deliver sees that the source is newer than what it claimed; a person's decision stands
    record.natural_key = one.natural_key[:200]
    record.belongs_to = one.belongs_to[:200]
    record.target_lock = plan.target_lock(record.natural_key)
    decide(plan, record, one.passes, one.error)
    return record


def decide(plan: CompiledFlow, record: SyncRecord, passes: bool, error: MappingError | None = None) -> None:
    """Give a record its fate by the filter: to be delivered, left out, or left as it is in the target."""
    record.attempts = 0
    record.due_at = None
    record.error_class = record.cause = record.next_step = record.waits_for = record.waits_flow = record.waits_key = ""
    record.details = {}
    if error is not None:
        record.state = State.ATTENTION
        record.error_class = "MappingError"
        record.cause = f"The filter or the natural key could not be worked out: {error}"
        record.next_step = "Correct the expression of the flow, then replay."
    elif passes:
        record.state, record.due_at = State.DUE, timezone.now()
    elif record.target_key:
        record.state = State.SYNCED
        record.cause = f"Its last change was left out by the filter: {plan.spec.filter_says or plan.flow.filter}."
    else:
        record.state = State.SKIPPED
        record.cause = f"Left out by the filter: {plan.spec.filter_says or plan.flow.filter}."


def _entry(plan: CompiledFlow, record: SyncRecord, trigger: str, run: FlowRun | None, *, first: bool) -> Line:
    fates = {State.SKIPPED: Action.SKIPPED, State.ATTENTION: Action.ATTENTION}
    action = fates.get(State(record.state), Action.COLLECTED if first else Action.CHANGED)
    data = {
        "how": trigger,
        "version": record.source_version,
        "hash": record.source_hash,
        "run": run.pk if run else None,
    }
    return _line(plan, action, record, data, record.cause)


def _line(plan: CompiledFlow, action: Action, record: SyncRecord, data: dict[str, Any], summary: str = "") -> Line:
    return Line(
        action=action.value,
        actor="collect",
        subject_type="syncrecord",
        subject_id=record.pk,
        subject=str(record),
        customer_id=plan.flow.integration.customer_id,
        summary=summary,
        data=data,
    )


def _stamp() -> str:
    return timezone.now().isoformat(timespec="seconds")
