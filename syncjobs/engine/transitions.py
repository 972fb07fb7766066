"""Every change of a record's state, as functions named after what happened. Nobody else assigns `state`.

The first functions change records in memory: whoever calls one stores the record, with its entry in the trail, in one
transaction. Those at the end change rows of a query at once. The database checks what must hold after each of them:

    record_state_known            the state is one of ten
    record_work_has_time          due, retrying, waiting and unknown have the time when they are looked at next; others
                                  have none, so that the index of work holds nothing else
    record_sending_leased         what is being sent names its holder, and until when
    record_in_flight_holds_lock   sending and unknown hold the target document (`in_flight`, which is unique): no second
                                  write to it begins until the outcome of the first is known
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from audit.actions import Action
from connections import exact_json
from connections.errors import (
    ConnectionBroken,
    Locked,
    NotReady,
    OutcomeUnknown,
    Rejected,
    Surprise,
    TryLater,
    VendorError,
)
from connections.vendor import Body, Found, Outcome, Refused, Unchanged, Written
from syncjobs.engine.compiled import Unmapped
from syncjobs.engine.differences import difference
from syncjobs.mapping.expressions import MappingError
from syncjobs.mapping.functions import LinkMissing
from syncjobs.models import State, SyncRecord, SyncRecordQuerySet
from toolkit import leases

FIRST_WAIT, LAST_WAIT = 15.0, 3600.0
# What waits for something that may never come is asked about ever more rarely: each question is a call.
LONGEST_WAIT = 86_400.0
SOONEST = timedelta(seconds=5)
MAX_UNKNOWN = 5
LONGEST_KEY, LONGEST_URL = 200, 500

# What a decision about the source changes of a record, and what an outcome does.
REASON_FIELDS = ["error_class", "cause", "next_step", "details", "waits_for", "waits_flow", "waits_key"]
DECISION_FIELDS = ["state", "due_at", "attempts", *REASON_FIELDS]
OUTCOME_FIELDS = [
    *DECISION_FIELDS, "unknown_count", "lookups", "lease", "lease_until", "in_flight", "target_key", "target_url",
    "sent_hash", "sent_body", "answer_body", "edited_body", "mapping_version", "synced_at",
]  # fmt: skip


def backoff(attempts: int, longest: float = LAST_WAIT) -> timedelta:
    """A jittered, doubling wait: 15 seconds at first, an hour at most unless `longest` says otherwise."""
    full = min(longest, FIRST_WAIT * 2 ** min(attempts, 14))
    return timedelta(seconds=full * random.uniform(0.6, 1.0))


def retry_after(error: Exception, attempts: int) -> timedelta:
    """How long to wait after a passing failure: as long as the system says, or ever longer."""
    seconds = getattr(error, "retry_after", None)
    return backoff(attempts) if seconds is None else timedelta(seconds=seconds)


def not_at_once(error: Exception, attempts: int) -> timedelta:
    """`retry_after` for records. A task goes on as long as some are due, so those must not be due again in the same one."""
    return max(retry_after(error, attempts), SOONEST)


# The source was read


def passed_filter(record: SyncRecord) -> None:
    _forget_reason(record)
    record.attempts = 0
    record.state, record.due_at = State.DUE, timezone.now()


def left_out(record: SyncRecord, rule: str) -> None:
    """By the flow's filter. What is in the target stays there as it is."""
    _forget_reason(record)
    record.attempts = 0
    record.due_at = None
    if record.target_key:
        record.state = State.SYNCED
        record.cause = f"Its last change was left out by the filter: {rule}."
    else:
        record.state = State.SKIPPED
        record.cause = f"Left out by the filter: {rule}."


def filter_failed(record: SyncRecord, error: Unmapped) -> None:
    _forget_reason(record)
    record.attempts = 0
    record.state, record.due_at = State.ATTENTION, None
    record.error_class = "MappingError"
    reason = f"It needs the record {error}, which is not there." if isinstance(error, LinkMissing) else error
    record.cause = f"The filter or the natural key could not be worked out: {reason}"
    record.next_step = "Correct the expression of the flow, then replay."


