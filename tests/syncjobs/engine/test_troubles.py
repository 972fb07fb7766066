from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from connections.errors import TryLater
from connections.models import Connection
from syncjobs.engine import troubles
from syncjobs.models import FlowRun
from tests.syncjobs.conftest import Lab

STRANGE = ZeroDivisionError("the password is x")


def test_the_next_run_is_put_off_ever_longer(lab: Lab) -> None:
    pauses = []
    for number in range(1, 9):
        troubles.store_trouble(lab.flow.pk, STRANGE)
        assert lab.flow.failures == number
        assert lab.flow.next_run_at
        pauses.append(lab.flow.next_run_at - timezone.now())
    assert pauses == sorted(pauses)
    assert pauses[0] < dt.timedelta(minutes=1)
    assert dt.timedelta(minutes=59) < pauses[-1] <= dt.timedelta(hours=1)


def test_work_is_put_off_ever_longer_until_it_goes_well(lab: Lab) -> None:
    read_next = lab.flow.next_run_at
    pauses = []
    for number in range(1, 9):
        troubles.store_failed_work(lab.flow.pk, STRANGE)
        assert lab.flow.work_failures == number
        assert lab.flow.next_work_at
        pauses.append(lab.flow.next_work_at - timezone.now())
    assert pauses == sorted(pauses)
    assert dt.timedelta(minutes=59) < pauses[-1] <= dt.timedelta(hours=1)
    assert (lab.flow.failures, lab.flow.next_run_at) == (0, read_next)
    troubles.work_went_well(lab.flow.pk)
    assert (lab.flow.work_failures, lab.flow.next_work_at) == (0, None)


@pytest.mark.parametrize("store", [troubles.store_trouble, troubles.store_failed_work])
def test_a_system_that_says_when_is_believed(lab: Lab, store: object) -> None:
    assert callable(store)
    store(lab.flow.pk, TryLater("The system is busy.", retry_after=7))
    flow = lab.flow
    at = flow.next_work_at or flow.next_run_at
    assert at
    assert abs(at - timezone.now() - dt.timedelta(seconds=7)) < dt.timedelta(seconds=3)
    assert flow.trouble == "The system is busy."


def test_what_is_not_of_our_tree_names_its_class_only(lab: Lab) -> None:
    troubles.store_failed_work(lab.flow.pk, STRANGE)
    assert "ZeroDivisionError" in lab.flow.trouble
    assert "password" not in lab.flow.trouble


def test_a_flow_that_is_gone_is_no_failure(db: None) -> None:
    troubles.store_trouble(0, STRANGE)
    troubles.store_failed_work(0, STRANGE)
    troubles.store_failed_run(0, FlowRun.Kind.FETCH, STRANGE)
    assert not FlowRun.objects.exists()


def test_a_run_that_fails_keeps_its_cause_and_the_flow_goes_on(lab: Lab) -> None:
    troubles.store_failed_run(lab.flow.pk, FlowRun.Kind.FETCH, STRANGE)
    run = FlowRun.objects.get()
    assert (run.kind, "ZeroDivisionError" in run.trouble, run.ended_at is not None) == ("fetch", True, True)
    assert (lab.flow.failures, lab.flow.next_work_at) == (0, None)


def test_a_test_that_fails_is_tried_again_ever_later(lab: Lab) -> None:
    Connection.objects.filter(pk=lab.left.pk).update(state="broken", recover_at=timezone.now())
    waits = []
    for _ in range(8):
        troubles.store_failed_probe(lab.left, STRANGE)
        waits.append(Connection.objects.get(pk=lab.left.pk).recover_wait)
    assert waits[:3] == [dt.timedelta(minutes=5), dt.timedelta(minutes=10), dt.timedelta(minutes=20)]
    assert waits[-1] == dt.timedelta(hours=4)
    assert AuditEntry.objects.filter(action="connection.probed", summary__contains="ZeroDivisionError").count() == 8


def test_a_test_of_a_working_connection_that_fails_stops_nothing(lab: Lab) -> None:
    Connection.objects.filter(pk=lab.left.pk).update(state="ready")
    troubles.store_failed_probe(lab.left, STRANGE)
    left = Connection.objects.get(pk=lab.left.pk)
    assert (left.state, left.recover_at) == ("ready", None)
