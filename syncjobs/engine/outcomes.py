"""What becomes of a record after a try to deliver it: the error tree, read as states."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from audit.actions import Action
from audit.redaction import redact
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
from connections.vendor import Body, Outcome, Refused, Unchanged, Written
from syncjobs.mapping.expressions import MappingError
from syncjobs.mapping.functions import LinkMissing
from syncjobs.models import State, SyncRecord

FIRST_WAIT, LAST_WAIT = 15.0, 3600.0
# What waits for something that may never come is asked about ever more rarely: each question is a call.
LONGEST_WAIT = 86_400.0
MAX_UNKNOWN = 5

# Everything that an outcome may change of a record.
OUTCOME_FIELDS = [
    "state", "due_at", "attempts", "unknown_count", "lookups", "lease", "lease_until", "in_flight", "target_key", "target_url", "sent_hash",
    "sent_body", "answer_body", "edited_body", "mapping_version", "error_class", "cause", "next_step", "details",
    "waits_for", "waits_flow", "waits_key", "synced_at",
]  # fmt: skip


def backoff(attempts: int, longest: float = LAST_WAIT) -> timedelta:
    """A jittered, doubling wait: 15 seconds at first, an hour at most unless `longest` says otherwise."""
    full = min(longest, FIRST_WAIT * 2 ** min(attempts, 14))
    return timedelta(seconds=full * random.uniform(0.6, 1.0))


def release(record: SyncRecord) -> None:
    """Give the claim back, with nothing said about the past."""
    record.lease = ""
    record.lease_until = record.in_flight = record.due_at = None
    record.error_class = record.cause = record.next_step = record.waits_for = record.waits_flow = record.waits_key = ""
    record.details = {}


def apply(record: SyncRecord, outcome: Outcome, payload: Body, mapping_version: str, settle_delay: int) -> Action:
    """Turn one outcome of a write into the record's fate; answers the action for the trail."""
    release(record)
    match outcome:
        case Written():
            return _synced(record, outcome.key, outcome.url, payload, mapping_version, outcome.answer)
        case Unchanged() if outcome.key or record.target_key:
            _synced(record, outcome.key or record.target_key or "", outcome.url, payload, mapping_version, None)
            record.cause = outcome.note
            return Action.UNCHANGED
        case Unchanged():
            record.state = State.SKIPPED
            record.cause = outcome.note or "There is nothing to do in the target."
            return Action.SKIPPED
        case Refused():
            return refuse(record, outcome.error, payload, settle_delay)


def _synced(record: SyncRecord, key: str, url: str, payload: Body, mapping_version: str, answer: Body | None) -> Action:
    record.state = State.SYNCED
    record.target_key = key
    record.target_url = url or record.target_url
    text = exact_json.Canonical.of(payload)
    record.sent_hash, record.sent_body = text.digest, text
    record.answer_body = answer
    record.edited_body = None
    record.mapping_version = mapping_version
    record.synced_at = timezone.now()
    record.attempts = record.unknown_count = record.lookups = 0
    return Action.SYNCED


def refuse(
    record: SyncRecord,
    error: VendorError | MappingError | LinkMissing,
    payload: Body | None = None,
    settle_delay: int = 0,
) -> Action:
    """The fate that this error's class asks for."""
    release(record)
    now = timezone.now()
    record.error_class = type(error).__name__
    match error:
        case LinkMissing():
            _wait(record, now, f"{error.link.flow} {error.link.key}", error.link.flow, error.link.key)
            record.cause = f"It waits until {error.link.key} of the flow “{error.link.flow}” has reached its target."
            return Action.WAITING
        case MappingError():
            record.state = State.ATTENTION
            record.cause = f"{error.target}: {error}" if error.target else str(error)
            record.details = {"target": error.target, "expression": error.expression}
            record.next_step = (
                "Correct the field mapping, the value map or the document in its own system, then replay."
            )
            return Action.ATTENTION
        case NotReady():
            _wait(record, now, error.waits_for, error.flow, error.key)
        case TryLater():
            wait = timedelta(seconds=error.retry_after) if error.retry_after is not None else backoff(record.attempts)
            record.state, record.due_at = State.RETRYING, now + wait
        case OutcomeUnknown() | Surprise():
            _doubt(record, now, settle_delay)
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
    record.cause = str(error)
    record.next_step = error.next_step
    record.details = exact_json.plain(
        record.details | {name: value for name, value in _of_the_answer(error).items() if value}
    )
    return _ACTIONS[State(record.state)]


_ACTIONS = {
    State.WAITING: Action.WAITING,
    State.RETRYING: Action.RETRYING,
    State.DUE: Action.RETRYING,
    State.UNKNOWN: Action.UNKNOWN,
    State.CONFLICT: Action.CONFLICT,
    State.ATTENTION: Action.ATTENTION,
}


def _wait(record: SyncRecord, now: datetime, waits_for: str, flow: str, key: str) -> None:
    record.state = State.WAITING
    record.due_at = now + backoff(record.attempts, LONGEST_WAIT)
    record.waits_for, record.waits_flow, record.waits_key = waits_for[:200], flow, key


def _doubt(record: SyncRecord, now: datetime, settle_delay: int) -> None:
    record.unknown_count += 1
    record.lookups = 0
    record.state, record.due_at = State.UNKNOWN, now + timedelta(seconds=settle_delay)
    record.in_flight = record.target_lock


def _of_the_answer(error: VendorError) -> dict[str, Any]:
    return {"status": error.status, "request_id": error.request_id, "words": error.words}


def difference(before: Body | None, after: Body | None) -> dict[str, list[Any]]:
    """Changed fields as path → [before, after]; fields inside of lists are told by their position."""
    old, new = dict(_leaves(before or {})), dict(_leaves(after or {}))
    return {path: [old.get(path), new.get(path)] for path in sorted(old | new) if old.get(path) != new.get(path)}


def _leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [leaf for name, part in value.items() for leaf in _leaves(part, f"{path}.{name}" if path else str(name))]
    if isinstance(value, list):
        return [leaf for index, part in enumerate(value) for leaf in _leaves(part, f"{path}[{index}]")]
    return [(path, value if isinstance(value, str | bool | int) or value is None else str(value))]


def for_trail(details: Mapping[str, Any]) -> dict[str, Any]:
    """What the trail keeps of a record's details: which fields differ, not what they say."""
    kept = {
        name: details[name]
        for name in ("status", "request_id", "words", "fields", "target", "expression")
        if name in details
    }
    changed = sorted(details.get("difference") or details.get("current", {}).get("differences") or ())
    return redact(kept | {"changed": changed} if changed else kept)  # type: ignore[no-any-return]
