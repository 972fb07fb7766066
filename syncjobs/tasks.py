"""What a worker may be asked to do: ids in, one verb called. Each may run twice, and be killed at any line.

No exit goes without a word: whatever a verb raises is stored, with the time of the next try.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from connections import lifecycle
from connections.models import Connection
from syncjobs import dispatch, subscriptions
from syncjobs.engine import clock, troubles
from syncjobs.engine import fetch as fetching
from syncjobs.engine import follow as following
from syncjobs.engine import poll as polling
from syncjobs.engine import reconcile as reconciling
from syncjobs.engine import work as working
from syncjobs.models import Flow, FlowRun, Integration


def tick() -> None:
    clock.tick()


def poll(flow_id: int) -> None:
    with _stored(lambda error: troubles.store_trouble(flow_id, error)):
        polling.poll(flow_id, deadline=_deadline())


def work(flow_id: int) -> None:
    dispatch.picked_up(flow_id)
    with _stored(lambda error: troubles.store_failed_work(flow_id, error)):
        working.work(flow_id, _deadline())
        troubles.work_went_well(flow_id)


def reconcile(flow_id: int) -> None:
    with _stored(lambda error: troubles.store_failed_run(flow_id, FlowRun.Kind.RECONCILE, error)):
        reconciling.reconcile(flow_id)


def fetch(integration_id: int, flow_slug: str, key: str) -> None:
    flow = Flow.objects.running().filter(integration=integration_id, slug=flow_slug).first()
    if flow is not None:
        with _stored(lambda error: troubles.store_failed_run(flow.pk, FlowRun.Kind.FETCH, error)):
            fetching.fetch(flow, [key], "fetch")


def reread(flow_id: int, record_id: int) -> None:
    with _stored(lambda error: troubles.store_failed_run(flow_id, FlowRun.Kind.FETCH, error)):
        fetching.reread(flow_id, record_id)


def follow_connection(connection_id: int) -> None:
    following.follow_connection(connection_id, _deadline())


def probe(connection_id: int) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        with _stored(lambda error: troubles.store_failed_probe(connection, error)):
            lifecycle.probe(connection)


def sign_out(connection_id: int) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        with _stored(lambda error: troubles.store_failed_sign_out(connection, error)):
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
def _stored(store: Callable[[Exception], None]) -> Iterator[None]:
    """Store whatever ends the block early. A task that is out of time (`SystemExit` of the queue) ends all the same."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 (the border with the queue: nothing is behind it)
        store(error)
    except SystemExit:
        store(TimeoutError("It took longer than a task may take."))
        raise


def _deadline() -> float:
    return time.monotonic() + float(settings.TASK_SECONDS)
