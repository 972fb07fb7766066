from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from audit.models import AuditEntry
from connections.models import Connection
from connections.vendor import Page
from syncjobs import dispatch, lifecycle
from syncjobs.engine import clock, due
from syncjobs.engine.poll import next_turn
from syncjobs.engine.read_ahead import read_ahead
from syncjobs.models import Flow, Heartbeat, Integration, SyncRecord
from tests import factories
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


def test_a_tick_writes_the_heartbeat(lab: Lab) -> None:
    clock.tick()
    assert timezone.now() - Heartbeat.objects.get(name="tick").at < dt.timedelta(seconds=5)


def test_a_paused_integration_runs_nothing_and_loses_nothing(lab: Lab) -> None:
    lifecycle.pause(lab.integration, lab.person)
    lab.run_tasks()
    lab.shelf.add(thing("1"))
    lab.run_round()
    assert not SyncRecord.objects.exists()
    lifecycle.activate(Integration.objects.get(), lab.person)
    lab.run_tasks()
    assert lab.state() == "synced"


def test_a_flow_that_was_off_goes_on_where_it_stopped(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    Flow.objects.update(enabled=False)
    lab.shelf.add(thing("2"))
    lab.run_round()
    Flow.objects.update(enabled=True)
    lab.run_round()
    assert lab.state("2") == "synced"


def test_a_stopped_connection_is_tested_when_its_time_comes(lab: Lab) -> None:
    Connection.objects.filter(pk=lab.left.pk).update(state="broken", recover_at=timezone.now())
    lab.run_round()
    lab.left.refresh_from_db()
    assert lab.left.state == "ready"


def test_a_stopped_connection_waits_longer_after_each_failure(lab: Lab) -> None:
    lab.shelf.probe_ok = False
    waits = []
    for _ in range(3):
        Connection.objects.filter(pk=lab.left.pk).update(recover_at=timezone.now())
        from connections import lifecycle as connecting

        connecting.probe(Connection.objects.get(pk=lab.left.pk))
        waits.append(Connection.objects.get(pk=lab.left.pk).recover_wait)
    assert waits == [dt.timedelta(minutes=5), dt.timedelta(minutes=10), dt.timedelta(minutes=20)]


def test_old_bodies_go_and_leave_an_entry(lab: Lab, settings) -> None:  # type: ignore[no-untyped-def]
    lab.shelf.add(thing("1"))
    lab.poll()
    SyncRecord.objects.update(changed_at=timezone.now() - dt.timedelta(days=settings.BODY_RETENTION_DAYS + 1))
    Heartbeat.objects.create(name="retention")
    clock.remove_old(timezone.now())
    assert (lab.record().source_body, lab.record().sent_body) == (None, None)
    assert AuditEntry.objects.filter(action="audit.bodies_removed").exists()


def test_daily_work_is_done_once_a_day(db: None) -> None:
    done: list[dt.datetime] = []
    day = dt.timedelta(days=1)
    clock.once_a_day("job", day, done.append)
    with time_machine.travel(timezone.now() + day + dt.timedelta(minutes=1)):
        clock.once_a_day("job", day, done.append)
        clock.once_a_day("job", day, done.append)
    assert len(done) == 1


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("300", "2026-11-20T12:05:00+00:00"), ("0 6 * * *", "2026-11-21T06:00:00+00:00")],
)
def test_a_schedule_is_seconds_or_a_cron_line(schedule: str, expected: str) -> None:
    now = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    assert next_turn(schedule, now).astimezone(dt.UTC).isoformat() == expected


def test_reading_ahead_gives_the_same_pages_in_order() -> None:
    pages = [Page([], {"page": number}) for number in range(50)]
    assert list(read_ahead(iter(pages), 2)) == pages


