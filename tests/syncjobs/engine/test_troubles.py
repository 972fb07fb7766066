from __future__ import annotations

import datetime as dt

from django.utils import timezone

from audit.models import AuditEntry
from connections.errors import TryLater
from connections.models import Connection
from syncjobs.engine import troubles
from syncjobs.models import FlowRun
from tests.syncjobs.conftest import Lab


def test_the_pause_grows_with_each_failure(lab: Lab) -> None:
    pauses = []
    for number in range(1, 9):
        troubles.store_trouble(lab.flow.pk, f"failure {number}", "poll")
        flow = lab.flow
        assert (flow.failures, flow.trouble, flow.next_run_at) == (number, f"failure {number}", flow.retry_at)
        assert flow.retry_at
        pauses.append(flow.retry_at - timezone.now())
    assert pauses[0] < dt.timedelta(minutes=1)
    assert dt.timedelta(minutes=30) < pauses[-1] <= dt.timedelta(hours=1)


def test_the_task_that_failed_forgets_it_when_it_goes_well_and_no_other_does(lab: Lab) -> None:
    troubles.store_trouble(lab.flow.pk, "broken", "work")
    troubles.forget_failures(lab.flow.pk, "poll")
    assert lab.flow.failures == 1
    troubles.forget_failures(lab.flow.pk, "work")
    assert (lab.flow.failures, lab.flow.retry_at) == (0, None)


def test_a_flow_that_is_gone_is_no_failure(db: None) -> None:
    troubles.store_trouble(0, "gone")


def test_an_error_of_ours_speaks_for_itself() -> None:
    assert troubles.in_words(TryLater("The system is busy.")) == "The system is busy."


def test_any_other_names_its_class_and_keeps_no_address_of_a_person() -> None:
    text = troubles.in_words(ValueError("no ann@example.com " + "x" * 5000))
    assert "ValueError" in text
    assert "ann@" not in text
    assert len(text) < 700


def test_a_fetch_that_fails_is_a_run_with_its_cause(lab: Lab) -> None:
    troubles.store_failed_fetch(lab.flow.pk, "broken")
    run = FlowRun.objects.get()
    assert (run.kind, run.trouble, run.ended_at is not None) == ("fetch", "broken", True)
    assert lab.flow.retry_at is None


def test_a_test_that_fails_is_tried_again_ever_later(lab: Lab) -> None:
    Connection.objects.filter(pk=lab.left.pk).update(state="broken", recover_at=timezone.now())
    waits = []
    for _ in range(8):
        troubles.store_failed_probe(lab.left, "broken")
        waits.append(Connection.objects.get(pk=lab.left.pk).recover_wait)
    assert waits[:3] == [dt.timedelta(minutes=5), dt.timedelta(minutes=10), dt.timedelta(minutes=20)]
    assert waits[-1] == dt.timedelta(hours=4)
    assert AuditEntry.objects.filter(action="connection.probed", summary="broken").count() == 8


def test_a_test_of_a_working_connection_that_fails_stops_nothing(lab: Lab) -> None:
    Connection.objects.filter(pk=lab.left.pk).update(state="ready")
    troubles.store_failed_probe(lab.left, "broken")
    left = Connection.objects.get(pk=lab.left.pk)
    assert (left.state, left.recover_at) == ("ready", None)
