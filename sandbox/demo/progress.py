"""Whether a round trip has been delivered: nothing is due, and what waits has been tried after all it can wait for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from sandbox.scenarios.consistency import RecordStatus
from syncjobs.engine import clock
from syncjobs.models import Flow, Integration, State, SyncRecord, WebhookEvent
from syncjobs.recipe import FlowSpec

MOVING = [State.DUE, State.SENDING, State.RETRYING, State.UNKNOWN]
# ShipStation makes customers and products some seconds after the order that names them.
SIDE_EFFECTS = timedelta(seconds=3)
PAUSE = 0.5
"""Seconds between two ticks: a minute of the product."""
LONGEST_WAIT = timedelta(seconds=2)
"""Of what waits for minutes."""
FREQUENT = 2
"""Seconds between two runs of a flow, at most, for a round trip to wait for it."""


class TooLong(Exception):
    """It was not finished in time; the message says what was still moving."""


def moving(integration: Integration, flows: Sequence[str] = ()) -> list[str]:
    """What is still under way, in words; `flows` looks at these only."""
    records = SyncRecord.objects.filter(flow__integration=integration, state__in=MOVING)
    if flows:
        records = records.filter(flow__slug__in=flows)
    sentences = [
        f"{slug}: {label} is {state}"
        for slug, label, state in records.values_list("flow__slug", "source_label", "state")
    ]
    if WebhookEvent.objects.filter(state__in=["due", "following", "retrying"]).exists():
        sentences.append("notifications are to be followed")
    return sentences


def untried(integration: Integration) -> list[str]:
    """What waits and has not been tried again since the last order reached its target."""
    slugs = [spec.slug for spec in integration.declaration.flows if _writes_orders(spec)]
    last = _last_sync(integration, flow__slug__in=slugs)
    if last is None:
        return []
    waiting = SyncRecord.objects.filter(flow__integration=integration, state=State.WAITING)
    records = waiting.filter(claimed_at__lt=last + SIDE_EFFECTS)
    return [f"{slug}: {label} waits" for slug, label in records.values_list("flow__slug", "source_label")]


def _writes_orders(spec: FlowSpec) -> bool:
    return spec.target.endswith(".orders") and not spec.compares


def _last_sync(integration: Integration, **filters: object) -> datetime | None:
    records = SyncRecord.objects.filter(flow__integration=integration, synced_at__isnull=False, **filters)
    last: datetime | None = records.order_by("-synced_at").values_list("synced_at", flat=True).first()
    return last


def unread(integration: Integration, moment: datetime) -> list[str]:
    """Sources that have not been read to their end since this moment; those that are read seldom: at all."""
    flows = Flow.objects.running().filter(integration=integration).select_related("integration")
    return [f"{flow.slug}: is not read" for flow in flows if not flow.spec.polled_with and not _is_read(flow, moment)]


def _is_read(flow: Flow, moment: datetime) -> bool:
    frequent = flow.schedule.isdigit() and int(flow.schedule) <= FREQUENT
    return flow.read_up_to is not None and (flow.read_up_to > moment or not frequent)


def unfinished(integration: Integration, since: datetime) -> list[str]:
    """What is not finished, in words. What is written to one system shows up when that one is read again."""
    last = _last_sync(integration)
    moment = max(since, last) if last else since
    return unread(integration, moment) or moving(integration) or untried(integration)


def tick_until_finished(
    integrations: Sequence[Integration], since: datetime, *, within: float, show: Callable[[], None]
) -> None:
    """The clock of a demo: a tick twice a second instead of every minute, until all is finished. Raises `TooLong`."""
    until = time.monotonic() + within
    while left := [sentence for integration in integrations for sentence in unfinished(integration, since)]:
        if time.monotonic() > until:
            raise TooLong(f"Not finished after {within:.0f} seconds: {'; '.join(left[:10])}.")
        tick()
        show()
        time.sleep(PAUSE)


def tick() -> None:
    """A minute of the product passes, for what waits in the database too."""
    soon = timezone.now() + LONGEST_WAIT
    waiting = SyncRecord.objects.filter(state__in=[State.WAITING, State.RETRYING])
    waiting.filter(due_at__gt=soon).update(due_at=soon)
    clock.tick()


def record_statuses(integration: Integration) -> list[RecordStatus]:
    rows = SyncRecord.objects.filter(flow__integration=integration)
    return [RecordStatus(*row) for row in rows.values_list("flow__slug", "source_key", "state", "cause")]
