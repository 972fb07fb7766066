"""How states look, and counts of them by flow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from syncjobs.models import Flow, Integration, State, SyncRecord
from toolkit.admin import age, badge

BADGE_VARIANTS = {
    State.DUE: "busy",
    State.SENDING: "busy",
    State.SYNCED: "good",
    State.SKIPPED: "plain",
    State.WAITING: "warn",
    State.RETRYING: "warn",
    State.UNKNOWN: "warn",
    State.CONFLICT: "bad",
    State.ATTENTION: "bad",
    State.CLOSED: "plain",
}
STATE_MEANINGS = {
    State.DUE: "It is in the queue to be delivered.",
    State.SENDING: "A worker is sending it just now.",
    State.SYNCED: "It is in the target.",
    State.SKIPPED: "It was left out on purpose, by a rule.",
    State.WAITING: "It waits for something that is not there yet, and goes on by itself.",
    State.RETRYING: "It failed for a passing reason and is tried again by itself.",
    State.UNKNOWN: "It was sent and no trustworthy response came. It is looked up in the target before anything else.",
    State.CONFLICT: "It changed at the source, and the target may no longer be changed.",
    State.ATTENTION: "It does not go on by itself: it needs a person.",
    State.CLOSED: "A person decided that nothing more is to be done.",
}
ERROR_KINDS = {
    "MappingError": "the filter or a field mapping failed",
    "Rejected": "refused by the target",
    "Locked": "the target may no longer change",
    "TryLater": "busy, or not reachable",
    "NotReady": "something it needs is not there yet",
    "LinkMissing": "a record it refers to is not there yet",
    "OutcomeUnknown": "no trustworthy response",
    "Surprise": "a response we do not understand",
    "ConnectionBroken": "the connection is stopped",
    "Missing": "no longer in the target",
}
# The columns of the start page; what a person must act on stands last.
COLUMNS = [
    State.SYNCED, State.SKIPPED, State.DUE, State.SENDING, State.WAITING, State.RETRYING, State.UNKNOWN,
    State.CONFLICT, State.ATTENTION, State.CLOSED,
]  # fmt: skip


def kind_in_words(kind: str) -> str:
    """A class of failure as people call it; the class itself where it has no words."""
    return ERROR_KINDS.get(kind, kind)


def state_badge(state: str, title: str = "") -> SafeString:
    return badge(State(state).label, BADGE_VARIANTS[State(state)], title)


def records_url(**filters: object) -> str:
    """The list of records with these filters."""
    return f"{reverse('admin:syncjobs_syncrecord_changelist')}?{urlencode(filters)}"


@dataclass(frozen=True)
class StateCount:
    """One count on a page, with the list behind it."""

    state: str
    label: str
    count: int
    url: str
    variant: str


@dataclass(frozen=True)
class FlowLine:
    """A flow as pages list it."""

    flow: Flow
    total: int
    counts: list[StateCount]
    lag: SafeString | str
    late: bool


def counts_by_flow(flows: Iterable[Flow]) -> dict[int, dict[str, int]]:
    """Records by state for each flow, in one query over the (flow, state) index."""
    counts: dict[int, dict[str, int]] = {}
    rows = SyncRecord.objects.filter(flow__in=[flow.pk for flow in flows]).order_by()
    for flow_id, state, number in rows.values_list("flow", "state").annotate(Count("pk")):
        counts.setdefault(flow_id, {})[state] = number
    return counts


def flow_lines(flows: Iterable[Flow]) -> list[FlowLine]:
    """Each of these flows (with their integrations selected) with its counts and its lag."""
    listed = list(flows)
    counts = counts_by_flow(listed)
    return [_line(flow, counts.get(flow.pk, {}), _polled_flow(flow, listed)) for flow in listed]


def _polled_flow(flow: Flow, flows: Iterable[Flow]) -> Flow:
    """The flow whose poll feeds this one: itself, or the one that it is polled with."""
    slug = flow.spec.polled_with or flow.slug
    matches = (other for other in flows if other.slug == slug and other.integration_id == flow.integration_id)
    return next(matches, flow)


def _line(flow: Flow, counts: dict[str, int], polled_flow: Flow) -> FlowLine:
    state_counts = [
        StateCount(
            state.value,
            state.label,
            counts.get(state.value, 0),
            records_url(flow=flow.pk, state=state.value),
            BADGE_VARIANTS[state] if counts.get(state.value) else "none",
        )
        for state in COLUMNS
    ]
    reader = polled_flow if flow.enabled else flow  # what is switched off is not read by another flow's poll either
    return FlowLine(flow, sum(counts.values()), state_counts, lag(reader), is_late(reader, timezone.now()))


def lag(flow: Flow) -> SafeString | str:
    """How long ago the flow's source was last read to its end."""
    return age(flow.read_up_to)


def is_late(flow: Flow, now: datetime) -> bool:
    """Whether a running flow has not been read for three of its turns (only known for schedules in seconds)."""
    if not flow.enabled or flow.integration.state != Integration.State.ACTIVE or not flow.schedule.isdigit():
        return False
    limit = max(timedelta(seconds=3 * int(flow.schedule)), timedelta(minutes=15))
    return flow.read_up_to is not None and now - flow.read_up_to > limit


def cursor_in_words(cursor: Any) -> list[tuple[str, str]]:
    """An opaque cursor as names and values, for reading only; what is empty is left out."""
    if not isinstance(cursor, dict):
        return []
    pairs: list[tuple[str, str]] = []
    for key, value in cursor.items():
        name = str(key).replace("_", " ")
        if isinstance(value, dict):
            pairs += [(f"{name} {part}", text) for part, text in cursor_in_words(value)]
        elif value is not None:
            pairs.append((name, str(value)))
    return pairs
