"""Work: take up whatever is due in some flows, until nothing is or the time is over."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.utils import timezone

from connections.clients import Opened, opened
from connections.errors import ConnectionBroken
from connections.slots import slot
from syncjobs import dispatch
from syncjobs.engine.compiled import CompiledFlow, compile_flow
from syncjobs.engine.deliver import deliver_batch
from syncjobs.engine.settle import settle_batch
from syncjobs.models import WORK, Flow, State, SyncRecord

SLOT_PATIENCE = 10.0


def work(flow_id: int, deadline: float) -> bool:
    """Settle and deliver what is due in one flow. Returns whether something due was left for another turn."""
    flow = Flow.objects.running().with_connections().filter(pk=flow_id).first()
    if flow is None:
        return False
    return deliver_due([compile_flow(flow)], deadline)


def deliver_due(flows: Sequence[CompiledFlow], deadline: float) -> bool:
    """Wait a while for a slot of the target and use it. Returns whether something due was left.

    A target that breaks is stopped; then its records wait, and nothing is left.
    """
    if not due_states(flows):
        return False
    target = flows[0].flow.target
    with slot(target, "write", SLOT_PATIENCE) as held:
        if not held:
            return enqueue_due(flows)
        try:
            with opened(target) as access:
                return work_off(flows, access, deadline)
        except ConnectionBroken:
            return False


def work_off(flows: Sequence[CompiledFlow], access: Opened, deadline: float) -> bool:
    """Settle and deliver what is due, flow after flow, a batch each in turn.

    The access is to the target of the first flow. A flow that is polled with it may write to the other system: its
    work is enqueued. Returns whether something due was left. Raises `ConnectionBroken`.
    """
    target = flows[0].flow.target.pk
    elsewhere = enqueue_due([compiled for compiled in flows if compiled.flow.target.pk != target])
    states = due_states(flows)
    left = [compiled for compiled in flows if compiled.flow.target.pk == target and compiled.flow.pk in states]
    for compiled in (compiled for compiled in left if State.UNKNOWN in states[compiled.flow.pk]):
        while settle_batch(compiled, access) and time.monotonic() < deadline:
            pass
    while left:
        left = [compiled for compiled in left if deliver_batch(compiled, access)]
        if time.monotonic() > deadline:
            return _enqueue(left) or elsewhere
    return elsewhere


def enqueue_due(flows: Sequence[CompiledFlow]) -> bool:
    """Leave what is due in these flows to another worker. Returns whether anything is."""
    states = due_states(flows) if flows else {}
    return _enqueue([compiled for compiled in flows if compiled.flow.pk in states])


def _enqueue(flows: Sequence[CompiledFlow]) -> bool:
    for compiled in flows:
        dispatch.enqueue_flow(compiled.flow.pk)
    return bool(flows)


def due_states(flows: Sequence[CompiledFlow]) -> dict[int, set[str]]:
    """States of the due records of each flow; flows that have none are absent."""
    keys = [compiled.flow.pk for compiled in flows]
    due = SyncRecord.objects.filter(flow__in=keys, state__in=[*WORK, State.UNKNOWN], due_at__lte=timezone.now())
    states: dict[int, set[str]] = {}
    for flow, state in due.order_by().values_list("flow_id", "state").distinct():
        states.setdefault(flow, set()).add(state)
    return states
