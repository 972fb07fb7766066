from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.core.management import CommandError, call_command
from django.db import connection as database

from audit.models import AuditEntry
from connections.fields import Secrets
from connections.models import Connection
from connections.rotation import ENCRYPTED, rotate_secrets, unreadable
from tests import factories

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())


def _use(*keys: Fernet) -> None:
    """As after a restart with these keys: the fields keep theirs for the life of a process."""
    for name in ENCRYPTED:
        Connection._meta.get_field(name).__dict__["fernet"] = MultiFernet(keys)


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    yield
    for name in ENCRYPTED:
        Connection._meta.get_field(name).__dict__.pop("fernet", None)


@pytest.fixture
def stored() -> Connection:
    """A connection from before the rotation; the process knows both keys."""
    _use(OLD)
    made = factories.connection(secrets={"password": "planted"})
    Connection._base_manager.filter(pk=made.pk).update(session=Secrets(cookie="planted too"))
    _use(NEW, OLD)
    return made


def test_it_encrypts_all_columns_with_the_first_key(stored: Connection) -> None:
    assert rotate_secrets() == (1, [])
    _use(NEW)
    row = Connection._base_manager.get()
    assert (dict(row.secrets or {}), dict(row.session or {})) == ({"password": "planted"}, {"cookie": "planted too"})


def test_it_needs_the_old_key_until_then(stored: Connection) -> None:
    _use(NEW)
    assert unreadable() == [f"{stored} ({stored.customer})"]


def test_it_rotates_twice_without_harm(stored: Connection) -> None:
    assert rotate_secrets() == rotate_secrets() == (1, [])
    assert unreadable() == []


def test_it_leaves_an_entry_without_values(stored: Connection) -> None:
    rotate_secrets()
    entry = AuditEntry.objects.get(action="connection.secrets_rotated")
    assert entry.subject_id == stored.pk
    assert "planted" not in f"{entry.summary}{entry.data}"


def test_it_rotates_the_others_where_one_cannot_be_read(stored: Connection) -> None:
    _use(Fernet(Fernet.generate_key()))
    lost = factories.connection(secrets={"password": "lost"})
    _use(NEW, OLD)
    assert rotate_secrets() == (1, [f"{lost} ({lost.customer})"])


def test_the_check_changes_nothing(stored: Connection) -> None:
    before = _raw()
    call_command("rotate_secrets", "--check", stdout=io.StringIO())
    assert _raw() == before


def test_the_command_says_how_many(stored: Connection) -> None:
    said = io.StringIO()
    call_command("rotate_secrets", stdout=said)
    assert said.getvalue() == "1 connections are encrypted with the first key.\n"


def test_the_check_names_what_cannot_be_read(stored: Connection) -> None:
    _use(NEW)
    with pytest.raises(CommandError, match=stored.name):
        call_command("check_secrets")


def _raw() -> bytes:
    with database.cursor() as cursor:
        cursor.execute("SELECT secrets FROM connections_connection")
        return bytes(cursor.fetchone()[0])
