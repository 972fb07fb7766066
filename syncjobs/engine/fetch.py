"""Fetch: single documents read by key, for webhooks' sake, for records that wait, and for people."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings

from connections.clients import opened
from connections.vendor import Document
from syncjobs.engine.collect import store
from syncjobs.engine.compiled import compile_flow
from syncjobs.engine.poll import polled_with
from syncjobs.engine.troubles import STOPPED, words_of
from syncjobs.engine.work import deliver_due
from syncjobs.models import Flow, FlowRun, SyncRecord


def fetch(flow: Flow, keys: Sequence[str], trigger: str, *, for_person: bool = False) -> int:
    """Read these documents now, collect and deliver them. Returns how many there are. Raises `VendorError`."""
    documents: list[Document] = []
    with opened(flow.source, for_person=for_person) as access:
        resource = compile_flow(flow).source(access.client)
        for key in keys:
            documents.extend(resource.get(key))
    take_in(flow, documents, trigger)
    return len(documents)


def take_in(flow: Flow, documents: Sequence[Document], trigger: str) -> None:
    """Collect documents that were read outside of a poll, and deliver what came of them."""
    host = flow
    if flow.spec.polled_with:
        host = Flow.objects.with_connections().get(integration=flow.integration_id, slug=flow.spec.polled_with)
    kind = FlowRun.Kind.WEBHOOK if trigger == "webhook" else FlowRun.Kind.FETCH
    run = FlowRun.objects.create(flow=host, kind=kind)
    try:
        flows = [compile_flow(host), *(compile_flow(other) for other in polled_with(host))]
        store(flows, documents, trigger, run=run)
    except (Exception, *STOPPED) as error:
        run.end(words_of(error))
        raise
    run.end()
    deliver_due(flows, time.monotonic() + settings.TASK_SECONDS)


def reread(flow_id: int, record_id: int) -> int:
    """Read a record's source again, so that its next delivery sends the latest. Returns how many documents came."""
    flow = Flow.objects.running().with_connections().filter(pk=flow_id).first()
    record = SyncRecord.objects.without_bodies().filter(pk=record_id).first()
    if flow is None or record is None:
        return 0
    return fetch(flow, [record.source_key], "replay")
