"""Work: take up whatever is due in some flows, until nothing is or the time is over."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.utils import timezone

from connections.clients import opened
from connections.errors import ConnectionBroken
from connections.lanes import lane
from syncjobs import doorbell
from syncjobs.engine.deliver import deliver_batch
from syncjobs.engine.plans import FlowPlan, prepare
from syncjobs.engine.settle import settle_batch
from syncjobs.models import WORK, Flow, State, SyncRecord

LANE_PATIENCE = 10.0


def work(flow_id: int, deadline: float) -> bool:
    """Settle and deliver what is due in one flow. Answers whether something due was left for another turn."""
    flow = Flow.objects.running().select_related("integration__left", "integration__right").filter(pk=flow_id).first()
    if flow is None:
        return False
    return deliver_due([prepare(flow)], deadline, patient=True)


def deliver_due(plans: Sequence[FlowPlan], deadline: float, *, patient: bool) -> bool:
    """Settle and deliver flow after flow, a batch each in turn. Answers whether something due was left.

    `patient` waits a while for a writing lane; otherwise a busy target is left to the worker that holds it.
    """
    due = _due(plans)
    left = [plan for plan in plans if plan.flow.pk in due]
    if not left:
        return False
    doubtful = [plan for plan in left if State.UNKNOWN in due[plan.flow.pk]]
    with lane(left[0].flow.target, "write", LANE_PATIENCE if patient else 0) as free:
        return _turns(left, doubtful, deadline) if free else _ring(left)


def _turns(plans: Sequence[FlowPlan], doubtful: Sequence[FlowPlan], deadline: float) -> bool:
    left = list(plans)
    with opened(plans[0].flow.target) as access:
        try:
            for plan in doubtful:
                while settle_batch(plan, access) and time.monotonic() < deadline:
                    pass
            while left:
                left = [plan for plan in left if deliver_batch(plan, access)]
                if time.monotonic() > deadline:
                    return _ring(left)
        except ConnectionBroken:
            return False  # the connection is stopped now; its records wait
    return False


def _ring(plans: Sequence[FlowPlan]) -> bool:
    for plan in plans:
        doorbell.ring_flow(plan.flow.pk)
    return bool(plans)


def _due(plans: Sequence[FlowPlan]) -> dict[int, set[str]]:
    """States of the due records of each flow; flows that have none are absent."""
    flows = [plan.flow.pk for plan in plans]
    due = SyncRecord.objects.filter(flow__in=flows, state__in=[*WORK, State.UNKNOWN], due_at__lte=timezone.now())
    states: dict[int, set[str]] = {}
    for flow, state in due.order_by().values_list("flow_id", "state").distinct():
        states.setdefault(flow, set()).add(state)
    return states
