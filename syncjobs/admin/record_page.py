"""What the page of one record says: where it stands in plain words, and everything that happened to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from audit.actions import Action
from audit.admin import BADGE_VARIANTS as ACTION_VARIANTS
from audit.models import AuditEntry
from connections import vendors
from syncjobs.admin.documents import DocumentPanel, document_panel, pretty
from syncjobs.admin.states import STATE_MEANINGS, kind_in_words, state_badge
from syncjobs.models import State, SyncRecord
from toolkit.admin import AUDIT_TRAIL, badge

ENTRIES_SHOWN = 200
RELATED_SHOWN = 20
NOTHING_TAKEN = "The target has taken nothing yet, or it is not kept any more. “Edit and replay” shows what is sent."
NEXT_STEPS = {
    State.DUE: "Nothing: it goes on by itself.",
    State.SENDING: "Nothing: wait for the outcome.",
    State.SYNCED: "Nothing.",
    State.SKIPPED: "Nothing, unless it should not have been left out: then check the flow's filter.",
    State.WAITING: "Nothing: it goes on by itself as soon as that is there.",
    State.RETRYING: "Nothing: it is tried again by itself.",
    State.UNKNOWN: "Nothing: it is looked up in the target by itself.",
    State.CONFLICT: "Compare both sides; replay if the target may change again, or close with a reason.",
    State.ATTENTION: "Fix what the cause names, then replay; or close with a reason.",
    State.CLOSED: "Nothing. Reopen it if that was wrong.",
}
# A flow that only compares writes nothing: “in the target” and “may no longer be changed” would be wrong of it.
COMPARED_MEANINGS = {
    State.SYNCED: "What is compared is as it was sent.",
    State.CONFLICT: "It was changed there by hand after it was sent.",
}


@dataclass(frozen=True)
class TimelineEvent:
    """One line of the timeline."""

    at: datetime
    action: SafeString
    actor: str
    summary: str
    data: str
    url: str


def headline(record: SyncRecord) -> dict[str, Any]:
    """What it is, its state, why, and what to do next."""
    spec = record.flow.spec
    state = State(record.state)
    return {
        "what": f"{vendors.resource(spec.source).label}: {record}",
        "from": str(record.flow.source),
        "to": str(record.flow.target),
        "badge": state_badge(record.state),
        "meaning": (COMPARED_MEANINGS if spec.compares else STATE_MEANINGS).get(state, STATE_MEANINGS[state]),
        "cause": record.cause,
        "next": record.next_step or NEXT_STEPS[state],
        "kind": kind_in_words(record.error_class),
        "when": record.due_at if state in (State.DUE, State.RETRYING, State.WAITING, State.UNKNOWN) else None,
    }


def timeline(record: SyncRecord) -> list[TimelineEvent]:
    """Everything that happened to a record, newest first."""
    entries = AuditEntry.objects.filter(subject_type="syncrecord", subject_id=record.pk).order_by("-pk")
    return [
        TimelineEvent(
            entry.at,
            badge(entry.get_action_display(), ACTION_VARIANTS.get(Action(entry.action), "")),
            entry.actor,
            entry.summary,
            pretty(entry.data) if entry.data else "",
            reverse("admin:audit_auditentry_change", args=[entry.pk]),
        )
        for entry in entries[:ENTRIES_SHOWN]
    ]


def all_entries_url(record: SyncRecord) -> str:
    return f"{reverse(AUDIT_TRAIL)}?subject_type__exact=syncrecord&subject_id__exact={record.pk}"


def related_records(record: SyncRecord) -> list[SyncRecord]:
    """Records of other flows about the same business document, and the one that this one waits for."""
    candidates = SyncRecord.objects.without_bodies().filter(flow__integration=record.flow.integration_id)
    candidates = candidates.exclude(pk=record.pk).select_related("flow__integration__customer")
    keys = [key for key in {record.natural_key, record.source_key, record.belongs_to} if key]
    related = list(candidates.filter(natural_key__in=keys).order_by("-pk")[:RELATED_SHOWN])
    related += candidates.filter(belongs_to__in=keys).order_by("-pk")[:RELATED_SHOWN]
    if record.waits_flow and record.waits_key:
        related += candidates.filter(flow__slug=record.waits_flow, source_key=record.waits_key)[:1]
    return list({relative.pk: relative for relative in related}.values())


def documents(record: SyncRecord) -> list[DocumentPanel]:
    """Source, what was sent, what came back."""
    missing = "It is not kept any more; a replay reads the source again."
    bodies = [
        document_panel("Source document", record.source_body, missing),
        document_panel("Sent to the target last", record.sent_body, NOTHING_TAKEN),
        document_panel("Response of the target", record.answer_body, "It was empty, or it is not kept any more."),
    ]
    if record.edited_body is not None:
        bodies.insert(1, document_panel("Edited by a person, to be sent next", record.edited_body, ""))
    return bodies


def differences(record: SyncRecord) -> Iterator[tuple[str, str, str]]:
    """Differences of a conflict: field, how it is over there or was sent, how it would be, or is, now."""
    current = record.details.get("current") or {}
    changed_there = (current.get("differences") or {}) if isinstance(current, dict) else {}
    if changed_there and record.flow.spec.compares:
        # With what the other flow sent; `difference` is with what this record last found itself.
        for path, words in sorted(changed_there.items()):
            now, _, sent = str(words).partition(" instead of ")
            yield path, _unquoted(sent), _unquoted(now)
        return
    for path, pair in sorted((record.details.get("difference") or {}).items()):
        before, after = (*pair, None, None)[:2] if isinstance(pair, list) else (pair, None)
        yield path, _plain(before), _plain(after)
    for path, words in changed_there.items():
        there, _, here = str(words).partition(" instead of ")
        yield path, there, here


def current_state(record: SyncRecord) -> list[tuple[str, str]]:
    """What the target said of its document when it refused the change."""
    current = record.details.get("current") or {}
    return [(str(name), _plain(value)) for name, value in current.items() if name != "differences"]


def refused_fields(record: SyncRecord) -> list[tuple[str, str]]:
    fields = record.details.get("fields") or {}
    return [(str(name), str(message)) for name, message in fields.items()] if isinstance(fields, dict) else []


def _unquoted(words: str) -> str:
    """A value that was written down as Python writes it."""
    try:
        return _plain(ast.literal_eval(words))
    except (ValueError, SyntaxError):
        return words


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)
