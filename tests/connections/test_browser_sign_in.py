"""The verbs of a sign-in by browser, with a system that grants what a test says."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from audit.models import AuditEntry
from audit.trail import Actor
from connections import browser_sign_in as signing_in
from connections import lifecycle, vendors
from connections.browser_sign_in import SignInFailed
from connections.errors import ConnectionBroken, TryLater
from connections.fields import Secrets
from connections.models import Connection
from connections.vendor import Account
from tests import factories as make

pytestmark = pytest.mark.django_db
KARI, OLA = Actor("kari", 1), Actor("ola", 2)
PLANTED = ["planted-code", "planted-verifier", "planted-refresh", "planted-secret"]


class Way:
    """A `BrowserSignIn` that grants, or fails as it is told."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.calls: list[tuple[str, str, str]] = []
        self.meanwhile: Any = lambda: None

    def applies(self, settings: Mapping[str, Any]) -> bool:
        return settings.get("auth_mode") == "oauth_code"

    def begin(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str], redirect_uri: str, state: str
    ) -> tuple[str, str]:
        if self.error:
            raise self.error
        return f"https://erp.example.com/authorize?state={state}", "planted-verifier"

    def finish(self, account: Account, code: str, verifier: str, redirect_uri: str) -> dict[str, str]:
        self.calls.append((code, verifier, redirect_uri))
        if self.error:
            raise self.error
        self.meanwhile()
        return {"refresh_token": "planted-refresh"}


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Way:
    made = Way()
    vendor = dataclasses.replace(vendors.get("acumatica"), sign_in=made)
    monkeypatch.setattr("connections.vendors.acumatica.VENDOR", vendor)
    return made


@pytest.fixture
def session() -> SessionStore:
    made = SessionStore()
    made.create()
    return made


def connection(**fields: Any) -> Connection:
    return make.connection(
        **{"settings": {"auth_mode": "oauth_code"}, "secrets": {"client_secret": "planted-secret"}} | fields
    )


def begun(of: Connection, session: SessionStore, actor: Actor = KARI) -> str:
    url = signing_in.begin(of, session, actor)
    session.save()
    return url.partition("state=")[2]


def finish(state: str, session: SessionStore, actor: Actor = KARI, **query: str) -> Connection:
    return signing_in.finish(state, query.get("code", "planted-code"), query.get("error", ""), session, actor)


def row(of: Connection) -> Connection:
    return Connection._base_manager.get(pk=of.pk)


def test_it_stores_what_was_granted_beside_the_rest(way: Way, session: SessionStore) -> None:
    of = connection()
    finish(begun(of, session), session)
    assert row(of).secrets == {"client_secret": "planted-secret", "refresh_token": "planted-refresh"}
    assert way.calls == [("planted-code", "planted-verifier", "http://testserver/signed-in/")]


def test_it_drops_the_old_session(way: Way, session: SessionStore) -> None:
    of = connection()
    Connection._base_manager.filter(pk=of.pk).update(session=Secrets(token="old"), session_used_at=timezone.now())
    finish(begun(of, session), session)
    assert (row(of).session, row(of).session_used_at) == (None, None)


def test_it_lets_a_stopped_connection_go_on_and_be_tested(way: Way, session: SessionStore) -> None:
    of = connection(state="broken", cause="It has ended.", next_step="Sign in.", recover_wait=dt.timedelta(hours=4))
    answered = finish(begun(of, session), session)
    assert (answered.state, answered.cause, answered.next_step, answered.recover_wait) == ("new", "", "", None)
    assert answered.usable
    assert row(of).recover_at is not None


@pytest.mark.parametrize("state", ["paused", "ready"])
def test_it_leaves_a_paused_connection_paused_and_a_working_one_working(
    way: Way, session: SessionStore, state: str
) -> None:
    assert finish(begun(connection(state=state), session), session).state == state


def test_it_leaves_an_entry_of_its_own_kind(way: Way, session: SessionStore) -> None:
    of = connection()
    finish(begun(of, session), session)
    entry = AuditEntry.objects.get(action="connection.signed_in")
    assert (entry.actor, entry.subject_id, entry.customer_id) == ("kari", of.pk, of.customer_id)
    assert entry.summary == "Stored: Refresh token."


def test_it_takes_an_answer_once(way: Way, session: SessionStore) -> None:
    state = begun(connection(), session)
    finish(state, session)
    with pytest.raises(SignInFailed, match="used before"):
        finish(state, session)
    assert len(way.calls) == 1


