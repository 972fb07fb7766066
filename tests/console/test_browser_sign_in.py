"""Signing in by browser: the button, the system's own page, and the way back."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from audit.models import AuditEntry
from connections.models import Connection
from sandbox.kit.server import Running
from syncjobs.engine import clock
from tests import factories as make
from tests.connections.vendors.acumatica.simulated import consented
from tests.world import World

pytestmark = pytest.mark.django_db
BACK = "http://testserver/signed-in/"


def page(connection: Connection, name: str = "change") -> str:
    return reverse(f"admin:connections_connection_{name}", args=[connection.pk])


@pytest.fixture
def stopped(acumatica: Running) -> Connection:
    """A connection to the simulator whose sign-in has ended."""
    acumatica.simulator.switches["redirect_uris"] = [BACK]
    known = acumatica.simulator.credentials
    return make.connection(
        settings={"base_url": acumatica.base_url, "tenant": known["tenant"], "auth_mode": "oauth_code"},
        secrets={name: known[name] for name in ("client_id", "client_secret")},
        state="broken",
        cause="Nobody has signed this connection in.",
    )


def sent_away(client: Client, connection: Connection) -> str:
    response = client.post(page(connection, "sign-in"))
    assert response.status_code == 302
    return str(response["Location"])


def way_back(client: Client, connection: Connection, decision: str = "allow") -> str:
    """A person presses the button and decides; returns the address that the browser is led to."""
    back = consented(requests.get(sent_away(client, connection), timeout=30), decision)
    assert back.startswith(BACK)
    return back.removeprefix("http://testserver")


def page_after(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 302
    assert "?" not in response["Location"]
    assert (response["Referrer-Policy"], "no-store" in response["Cache-Control"]) == ("no-referrer", True)
    return client.get(response["Location"], follow=True).content.decode()


def tokens(connection: Connection) -> dict[str, str]:
    return dict(Connection._base_manager.get(pk=connection.pk).secrets or {})


def unchanged(connection: Connection) -> bool:
    stored = Connection.objects.get(pk=connection.pk)
    return stored.state == "broken" and "refresh_token" not in tokens(connection) and not OrmQ.objects.exists()


# The whole way


def test_it_signs_a_connection_in(administrator: Client, stopped: Connection) -> None:
    back = way_back(administrator, stopped)
    text = page_after(administrator, back)
    assert "Signed in to Acumatica" in text
    assert tokens(stopped)["refresh_token"]
    assert Connection.objects.get().state == "new"
    task = OrmQ.objects.get().task
    assert task["func"] == "syncjobs.tasks.probe"
    import_string(task["func"])(*task["args"])
    assert Connection.objects.get().state == "ready"
    assert AuditEntry.objects.get(action="connection.signed_in").actor == "administrator"


def test_it_keeps_and_logs_nothing_that_opens_anything(
    administrator: Client, stopped: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    urls = [way_back(administrator, stopped), way_back(administrator, stopped, "deny")]
    pages = [
        page_after(administrator, url) for url in reversed(urls)
    ]  # the second begins anew, so the first is refused
    good = way_back(administrator, stopped)
    pages.append(page_after(administrator, good))
    queries = [parse_qs(urlsplit(url).query) for url in (urls[0], good)]
    secret = [*(query["code"][0] for query in queries), *tokens(stopped).values()]
    kept = [*pages, caplog.text, *(f"{entry.summary} {entry.data}" for entry in AuditEntry.objects.all())]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    assert len(secret) == 5
    assert not [value for value in secret if any(value in text for text in kept)]


def test_its_flows_go_on(world: World, administrator: Client) -> None:
    world.acumatica.actions.do_seed(customers=1, items=1, orders=1)
    known = world.acumatica.credentials
    Connection.objects.filter(pk=world.left.pk).update(
        settings=world.left.settings | {"auth_mode": "oauth_code"}, secrets=None, state="broken"
    )
    administrator.post(page(world.left, "secrets"), {name: known[name] for name in ("client_id", "client_secret")})
    world.activate()
    world.run_rounds()
    assert not world.records("orders").exists()
    left = Connection.objects.get(pk=world.left.pk)
    assert "Signed in" in page_after(administrator, way_back(administrator, left))
    world.run_rounds()
    assert world.states("orders") == {"synced": 1}
    assert len(world.acumatica.sessions) == 1  # the grant's own seat


def test_it_works_on_after_it_stood_idle_and_its_token_ended(world: World, administrator: Client) -> None:
    """The refresh token that was stored is spent by then; the session holds the good one."""
    Connection.objects.filter(pk=world.left.pk).update(settings=world.left.settings | {"auth_mode": "oauth_code"})
    left = Connection.objects.get(pk=world.left.pk)
    page_after(administrator, way_back(administrator, left))
    world.run_tasks()
    long_ago = left.created_at - dt.timedelta(days=1)
    Connection._base_manager.filter(pk=left.pk).update(session_used_at=long_ago)
    world.tick()
    row = Connection._base_manager.get(pk=left.pk)
    assert row.session is not None
    row.session["ends"] = "1"
    row.save(update_fields=["secrets", "session"])
    administrator.post(page(left, "test"))
    assert Connection.objects.get(pk=left.pk).state == "ready"


# The way back, when something is wrong


def test_it_says_that_the_access_was_refused(administrator: Client, stopped: Connection) -> None:
    text = page_after(administrator, way_back(administrator, stopped, "deny"))
    assert "The access was not allowed" in text
    assert "Sign in by browser again and allow it" in text
    assert unchanged(stopped)


def test_it_takes_an_answer_once(administrator: Client, stopped: Connection) -> None:
    back = way_back(administrator, stopped)
    page_after(administrator, back)
    OrmQ.objects.all().delete()
    before = tokens(stopped)
    assert "it was used before" in page_after(administrator, back)
    assert (tokens(stopped), OrmQ.objects.count()) == (before, 0)


def test_it_refuses_a_code_that_was_used_already(
    administrator: Client, stopped: Connection, acumatica: Running
) -> None:
    back = way_back(administrator, stopped)
    simulator: Any = acumatica.simulator
    simulator.identity.codes.clear()
    assert "too old, or it was used before" in page_after(administrator, back)
    assert unchanged(stopped)


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?code=x&state={}-forged", "?error=access_denied&state={}-"]
)
def test_it_takes_no_answer_to_what_it_did_not_ask(administrator: Client, stopped: Connection, query: str) -> None:
    sent_away(administrator, stopped)
    assert "belongs to no sign-in" in page_after(administrator, "/signed-in/" + query.format(stopped.pk))
    assert unchanged(stopped)


@pytest.mark.parametrize("path", ["//evil.example.com/", "https://evil.example.com/"])
def test_it_leads_nowhere_but_to_its_own_pages(administrator: Client, path: str) -> None:
    query = urlencode({"state": path, "next": path, "redirect_uri": path, "code": "x", "error": path})
    response = administrator.get(f"/signed-in/?{query}")
    assert response["Location"] == reverse("admin:connections_connection_changelist")


def test_it_takes_no_answer_from_another_person(
    administrator: Client, signed_in: Callable[[str], Client], stopped: Connection
) -> None:
    back = way_back(administrator, stopped)
    other = Client()
    other.force_login(User.objects.create_superuser("root"))
    assert "belongs to no sign-in" in page_after(other, back)
    assert unchanged(stopped)


def test_it_takes_no_answer_without_the_right_to_enter_credentials(support: Client, stopped: Connection) -> None:
    assert "needs the right to enter credentials" in page_after(support, f"/signed-in/?code=x&state={stopped.pk}-x")
    assert unchanged(stopped)


def test_it_takes_no_answer_after_the_right_was_taken_away(administrator: Client, stopped: Connection) -> None:
    back = way_back(administrator, stopped)
    User.objects.get(username="administrator").groups.clear()
    assert administrator.get(back)["Location"] == page(stopped)
    assert unchanged(stopped)


def test_it_sends_a_person_who_is_no_longer_signed_in_by_the_login(administrator: Client, stopped: Connection) -> None:
    back = way_back(administrator, stopped)
    administrator.logout()
    response = administrator.get(back)
    assert response["Location"] == page(stopped)
    assert administrator.get(response["Location"])["Location"] == f"{reverse('admin:login')}?next={page(stopped)}"
    assert unchanged(stopped)


def test_it_says_that_the_connection_was_removed(administrator: Client, stopped: Connection) -> None:
    back = way_back(administrator, stopped)
    stopped.delete()
    assert "was removed while you signed in" in page_after(administrator, back)


def test_it_answers_no_post(administrator: Client) -> None:
    assert administrator.post("/signed-in/").status_code == 405


def test_it_says_what_to_do_where_the_exchange_fails(
    administrator: Client, stopped: Connection, acumatica: Running
) -> None:
    back = way_back(administrator, stopped)
    acumatica.stop()
    text = page_after(administrator, back)
    assert "could not be reached" in text
    assert "follow it to its end" in text
    assert unchanged(stopped)
    assert AuditEntry.objects.filter(action="connection.sign_in_failed").count() == 1


# The button


def test_it_shows_the_button_and_the_address_where_it_applies(administrator: Client, stopped: Connection) -> None:
    assert page(stopped, "sign-in") in administrator.get(page(stopped)).content.decode()
    for url in (page(stopped), page(stopped, "secrets")):
        assert f">{BACK}<" in administrator.get(url).content.decode()


@pytest.mark.parametrize("fields", [{"settings": {"auth_mode": "cookie"}}, {}, {"vendor": "shipstation"}])
def test_it_shows_neither_elsewhere(administrator: Client, fields: dict[str, Any]) -> None:
    connection = make.connection(**fields)
    for url in (page(connection), page(connection, "secrets")):
        text = administrator.get(url).content.decode()
        assert page(connection, "sign-in") not in text
        assert BACK not in text
    response = administrator.post(page(connection, "sign-in"), follow=True)
    assert "does not sign in by browser" in response.content.decode()


def test_it_says_what_must_be_entered_first(administrator: Client) -> None:
    connection = make.connection(settings={"auth_mode": "oauth_code", "base_url": "https://erp.example.com"})
    text = administrator.post(page(connection, "sign-in"), follow=True).content.decode()
    assert "The client ID and the client secret of the connected application are missing." in text


def test_it_leaves_a_paused_connection_paused(administrator: Client, stopped: Connection) -> None:
    Connection.objects.update(state="paused")
    assert "stays paused" in page_after(administrator, way_back(administrator, stopped))
    assert (Connection.objects.get().state, OrmQ.objects.count()) == ("paused", 0)


def test_the_clock_tests_it_where_the_task_was_lost(administrator: Client, stopped: Connection) -> None:
    page_after(administrator, way_back(administrator, stopped))
    OrmQ.objects.all().delete()
    clock.tick()
    assert not OrmQ.objects.exists()
    Connection.objects.update(recover_at=stopped.created_at)
    clock.tick()
    assert OrmQ.objects.get().task["func"] == "syncjobs.tasks.probe"