def test_reading_ahead_carries_an_error_to_the_one_who_waits() -> None:
    first = Page([], {"page": 1})

    def pages() -> Iterator[Page]:
        yield first
        raise ValueError("page two")

    got = []
    with pytest.raises(ValueError, match="page two"):
        for page in read_ahead(pages(), 1):
            got.append(page)  # noqa: PERF402
    assert got == [first]


def test_reading_ahead_ends_with_the_one_who_stops_listening() -> None:
    read: list[int] = []

    def pages() -> Iterator[Page]:
        for number in range(1000):
            read.append(number)
            yield Page([], {"page": number})

    before = set(threading.enumerate())
    reader = read_ahead(pages(), 1)
    next(reader)
    threads = set(threading.enumerate()) - before
    reader.close()  # type: ignore[attr-defined]
    assert [thread.name for thread in threads] == ["read-ahead"]
    assert not any(thread.is_alive() for thread in threads)
    assert len(read) < 10


def test_a_step_that_fails_is_noted_and_stops_no_other(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "expire_leases", lambda: 1 / 0)
    monkeypatch.setattr(due, "KINDS", (lambda limit: 1 / 0, *due.KINDS))
    Flow.objects.update(next_run_at=None)
    clock.tick()
    assert Heartbeat.objects.get(name="tick").trouble.count("ZeroDivisionError") == 2
    assert [task.task["func"] for task in OrmQ.objects.all()] == ["syncjobs.tasks.poll"]
    monkeypatch.undo()


def test_a_good_tick_takes_the_note_away(db: None) -> None:
    Heartbeat.objects.create(name="tick", trouble="It failed.")
    clock.tick()
    assert Heartbeat.objects.get(name="tick").trouble == ""


def test_a_flow_whose_recipe_is_gone_stops_no_other(lab: Lab) -> None:
    flow = lab.flow
    Flow.objects.create(integration=flow.integration, slug="gone")
    Flow.objects.update(next_run_at=None)
    clock.tick()
    assert not Heartbeat.objects.get(name="tick").trouble
    lab.run_tasks()
    assert Flow.objects.get(slug="gone").trouble.startswith("The recipe has no flow “gone” any more.")
    assert lab.flow.read_up_to is not None


def test_a_tick_enqueues_no_more_than_workers_can_do(lab: Lab, settings: Settings) -> None:
    settings.TICK_TASKS = 1
    dispatch.enqueue("tick")
    Flow.objects.update(next_run_at=None)
    clock.tick()
    assert [task.task["func"] for task in OrmQ.objects.all()] == ["syncjobs.tasks.tick"]
    OrmQ.objects.all().delete()
    clock.tick()
    assert [task.task["func"] for task in OrmQ.objects.all()] == ["syncjobs.tasks.poll"]


def add_what_is_due(number: int) -> None:
    """Something of every kind: to be read, worked on, reconciled, followed, tested, and signed out."""
    for _ in range(number):
        works, stopped = (factories.integration(state="active") for _ in range(2))
        factories.record(flow=works.flows.first(), state="due")
        factories.event(connection=works.right)
        Connection.objects.filter(pk=works.left_id).update(session_used_at=works.created_at - dt.timedelta(hours=1))
        Connection.objects.filter(pk=stopped.left_id).update(state="broken", recover_at=stopped.created_at)
    Flow.objects.update(next_run_at=None, enqueued_at=None, next_reconcile_at=timezone.now())
    Connection.objects.update(follow_enqueued_at=None)


def test_its_statements_do_not_grow_with_what_is_due(db: None) -> None:
    counts, tasks = [], []
    clock.tick()
    for number in (1, 20):
        add_what_is_due(number)
        OrmQ.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            clock.tick()
        counts.append(len(captured))
        tasks.append({row.task["func"].rpartition(".")[2] for row in OrmQ.objects.all()})
    assert tasks == [{"poll", "work", "reconcile", "follow_connection", "probe", "sign_out"}] * 2
    assert OrmQ.objects.count() > 100
    assert counts[0] == counts[1]
