"""Collect: documents in, SyncRecords out. Every way in ends in `store`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models.base import ModelState
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Line
from connections import exact_json
from connections.texts import without_nul
from connections.vendor import Cursor, Document
from syncjobs.engine import transitions
from syncjobs.engine.compiled import (
    AtHand,
    CompiledFlow,
    Incoming,
    Subject,
    Unmapped,
    evaluate,
    evaluate_batch,
    passes_filter,
)
from syncjobs.engine.record_lines import record_line
from syncjobs.models import IN_FLIGHT, Flow, FlowRun, State, SyncRecord
from toolkit import bulk_sql, leases
from toolkit.lookup_sql import rows_by

# What collect changes of a record that exists; its outcome belongs to deliver.
CHANGED_FIELDS = [
    "source_label", "source_status", "source_version", "source_hash", "source_body", "natural_key", "belongs_to",
    "target_lock", "triggers", "changed_at", *transitions.DECISION_FIELDS,
]  # fmt: skip
RACES = 3
LONGEST_KEY = 200


class LeaseLost(Exception):
    """Another worker has taken over this flow; nothing was stored."""


@dataclass(frozen=True)
class Batch:
    """Records of one flow, claimed by this worker under one lease, and not sent yet."""

    compiled: CompiledFlow
    records: Sequence[SyncRecord]
    lease: str
    until: datetime
    """When the lease runs out: nothing is written after that."""
    at_hand: AtHand = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """What `store` did. `counts`: seen, new and changed documents. `more`: something is due that was not claimed."""

    counts: Counter[str] = field(default_factory=Counter)
    claimed: Sequence[Batch] = ()
    more: bool = False


class StoredVersion(NamedTuple):
    """Which version of a document is stored, and what brought it (JSON, as the database has it)."""

    id: int
    source_key: str
    source_hash: str
    source_version: str
    triggers: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a flow's expressions say of one document."""

    natural_key: str
    passes: bool
    belongs_to: str = ""
    error: Unmapped | None = None


def store(
    flows: Sequence[CompiledFlow],
    documents: Sequence[Document],
    trigger: str,
    *,
    run: FlowRun | None = None,
    cursor: Cursor | None = None,
    lease: str = "",
    claim_for: int | None = None,
) -> Stored:
    """Upsert the records of these documents in every flow of `flows`, and move the first flow's cursor, at once.

    A document whose content has not changed makes no work; an older version than the stored one is left aside.
    Storing the same documents twice changes nothing. With `claim_for`, the number of a target connection that this
    worker may write to now, new records for it are claimed as they are stored. Raises `LeaseLost`.
    """
    incoming = [Incoming(document, document.text) for document in _newest_of_each(map(_storable, documents))]
    for race in range(RACES):
        try:
            with transaction.atomic():
                parts = [_store_in(flow, incoming, trigger, run, claim_for) for flow in flows]
                if cursor is not None:
                    _move_cursor(flows[0].flow, cursor, lease)
                stored = _together(parts)
                if run is not None:
                    _note_on(run, stored.counts, cursor)
            return stored
        except IntegrityError:  # another worker stored or sends one of them at the same moment: look again
            if race == RACES - 1:
                raise
            claim_for = None
    return Stored()


def _together(parts: Sequence[Stored]) -> Stored:
    counts: Counter[str] = Counter()
    for part in parts:
        counts += part.counts
    return Stored(counts, [batch for part in parts for batch in part.claimed], any(part.more for part in parts))


def _move_cursor(flow: Flow, cursor: Cursor, lease: str) -> None:
    if not leases.held(Flow.objects.filter(pk=flow.pk), lease).update(cursor=cursor):
        raise LeaseLost(f"{flow} is being read by another worker")
    flow.cursor = cursor


def _note_on(run: FlowRun, counts: Counter[str], cursor: Cursor | None) -> None:
    run.counts = dict(Counter(run.counts) + counts)
    run.cursor_after = cursor
    bulk_sql.update(FlowRun, [run], ["counts", "cursor_after"])


def _storable(document: Document) -> Document:
    """The document with names that every database takes; its body is stored as it is."""
    texts = (document.key, document.version, document.status, document.label)
    if len(document.key) <= LONGEST_KEY and not any("\0" in text for text in texts):
        return document
    key, version, status, label = map(without_nul, texts)
    if len(key) > LONGEST_KEY:  # cut off, but not alike with another one
        key = f"{key[: LONGEST_KEY - 33]}#{exact_json.digest(key)}"
    return replace(document, key=key, version=version, status=status, label=label)


