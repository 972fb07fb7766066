"""What a worker may be asked to do: ids in, one verb called. Each may run twice, and be killed at any line.

No exit goes without a word: whatever a verb raises is stored, with the time of the next try.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from connections import lifecycle
from connections.models import Connection
from syncjobs import dispatch, subscriptions
from syncjobs.engine import clock, due, troubles
from syncjobs.engine import fetch as fetching
from syncjobs.engine import follow as following
from syncjobs.engine import poll as polling
from syncjobs.engine import reconcile as reconciling
from syncjobs.engine import work as working
from syncjobs.models import Flow, Integration

log = logging.getLogger(__name__)


def tick() -> None:
    clock.tick()


def poll(flow_id: int) -> None:
    with _of_flow("poll", flow_id):
        polling.poll(flow_id, deadline=_deadline())
    due.enqueue_flow_if_due(flow_id)  # what was left, and what came due meanwhile


def work(flow_id: int) -> None:
    dispatch.picked_up(flow_id)
    with _of_flow("work", flow_id):
        working.work(flow_id, _deadline())


def reconcile(flow_id: int) -> None:
    with _of_flow("reconcile", flow_id):
        reconciling.reconcile(flow_id)


def fetch(integration_id: int, flow_slug: str, key: str) -> None:
    flow = Flow.objects.running().filter(integration=integration_id, slug=flow_slug).first()
    if flow is not None:
        with _stored(lambda text: troubles.store_failed_fetch(flow.pk, text)):
            fetching.fetch(flow, [key], "fetch")


def reread(flow_id: int, record_id: int) -> None:
    with _stored(lambda text: troubles.store_failed_fetch(flow_id, text)):
        fetching.reread(flow_id, record_id)


def follow_connection(connection_id: int) -> None:
    following.follow_connection(connection_id, _deadline())


def probe(connection_id: int) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        with _stored(lambda text: troubles.store_failed_probe(connection, text)):
            lifecycle.probe(connection)


def sign_out(connection_id: int) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        with _stored(lambda text: troubles.store_failed_sign_out(connection, text)):
            lifecycle.sign_out(connection)


def subscribe(integration_id: int) -> None:
    integration = Integration.objects.filter(pk=integration_id).first()
    if integration is not None:
        subscriptions.subscribe(integration)


def unsubscribe(integration_id: int) -> None:
    integration = Integration.objects.filter(pk=integration_id).first()
    if integration is not None:
        subscriptions.unsubscribe(integration)


@contextmanager
def _of_flow(task: str, flow_id: int) -> Iterator[None]:
    with _stored(lambda text: troubles.store_trouble(flow_id, text, task)):
        yield
        troubles.forget_failures(flow_id, task)


@contextmanager
def _stored(store: Callable[[str], None]) -> Iterator[None]:
    """Store whatever ends the block early. A task that is out of time (`SystemExit` of the queue) ends all the same."""
    try:
        yield
    except Exception as error:
        log.exception("A task failed")
        store(troubles.in_words(error))
    except SystemExit:
        store("It took longer than a task may take, and was ended.")
        raise


def _deadline() -> float:
    return time.monotonic() + float(settings.TASK_SECONDS)
