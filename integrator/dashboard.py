"""What the start page shows: what a person must act on first, then the flows and their counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from connections.admin import BADGE_VARIANTS as CONNECTION_VARIANTS
from connections.admin import connection_badge
from connections.models import Connection
from syncjobs.admin.event import BADGE_VARIANTS as EVENT_VARIANTS
from syncjobs.admin.states import COLUMNS, flow_lines, kind_in_words, records_url, state_badge
from syncjobs.models import WORK, Flow, Heartbeat, State, SyncRecord, WebhookEvent

SILENT_AFTER = timedelta(minutes=3)
UNFINISHED = [State.RETRYING, State.WAITING, State.UNKNOWN, State.CONFLICT, State.ATTENTION]
FLOWS_SHOWN = 200
STOPPED_SHOWN = 30


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The start page's context. The number of queries does not depend on how much there is."""
    now = timezone.now()
    sections: dict[str, Any] = {"now": now}
    user = request.user
    if user.has_perm("syncjobs.view_syncrecord") and user.has_perm("syncjobs.view_flow"):
        sections |= {"heartbeat": heartbeat(now), "flows": flows(), "failures": failures(), "oldest": oldest_due(now)}
    if user.has_perm("connections.view_connection"):
        sections |= connections()
    if user.has_perm("syncjobs.view_webhookevent"):
        sections["events"] = events()
    return context | {"dash": sections, "title": "Start", "columns": [state.label for state in COLUMNS]}


def heartbeat(now: datetime) -> dict[str, Any]:
    """When a worker last ticked, and whether that is too long ago."""
    beat = Heartbeat.objects.filter(name="tick").first()
    return {"beat": beat, "silent": beat is None or now - beat.at > SILENT_AFTER}


def flows() -> dict[str, Any]:
    flows = list(Flow.objects.select_related("integration__customer").order_by("integration__customer__name", "pk"))
    lines = flow_lines(flows[:FLOWS_SHOWN])
    return {"lines": lines, "more": max(0, len(flows) - FLOWS_SHOWN)}


def failures() -> list[dict[str, Any]]:
    """Unfinished records, by state and kind of failure."""
    # The flows are named because the index begins with them.
    flows = list(Flow.objects.values_list("pk", flat=True))
    unfinished = SyncRecord.objects.filter(flow__in=flows, state__in=UNFINISHED).order_by()
    rows = unfinished.values_list("state", "error_class").annotate(number=Count("pk")).order_by("-number")
    return [
        {
            "badge": state_badge(state),
            "kind": kind_in_words(kind) or "–",
            "count": number,
            "url": records_url(state=state, **({"error": kind} if kind else {})),
        }
        for state, kind, number in rows
    ]


def oldest_due(now: datetime) -> SyncRecord | None:
    """The record that has been due for longest. Looked up flow by flow, as the index over due records is sorted."""
    due = SyncRecord.objects.filter(flow=OuterRef("pk"), due_at__lte=now, state__in=WORK).order_by("due_at", "pk")
    flows = Flow.objects.annotate(first=Subquery(due.values("pk")[:1]), since=Subquery(due.values("due_at")[:1]))
    first = flows.filter(since__isnull=False).order_by("since").values_list("first", flat=True)[:1]
    records = SyncRecord.objects.without_bodies().select_related("flow__integration__customer")
    return records.filter(pk__in=list(first)).first()


def connections() -> dict[str, Any]:
    counts = dict(Connection.objects.order_by().values_list("state").annotate(Count("pk")))
    url = reverse("admin:connections_connection_changelist")
    states = [
        {
            "label": state.label,
            "count": counts.get(state, 0),
            "variant": CONNECTION_VARIANTS[state],
            "url": f"{url}?state__exact={state}",
        }
        for state in Connection.State
    ]
    stopped = Connection.objects.filter(state__in=[Connection.State.BROKEN, Connection.State.PAUSED])
    listed = stopped.select_related("customer").order_by("state", "customer__name")[:STOPPED_SHOWN]
    return {
        "connection_states": states,
        "stopped": [(connection, connection_badge(connection)) for connection in listed],
    }


def events() -> list[dict[str, Any]]:
    """Webhook events that are not done, by state."""
    counts = dict(WebhookEvent.objects.exclude(state="done").order_by().values_list("state").annotate(Count("pk")))
    url = reverse("admin:syncjobs_webhookevent_changelist")
    return [
        {
            "label": state.label,
            "count": counts[state],
            "variant": EVENT_VARIANTS[state],
            "url": f"{url}?state__exact={state}",
        }
        for state in WebhookEvent.State
        if counts.get(state)
    ]
