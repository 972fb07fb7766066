"""`create_connection`: a row, its secrets and the trail of both, or nothing of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db import connection as database

from audit.models import AuditEntry
from audit.trail import Actor
from connections import lifecycle
from connections.models import Connection, Customer
from tests import factories

pytestmark = pytest.mark.django_db

KARI = Actor("kari", 7)
SETTINGS = {"v1_calls_per_minute": 30}
SECRETS = {"api_key": "K-PLANTED", "api_secret": "S-PLANTED", "v2_api_key": ""}


@pytest.fixture
def customer() -> Customer:
    return factories.customer()


def create(customer: Customer, **arguments: Any) -> Connection:
    values: dict[str, Any] = {"vendor": "shipstation", "name": "Oslo", "settings": SETTINGS, "secrets": SECRETS}
    return lifecycle.create_connection(**values | {"customer": customer, "actor": KARI} | arguments)


def trail() -> list[tuple[str, str, int | None]]:
    entries = AuditEntry.objects.filter(subject_type="connection").order_by("pk")
    return list(entries.values_list("action", "actor", "customer_id"))


def test_it_returns_a_new_connection_with_what_was_entered(customer: Customer) -> None:
    made = create(customer)
    row = Connection._base_manager.get()
    assert (made.pk, made.state, row.customer, row.name) == (row.pk, Connection.State.NEW, customer, "Oslo")
    assert row.settings == SETTINGS
    assert made.secrets == row.secrets == {"api_key": "K-PLANTED", "api_secret": "S-PLANTED"}
    assert made.full_settings["v1_calls_per_minute"] == 30


def test_it_stores_no_secret_that_can_be_read(customer: Customer) -> None:
    create(customer)
    with database.cursor() as cursor:
        cursor.execute("SELECT secrets FROM connections_connection")
        raw = bytes(cursor.fetchone()[0])
    texts = "".join(f"{entry.summary}{entry.data}{entry.subject}" for entry in AuditEntry.objects.all())
    assert b"PLANTED" not in raw
    assert "PLANTED" not in texts


def test_it_writes_who_created_it_and_what_was_entered(customer: Customer) -> None:
    create(customer)
    assert trail() == [
        ("connection.created", "kari", customer.pk),
        ("connection.secrets_changed", "kari", customer.pk),
    ]
    assert AuditEntry.objects.get(action="connection.secrets_changed").summary == "Entered: api_key, api_secret."


@pytest.mark.parametrize("secrets", [{}, {"api_key": ""}])
def test_it_takes_secrets_that_are_entered_later(customer: Customer, secrets: dict[str, str]) -> None:
    assert not create(customer, secrets=secrets).secrets
    assert [action for action, *_ in trail()] == ["connection.created"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"settings": {"colour": 1}}, "setting colour"), ({"secrets": {"pin": "1", "api_key": "2"}}, "secret pin")],
)
def test_it_refuses_what_the_vendor_does_not_declare(customer: Customer, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=f"ShipStation declares no {named}"):
        create(customer, **wrong)
    assert (Connection.objects.count(), trail()) == (0, [])


def test_it_refuses_a_vendor_that_is_not_there(customer: Customer) -> None:
    with pytest.raises(KeyError, match="no system 'colour'"):
        create(customer, vendor="colour")


def test_it_makes_no_second_one_when_called_twice(customer: Customer) -> None:
    create(customer)
    with pytest.raises(IntegrityError), transaction.atomic():
        create(customer)
    assert Connection.objects.count() == 1
    assert len(trail()) == 2


def test_it_stores_nothing_if_the_secrets_cannot_be_stored(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(lifecycle, "enter_secrets", fail)
    with pytest.raises(RuntimeError):
        create(customer)
    assert (Connection.objects.count(), trail()) == (0, [])
