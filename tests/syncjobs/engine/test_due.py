from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from connections.models import Connection
from syncjobs import dispatch, tasks
from syncjobs.engine import due
from syncjobs.models import Flow, WebhookEvent
from tests import factories
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing

HOUR = dt.timedelta(hours=1)


def enqueued() -> list[tuple[str, int]]:
    rows = [row.task for row in OrmQ.objects.order_by("pk")]
    return [(task["func"].rpartition(".")[2], task["args"][0]) for task in rows]


def test_a_due_flow_is_enqueued_once(lab: Lab) -> None:
    Flow.objects.update(next_run_at=None)
    assert due.enqueue_flows(10) == 1
    assert due.enqueue_flows(10) == 0


def test_a_flow_that_is_read_with_another_is_not_enqueued(lab: Lab) -> None:
    Flow.objects.filter(slug="boxes").update(enabled=False)
    assert due.enqueue_flows(10) == 0


def test_a_tick_with_nothing_due_loads_no_flow(lab: Lab) -> None:
    Flow.objects.update(next_run_at=None)
    due.enqueue_flows(10)
    assert not Flow.objects.filter(next_run_at=None).exists()
    with CaptureQueriesContext(connection) as captured:
        assert due.enqueue_flows(10) == 0
    assert len(captured) == 1


def test_a_flow_that_was_read_with_another_is_found_when_its_recipe_has_changed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    Flow.objects.filter(slug="boxes").update(enabled=False)
    due.enqueue_flows(10)
    monkeypatch.setattr(due, "_spec", lambda recipe, slug: None)
    assert due.enqueue_flows(10) == 0
    Flow.objects.update(next_run_at=timezone.now())  # a day has passed
    assert due.enqueue_flows(10) == 1


def test_a_new_flow_goes_first_then_the_one_that_is_due_for_longest(db: None) -> None:
    flows = [factories.flow(integration=factories.integration(state="active")) for _ in range(3)]
    now = timezone.now()
    Flow.objects.update(next_run_at=now + HOUR)
    for flow, at in zip(flows, (now, now - HOUR, None), strict=True):
        Flow.objects.filter(pk=flow.pk).update(next_run_at=at)
    assert due.enqueue_flows(2) == 2
    assert enqueued() == [("poll", flows[2].pk), ("poll", flows[1].pk)]
    assert due.enqueue_flows(2) == 1


def test_a_flow_that_is_read_just_now_stays_due(lab: Lab) -> None:
    past = timezone.now() - HOUR
    Flow.objects.filter(slug="states").update(next_run_at=timezone.now() + HOUR)
    boxes = Flow.objects.filter(slug="boxes")
    boxes.update(next_run_at=past, lease="held", lease_until=timezone.now() + HOUR)
    assert due.enqueue_flows(10) == 0
    assert boxes.get().next_run_at == past
    boxes.update(lease_until=past)  # its reader has died
    assert due.enqueue_flows(10) == 1


def test_a_flow_that_comes_due_while_it_is_read_is_read_right_after(lab: Lab) -> None:
    def outlast(documents: object) -> None:
        boxes.update(next_run_at=timezone.now() - HOUR)
        due.enqueue_flows(10)

    boxes = Flow.objects.filter(slug="boxes")
    Flow.objects.filter(slug="states").update(next_run_at=timezone.now() + HOUR)
    lab.shelf.add(thing("1"))
    lab.shelf.before_write = outlast
    tasks.poll(lab.flow.pk)
    assert enqueued() == [("poll", lab.flow.pk)]


def test_a_flow_that_is_not_due_after_it_was_read_waits_for_its_time(lab: Lab) -> None:
    tasks.poll(lab.flow.pk)
    assert enqueued() == []


def test_due_records_are_worked_on_by_one_task_a_flow(lab: Lab) -> None:
    for number in range(3):
        factories.record(flow=lab.flow, state="due", source_key=str(number))
    assert due.enqueue_records(10) == 1
    assert enqueued() == [("work", lab.flow.pk)]
    assert due.enqueue_records(10) == 0
    dispatch.picked_up(lab.flow.pk)
    assert due.enqueue_records(10) == 1


def test_a_flow_whose_work_failed_is_read_but_not_worked_on_before_its_time(lab: Lab) -> None:
    factories.record(flow=lab.flow, state="due")
    Flow.objects.update(next_run_at=None, next_work_at=timezone.now() + HOUR)
    assert (due.enqueue_flows(10), due.enqueue_records(10)) == (1, 0)
    Flow.objects.update(next_work_at=timezone.now())
    assert due.enqueue_records(10) == 1


def test_each_flow_is_reconciled_once_a_day(lab: Lab) -> None:
    assert due.enqueue_reconciliations(10) == 0
    Flow.objects.update(next_reconcile_at=timezone.now())
    assert due.enqueue_reconciliations(1) == 1
    assert due.enqueue_reconciliations(10) == 1
    assert due.enqueue_reconciliations(10) == 0
    assert {name for name, _ in enqueued()} == {"reconcile"}
    assert all(flow.next_reconcile_at > timezone.now() + 23 * HOUR for flow in Flow.objects.all())


def test_notifications_are_followed_by_one_task_a_connection(lab: Lab) -> None:
    for _ in range(3):
        factories.event(connection=lab.left)
    factories.event(connection=lab.right, state="done")
    assert due.enqueue_events(10) == 1
    assert enqueued() == [("follow_connection", lab.left.pk)]
    assert due.enqueue_events(10) == 0


def test_notifications_of_a_stopped_connection_wait(lab: Lab) -> None:
    factories.event(connection=lab.left)
    Connection.objects.update(state="broken")
    assert due.enqueue_events(10) == 0
    assert WebhookEvent.objects.get().state == "due"


def test_an_idle_session_is_signed_out_once(lab: Lab) -> None:
    Connection.objects.filter(pk=lab.left.pk).update(session_used_at=timezone.now() - HOUR)
    assert due.enqueue_sign_outs(10) == 1
    assert due.enqueue_sign_outs(10) == 0
    assert enqueued() == [("sign_out", lab.left.pk)]


def test_one_customer_with_much_to_do_leaves_room_for_the_others(db: None) -> None:
    big, small = factories.customer(), factories.customer()
    many = [factories.integration(customer=big, state="active") for _ in range(5)]
    few = factories.integration(customer=small, state="active")
    Flow.objects.update(next_run_at=timezone.now() + HOUR)
    Flow.objects.filter(slug="orders", integration__in=many).update(next_run_at=timezone.now() - HOUR)
    Flow.objects.filter(slug="orders", integration=few).update(next_run_at=timezone.now())
    due.enqueue_flows(2)
    assert few.flows.get(slug="orders").pk in [pk for _, pk in enqueued()]
