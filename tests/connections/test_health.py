from __future__ import annotations

import datetime as dt
import sys

import pytest

from audit.models import AuditEntry
from connections import lifecycle, vendors
from connections.clients import opened
from connections.errors import ConnectionBroken, TryLater
from connections.health import stop
from connections.models import Connection, Customer
from connections.vendor import Account
from tests.syncjobs.engine import fakes

pytestmark = pytest.mark.django_db
MINUTES = dt.timedelta(minutes=1)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> fakes.Shelf:
    shelf = fakes.Shelf()
    monkeypatch.setattr(vendors, "SLUGS", ("src", "tar"))
    for slug in vendors.SLUGS:
        monkeypatch.setitem(sys.modules, f"connections.vendors.{slug}", fakes.vendor(slug, shelf, (fakes.Things,)))
    return shelf


@pytest.fixture
def pair(shelf: fakes.Shelf) -> tuple[Connection, Connection]:
    customer = Customer.objects.create(name="Fjord Outdoor")
    source, target = (
        Connection.objects.create(customer=customer, vendor=slug, name="main", state="ready") for slug in ("src", "tar")
    )
    return source, target


def row(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def stops() -> int:
    return AuditEntry.objects.filter(action="connection.broken").count()


def test_what_breaks_in_the_block_stops_that_connection_once(pair: tuple[Connection, Connection]) -> None:
    source, target = pair
    with pytest.raises(ConnectionBroken) as raised, opened(source), opened(target):
        raise ConnectionBroken("The key was revoked.", next_step="Enter another.")
    stopped = row(target)
    assert (stopped.state, stopped.cause, stopped.next_step) == ("broken", "The key was revoked.", "Enter another.")
    assert (target.state, raised.value.connection_id) == ("broken", target.pk)
    assert (row(source).state, source.state, stops()) == ("ready", "ready", 1)


def test_an_error_stops_one_connection_and_lengthens_one_wait(pair: tuple[Connection, Connection]) -> None:
    source, target = pair
    error = ConnectionBroken("The key was revoked.")
    stop(target, error)
    stop(target, error)
    stop(source, error)
    assert (row(target).recover_wait, row(source).state, stops()) == (5 * MINUTES, "ready", 1)
    stop(target, ConnectionBroken("The key is still revoked."))
    assert (row(target).recover_wait, row(target).cause, stops()) == (10 * MINUTES, "The key was revoked.", 1)


def test_a_client_that_cannot_be_made_stops_its_connection(pair: tuple[Connection, Connection]) -> None:
    def broken(account: Account) -> None:
        raise ConnectionBroken("The key is missing.")

    object.__setattr__(row(pair[0]).declaration, "open", broken)
    with pytest.raises(ConnectionBroken), opened(pair[0]):
        pytest.fail("opened")
    assert (row(pair[0]).state, row(pair[0]).cause) == ("broken", "The key is missing.")


def test_what_passes_by_itself_stops_nothing(pair: tuple[Connection, Connection]) -> None:
    with pytest.raises(TryLater), opened(pair[0]):
        raise TryLater("Busy.")
    assert (row(pair[0]).state, stops()) == ("ready", 0)


def test_a_probe_that_breaks_stops_once(pair: tuple[Connection, Connection]) -> None:
    def broken(client: fakes.Client) -> None:
        raise ConnectionBroken("The key was revoked.", next_step="Enter another.")

    object.__setattr__(row(pair[0]).declaration, "probe", broken)
    (line,) = lifecycle.probe(pair[0])
    assert (line.ok, line.detail, line.screen) == (False, "The key was revoked.", "Enter another.")
    stopped = row(pair[0])
    assert (stopped.state, stopped.recover_wait, stops()) == ("broken", 5 * MINUTES, 1)


def test_a_probe_of_a_paused_connection_leaves_it_paused(
    pair: tuple[Connection, Connection], shelf: fakes.Shelf
) -> None:
    Connection.objects.filter(pk=pair[0].pk).update(state="paused")
    connection = row(pair[0])
    shelf.probe_ok = False
    lifecycle.probe(connection)
    assert (row(connection).state, stops()) == ("paused", 0)


def test_a_connection_that_works_again_goes_on(pair: tuple[Connection, Connection], shelf: fakes.Shelf) -> None:
    shelf.probe_ok = False
    lifecycle.probe(pair[0])
    assert (pair[0].state, row(pair[0]).cause) == ("broken", "No right to read things.")
    shelf.probe_ok = True
    lifecycle.probe(pair[0])
    recovered = row(pair[0])
    assert (recovered.state, recovered.cause, recovered.recover_wait, recovered.recover_at) == ("ready", "", None, None)
