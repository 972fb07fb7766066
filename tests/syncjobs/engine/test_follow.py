from __future__ import annotations

import datetime as dt
import time

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from connections.errors import ConnectionBroken, TryLater
from connections.models import Connection
from connections.slots import slot
from connections.vendor import Hint
from syncjobs.engine import clock
from syncjobs.engine.follow import follow_connection
from syncjobs.models import Flow, WebhookEvent
from tests.syncjobs.conftest import Lab, Notify
from tests.syncjobs.engine.fakes import thing


def event() -> WebhookEvent:
    return WebhookEvent.objects.get()


def pause() -> dt.timedelta:
    due_at = event().due_at
    assert due_at
    return due_at - timezone.now()


def follow(lab: Lab) -> int:
    return follow_connection(lab.left.pk, time.monotonic() + 60)


def test_what_it_points_to_is_fetched_and_delivered(lab: Lab, notify: Notify) -> None:
    lab.shelf.add(thing("1"))
    notify()
    lab.run_tasks()
    assert (event().state, event().documents, lab.state()) == ("done", 1, "synced")
    assert "webhook" in lab.record().triggers


def test_the_same_notification_again_reopens_the_event(lab: Lab, notify: Notify) -> None:
    lab.shelf.add(thing("1", 1, total=1))
    notify()
    lab.run_tasks()
    lab.shelf.add(thing("1", 2, total=2))
    notify()
    lab.run_tasks()
    assert (event().received, event().state) == (2, "done")
    assert lab.shelf.target["N1"]["total"] == 2


def test_one_that_comes_while_it_is_being_followed_is_followed_again(lab: Lab, notify: Notify) -> None:
    lab.shelf.add(thing("1"))
    notify()
    OrmQ.objects.all().delete()
    lab.shelf.before_write = lambda documents: notify()
    follow(lab)
    assert (event().state, event().received) == ("due", 2)
    assert [task.task["func"] for task in OrmQ.objects.all()] == ["syncjobs.tasks.follow_connection"]
    lab.run_tasks()
    assert (event().state, event().received) == ("done", 2)


def test_a_foreign_address_is_refused_when_it_is_followed(lab: Lab, notify: Notify) -> None:
    notify(b"thing:evil")
    lab.run_tasks()
    assert (event().state, event().cause) == ("refused", "An address on evil was not called.")


def test_a_busy_vendor_is_asked_again(lab: Lab, notify: Notify) -> None:
    lab.shelf.read_error = TryLater("busy", retry_after=0)
    lab.shelf.add(thing("1"))
    notify()
    lab.run_tasks()
    assert event().state == "retrying"
    lab.shelf.read_error = None
    lab.run_round()
    assert (event().state, lab.state()) == ("done", "synced")


def test_a_broken_connection_stops_and_the_event_waits(lab: Lab, notify: Notify) -> None:
    lab.shelf.read_error = ConnectionBroken("revoked")
    notify()
    follow(lab)
    lab.left.refresh_from_db()
    assert (event().state, lab.left.state) == ("retrying", "broken")


def test_an_event_whose_worker_died_is_followed_again(lab: Lab, notify: Notify) -> None:
    lab.shelf.add(thing("1"))
    notify()
    past = timezone.now() - dt.timedelta(minutes=1)
    WebhookEvent.objects.update(state="following", due_at=None, lease="dead", lease_until=past)
    lab.run_round()
    assert event().state == "done"


def test_a_lost_task_changes_nothing_but_time(lab: Lab, notify: Notify) -> None:
    lab.shelf.add(thing("1"))
    notify()
    OrmQ.objects.all().delete()
    lab.run_round()
    assert lab.state() == "synced"


def test_following_twice_does_it_once(lab: Lab, notify: Notify) -> None:
    lab.shelf.add(thing("1"))
    notify()
    assert follow(lab) == 1
    assert follow(lab) == 0


def test_all_that_is_due_is_followed_by_one_task_the_oldest_first(
    lab: Lab, notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints: list[str] = []
    webhooks = lab.left.declaration.webhooks

    def note(client: object, hint: Hint, body: bytes, headers: object) -> list[object]:
        hints.append(hint.digest)
        return []

    monkeypatch.setattr(webhooks, "follow", note)
    for key in "231":
        notify(f"thing:{key}".encode())
    assert lab.run_tasks() == ["syncjobs.tasks.follow_connection"]
    assert hints == ["thing:2", "thing:3", "thing:1"]


@pytest.mark.parametrize("error", [ZeroDivisionError("division"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")])
def test_one_that_fails_in_any_way_does_not_stop_the_others(
    lab: Lab, notify: Notify, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(client: object, hint: Hint, body: bytes, headers: object) -> list[object]:
        if hint.digest == "thing:bad":
            raise error
        return []

    monkeypatch.setattr(lab.left.declaration.webhooks, "follow", fail)
    notify(b"thing:bad")
    notify(b"thing:good")
    lab.run_tasks()
    bad, good = (WebhookEvent.objects.get(digest=f"thing:{name}") for name in ("bad", "good"))
    assert (good.state, bad.state) == ("done", "retrying")
    assert type(error).__name__ in bad.cause


def test_one_that_fails_again_and_again_waits_ever_longer(
    lab: Lab, notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab.left.declaration.webhooks, "follow", lambda *arguments: 1 / 0)
    notify()
    pauses = []
    for _ in range(6):
        WebhookEvent.objects.update(due_at=timezone.now())
        follow(lab)
        pauses.append(pause())
    assert pauses[0] < dt.timedelta(minutes=1)
    assert pauses[-1] > dt.timedelta(minutes=5)


def test_two_workers_do_not_follow_one_connection_at_the_same_time(lab: Lab, notify: Notify) -> None:
    notify()
    with slot(lab.left, "follow"):
        assert follow(lab) == 0
    assert event().state == "due"
    assert follow(lab) == 1


def test_it_stops_at_its_deadline_and_leaves_the_rest_to_another_task(lab: Lab, notify: Notify) -> None:
    notify()
    OrmQ.objects.all().delete()
    assert follow_connection(lab.left.pk, time.monotonic()) == 0
    assert lab.run_tasks() == ["syncjobs.tasks.follow_connection"]
    assert event().state == "done"


def test_a_paused_connection_is_not_called_and_its_notifications_say_why_they_wait(lab: Lab, notify: Notify) -> None:
    notify()
    Connection.objects.filter(pk=lab.left.pk).update(state="paused")
    lab.run_tasks()
    assert event().state == "retrying"
    assert "does not work just now" in event().cause
    Connection.objects.filter(pk=lab.left.pk).update(state="ready")
    WebhookEvent.objects.update(due_at=timezone.now())
    lab.run_round()
    assert event().state == "done"


def test_one_whose_worker_dies_again_and_again_waits_longer(lab: Lab, notify: Notify) -> None:
    notify()
    past = timezone.now() - dt.timedelta(minutes=1)
    for attempts, expected in ((1, dt.timedelta()), (2, clock.AFTER_SECOND_DEATH)):
        WebhookEvent.objects.update(state="following", due_at=None, lease="dead", lease_until=past, attempts=attempts)
        clock.expire_leases()
        assert abs(pause() - expected) < dt.timedelta(seconds=10)
        assert (event().state, "stopped" in event().cause) == ("retrying", True)


def test_a_flow_that_its_recipe_has_no_more_keeps_no_notification_from_the_others(lab: Lab, notify: Notify) -> None:
    Flow.objects.create(integration=lab.integration, slug="gone")
    lab.shelf.add(thing("1"))
    notify()
    lab.run_tasks()
    assert (event().state, lab.state()) == ("done", "synced")