def _newest_of_each(documents: Iterable[Document]) -> Sequence[Document]:
    newest: dict[str, Document] = {}
    for document in documents:
        before = newest.get(document.key)
        if before is None or before.version <= document.version:
            newest[document.key] = document
    return list(newest.values())


# One flow


def _store_in(
    compiled: CompiledFlow, incoming: Sequence[Incoming], trigger: str, run: FlowRun | None, claim_for: int | None
) -> Stored:
    stored = _stored(compiled, incoming)
    changed = [document for document in incoming if _is_news(document, stored)]
    known = _records(stored, changed)
    evaluations = dict(zip(map(_key, changed), _evaluate(compiled, changed, known), strict=True))
    concerned = [document for document in changed if _concerns(compiled, document, evaluations, known)]
    now = timezone.now()
    blank = SyncRecord(flow=compiled.flow, state=State.DUE, first_seen_at=now)

    new: list[SyncRecord] = []
    updated: list[SyncRecord] = []
    for document in concerned:
        record = known.get(_key(document))
        taken = record or _copy(blank, _key(document))
        _take_over(compiled, taken, document, evaluations[_key(document)], trigger, now)
        (updated if record else new).append(taken)
    seen_again = _seen_again(stored, evaluations, trigger, now)

    batch = _claim(compiled, new, claim_for, now)
    _insert(new)
    bulk_sql.update(SyncRecord, [*updated, *seen_again], CHANGED_FIELDS if updated else ["triggers"])
    trail.record_all(
        [_entry(compiled, record, trigger, run, Action.COLLECTED, now) for record in new]
        + [_entry(compiled, record, trigger, run, Action.CHANGED, now) for record in updated]
        + [record_line(compiled, record, Action.SEEN_AGAIN, "collect", now, {"how": trigger}) for record in seen_again]
    )

    counts = Counter(seen=len(incoming), new=len(new), changed=len(updated))
    due = sum(record.state == State.DUE for record in (*new, *updated))
    if not batch:
        return Stored(counts, (), bool(due))
    at_hand = {_key(document): document for document in concerned}
    return Stored(counts, [replace(batch, at_hand=at_hand)], bool(due))


def _key(incoming: Incoming) -> str:
    return incoming.document.key


def _stored(compiled: CompiledFlow, incoming: Sequence[Incoming]) -> dict[str, StoredVersion]:
    """What is known of these documents, by source key, locked. Most are known in full by that and need no record."""
    keys = [_key(document) for document in incoming]
    rows = rows_by(SyncRecord, StoredVersion._fields, "source_key", keys, flow=compiled.flow.pk)
    return {row[1]: StoredVersion(*row) for row in rows}


def _is_news(incoming: Incoming, stored: Mapping[str, StoredVersion]) -> bool:
    version = stored.get(_key(incoming))
    return version is None or (
        version.source_hash != incoming.text.digest and version.source_version <= incoming.document.version
    )


def _records(stored: Mapping[str, StoredVersion], changed: Sequence[Incoming]) -> dict[str, SyncRecord]:
    """The records of changed documents that have one."""
    keys = [stored[_key(document)].id for document in changed if _key(document) in stored]
    if not keys:
        return {}
    return {record.source_key: record for record in SyncRecord.objects.filter(pk__in=keys).without_bodies()}


def _concerns(
    compiled: CompiledFlow,
    incoming: Incoming,
    evaluations: Mapping[str, Evaluation],
    known: Mapping[str, SyncRecord],
) -> bool:
    """What a flow polled with another leaves out has its record in that one, and needs no second."""
    if not compiled.spec.polled_with:
        return True
    evaluation = evaluations[_key(incoming)]
    return bool(evaluation.passes or evaluation.error or _key(incoming) in known)


def _evaluate(compiled: CompiledFlow, changed: Sequence[Incoming], known: Mapping[str, SyncRecord]) -> list[Evaluation]:
    subjects = [
        Subject(
            incoming.document.body,
            _key(incoming),
            sent=bool((record := known.get(_key(incoming))) and record.target_key),
        )
        for incoming in changed
    ]
    results = evaluate_batch(compiled, subjects, lambda subject: _evaluation(compiled, subject))
    return [
        result if isinstance(result, Evaluation) else Evaluation(subject.key, False, error=result)
        for result, subject in zip(results, subjects, strict=True)
    ]