# A delivery begins


def claimed(record: SyncRecord, lease: str, until: datetime, now: datetime) -> None:
    """It is about to be sent by the holder of this lease; the attempt counts from here."""
    record.state, record.due_at = State.SENDING, None
    record.in_flight = record.target_lock
    record.lease, record.lease_until = lease, until
    record.attempts += 1
    record.claimed_at, record.claimed_hash = now, record.source_hash


def claim_all(records: SyncRecordQuerySet, lease: str, until: datetime, now: datetime) -> int:
    """`claimed` for stored rows, in one statement. Raises `IntegrityError` if one of their targets is taken."""
    return records.update(
        state=State.SENDING,
        in_flight=F("target_lock"),
        due_at=None,
        lease=lease,
        lease_until=until,
        attempts=F("attempts") + 1,
        claimed_at=now,
        claimed_hash=F("source_hash"),
    )


# A delivery ends


def outcome_came(
    record: SyncRecord, outcome: Outcome, payload: Body, mapping_version: str, settle_delay: int
) -> Action:
    """One outcome of a write; returns the action for the trail."""
    match outcome:
        case Written() | Unchanged() if len(outcome.key) > LONGEST_KEY:
            return refused(record, _too_long(outcome.key))
        case Written():
            written(record, outcome, payload, mapping_version)
            return Action.SYNCED
        case Unchanged():
            return unchanged(record, outcome, payload, mapping_version)
        case Refused():
            return refused(record, outcome.error, payload, settle_delay)


def written(record: SyncRecord, outcome: Written, payload: Body, mapping_version: str) -> None:
    claim_given_back(record)
    _synced(record, outcome.key, outcome.url, payload, mapping_version)
    record.answer_body = outcome.answer


def unchanged(record: SyncRecord, outcome: Unchanged, payload: Body, mapping_version: str) -> Action:
    """The target says so already, or there is nothing in it that this document could change."""
    claim_given_back(record)
    key = outcome.key or record.target_key
    if key:
        _synced(record, key, outcome.url, payload, mapping_version)
        record.answer_body = None
        record.cause = outcome.note
        return Action.UNCHANGED
    record.state = State.SKIPPED
    record.cause = outcome.note or "There is nothing to do in the target."
    return Action.SKIPPED


def same_as_sent(record: SyncRecord) -> None:
    """What would be sent is what was sent last time."""
    claim_given_back(record)
    record.state = State.SYNCED
    record.attempts = 0


def refused(
    record: SyncRecord, error: VendorError | Unmapped, payload: Body | None = None, settle_delay: int = 0
) -> Action:
    """The state that this error's class asks for; returns the action for the trail."""
    claim_given_back(record)
    now = timezone.now()
    record.error_class = type(error).__name__
    match error:
        case LinkMissing():
            return _waits_for_record(record, error, now)
        case MappingError():
            return _not_mapped(record, error)
        case NotReady():
            _wait(record, now, error.waits_for, error.flow, error.key)
        case TryLater():
            record.state, record.due_at = State.RETRYING, now + not_at_once(error, record.attempts)
        case OutcomeUnknown() | Surprise():
            _unknown(record, now, settle_delay)
        case ConnectionBroken():
            record.state, record.due_at = State.DUE, now
        case Locked():
            record.state = State.CONFLICT
            record.details = {"current": error.current, "difference": difference(record.sent_body, payload)}
        case Rejected():
            record.state = State.ATTENTION
            record.details = {"fields": error.fields}
        case _:
            record.state = State.ATTENTION
    record.cause, record.next_step = str(error), error.next_step
    answer = {"status": error.status, "request_id": error.request_id, "words": error.words}
    record.details = exact_json.plain(record.details | {name: value for name, value in answer.items() if value})
    return _ACTIONS[State(record.state)]


