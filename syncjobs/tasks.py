"""What the doorbell may ring for: ids in, one verb called. Each may run twice, and be killed at any line."""

from __future__ import annotations

import time

from django.conf import settings

from connections import lifecycle
from connections.models import Connection
from syncjobs import dispatch, subscriptions
from syncjobs.engine import clock
from syncjobs.engine import fetch as fetching
from syncjobs.engine import follow as following
from syncjobs.engine import poll as polling
from syncjobs.engine import reconcile as reconciling
from syncjobs.engine import work as working
from syncjobs.models import Flow, Integration


def _deadline() -> float:
    return time.monotonic() + float(settings.TASK_SECONDS)


def tick() -> None:
    clock.tick()


def poll(flow_id: int) -> None:
    if not polling.poll(flow_id, deadline=_deadline()):
        clock.enqueue_due_flows()


def work(flow_id: int) -> None:
    dispatch.picked_up(flow_id)
    working.work(flow_id, _deadline())


def fetch(integration_id: int, flow_slug: str, key: str) -> None:
    flow = Flow.objects.running().filter(integration=integration_id, slug=flow_slug).first()
    if flow is not None:
        fetching.fetch(flow, [key], "fetch")


def reread(flow_id: int, record_id: int) -> None:
    fetching.reread(flow_id, record_id)


def follow_connection(connection_id: int) -> None:
    following.follow_connection(connection_id, _deadline())


def reconcile(flow_id: int) -> None:
    reconciling.reconcile(flow_id)


def probe(connection_id: int) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        lifecycle.probe(connection)


def sign_out(connection_id: int) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        lifecycle.sign_out(connection)


def subscribe(integration_id: int) -> None:
    integration = Integration.objects.filter(pk=integration_id).first()
    if integration is not None:
        subscriptions.subscribe(integration)


def unsubscribe(integration_id: int) -> None:
    integration = Integration.objects.filter(pk=integration_id).first()
    if integration is not None:
        subscriptions.unsubscribe(integration)
