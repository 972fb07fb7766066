from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEntry
from connections.models import Connection
from connections.vendor import Hint
from syncjobs import dispatch, webhooks
from syncjobs.models import WebhookEvent
from tests.syncjobs.conftest import Lab, Notify


def event() -> WebhookEvent:
    return WebhookEvent.objects.get()


def test_a_notification_is_stored_before_anything_else_is_done(lab: Lab, notify: Notify) -> None:
    assert notify().json() == {"stored": True, "accepted": True}
    assert (event().state, event().topic, lab.shelf.calls) == ("due", "THING", [])


def test_only_the_headers_that_prove_something_are_kept(lab: Lab, notify: Notify) -> None:
    notify()
    assert event().headers == {"x-proof": "p"}


def test_what_is_not_from_this_vendor_is_kept_as_refused_with_the_reason(lab: Lab, notify: Notify) -> None:
    assert notify(b"{not json").json() == {"stored": True, "accepted": False}
    assert (event().state, event().cause) == ("refused", "This is not a notification of ours.")


def test_a_body_of_ten_megabytes_is_refused_and_noted(lab: Lab, notify: Notify) -> None:
    assert notify(b"x" * 10_000_000).status_code == 413
    assert "10,000,000 bytes" in event().cause
    assert bytes(event().body) == b""


@pytest.mark.parametrize(("body", "status", "state"), [(b"thing:1", 200, "due"), (b"x" * 10_000_000, 413, "refused")])
def test_a_body_in_chunks_is_read_to_its_end(lab: Lab, body: bytes, status: int, state: str) -> None:
    url = f"/hooks/{lab.left.webhook_token}/"
    chunked: dict[str, Any] = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    response = Client().generic("POST", url, content_type="application/json", **chunked)
    assert (response.status_code, event().state) == (status, state)


def test_an_unknown_token_stores_nothing(lab: Lab, notify: Notify) -> None:
    assert notify(token="guess").status_code == 404
    assert not WebhookEvent.objects.exists()


def test_only_post_is_taken(lab: Lab, client: Client) -> None:
    assert client.get(f"/hooks/{lab.left.webhook_token}/").status_code == 405


def test_a_person_may_have_it_followed_again(lab: Lab, notify: Notify) -> None:
    notify()
    lab.run_tasks()
    assert webhooks.replay_event(event(), lab.person)
    assert event().state == "due"
    assert AuditEntry.objects.filter(action="webhook.replayed", actor="tester").exists()


def test_the_same_one_many_times_is_one_event_and_one_task(lab: Lab, notify: Notify) -> None:
    for _ in range(40):
        notify()
    assert event().received == 40
    assert OrmQ.objects.count() == 1


def test_many_different_ones_are_one_task_too(lab: Lab, notify: Notify) -> None:
    for number in range(40):
        notify(f"thing:{number}".encode())
    assert (WebhookEvent.objects.count(), OrmQ.objects.count()) == (40, 1)


def test_one_that_comes_after_the_worker_has_its_own_task(lab: Lab, notify: Notify) -> None:
    notify()
    lab.run_tasks()
    notify(b"thing:2")
    assert lab.run_tasks() == ["syncjobs.tasks.follow_connection"]


def test_it_asks_again_when_its_task_was_lost(lab: Lab, notify: Notify) -> None:
    notify()
    with time_machine.travel(timezone.now() + dispatch.PICKUP_WITHIN + dt.timedelta(seconds=1)):
        notify()
    assert OrmQ.objects.count() == 2


def test_a_reopened_event_belongs_to_no_worker(lab: Lab, notify: Notify) -> None:
    notify()
    WebhookEvent.objects.update(state="following", due_at=None, lease="busy", lease_until=timezone.now())
    notify()
    assert (event().state, event().lease, event().lease_until) == ("due", "", None)


@pytest.mark.parametrize("error", [RecursionError("too deep"), ZeroDivisionError()])
def test_one_that_cannot_be_read_at_all_is_kept_as_refused(
    lab: Lab, notify: Notify, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(body: bytes, headers: object) -> Hint:
        raise error

    monkeypatch.setattr(lab.left.declaration.webhooks, "read", fail)
    assert notify().json() == {"stored": True, "accepted": False}
    assert event().cause == f"It could not be read ({type(error).__name__})."


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
def test_an_address_that_no_database_takes_is_refused(
    lab: Lab, notify: Notify, character: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint = Hint("THING", "thing:1", f"http://src/{character}")
    monkeypatch.setattr(lab.left.declaration.webhooks, "read", lambda body, headers: hint)
    assert notify().json() == {"stored": True, "accepted": False}
    assert "characters" in event().cause


def test_it_takes_few_statements_and_reads_no_secrets(
    lab: Lab, notify: Notify, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    notify()
    with django_assert_num_queries(3) as statements:
        notify(b"thing:2")
    assert not any("secrets" in statement["sql"] for statement in statements)


def test_secrets_that_cannot_be_decrypted_keep_nothing_out(lab: Lab, notify: Notify) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE connections_connection SET secrets = %s", [b"not encrypted"])
    assert notify().json() == {"stored": True, "accepted": True}


def test_a_new_token_and_a_removed_connection_take_effect_at_once(lab: Lab, notify: Notify) -> None:
    old = lab.left.webhook_token
    assert notify(token=old).status_code == 200
    Connection.objects.filter(pk=lab.left.pk).update(webhook_token="another")
    assert [notify(token=token).status_code for token in (old, "another")] == [404, 200]
    Connection.objects.filter(pk=lab.left.pk).update(webhook_token="gone")
    assert notify(token="another").status_code == 404


@pytest.mark.parametrize("token", ["%00", "a%00b", "%F0%9F%9B%B7", "%E2%80%A8"])
def test_an_odd_token_names_no_connection(lab: Lab, client: Client, token: str) -> None:
    assert client.post(f"/hooks/{token}/", b"thing:1", content_type="application/json").status_code == 404
