"""Fetch: single documents read by key, for webhooks' sake, for records that wait, and for people."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings

from connections import lifecycle
from connections.clients import opened
from connections.errors import ConnectionBroken
from connections.vendor import Document
from syncjobs.engine.collect import store
from syncjobs.engine.plans import prepare
from syncjobs.engine.poll import polled_with_flows
from syncjobs.engine.work import deliver_due
from syncjobs.models import Flow, FlowRun, SyncRecord


def fetch(flow: Flow, keys: Sequence[str], trigger: str, *, for_person: bool = False) -> int:
    """Read these documents now, collect and deliver them. Answers how many were found. Raises `VendorError`."""
    documents: list[Document] = []
    try:
        with opened(flow.source, for_person=for_person) as access:
            resource = prepare(flow).source(access.client)
            for key in keys:
                documents.extend(resource.get(key))
    except ConnectionBroken as error:
        lifecycle.stop(flow.source, error)
        raise
    take_in(flow, documents, trigger)
    return len(documents)


def take_in(flow: Flow, documents: Sequence[Document], trigger: str) -> None:
    """Collect documents that were read outside of a poll, and deliver what came of them."""
    host = flow
    if flow.spec.polled_with:
        host = Flow.objects.get(integration=flow.integration_id, slug=flow.spec.polled_with)
    kind = FlowRun.Kind.WEBHOOK if trigger == "webhook" else FlowRun.Kind.FETCH
    run = FlowRun.objects.create(flow=host, kind=kind)
    plans = [prepare(host), *(prepare(rider) for rider in polled_with_flows(host))]
    store(plans, documents, trigger, run=run)
    run.ended_at = run.started_at.now(run.started_at.tzinfo)
    run.save(update_fields=["ended_at"])
    deliver_due(plans, time.monotonic() + settings.TASK_SECONDS)


def reread(flow_id: int, record_id: int) -> int:
    """Read a record's source again, so that its next delivery sends the latest."""
    flow = Flow.objects.running().select_related("integration__left", "integration__right").filter(pk=flow_id).first()
    record = SyncRecord.objects.without_bodies().filter(pk=record_id).first()
    if flow is None or record is None:
        return 0
    return fetch(flow, [record.source_key], "replay")