_ACTIONS = {
    State.WAITING: Action.WAITING,
    State.RETRYING: Action.RETRYING,
    State.DUE: Action.RETRYING,
    State.UNKNOWN: Action.UNKNOWN,
    State.CONFLICT: Action.CONFLICT,
    State.ATTENTION: Action.ATTENTION,
}


def source_changed_meanwhile(record: SyncRecord) -> None:
    """A newer version was read while this one was being sent: it goes next. An unknown outcome is settled before."""
    if record.state != State.UNKNOWN:
        record.state, record.due_at = State.DUE, timezone.now()


def target_belongs_to_another(record: SyncRecord, taken: str) -> Action:
    """Two sources never share one target."""
    if record.target_key == taken:
        record.target_key = None
    error = Rejected(
        f"The target document {taken} already belongs to another record of this flow.",
        next_step="Search for that key to see the other record; close one of the two.",
    )
    return refused(record, error)


# An unknown outcome was looked up


def found_there(record: SyncRecord, match: Found, payload: Body, mapping_version: str, *, newer: bool) -> str:
    """The write had been done. `newer`: the source has changed since, so that version goes next."""
    claim_given_back(record)
    if len(match.key) > LONGEST_KEY:
        refused(record, _too_long(match.key))
        return record.cause
    if newer:
        record.target_key, record.target_url = match.key, match.url[:LONGEST_URL] or record.target_url
        record.unknown_count = record.lookups = record.attempts = 0
        record.synced_at, record.sent_hash = timezone.now(), ""
        record.state, record.due_at = State.DUE, timezone.now()
    else:
        _synced(record, match.key, match.url, payload, mapping_version)
    record.answer_body = match.proof
    return f"Found {match.key} there: the write had been done."


def found_unfinished(record: SyncRecord, match: Found) -> str:
    _send_again(record)
    return f"Found {match.key} there, begun but not finished: it is resumed."


def found_as_before(record: SyncRecord, match: Found) -> str:
    """A true upsert, in the target since an earlier write: whether the change arrived cannot be told, nor matters."""
    _send_again(record)
    return f"{match.key} is there as before; the change is sent again, which cannot double it."


def not_found_yet(record: SyncRecord, delay: int, looks: int) -> str:
    """It may still be under way there: looked up again after `delay` seconds."""
    claim_given_back(record)
    record.state, record.due_at = State.UNKNOWN, timezone.now() + timedelta(seconds=delay)
    record.in_flight = record.target_lock
    record.cause = f"Not found in the target at look {record.lookups} of {looks}; it may still be under way there."
    return record.cause


def not_there(record: SyncRecord) -> str:
    """After all lookups: sent again, or a person's, if that has happened too often in a row."""
    lookups = record.lookups
    if record.unknown_count < MAX_UNKNOWN:
        _send_again(record)
        return f"Not there after {lookups} looks: it is sent again."
    claim_given_back(record)
    record.state, record.error_class = State.ATTENTION, "OutcomeUnknown"
    record.cause = (
        f"{record.unknown_count} tries in a row ended without a trustworthy answer, and it is not in the target."
    )
    record.next_step = "Look at the target's own log for the reason, then replay or close it."
    return record.cause


# Rows of a query, at once


def lease_expired(records: SyncRecordQuerySet) -> int:
    """Their worker died while it was sending them, so each may or may not be in the target."""
    return records.update(
        state=State.UNKNOWN,
        due_at=timezone.now(),
        **leases.FREED,
        unknown_count=F("unknown_count") + 1,
        lookups=0,
        error_class="OutcomeUnknown",
        cause="The worker that was sending it stopped, so it may or may not be in the target.",
        next_step="It is looked up there before anything is sent again.",
    )