def test_it_takes_an_answer_once_from_two_requests_at_the_same_time(way: Way, session: SessionStore) -> None:
    state = begun(connection(), session)
    key = str(session.session_key)
    first, second = SessionStore(key), SessionStore(key)
    assert first["sign_ins"]
    assert second["sign_ins"]  # both have read it
    finish(state, first)
    with pytest.raises(SignInFailed, match="used before"):
        finish(state, second)


@pytest.mark.parametrize("state", ["", "x", "-", "1", "1-", "999999-abc", "²-x", "1" * 40 + "-x", "{}-wrong"])
def test_it_takes_no_state_that_it_did_not_make(way: Way, session: SessionStore, state: str) -> None:
    of = connection()
    good = begun(of, session)
    with pytest.raises(SignInFailed, match="no sign-in that you began"):
        finish(state.format(of.pk), session)
    assert not way.calls
    assert finish(good, session).pk == of.pk  # a wrong answer does not spend the right one


def test_it_takes_no_answer_in_another_session(way: Way, session: SessionStore) -> None:
    state = begun(connection(), session)
    another_session = SessionStore()
    another_session.create()
    for elsewhere in (another_session, SessionStore()):
        with pytest.raises(SignInFailed):
            finish(state, elsewhere)
    assert not way.calls


def test_it_takes_no_answer_of_another_person(way: Way, session: SessionStore) -> None:
    with pytest.raises(SignInFailed):
        finish(begun(connection(), session), session, OLA)
    assert not way.calls


def test_it_takes_no_answer_for_another_connection(way: Way, session: SessionStore) -> None:
    first, second = connection(), connection()
    state = begun(first, session)
    with pytest.raises(SignInFailed):
        finish(f"{second.pk}-{state.partition('-')[2]}", session)
    assert not way.calls


def test_it_keeps_the_sign_ins_of_several_connections_apart(way: Way, session: SessionStore) -> None:
    states = [begun(connection(), session) for _ in range(2)]
    assert len({finish(state, session).pk for state in states}) == 2


def test_it_counts_the_newest_of_one_connection(way: Way, session: SessionStore) -> None:
    of = connection()
    older, newer = begun(of, session), begun(of, session)
    with pytest.raises(SignInFailed):
        finish(older, session)
    assert finish(newer, session).pk == of.pk


def test_it_takes_no_answer_that_comes_late(way: Way, session: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    state = begun(connection(), session)
    monkeypatch.setattr("connections.browser_sign_in.time.time", lambda: timezone.now().timestamp() + 15 * 60 + 1)
    with pytest.raises(SignInFailed, match="longer than 15 minutes"):
        finish(state, session)
    assert not way.calls


def test_it_forgets_what_was_never_answered(way: Way, session: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(connection(), session)
    monkeypatch.setattr("connections.browser_sign_in.time.time", lambda: timezone.now().timestamp() + 15 * 60 + 1)
    of = connection()
    begun(of, session)
    assert list(session["sign_ins"]) == [str(of.pk)]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("access_denied", "was not allowed"),
        ("invalid_scope", "rights"),
        ("unauthorized_client", "may not sign in by browser"),
        ("<script>planted-words</script>", "The sign-in was refused"),
    ],
)
def test_it_says_why_a_person_came_back_without_a_sign_in(
    way: Way, session: SessionStore, error: str, sentence: str
) -> None:
    state = begun(connection(state="broken"), session)
    with pytest.raises(SignInFailed, match=sentence) as caught:
        finish(state, session, error=error)
    assert "planted" not in f"{caught.value} {caught.value.next_step}"
    assert "planted" not in AuditEntry.objects.get(action="connection.sign_in_failed").summary
    assert Connection.objects.get().state == "broken"
    with pytest.raises(SignInFailed, match="used before"):
        finish(state, session)


def test_it_wants_an_answer(way: Way, session: SessionStore) -> None:
    with pytest.raises(SignInFailed, match="without an answer"):
        finish(begun(connection(), session), session, code="")


def test_it_keeps_what_was_stored_where_the_exchange_fails(way: Way, session: SessionStore) -> None:
    of = connection(secrets={"refresh_token": "before"}, state="broken", cause="It has ended.")
    state = begun(of, session)
    way.error = ConnectionBroken("The code is too old.", next_step="Sign in again.")
    with pytest.raises(SignInFailed, match="too old") as caught:
        finish(state, session)
    assert caught.value.next_step == "Sign in again."
    assert (row(of).secrets, row(of).state) == ({"refresh_token": "before"}, "broken")


