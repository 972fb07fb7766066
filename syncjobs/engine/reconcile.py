"""Reconcile: both systems compared over a window by natural key; every difference gets a fate."""

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
from connections import lifecycle
from connections.clients import opened
from connections.errors import ConnectionBroken, VendorError
from connections.vendor import Outgoing
from syncjobs.engine.collect import store
from syncjobs.engine.plans import CompiledFlow, prepare
from syncjobs.engine.poll import polled_with_flows
from syncjobs.engine.work import deliver_due
from syncjobs.models import Flow, FlowRun, State, SyncRecord

WINDOW = timedelta(days=2)
BATCH = 100


def reconcile(flow_id: int, *, since: datetime | None = None, actor: Actor = ENGINE) -> Counter[str]:
    """Compare a flow's source and target over a window (two days back, if not told).

    A source document without a record is collected; a synced record whose document is gone from the target needs a
    person. Nothing is written to the target here. Answers counts; a vendor's failure is kept on the run.
    """
    flow = Flow.objects.running().select_related("integration__left", "integration__right").filter(pk=flow_id).first()
    if flow is None:
        return Counter()
    since = since or timezone.now() - WINDOW
    run = FlowRun.objects.create(flow=flow, kind=FlowRun.Kind.RECONCILE)
    counts: Counter[str] = Counter()
    trouble = ""
    plan = prepare(flow)
    try:
        if not flow.spec.polled_with:
            counts += _read_again(plan, since, run)
        if not flow.spec.compares:
            counts += _look_for_missing(plan, since)
    except VendorError as error:
        trouble = str(error)
        if isinstance(error, ConnectionBroken):
            lifecycle.stop(flow.source, error)
    FlowRun.objects.filter(pk=run.pk).update(ended_at=timezone.now(), counts=dict(counts), trouble=trouble)
    trail.record(
        Action.RECONCILED,
        flow,
        actor=actor,
        customer_id=flow.integration.customer_id,
        summary=trouble
        or f"{counts['seen']} read again, {counts['new']} new, {counts['missing']} missing in the target.",
        data=dict(counts),
    )
    return counts


def _read_again(plan: CompiledFlow, since: datetime, run: FlowRun) -> Counter[str]:
    """Read the source over the window, past the cursor and without moving it."""
    counts: Counter[str] = Counter()
    plans = [plan, *(prepare(rider) for rider in polled_with_flows(plan.flow))]
    with opened(plan.flow.source) as access:
        resource = plan.source(access.client)
        for page in resource.changes(resource.start(since)):
            counts += store(plans, page.documents, "reconcile", run=run)
            access.exchanges.clear()
    deliver_due(plans, time.monotonic() + settings.TASK_SECONDS)
    return counts


def _look_for_missing(plan: CompiledFlow, since: datetime) -> Counter[str]:
    synced = SyncRecord.objects.filter(
        flow=plan.flow, state=State.SYNCED, target_key__isnull=False, synced_at__gte=since
    ).select_related("flow__integration")
    counts: Counter[str] = Counter()
    keys = list(synced.order_by("pk").values_list("pk", flat=True))
    with opened(plan.flow.target) as access:
        resource = plan.target(access.client)
        for start in range(0, len(keys), BATCH):
            records = list(synced.filter(pk__in=keys[start : start + BATCH]))
            outgoing = [
                Outgoing(record.natural_key, record.sent_body or {}, record.target_key or "", record.sent_body)
                for record in records
            ]
            found = resource.find(outgoing, min(record.synced_at or since for record in records) - timedelta(hours=1))
            missing = [record for record in records if record.natural_key not in found]
            _mark_missing(missing)
            counts.update(compared=len(records), missing=len(missing))
    return counts


def _mark_missing(records: Sequence[SyncRecord]) -> None:
    """Only what is still synced: a record that moved on meanwhile has a newer fate."""
    for record in records:
        with transaction.atomic():
            still = SyncRecord.objects.filter(pk=record.pk, state=State.SYNCED, synced_at=record.synced_at)
            cause = f"It was written as {record.target_key}, but the target does not have it any more."
            step = "Find out who removed it there; replay to send it again, or close with a reason."
            if still.update(state=State.ATTENTION, error_class="Missing", cause=cause, next_step=step):
                trail.record(Action.MISSING, record, summary=cause, customer_id=record.flow.integration.customer_id)
