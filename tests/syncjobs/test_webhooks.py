from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from connections.errors import ConnectionBroken, TryLater
from syncjobs import webhooks
from syncjobs.models import WebhookEvent
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


@pytest.fixture
def notify(lab: Lab, client: Client):  # type: ignore[no-untyped-def]
    def post(body: bytes = b"thing:1", token: str = ""):  # type: ignore[no-untyped-def]
        url = f"/hooks/{token or lab.left.webhook_token}/"
        return client.post(url, body, content_type="application/json", headers={"X-Proof": "p", "Cookie": "c"})

    return post


def event() -> WebhookEvent:
    return WebhookEvent.objects.get()


def test_a_notification_is_stored_before_anything_else_is_done(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    assert notify().json() == {"stored": True, "accepted": True}
    assert (event().state, event().topic, lab.shelf.calls) == ("due", "THING", [])


def test_only_the_headers_that_prove_something_are_kept(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    notify()
    assert event().headers == {"x-proof": "p"}


def test_what_it_points_to_is_fetched_and_delivered(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    lab.shelf.add(thing("1"))
    notify()
    lab.run_tasks()
    assert (event().state, event().documents, lab.state()) == ("done", 1, "synced")
    assert "webhook" in lab.record().triggers


def test_the_same_notification_again_reopens_the_event(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    lab.shelf.add(thing("1", 1, total=1))
    notify()
    lab.run_tasks()
    lab.shelf.add(thing("1", 2, total=2))
    notify()
    lab.run_tasks()
    assert (event().received, event().state) == (2, "done")
    assert lab.shelf.target["N1"]["total"] == 2


def test_a_notification_that_comes_while_it_is_being_followed_is_followed_again(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    lab.shelf.add(thing("1"))
    notify()
    lab.shelf.before_write = lambda documents: notify()
    webhooks.follow(event().pk)
    assert event().state == "due"


def test_what_is_not_from_this_vendor_is_kept_as_refused_with_the_reason(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    assert notify(b"{not json").json() == {"stored": True, "accepted": False}
    assert (event().state, event().cause) == ("refused", "This is not a notification of ours.")


def test_a_body_of_ten_megabytes_is_refused_and_noted(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    assert notify(b"x" * 10_000_000).status_code == 413
    assert "10,000,000 bytes" in event().cause
    assert bytes(event().body) == b""


def test_an_unknown_token_stores_nothing(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    assert notify(token="guess").status_code == 404
    assert not WebhookEvent.objects.exists()


def test_only_post_is_taken(lab: Lab, client: Client) -> None:
    assert client.get(f"/hooks/{lab.left.webhook_token}/").status_code == 405


def test_a_foreign_address_is_refused_when_it_is_followed(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    notify(b"thing:evil")
    lab.run_tasks()
    assert (event().state, event().cause) == ("refused", "An address on evil was not called.")


def test_a_busy_vendor_is_asked_again(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    lab.shelf.read_error = TryLater("busy", retry_after=0)
    lab.shelf.add(thing("1"))
    notify()
    lab.run_tasks()
    assert event().state == "retrying"
    lab.shelf.read_error = None
    lab.go_on()
    assert (event().state, lab.state()) == ("done", "synced")


def test_a_broken_connection_stops_and_the_event_waits(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    lab.shelf.read_error = ConnectionBroken("revoked")
    notify()
    webhooks.follow(event().pk)
    lab.left.refresh_from_db()
    assert (event().state, lab.left.state) == ("retrying", "broken")


def test_an_event_whose_worker_died_is_followed_again(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    lab.shelf.add(thing("1"))
    notify()
    past = timezone.now() - dt.timedelta(minutes=1)
    WebhookEvent.objects.update(state="following", lease="dead", lease_until=past)
    lab.go_on()
    assert event().state == "done"


def test_a_lost_task_changes_nothing_but_time(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    from django_q.models import OrmQ

    lab.shelf.add(thing("1"))
    notify()
    OrmQ.objects.all().delete()
    lab.go_on()
    assert lab.state() == "synced"


def test_following_twice_does_it_once(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    lab.shelf.add(thing("1"))
    notify()
    assert webhooks.follow(event().pk) is True
    assert webhooks.follow(event().pk) is False


def test_a_person_may_have_it_followed_again(lab: Lab, notify) -> None:  # type: ignore[no-untyped-def]
    notify()
    lab.run_tasks()
    assert webhooks.replay_event(event(), lab.person)
    assert event().state == "due"
    assert AuditEntry.objects.filter(action="webhook.replayed", actor="tester").exists()


def test_activation_subscribes_and_pausing_removes(lab: Lab) -> None:
    from syncjobs import lifecycle

    webhooks.subscribe(lab.integration)
    assert lab.shelf.subscriptions == {"THING": webhooks.webhook_url(lab.left)}
    lifecycle.pause(lab.integration, lab.person)
    lab.run_tasks()
    assert lab.shelf.subscriptions == {}
