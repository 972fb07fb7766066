"""Troubles: what ends a task before its time is stored where a person looks, with the time of the next try.

Errors of our own tree have their ways; this is the net below them, for whatever else may be raised.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.redaction import redact
from connections.errors import VendorError
from connections.models import Connection
from syncjobs.engine.outcomes import backoff
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import Flow, FlowRun

LONGEST_TEXT = 500
PROBE_FIRST, PROBE_LAST = timedelta(minutes=5), timedelta(hours=4)


def in_words(error: BaseException) -> str:
    """One sentence for a person, without secrets. Errors of our tree speak for themselves; others name their class."""
    if isinstance(error, VendorError | MappingError):
        return str(error)
    name = f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins.")
    text = str(redact(str(error)))[:LONGEST_TEXT]
    return f"It stopped by a fault in this program, not in a system: {name}{': ' if text else ''}{text}"


def store_trouble(flow_id: int, text: str, task: str = "") -> None:
    """Store why a task of a flow failed, and let the flow pause: the longer, the more tasks failed one after another.

    Until `retry_at` the clock enqueues nothing for the flow; a person still can.
    """
    flow = Flow.objects.filter(pk=flow_id)
    with transaction.atomic():
        flow.update(failures=F("failures") + 1, failed_task=task, trouble=text)
        failures = flow.values_list("failures", flat=True).first() or 0
        retry_at = timezone.now() + backoff(failures)
        flow.update(retry_at=retry_at, next_run_at=retry_at)


def forget_failures(flow_id: int, task: str) -> None:
    """The task that failed last has gone well: the next failure pauses the flow shortly again.

    Only the same task says so. A reading that goes well says nothing about deliveries that fail.
    """
    failed = Flow.objects.filter(pk=flow_id, failures__gt=0, failed_task=task)
    failed.update(failures=0, failed_task="", retry_at=None)


def store_failed_fetch(flow_id: int, text: str) -> None:
    """Store why documents could not be fetched. The flow goes on: what waits for them asks again, ever more rarely."""
    FlowRun.objects.create(flow_id=flow_id, kind=FlowRun.Kind.FETCH, ended_at=timezone.now(), trouble=text)


def store_failed_probe(connection: Connection, text: str) -> None:
    """Store why a connection could not be tested; where it is to be tested again, it waits twice as long."""
    waits = Connection.objects.filter(pk=connection.pk, recover_at__isnull=False)
    with transaction.atomic():
        for last in waits.values_list("recover_wait", flat=True):
            wait = min(last * 2, PROBE_LAST) if last else PROBE_FIRST
            waits.update(recover_wait=wait, recover_at=timezone.now() + wait)
        trail.record(Action.PROBED, connection, summary=text, customer_id=connection.customer_id)


def store_failed_sign_out(connection: Connection, text: str) -> None:
    """Store why a session could not be signed out, and drop it: its seat is free when it expires."""
    with transaction.atomic():
        Connection._base_manager.filter(pk=connection.pk).update(session=None)
        trail.record(Action.SIGNED_OUT, connection, summary=text, customer_id=connection.customer_id)
