from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from connections.errors import ConnectionBroken, Surprise, TryLater
from syncjobs.engine import poll as module
from syncjobs.engine.poll import poll
from syncjobs.models import Flow, FlowRun
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


def wait_of(flow: Flow) -> dt.timedelta:
    """How long until the flow runs next."""
    assert flow.next_run_at is not None
    return flow.next_run_at - timezone.now()


def enqueued() -> list[str]:
    return [task.task["func"].rpartition(".")[2] for task in OrmQ.objects.order_by("pk")]


def test_a_flow_that_another_worker_reads_is_left_alone(lab: Lab) -> None:
    Flow.objects.filter(pk=lab.flow.pk).update(lease="other", lease_until=timezone.now() + dt.timedelta(minutes=5))
    lab.shelf.add(thing("1"))
    assert poll(lab.flow.pk) is True
    assert (FlowRun.objects.count(), lab.flow.lease) == (0, "other")


def test_a_lease_of_a_dead_worker_is_taken_over(lab: Lab) -> None:
    Flow.objects.filter(pk=lab.flow.pk).update(lease="dead", lease_until=timezone.now() - dt.timedelta(seconds=1))
    lab.shelf.add(thing("1"))
    assert poll(lab.flow.pk) is True
    assert (lab.state(), lab.flow.lease, lab.flow.lease_until) == ("synced", "", None)


def test_a_run_that_outlasts_its_interval_is_followed_by_the_next_at_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "next_turn", lambda schedule, now: now - dt.timedelta(seconds=1))
    OrmQ.objects.all().delete()
    poll(lab.flow.pk)
    assert enqueued() == ["poll"]


def test_a_run_that_ends_in_time_waits_for_its_turn(lab: Lab) -> None:
    OrmQ.objects.all().delete()
    poll(lab.flow.pk)
    assert enqueued() == []
    assert dt.timedelta(minutes=4) < wait_of(lab.flow) <= dt.timedelta(minutes=5)


def test_a_run_that_meets_its_deadline_goes_on_at_once(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.shelf.add(thing("2"))
    OrmQ.objects.all().delete()
    assert poll(lab.flow.pk, deadline=0.001) is False
    assert (lab.flow.cursor, lab.flow.trouble, enqueued()) == ({"page": 1}, "", ["poll"])


@pytest.mark.parametrize(
    "error", [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), ZeroDivisionError(), KeyError("x")]
)
def test_an_exception_that_is_not_of_the_tree_leaves_a_trouble_and_a_pause_that_grows(lab: Lab, error: Any) -> None:
    waits = []
    for _ in range(3):
        lab.shelf.add(thing("1"))
        lab.shelf.read_error = error
        assert poll(lab.flow.pk) is False
        waits.append(round(wait_of(lab.flow).total_seconds()))
        assert type(error).__name__ in lab.flow.trouble
        assert lab.flow.lease == ""
    assert waits == [30, 60, 120]
    run = FlowRun.objects.first()
    assert run is not None
    assert run.ended_at is not None
    assert type(error).__name__ in run.trouble


def test_a_trouble_ends_with_the_first_run_that_is_well(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.shelf.read_error = Surprise("The answer made no sense.")
    poll(lab.flow.pk)
    lab.shelf.read_error = None
    poll(lab.flow.pk)
    assert (lab.flow.trouble, lab.flow.failures) == ("", 0)


def test_a_busy_source_is_asked_again_when_it_says(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.shelf.read_error = TryLater("busy", retry_after=90)
    poll(lab.flow.pk)
    assert 80 < wait_of(lab.flow).total_seconds() <= 90


def test_what_was_read_before_the_source_broke_is_sent_and_the_source_stopped(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.shelf.read_error = ConnectionBroken("revoked")
    poll(lab.flow.pk)
    lab.left.refresh_from_db()
    lab.right.refresh_from_db()
    assert (lab.state(), lab.left.state, lab.right.usable) == ("synced", "broken", True)


def test_a_target_that_breaks_is_stopped_and_what_is_read_is_stored_all_the_same(lab: Lab) -> None:
    lab.shelf.answers = [ConnectionBroken("revoked")]
    lab.shelf.add(thing("1"))
    lab.shelf.add(thing("2"))
    assert poll(lab.flow.pk) is True
    lab.left.refresh_from_db()
    lab.right.refresh_from_db()
    assert (lab.state("1"), lab.state("2"), lab.left.usable, lab.right.state) == ("due", "due", True, "broken")


@pytest.mark.parametrize(
    ("schedule", "hour"), [("0 6 * * *", 6), ("30 23 * * 1-5", 23)], ids=["daily", "on working days"]
)
def test_a_cron_line_is_in_the_zone_of_the_console(schedule: str, hour: int, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Oslo"
    with timezone.override("Europe/Oslo"):
        turn = module.next_turn(schedule, dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC))
        assert timezone.localtime(turn).hour == hour


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt])
def test_a_run_that_is_out_of_time_has_its_end_and_gives_its_lease_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    def stop(*_: object) -> None:
        raise end

    monkeypatch.setattr(module, "_read", stop)
    with pytest.raises(end):
        poll(lab.flow.pk)
    run = FlowRun.objects.get()
    assert (run.ended_at is None, run.trouble, lab.flow.lease) == (False, "It was stopped before its end.", "")


def test_a_flow_that_its_recipe_has_no_more_says_so_and_is_asked_ever_more_rarely(lab: Lab) -> None:
    gone = Flow.objects.create(integration=lab.integration, slug="gone")
    assert poll(gone.pk) is False
    gone.refresh_from_db()
    assert gone.trouble.startswith("The recipe has no flow “gone” any more.")
    assert (gone.failures, lab.shelf.calls) == (1, [])