def _evaluation(compiled: CompiledFlow, subject: Subject) -> Evaluation:
    natural_key = evaluate(compiled, compiled.natural_key, subject)
    key = subject.key if natural_key in (None, "") else without_nul(str(natural_key))
    subject = Subject(subject.body, subject.key, key, subject.sent)
    owner = evaluate(compiled, compiled.belongs_to, subject) if compiled.belongs_to else ""
    return Evaluation(key, passes_filter(compiled, subject), without_nul(str(owner or "")))


def _take_over(
    compiled: CompiledFlow, record: SyncRecord, incoming: Incoming, evaluation: Evaluation, trigger: str, now: datetime
) -> None:
    """The record as it is after this version of its source was seen."""
    document = incoming.document
    record.source_label = (document.label or document.key)[:100]
    record.source_status = document.status[:60]
    record.source_version = document.version[:40]
    record.source_hash = incoming.text.digest
    record.source_body = incoming.text
    _note_trigger(record, trigger, now)
    record.changed_at = now
    if record.state in IN_FLIGHT or record.state == State.CLOSED:
        return  # deliver sees that the source is newer than what it claimed; a person's decision stands
    record.natural_key = evaluation.natural_key[:200]
    record.belongs_to = evaluation.belongs_to[:200]
    record.target_lock = compiled.target_lock(record.natural_key)
    decide(compiled, record, evaluation.error or evaluation.passes)


def decide(compiled: CompiledFlow, record: SyncRecord, passes: bool | Unmapped) -> None:
    """By the filter: to be delivered, left out, or left as it is in the target."""
    if passes is True:
        transitions.passed_filter(record)
    elif passes is False:
        transitions.left_out(record, compiled.spec.filter_says or compiled.flow.filter)
    else:
        transitions.filter_failed(record, passes)


def _copy(blank: SyncRecord, source_key: str) -> SyncRecord:
    """A new record like the blank one: a model makes its 45 fields ten times as slowly, for each document anew."""
    record = SyncRecord.__new__(SyncRecord)
    record.__dict__.update(blank.__dict__, _state=ModelState(), source_key=source_key)
    record._state.fields_cache = dict(blank._state.fields_cache)
    return record


def _insert(new: Sequence[SyncRecord]) -> None:
    """Insert new records and learn their numbers, which the trail needs."""
    for record, number in zip(new, bulk_sql.insert_numbered(SyncRecord, new), strict=True):
        record.pk = number


def _note_trigger(record: SyncRecord, trigger: str, now: datetime) -> None:
    if trigger not in record.triggers:
        record.triggers = record.triggers | {trigger: now.isoformat(timespec="seconds")}


def _seen_again(
    stored: Mapping[str, StoredVersion], evaluations: Mapping[str, Evaluation], trigger: str, now: datetime
) -> list[SyncRecord]:
    """Unchanged records that this trigger brings for the first time."""
    unchanged = (version for key, version in stored.items() if key not in evaluations)
    keys = [version.id for version in unchanged if f'"{trigger}"' not in version.triggers]
    records = list(SyncRecord.objects.filter(pk__in=keys).without_bodies()) if keys else []
    for record in records:
        _note_trigger(record, trigger, now)
    return records


def _claim(compiled: CompiledFlow, new: Sequence[SyncRecord], claim_for: int | None, now: datetime) -> Batch | None:
    """Claim what one batch of the target holds, in memory; the others stay due.

    What a worker that may write to the target has just read it sends at once: nothing has to be looked up, read back
    or written a second time.
    """
    if claim_for is None or compiled.spec.compares or compiled.flow.target.pk != claim_for:
        return None
    due = [record for record in new if record.state == State.DUE]
    first_of_each = {record.target_lock: record for record in reversed(due)}
    chosen = list(reversed(first_of_each.values()))[: compiled.target.batch_size]
    lease, until = leases.new_token(), leases.ends(now)
    for record in chosen:
        transitions.claimed(record, lease, until, now)
    return Batch(compiled, chosen, lease, until) if chosen else None


# The trail


def _entry(
    compiled: CompiledFlow, record: SyncRecord, trigger: str, run: FlowRun | None, action: Action, now: datetime
) -> Line:
    decided = {State.SKIPPED: Action.SKIPPED, State.ATTENTION: Action.ATTENTION}
    data = {
        "how": trigger,
        "version": record.source_version,
        "hash": record.source_hash,
        "run": run.pk if run else None,
    }
    action = decided.get(State(record.state), action)
    return record_line(compiled, record, action, "collect", now, data, record.cause)
