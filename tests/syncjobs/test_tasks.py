from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ

from audit.models import AuditEntry
from connections import lifecycle
from connections.models import Connection
from syncjobs import dispatch, subscriptions, tasks
from syncjobs.engine import clock, fetch, follow, poll, reconcile, work
from syncjobs.models import Flow, FlowRun, WebhookEvent
from tests import factories
from tests.syncjobs.conftest import Lab, Notify

STRANGE = [ZeroDivisionError("division by zero"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")]
strange = pytest.mark.parametrize("error", STRANGE, ids=lambda error: type(error).__name__)


def failing(error: BaseException) -> object:
    def fail(*args: object, **named: object) -> None:
        raise error.with_traceback(None) from None

    return fail


@strange
def test_whatever_ends_a_poll_is_stored_and_it_is_tried_again_later(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(poll, "poll", failing(error))
    tasks.poll(lab.flow.pk)
    flow = lab.flow
    assert (type(error).__name__ in flow.trouble, flow.failures) == (True, 1)
    assert flow.next_run_at
    assert flow.next_run_at > timezone.now()
    assert not OrmQ.objects.exists()


@strange
def test_whatever_ends_work_is_stored_and_it_is_tried_again_later(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    factories.record(flow=lab.flow, state="due")
    monkeypatch.setattr(work, "work", failing(error))
    Flow.objects.update(next_run_at=timezone.now() + dt.timedelta(hours=1))
    clock.tick()
    assert lab.run_tasks() == ["syncjobs.tasks.work"]
    assert (type(error).__name__ in lab.flow.trouble, lab.flow.work_failures) == (True, 1)
    clock.tick()
    assert lab.run_tasks() == []


@strange
def test_whatever_ends_a_reconciliation_is_stored_in_a_run(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(reconcile, "reconcile", failing(error))
    tasks.reconcile(lab.flow.pk)
    assert type(error).__name__ in FlowRun.objects.get(kind="reconcile").trouble
    assert lab.flow.next_reconcile_at > timezone.now()


@strange
def test_a_document_that_ends_a_poll_in_any_way_does_not_make_it_run_for_ever(lab: Lab, error: Exception) -> None:
    lab.shelf.read_error = error
    lab.shelf.add()
    Flow.objects.update(next_run_at=None)
    clock.tick()
    assert lab.run_tasks() == ["syncjobs.tasks.poll"]
    assert type(error).__name__ in lab.flow.trouble
    clock.tick()
    assert lab.run_tasks() == []


@strange
def test_whatever_ends_a_fetch_is_stored_in_its_run_and_the_flow_goes_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(fetch, "fetch", failing(error))
    monkeypatch.setattr(fetch, "reread", failing(error))
    tasks.fetch(lab.integration.pk, "boxes", "1")
    tasks.reread(lab.flow.pk, 1)
    assert [type(error).__name__ in run.trouble for run in FlowRun.objects.filter(kind="fetch")] == [True, True]
    assert (lab.flow.failures, lab.flow.next_work_at) == (0, None)


@strange
def test_whatever_ends_the_following_of_notifications_is_stored_in_them(
    lab: Lab, notify: Notify, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    notify()
    monkeypatch.setattr(follow, "_fed_flows", failing(error))
    waits = []
    for _ in range(5):
        WebhookEvent.objects.update(due_at=timezone.now())
        tasks.follow_connection(lab.left.pk)
        event = WebhookEvent.objects.get()
        assert (event.state, type(error).__name__ in event.cause) == ("retrying", True)
        assert event.due_at
        waits.append(event.due_at - timezone.now())
    assert waits[-1] > 4 * waits[0]


@strange
def test_whatever_ends_a_call_for_a_connection_is_in_the_trail(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for verb in ("probe", "sign_out"):
        monkeypatch.setattr(lifecycle, verb, failing(error))
        getattr(tasks, verb)(lab.left.pk)
    monkeypatch.setattr(subscriptions, "opened", failing(error))
    tasks.subscribe(lab.integration.pk)
    for action in ("connection.probed", "connection.signed_out", "integration.subscribed"):
        assert type(error).__name__ in AuditEntry.objects.filter(action=action).latest("pk").summary


def test_a_session_that_cannot_be_signed_out_is_dropped(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    Connection._base_manager.filter(pk=lab.left.pk).update(session={"token": "x"})
    monkeypatch.setattr(lifecycle, "sign_out", failing(STRANGE[0]))
    tasks.sign_out(lab.left.pk)
    assert Connection._base_manager.get(pk=lab.left.pk).session is None


def test_a_task_that_is_out_of_time_stores_so_and_ends(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "poll", failing(TimeoutException("Task exceeded maximum timeout value")))
    with pytest.raises(SystemExit):
        tasks.poll(lab.flow.pk)
    assert "TimeoutError" in lab.flow.trouble


def test_work_that_goes_well_ends_the_wait(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(work, "work", failing(STRANGE[0]))
        tasks.work(lab.flow.pk)
    assert lab.flow.work_failures == 1
    tasks.work(lab.flow.pk)
    assert (lab.flow.work_failures, lab.flow.next_work_at) == (0, None)


def test_a_person_may_have_a_flow_worked_on_before_its_time(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(work, "work", failing(STRANGE[0]))
        tasks.work(lab.flow.pk)
    assert dispatch.enqueue_flow(lab.flow.pk)
