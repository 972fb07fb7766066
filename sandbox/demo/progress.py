"""Whether a round trip has come to rest: nothing is due, and what waits has waited for everything that could come."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sandbox.scenarios.consistency import Fate
from syncjobs.engine import clock
from syncjobs.models import Flow, Integration, State, SyncRecord, WebhookEvent
from syncjobs.recipe import FlowSpec

MOVING = [State.DUE, State.SENDING, State.RETRYING, State.UNKNOWN]
# ShipStation makes customers and products some seconds after the order that names them.
SIDE_EFFECTS = timedelta(seconds=3)
PAUSE = 0.5
OFTEN = 10
"""Seconds between two runs of a flow, at most, for a round trip to wait for it."""


class TooLong(Exception):
    """It did not come to rest in time; the message says what was still moving."""


def moving(integration: Integration, flows: Sequence[str] = ()) -> list[str]:
    """What is still under way, in words; `flows` looks at these only."""
    records = SyncRecord.objects.filter(flow__integration=integration, state__in=MOVING)
    if flows:
        records = records.filter(flow__slug__in=flows)
    found = [
        f"{slug}: {label} is {state}"
        for slug, label, state in records.values_list("flow__slug", "source_label", "state")
    ]
    if WebhookEvent.objects.filter(state__in=["due", "following", "retrying"]).exists():
        found.append("notifications are to be followed")
    return found


def hopeful(integration: Integration) -> list[str]:
    """What waits and has not been tried again since the last document reached its target."""
    bringing = [spec.slug for spec in integration.declaration.flows if _brings_orders(spec)]
    synced = SyncRecord.objects.filter(flow__integration=integration, flow__slug__in=bringing, synced_at__isnull=False)
    last: datetime | None = synced.order_by("-synced_at").values_list("synced_at", flat=True).first()
    if last is None:
        return []
    waiting = SyncRecord.objects.filter(flow__integration=integration, state=State.WAITING)
    untried = waiting.filter(claimed_at__lt=last + SIDE_EFFECTS)
    return [f"{slug}: {label} waits" for slug, label in untried.values_list("flow__slug", "source_label")]


def _brings_orders(spec: FlowSpec) -> bool:
    return spec.target.endswith(".orders") and not spec.compares


def unread(integration: Integration, moment: datetime) -> list[str]:
    """Sources that have not been read to their end since this moment; those that are read seldom: at all."""
    flows = Flow.objects.running().filter(integration=integration).select_related("integration")
    return [f"{flow.slug}: is not read" for flow in flows if not flow.spec.polled_with and not _is_read(flow, moment)]


def _is_read(flow: Flow, moment: datetime) -> bool:
    often = flow.schedule.isdigit() and int(flow.schedule) <= OFTEN
    return flow.read_up_to is not None and (flow.read_up_to > moment or not often)


def unfinished(integration: Integration, since: datetime) -> list[str]:
    """What is not at rest, in words. What is written to one system shows up when that one is read again."""
    records = SyncRecord.objects.filter(flow__integration=integration, synced_at__isnull=False)
    last: datetime | None = records.order_by("-synced_at").values_list("synced_at", flat=True).first()
    moment = max(since, last) if last else since
    return unread(integration, moment) or moving(integration) or hopeful(integration)


def tick_until_rest(
    integrations: Sequence[Integration], since: datetime, *, within: float, show: Callable[[], None]
) -> None:
    """The clock of a demo: a tick twice a second instead of every minute, until all is at rest. Raises `TooLong`."""
    until = time.monotonic() + within
    while left := [line for one in integrations for line in unfinished(one, since)]:
        if time.monotonic() > until:
            raise TooLong(f"Not at rest after {within:.0f} seconds: {'; '.join(left[:10])}.")
        clock.tick()
        show()
        time.sleep(PAUSE)


def fates(integration: Integration) -> list[Fate]:
    rows = SyncRecord.objects.filter(flow__integration=integration)
    return [Fate(*row) for row in rows.values_list("flow__slug", "source_key", "state", "cause")]