def lookup_failed(records: SyncRecordQuerySet, error: Exception) -> int:
    """The search itself failed, so that was no look."""
    at = timezone.now() + not_at_once(error, 1)
    words = error if isinstance(error, VendorError) else f"our own code failed ({type(error).__name__})"
    return records.update(**leases.FREED, lookups=F("lookups") - 1, due_at=at, cause=f"Looking it up failed: {words}")


def wake(records: SyncRecordQuerySet) -> int:
    """What they wait for has come."""
    return records.filter(state=State.WAITING).update(due_at=timezone.now())


def missing_in_target(records: SyncRecordQuerySet, cause: str) -> int:
    """What had been written is not there any more. Only what is still synced: the others have a newer state."""
    step = "Find out who removed it there; replay to send it again, or close with a reason."
    still = records.filter(state=State.SYNCED)
    return still.update(state=State.ATTENTION, error_class="Missing", cause=cause, next_step=step)


def replayed(records: SyncRecordQuerySet, **fields: Any) -> int:
    """A person wants them sent (again), as if nothing had been sent before; `fields` are changed with them."""
    return records.update(
        state=State.DUE, due_at=timezone.now(), attempts=0, unknown_count=0, error_class="", sent_hash="", **fields
    )


def closed(records: SyncRecordQuerySet, cause: str) -> int:
    """A person decided that nothing more is to be done."""
    return records.update(state=State.CLOSED, cause=cause, next_step="", due_at=None)


# Parts


def _forget_reason(record: SyncRecord) -> None:
    record.error_class = record.cause = record.next_step = record.waits_for = record.waits_flow = record.waits_key = ""
    record.details = {}


def claim_given_back(record: SyncRecord) -> None:
    """The claim, with nothing said about the past."""
    record.lease = ""
    record.lease_until = record.in_flight = record.due_at = None
    _forget_reason(record)


def _synced(record: SyncRecord, key: str, url: str, payload: Body, mapping_version: str) -> None:
    record.state = State.SYNCED
    record.target_key, record.target_url = key, url[:LONGEST_URL] or record.target_url
    text = exact_json.Canonical.of(payload)
    record.sent_hash, record.sent_body = text.digest, text
    record.edited_body = None
    record.mapping_version = mapping_version
    record.synced_at = timezone.now()
    record.attempts = record.unknown_count = record.lookups = 0


def _too_long(key: str) -> Rejected:
    """One that cannot be kept must not keep the outcomes of others from being stored."""
    return Rejected(
        f"The target has it under a key of {len(key)} characters, of which {LONGEST_KEY} can be kept: {key[:40]}….",
        next_step="It is in the target: close it with a reason, and tell the people who run this console.",
    )


def _send_again(record: SyncRecord) -> None:
    claim_given_back(record)
    record.state, record.due_at = State.DUE, timezone.now()


def _waits_for_record(record: SyncRecord, error: LinkMissing, now: datetime) -> Action:
    link = error.link
    _wait(record, now, f"{link.flow} {link.key}", link.flow, link.key)
    record.cause = f"It waits until {link.key} of the flow “{link.flow}” has reached its target."
    return Action.WAITING


def _not_mapped(record: SyncRecord, error: MappingError) -> Action:
    record.state = State.ATTENTION
    record.cause = f"{error.target}: {error}" if error.target else str(error)
    record.details = {"target": error.target, "expression": error.expression}
    record.next_step = "Correct the field mapping, the value map or the document in its own system, then replay."
    return Action.ATTENTION


def _wait(record: SyncRecord, now: datetime, waits_for: str, flow: str, key: str) -> None:
    record.state = State.WAITING
    record.due_at = now + backoff(record.attempts, LONGEST_WAIT)
    record.waits_for, record.waits_flow, record.waits_key = waits_for[:200], flow[:40], key[:200]


def _unknown(record: SyncRecord, now: datetime, settle_delay: int) -> None:
    record.unknown_count += 1
    record.lookups = 0
    record.state, record.due_at = State.UNKNOWN, now + timedelta(seconds=settle_delay)
    record.in_flight = record.target_lock