def test_it_promises_no_further_try_of_its_own(way: Way, session: SessionStore) -> None:
    state = begun(connection(), session)
    way.error = TryLater("It is busy.", next_step="It is tried again by itself.")
    with pytest.raises(SignInFailed, match="busy") as caught:
        finish(state, session)
    assert "by itself" not in caught.value.next_step


def test_it_hides_what_a_system_quotes(way: Way, session: SessionStore) -> None:
    state = begun(connection(), session)
    way.error = ConnectionBroken("Refused.", words=" ".join(PLANTED[:2]), next_step="Not planted-secret.")
    with pytest.raises(SignInFailed) as caught:
        finish(state, session)
    kept = [str(caught.value), caught.value.next_step, *AuditEntry.objects.values_list("summary", flat=True)]
    assert not [value for value in PLANTED if any(value in text for text in kept)]


@pytest.mark.parametrize("when", ["before the exchange", "during it"])
def test_it_says_that_the_connection_was_removed(way: Way, session: SessionStore, when: str) -> None:
    of = connection()
    state = begun(of, session)
    if when == "during it":
        way.meanwhile = of.delete
    else:
        of.delete()
    with pytest.raises(SignInFailed, match="was removed"):
        finish(state, session)
    assert not AuditEntry.objects.filter(action__startswith="connection.sign").exists()


def test_it_takes_no_answer_where_the_way_of_signing_in_was_changed(way: Way, session: SessionStore) -> None:
    of = connection()
    state = begun(of, session)
    Connection.objects.filter(pk=of.pk).update(settings={"auth_mode": "cookie"})
    with pytest.raises(SignInFailed, match="changed meanwhile"):
        finish(state, session)
    assert not way.calls


@pytest.mark.parametrize("fields", [{"settings": {"auth_mode": "cookie"}}, {"settings": {}}, {"vendor": "shipstation"}])
def test_it_begins_nothing_where_it_does_not_apply(way: Way, session: SessionStore, fields: dict[str, Any]) -> None:
    with pytest.raises(SignInFailed, match="does not sign in by browser"):
        signing_in.begin(connection(**fields), session, KARI)
    assert "sign_ins" not in session


def test_it_begins_nothing_where_something_is_missing(way: Way, session: SessionStore) -> None:
    way.error = ConnectionBroken("The client ID is missing.", next_step="Enter it.")
    with pytest.raises(SignInFailed, match="client ID") as caught:
        signing_in.begin(connection(), session, KARI)
    assert caught.value.next_step == "Enter it."
    assert "sign_ins" not in session


# The session that a person granted

GRANTED = {"token": "t", "refresh_token": "newest", "client_secret": ""}


def test_a_session_that_a_person_granted_outlives_its_idleness(way: Way) -> None:
    of = connection()
    Connection._base_manager.filter(pk=of.pk).update(session=Secrets(GRANTED))
    assert not lifecycle.sign_out(of)
    assert lifecycle.pause(of, KARI)
    assert row(of).session == GRANTED


def test_new_credentials_keep_the_newest_refresh_token(way: Way) -> None:
    of = connection(secrets={"client_secret": "old", "refresh_token": "spent"})
    Connection._base_manager.filter(pk=of.pk).update(session=Secrets(GRANTED))
    lifecycle.enter_secrets(of, {"client_secret": "new"}, KARI)
    assert (row(of).secrets, row(of).session) == ({"client_secret": "new", "refresh_token": "newest"}, None)


def test_a_refresh_token_that_is_entered_wins(way: Way) -> None:
    of = connection(secrets={"refresh_token": "spent"})
    Connection._base_manager.filter(pk=of.pk).update(session=Secrets(GRANTED))
    lifecycle.enter_secrets(of, {"refresh_token": "entered"}, KARI)
    assert row(of).secrets == {"refresh_token": "entered"}


def test_a_session_by_password_leaves_no_refresh_token_behind() -> None:
    of = make.connection(settings={"auth_mode": "oauth_password"}, secrets={"password": "old"})
    Connection._base_manager.filter(pk=of.pk).update(session=Secrets(GRANTED))
    lifecycle.enter_secrets(of, {"password": "new"}, KARI)
    assert row(of).secrets == {"password": "new"}
