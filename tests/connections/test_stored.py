"""What is stored for a connection: secrets and sessions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection as database
from django.db.models import F, Value
from django.utils import timezone

from connections.errors import ConnectionBroken, TryLater
from connections.fields import Secrets
from connections.models import Connection, Customer
from connections.sessions import StoredSessions
from toolkit import leases

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored() -> Connection:
    customer = Customer.objects.create(name="Fjord Outdoor")
    return Connection.objects.create(
        customer=customer, vendor="shipstation", name="main", secrets=Secrets(api_key="K-PLANTED")
    )


def test_secrets_are_encrypted_in_the_database(stored: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT secrets FROM connections_connection")
        raw = bytes(cursor.fetchone()[0])
    assert b"PLANTED" not in raw
    assert Connection.objects.get().secrets == {"api_key": "K-PLANTED"}


def test_secrets_do_not_print_themselves(stored: Connection) -> None:
    assert "PLANTED" not in f"{stored.secrets} {stored.secrets!r}"


def test_serialising_keeps_names_and_no_values(stored: Connection) -> None:
    text = serializers.serialize("json", Connection._base_manager.all())
    assert "api_key" in text
    assert "PLANTED" not in text


@pytest.mark.parametrize("expression", [F("name"), Value("x")])
def test_expressions_are_refused_rather_than_stored_as_text(stored: Connection, expression: Any) -> None:
    with pytest.raises(FieldError):
        Connection.objects.update(secrets=expression)


def test_bulk_update_is_refused(stored: Connection) -> None:
    with pytest.raises(FieldError):
        Connection._base_manager.bulk_update([stored], ["secrets"])


def test_one_row_that_cannot_be_decrypted_does_not_break_the_list(stored: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE connections_connection SET secrets = %s", [b"garbage"])
    assert [one.name for one in Connection.objects.all()] == ["main"]


def test_a_session_is_made_once_and_shared(stored: Connection) -> None:
    logins: list[int] = []

    def login() -> dict[str, str]:
        logins.append(1)
        return {"cookie": f"c{len(logins)}"}

    assert StoredSessions(stored.pk).renew(None, login) == {"cookie": "c1"}
    assert StoredSessions(stored.pk).renew(None, login) == {"cookie": "c1"}
    assert StoredSessions(stored.pk).current() == {"cookie": "c1"}


def test_a_stale_session_is_renewed(stored: Connection) -> None:
    sessions = StoredSessions(stored.pk)
    old = sessions.renew(None, lambda: {"cookie": "old"})
    assert sessions.renew(old, lambda: {"cookie": "new"}) == {"cookie": "new"}


def test_a_session_that_is_used_is_not_idle(stored: Connection) -> None:
    StoredSessions(stored.pk).renew(None, lambda: {"cookie": "c"})
    Connection._base_manager.update(session_used_at=timezone.now() - dt.timedelta(minutes=5))
    StoredSessions(stored.pk).current()
    used = Connection._base_manager.values_list("session_used_at", flat=True).get()
    assert used is not None
    assert timezone.now() - used < dt.timedelta(seconds=5)


def test_only_one_worker_signs_in_at_a_time(stored: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connections.sessions.WAIT_SECONDS", 0)
    Connection.objects.update(session_lease="other", session_lease_until=timezone.now() + dt.timedelta(minutes=1))
    with pytest.raises(TryLater, match="still signing in"):
        StoredSessions(stored.pk).renew(None, dict)


def test_a_failed_sign_in_lets_the_next_one_try(stored: Connection) -> None:
    def refused() -> dict[str, str]:
        raise ConnectionBroken("wrong password")

    with pytest.raises(ConnectionBroken):
        StoredSessions(stored.pk).renew(None, refused)
    assert StoredSessions(stored.pk).renew(None, lambda: {"cookie": "c"}) == {"cookie": "c"}


def test_a_session_that_another_worker_brought_just_before_the_claim_is_not_spent_again(
    stored: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, another_worker = StoredSessions(stored.pk), StoredSessions(stored.pk)
    take = leases.take

    def slow_take(*rows: Any, **named: Any) -> str:
        another_worker._write({"token": "fresh"})
        return take(*rows, **named)

    monkeypatch.setattr(leases, "take", slow_take)
    assert store.renew({"token": "stale"}, lambda: pytest.fail("signed in twice")) == {"token": "fresh"}
