"""Why a flow's last run stopped early, and when it is tried again: ever later, so that nothing loops in silence."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit import trail
from audit.actions import Action
from connections import health
from connections.errors import TryLater, VendorError
from connections.models import Connection
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import Flow, FlowRun

log = logging.getLogger(__name__)

STOPPED = (SystemExit, KeyboardInterrupt)
"""What ends a task that is out of time, or that a person stops: no error, but its run has to have an end, too."""
FIRST_PAUSE, LAST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


def store_trouble(flow_id: int, error: Exception) -> None:
    """Keep what went wrong on the flow, and put its next run off by a pause that doubles with each failure in a row.

    A system that says when it may be asked again is believed. What is not of our error tree is logged with its
    traceback, and the flow names its class only: its text may hold anything.
    """
    _put_off(flow_id, error, "failures", "next_run_at")


def store_failed_work(flow_id: int, error: Exception) -> None:
    """Keep what went wrong on the flow, and let its records wait, ever longer. Its source is still read."""
    _put_off(flow_id, error, "work_failures", "next_work_at")


def _put_off(flow_id: int, error: Exception, counter: str, time: str) -> None:
    failures = Flow.objects.filter(pk=flow_id).values_list(counter, flat=True).first()
    if failures is not None:
        later = {counter: failures + 1, time: timezone.now() + pause(error, failures)}
        Flow.objects.filter(pk=flow_id).update(trouble=words_of(error), **later)


def work_went_well(flow_id: int) -> None:
    """The next failure lets the flow's records wait shortly again."""
    Flow.objects.filter(pk=flow_id, work_failures__gt=0).update(work_failures=0, next_work_at=None)


def store_failed_run(flow_id: int, kind: FlowRun.Kind, error: Exception) -> None:
    """Keep what went wrong as a run. The flow goes on: what asked for it asks again by itself."""
    if Flow.objects.filter(pk=flow_id).exists():
        FlowRun.objects.create(flow_id=flow_id, kind=kind, ended_at=timezone.now(), trouble=words_of(error))


def store_failed_probe(connection: Connection, error: Exception) -> None:
    """Keep in the trail why a connection could not be tested; where it is to be tested again, it waits twice as long."""
    waits = Connection.objects.filter(pk=connection.pk, recover_at__isnull=False)
    with transaction.atomic():
        for last in waits.values_list("recover_wait", flat=True):
            wait = min(last * 2, health.RECOVER_LAST) if last else health.RECOVER_FIRST
            waits.update(recover_wait=wait, recover_at=timezone.now() + wait)
        trail.record(Action.PROBED, connection, summary=words_of(error), customer_id=connection.customer_id)


def store_failed_sign_out(connection: Connection, error: Exception) -> None:
    """Keep in the trail why a session could not be signed out, and drop it: its seat is free when it expires."""
    with transaction.atomic():
        Connection._base_manager.filter(pk=connection.pk).update(session=None)
        trail.record(Action.SIGNED_OUT, connection, summary=words_of(error), customer_id=connection.customer_id)


def words_of(error: BaseException) -> str:
    """What a person reads of it."""
    if isinstance(error, STOPPED):
        return "It was stopped before its end."
    if isinstance(error, VendorError | MappingError):
        return str(error)
    log.error("A task failed", exc_info=error)
    return (
        f"Our own code failed ({type(error).__name__}). It is tried again by itself; "
        "if it stays so, tell the people who run this console."
    )


def pause(error: Exception, failures: int) -> timedelta:
    if isinstance(error, TryLater) and error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    doubled: timedelta = FIRST_PAUSE * 2 ** min(failures, 10)
    return min(doubled, LAST_PAUSE)
