"""Poll: read a flow's source page after page, collect each, and deliver while the next one is being read."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cronsim import CronSim
from django.conf import settings
from django.db import connections as databases
from django.db.models import Q
from django.utils import timezone

from connections import lifecycle
from connections.clients import Opened, opened
from connections.errors import ConnectionBroken, TryLater, VendorError
from connections.models import Connection
from connections.slots import slot
from connections.vendor import Page
from syncjobs.engine.claims import Claims
from syncjobs.engine.collect import LeaseLost, store
from syncjobs.engine.plans import CompiledFlow, prepare
from syncjobs.engine.work import SLOT_PATIENCE, reached, use_turn
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import Flow, FlowRun

SOON = timedelta(seconds=30)


def poll(flow_id: int, *, deadline: float | None = None) -> bool:
    """Read a flow's source to its end, or until the deadline (`time.monotonic()`). Answers whether the end came.

    Only one worker reads a flow at a time; calling it again meanwhile does nothing. Killed anywhere, the next call
    goes on at the last stored cursor.
    """
    flow = Flow.objects.running().select_related("integration__left", "integration__right").filter(pk=flow_id).first()
    if flow is None or flow.spec.polled_with:
        return True
    lease = _claim(flow)
    if not lease:
        return True
    run = FlowRun.objects.create(flow=flow, cursor_before=flow.cursor)
    ended, trouble = False, ""
    try:
        ended = _read(flow, run, lease, deadline or time.monotonic() + settings.TASK_SECONDS)
    except LeaseLost:
        return True
    except ConnectionBroken as error:
        lifecycle.stop(flow.source, error)
        trouble = str(error)
    except (VendorError, MappingError) as error:
        trouble = str(error)
        _postpone(flow, error)
    finally:
        FlowRun.objects.filter(pk=run.pk).update(ended_at=timezone.now(), trouble=trouble)
        done = {"next_run_at": timezone.now()} if not ended and not trouble else {}
        Flow.objects.filter(pk=flow.pk, lease=lease).update(lease="", lease_until=None, trouble=trouble, **done)
    return ended


def _claim(flow: Flow) -> str:
    """Take the flow's reading lease and set its next turn; empty if another worker has it."""
    now = timezone.now()
    lease = uuid.uuid4().hex
    free = Flow.objects.filter(Q(lease="") | Q(lease_until__lt=now), pk=flow.pk)
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    return lease if free.update(lease=lease, lease_until=until, next_run_at=next_turn(flow.schedule, now)) else ""


def next_turn(schedule: str, now: datetime) -> datetime:
    """When a flow runs next: `schedule` is seconds or a cron line (in the console's time zone)."""
    if schedule.isdigit():
        return now + timedelta(seconds=max(1, int(schedule)))
    turn: datetime = next(CronSim(schedule, timezone.localtime(now)))
    return turn


def _read(flow: Flow, run: FlowRun, lease: str, deadline: float) -> bool:
    started = timezone.now()
    plans = [prepare(flow), *(prepare(rider) for rider in polled_with_flows(flow))]
    reading, writing = opened(flow.source), reached(flow.target)
    # The source is the inner one: what breaks there must not stop the target.
    with slot(flow.source, "read", SLOT_PATIENCE) as free, writing as there, reading as access:
        if not free:
            raise TryLater("All reading lanes of the source are taken.", retry_after=10)
        resource = plans[0].source(access.client)
        cursor = flow.cursor or resource.start(flow.first_moment)
        for page in read_ahead(resource.changes(cursor), settings.READ_AHEAD):
            _take_in(plans, there, page, run, lease, deadline)
            access.exchanges.clear()
            if time.monotonic() > deadline:
                return False
    Flow.objects.filter(pk=flow.pk, lease=lease).update(read_up_to=started)
    return True


def _take_in(
    plans: Sequence[CompiledFlow], there: Opened | None, page: Page, run: FlowRun, lease: str, deadline: float
) -> None:
    """Store a page and send what is new in it, in one turn at the target; a busy target is left to its worker."""
    target = plans[0].flow.target
    if not page.documents:
        store(plans, (), "poll", run=run, cursor=page.cursor, lease=lease)
        return
    with slot(target, "write") as free:
        access = there if free and target.state != Connection.State.BROKEN else None
        claims = Claims(target.pk) if access else None
        counts = store(plans, page.documents, "poll", run=run, cursor=page.cursor, lease=lease, claims=claims)
        if claims and counts["changed"]:
            claims.left = True
        if counts["new"] or counts["changed"]:
            use_turn(plans, access, deadline, claims)


def polled_with_flows(flow: Flow) -> Sequence[Flow]:
    """Enabled flows of the same integration that this one's poll feeds too."""
    slugs = [spec.slug for spec in flow.integration.declaration.flows if spec.polled_with == flow.slug]
    if not slugs:
        return []
    found = Flow.objects.running().filter(integration=flow.integration_id, slug__in=slugs)
    return list(found.select_related("integration__left", "integration__right"))


def _postpone(flow: Flow, error: Exception) -> None:
    wait = getattr(error, "retry_after", None)
    soon = timezone.now() + (timedelta(seconds=wait) if wait is not None else SOON)
    Flow.objects.filter(pk=flow.pk, next_run_at__gt=soon).update(next_run_at=soon)


def read_ahead(pages: Iterator[Page], depth: int) -> Iterator[Page]:
    """The same pages, but up to `depth` of them are read on another thread while the last one is being used."""
    if not depth:
        yield from pages
        return
    shelf: queue.Queue[Page | BaseException | None] = queue.Queue(maxsize=depth)
    stop = threading.Event()
    reader = threading.Thread(target=_fill, args=(pages, shelf, stop), daemon=True, name="read-ahead")
    reader.start()
    try:
        while (item := shelf.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        while not shelf.empty():
            shelf.get_nowait()
        reader.join(timeout=130)  # longer than any read time-out: the client must not be closed under it


def _fill(pages: Iterator[Page], shelf: queue.Queue[Page | BaseException | None], stop: threading.Event) -> None:
    last: BaseException | None = None
    try:
        for page in pages:
            while not stop.is_set():
                try:
                    shelf.put(page, timeout=0.2)
                    break
                except queue.Full:
                    continue
            if stop.is_set():
                return
    except BaseException as error:  # noqa: BLE001 (carried to the thread that waits for pages)
        last = error
    finally:
        databases.close_all()  # this thread's own connections, opened by the budget and the session store
    while not stop.is_set():
        try:
            shelf.put(last, timeout=0.2)
            return
        except queue.Full:
            continue
