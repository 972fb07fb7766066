"""Poll: read a flow's source page after page, store each, and send what is new while the next one is being read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from cronsim import CronSim
from django.conf import settings
from django.utils import timezone

from connections.clients import opened
from connections.errors import TryLater
from connections.slots import slot
from connections.vendor import Page
from syncjobs import dispatch
from syncjobs.engine.collect import LeaseLost, store
from syncjobs.engine.compiled import CompiledFlow, compile_flow
from syncjobs.engine.read_ahead import read_ahead
from syncjobs.engine.sender import Sender
from syncjobs.engine.troubles import STOPPED, store_trouble, words_of
from syncjobs.engine.work import SLOT_PATIENCE, enqueue_due, work_off
from syncjobs.models import Flow, FlowRun
from toolkit import leases


def poll(flow_id: int, *, deadline: float | None = None) -> bool:
    """Read a flow's source to its end, or until the deadline (`time.monotonic()`). Returns whether the end came.

    Only one worker reads a flow at a time; calling it again meanwhile does nothing. Killed anywhere, the next call
    goes on at the last stored cursor. However it ends, the flow has its next time, and its trouble if there was any.
    """
    flow = Flow.objects.running().with_connections().filter(pk=flow_id).first()
    if flow is None or flow.spec.polled_with:
        return True
    lease = leases.take(Flow.objects.filter(pk=flow.pk), next_run_at=next_turn(flow.schedule, timezone.now()))
    if not lease:
        return True
    run = FlowRun.objects.create(flow=flow, cursor_before=flow.cursor)
    try:
        ended = _read(flow, run, lease, deadline or time.monotonic() + settings.TASK_SECONDS)
    except LeaseLost as error:
        run.end(str(error))
        return True
    except Exception as error:  # noqa: BLE001 (whatever it was, the flow has its trouble and its next time)
        run.end(words_of(error))
        if leases.give_back(Flow.objects.filter(pk=flow.pk), lease):
            store_trouble(flow.pk, error)
        return False
    except STOPPED as end:  # its trouble is stored by whoever asked for it
        run.end(words_of(end))
        leases.give_back(Flow.objects.filter(pk=flow.pk), lease)
        raise
    run.end()
    _give_back(flow, lease, ended=ended)
    return ended


def next_turn(schedule: str, now: datetime) -> datetime:
    """When a flow runs next: `schedule` is seconds or a cron line (in the console's time zone)."""
    if schedule.isdigit():
        return now + timedelta(seconds=max(1, int(schedule)))
    turn: datetime = next(CronSim(schedule, timezone.localtime(now)))
    return turn


def _give_back(flow: Flow, lease: str, *, ended: bool) -> None:
    """A flow that was not read to its end, or has come due meanwhile, is read again at once."""
    now = timezone.now()
    rows = Flow.objects.filter(pk=flow.pk)
    if not leases.give_back(rows, lease, trouble="", failures=0):
        return
    if not ended:
        rows.update(next_run_at=now)
    if rows.filter(next_run_at__lte=now).exists():
        dispatch.enqueue_poll(flow.pk)


def _read(flow: Flow, run: FlowRun, lease: str, deadline: float) -> bool:
    """Returns whether the source was read to its end. Raises `VendorError`, `MappingError`, `LeaseLost`."""
    started = timezone.now()
    flows = [compile_flow(flow), *(compile_flow(other) for other in polled_with(flow))]
    with slot(flow.source, "read", SLOT_PATIENCE) as held, opened(flow.source) as access:
        if not held:
            raise TryLater("All reading slots of the source are taken.", retry_after=10)
        resource = flows[0].source(access.client)
        pages = resource.changes(flow.cursor or resource.start(flow.first_moment))
        with Sender(flow.target, settings.READ_AHEAD and settings.READ_AHEAD + 1) as sender:
            for page in read_ahead(pages, settings.READ_AHEAD):
                _take_in(flows, page, sender, run, lease, deadline)
                access.exchanges.clear()
                if time.monotonic() > deadline:
                    return False
            sender.finish()
            if sender.due_again:
                sender.work_off(lambda access: work_off(flows, access, deadline))
    Flow.objects.filter(pk=flow.pk, lease=lease).update(read_up_to=started)
    return True


def _take_in(
    flows: Sequence[CompiledFlow], page: Page, sender: Sender, run: FlowRun, lease: str, deadline: float
) -> None:
    """Store a page and begin to send what is new in it; a busy target is left to its worker."""
    writer = sender.reserve() if page.documents else None
    claim_for = sender.target.pk if writer else None
    stored = store(flows, page.documents, "poll", run=run, cursor=page.cursor, lease=lease, claim_for=claim_for)
    if writer is None:
        if stored.more:
            enqueue_due(flows)
        return
    sender.send(writer, stored.claimed)
    if stored.more:
        sender.work_off(lambda access: work_off(flows, access, deadline))


def polled_with(flow: Flow) -> Sequence[Flow]:
    """Enabled flows of the same integration that this one's poll feeds too."""
    slugs = [spec.slug for spec in flow.integration.declaration.flows if spec.polled_with == flow.slug]
    if not slugs:
        return []
    return list(Flow.objects.running().with_connections().filter(integration=flow.integration_id, slug__in=slugs))
