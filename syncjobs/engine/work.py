"""Work: take up whatever is due in some flows, until nothing is or the time is over."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from django.utils import timezone

from connections import lifecycle
from connections.clients import Opened, opened
from connections.errors import ConnectionBroken
from connections.models import Connection
from connections.slots import slot
from syncjobs import dispatch
from syncjobs.engine.claims import Claims
from syncjobs.engine.deliver import deliver_batch, deliver_claimed
from syncjobs.engine.plans import CompiledFlow, prepare
from syncjobs.engine.settle import settle_batch
from syncjobs.models import WORK, Flow, State, SyncRecord

SLOT_PATIENCE = 10.0


def work(flow_id: int, deadline: float) -> bool:
    """Settle and deliver what is due in one flow. Answers whether something due was left for another turn."""
    flow = Flow.objects.running().select_related("integration__left", "integration__right").filter(pk=flow_id).first()
    if flow is None:
        return False
    return deliver_due([prepare(flow)], deadline)


@contextmanager
def reached(target: Connection) -> Iterator[Opened | None]:
    """A client of the target for the length of the block; None where none can be made: then its connection stops."""
    with ExitStack() as stack:
        try:
            access: Opened | None = stack.enter_context(opened(target))
        except ConnectionBroken as error:
            lifecycle.stop(target, error)
            access = None
        yield access


def deliver_due(plans: Sequence[CompiledFlow], deadline: float) -> bool:
    """Wait a while for a turn at the target and use it. Answers whether something due was left."""
    if not _due(plans):
        return False
    target = plans[0].flow.target
    with slot(target, "write", SLOT_PATIENCE) as free, reached(target) as access:
        return use_turn(plans, access if free else None, deadline)


def use_turn(
    plans: Sequence[CompiledFlow], access: Opened | None, deadline: float, claims: Claims | None = None
) -> bool:
    """Send what was claimed already, then settle and deliver what is due, flow after flow, a batch each in turn.

    Where all that is new was claimed and nothing else was found, the rest is left to the rings that it has of its own.
    Without access the worker that holds the target is told; so is one for flows of another target than the first's.
    Answers whether something due was left.
    """
    try:
        if access and claims:
            states = [deliver_claimed(plan, claims, access) for plan in plans]
            if not claims.left and not any(found[State.DUE] for found in states):
                return False
        due = _due(plans)
        left = [plan for plan in plans if plan.flow.pk in due]
        if access is None:
            return _ring(left)
        target = plans[0].flow.target.pk  # the access is to this one; a flow that rides along may write to the other
        elsewhere = _ring([plan for plan in left if plan.flow.target.pk != target])
        left = [plan for plan in left if plan.flow.target.pk == target]
        for plan in (plan for plan in left if State.UNKNOWN in due[plan.flow.pk]):
            while settle_batch(plan, access) and time.monotonic() < deadline:
                pass
        while left:
            left = [plan for plan in left if deliver_batch(plan, access)]
            if time.monotonic() > deadline:
                return _ring(left) or elsewhere
    except ConnectionBroken:
        return False  # the connection is stopped now; its records wait
    return elsewhere


def _ring(plans: Sequence[CompiledFlow]) -> bool:
    for plan in plans:
        dispatch.enqueue_flow(plan.flow.pk)
    return bool(plans)


def _due(plans: Sequence[CompiledFlow]) -> dict[int, set[str]]:
    """States of the due records of each flow; flows that have none are absent."""
    flows = [plan.flow.pk for plan in plans]
    due = SyncRecord.objects.filter(flow__in=flows, state__in=[*WORK, State.UNKNOWN], due_at__lte=timezone.now())
    states: dict[int, set[str]] = {}
    for flow, state in due.order_by().values_list("flow_id", "state").distinct():
        states.setdefault(flow, set()).add(state)
    return states
