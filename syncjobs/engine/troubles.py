"""Why a flow's last run stopped early, and when it is tried again: ever later, so that nothing loops in silence."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from connections.errors import TryLater, VendorError
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import Flow

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


def store_trouble(flow_id: int, error: Exception) -> None:
    """Keep what went wrong on the flow, and put its next run off by a pause that doubles with each failure in a row.

    A system that says when it may be asked again is believed. What is not of our error tree is logged with its
    traceback, and the flow names its class only: its text may hold anything.
    """
    failures = Flow.objects.filter(pk=flow_id).values_list("failures", flat=True).first()
    if failures is None:
        return
    Flow.objects.filter(pk=flow_id).update(
        trouble=words_of(error), failures=failures + 1, next_run_at=timezone.now() + pause(error, failures)
    )


def words_of(error: Exception) -> str:
    """What a person reads of it."""
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
