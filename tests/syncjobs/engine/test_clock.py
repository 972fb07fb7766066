from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone
from django_q.models import OrmQ

from audit.models import AuditEntry
from connections.models import Connection
from connections.vendor import Page
from syncjobs import dispatch, lifecycle
from syncjobs.engine import clock
from syncjobs.engine.poll import next_turn
from syncjobs.engine.read_ahead import read_ahead
from syncjobs.models import Flow, Heartbeat, Integration, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


def test_a_tick_writes_the_heartbeat(lab: Lab) -> None:
    clock.tick()
    assert timezone.now() - Heartbeat.objects.get(name="tick").at < dt.timedelta(seconds=5)


def test_a_due_flow_is_enqueued_once(lab: Lab) -> None:
    Flow.objects.update(next_run_at=None)
    assert clock.enqueue_due_flows() == 1
    assert clock.enqueue_due_flows() == 0


def test_a_flow_that_is_polled_with_another_is_not_enqueued(lab: Lab) -> None:
    Flow.objects.filter(slug="boxes").update(enabled=False)
    assert clock.enqueue_due_flows() == 0


def test_a_flow_with_much_to_do_is_enqueued_once_until_a_worker_picks_it_up(lab: Lab) -> None:
    assert dispatch.enqueue_flow(lab.flow.pk) is True
    assert dispatch.enqueue_flow(lab.flow.pk) is False
    dispatch.picked_up(lab.flow.pk)
    assert dispatch.enqueue_flow(lab.flow.pk) is True


def test_a_task_that_was_lost_is_enqueued_again(lab: Lab) -> None:
    dispatch.enqueue_flow(lab.flow.pk)
    with time_machine.travel(timezone.now() + dispatch.PICKUP_WITHIN + dt.timedelta(seconds=1)):
        assert dispatch.enqueue_flow(lab.flow.pk) is True


def test_a_transaction_that_fails_enqueues_nothing(lab: Lab) -> None:
    from django.db import transaction

    with pytest.raises(RuntimeError), transaction.atomic():
        dispatch.enqueue("tick")
        raise RuntimeError
    assert not OrmQ.objects.exists()


def test_a_paused_integration_runs_nothing_and_loses_nothing(lab: Lab) -> None:
    lifecycle.pause(lab.integration, lab.person)
    lab.run_tasks()
    lab.shelf.add(thing("1"))
    lab.go_on()
    assert not SyncRecord.objects.exists()
    lifecycle.activate(Integration.objects.get(), lab.person)
    lab.run_tasks()
    assert lab.state() == "synced"


def test_a_flow_that_was_off_goes_on_where_it_stopped(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    Flow.objects.update(enabled=False)
    lab.shelf.add(thing("2"))
    lab.go_on()
    Flow.objects.update(enabled=True)
    lab.go_on()
    assert lab.state("2") == "synced"


def test_a_stopped_connection_is_tested_when_its_time_comes(lab: Lab) -> None:
    Connection.objects.filter(pk=lab.left.pk).update(state="broken", recover_at=timezone.now())
    lab.go_on()
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
