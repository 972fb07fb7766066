"""Reconcile: both systems compared over a window by natural key; every difference gets a state."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import ENGINE, Actor
from connections.clients import opened
from connections.vendor import Outgoing, Resource
from syncjobs.engine import transitions
from syncjobs.engine.collect import store
from syncjobs.engine.compiled import CompiledFlow, compile_flow
from syncjobs.engine.poll import polled_with
from syncjobs.engine.troubles import STOPPED, words_of
from syncjobs.engine.work import deliver_due
from syncjobs.models import Flow, FlowRun, State, SyncRecord

WINDOW = timedelta(days=2)
BATCH = 100
# A search by time must not miss what was written a moment before our own clock said so.
SKEW = timedelta(hours=1)


def reconcile(flow_id: int, *, since: datetime | None = None, actor: Actor = ENGINE) -> Counter[str]:
    """Compare a flow's source and target over a window (two days back, if not told).

    A source document without a record is collected; a synced record whose document is gone from the target needs a
    person. Nothing is written to the target here. Returns counts; a failure is kept on the run.
    """
    flow = Flow.objects.running().with_connections().filter(pk=flow_id).first()
    if flow is None:
        return Counter()
    run = FlowRun.objects.create(flow=flow, kind=FlowRun.Kind.RECONCILE)
    counts: Counter[str] = Counter()
    trouble = ""
    try:
        _compare(flow, since or timezone.now() - WINDOW, run, counts)
    except Exception as error:  # noqa: BLE001 (whatever it was, the run has its end and its trouble)
        trouble = words_of(error)
    except STOPPED as end:
        run.end(words_of(end))
        raise
    run.counts = dict(counts)
    run.save(update_fields=["counts"])
    run.end(trouble)
    summary = f"{counts['seen']} read again, {counts['new']} new, {counts['missing']} missing in the target."
    trail.record(
        Action.RECONCILED,
        flow,
        actor=actor,
        customer_id=flow.integration.customer_id,
        summary=trouble or summary,
        data=dict(counts),
    )
    return counts


def _compare(flow: Flow, since: datetime, run: FlowRun, counts: Counter[str]) -> None:
    compiled = compile_flow(flow)
    if not flow.spec.polled_with:
        counts += _read_again(compiled, since, run)
    if not flow.spec.compares:
        counts += _look_for_missing(compiled, since)


def _read_again(compiled: CompiledFlow, since: datetime, run: FlowRun) -> Counter[str]:
    """Read the source over the window, past the cursor and without moving it."""
    counts: Counter[str] = Counter()
    flows = [compiled, *(compile_flow(other) for other in polled_with(compiled.flow))]
    with opened(compiled.flow.source) as access:
        resource = compiled.source(access.client)
        for page in resource.changes(resource.start(since)):
            counts += store(flows, page.documents, "reconcile", run=run).counts
            access.exchanges.clear()
    deliver_due(flows, time.monotonic() + settings.TASK_SECONDS)
    return counts


def _look_for_missing(compiled: CompiledFlow, since: datetime) -> Counter[str]:
    synced = SyncRecord.objects.filter(
        flow=compiled.flow, state=State.SYNCED, target_key__isnull=False, synced_at__gte=since
    ).select_related("flow__integration")
    counts: Counter[str] = Counter()
    keys = list(synced.order_by("pk").values_list("pk", flat=True))
    with opened(compiled.flow.target) as access:
        resource = compiled.target(access.client)
        for start in range(0, len(keys), BATCH):
            records = list(synced.filter(pk__in=keys[start : start + BATCH]))
            missing = _absent(resource, records, since)
            _mark_missing(missing)
            counts.update(compared=len(records), missing=len(missing))
    return counts


def _absent(resource: Resource, records: Sequence[SyncRecord], since: datetime) -> list[SyncRecord]:
    """The records whose documents the target does not have."""
    outgoing = [
        Outgoing(record.natural_key, record.sent_body or {}, record.target_key or "", record.sent_body)
        for record in records
    ]
    first = min((record.synced_at or since for record in records), default=since)
    found = resource.find(outgoing, first - SKEW)
    return [record for record in records if record.natural_key not in found]


def _mark_missing(records: Sequence[SyncRecord]) -> None:
    for record in records:
        with transaction.atomic():
            as_it_was = SyncRecord.objects.filter(pk=record.pk, synced_at=record.synced_at)
            cause = f"It was written as {record.target_key}, but the target does not have it any more."
            if transitions.missing_in_target(as_it_was, cause):
                trail.record(Action.MISSING, record, summary=cause, customer_id=record.flow.integration.customer_id)
