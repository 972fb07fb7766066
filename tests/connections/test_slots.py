"""Slots: as many calls or writers at once as the system stands, also where workers die."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from connections import slots
from connections.models import Connection, Slot
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Connection:
    made = factories.connection(vendor="shipstation")
    monkeypatch.setitem(made.declaration.slots, "write", 1)
    return made


def test_slots_are_as_many_as_the_system_stands(connection: Connection) -> None:
    with slots.slot(connection, "write") as first, slots.slot(connection, "write") as second:
        assert (first, second) == (True, False)
    with slots.slot(connection, "write") as again:
        assert again


def test_readers_and_writers_have_slots_of_their_own(connection: Connection) -> None:
    with slots.slot(connection, "write") as writer, slots.slot(connection, "read") as reader:
        assert (writer, reader) == (True, True)


def test_two_connections_share_none(connection: Connection) -> None:
    other = factories.connection(vendor="shipstation")
    with slots.slot(connection, "write") as here, slots.slot(other, "write") as there:
        assert (here, there) == (True, True)


def test_a_slot_is_given_back_when_the_work_fails(connection: Connection) -> None:
    with pytest.raises(RuntimeError), slots.slot(connection, "write"):
        raise RuntimeError("worker failed")
    with slots.slot(connection, "write") as again:
        assert again


def test_a_dead_workers_slot_frees_itself(connection: Connection) -> None:
    past = timezone.now() - dt.timedelta(seconds=1)
    Slot.objects.create(connection=connection, kind="write", number=0, lease="dead", lease_until=past)
    with slots.slot(connection, "write") as held:
        assert held


def test_a_worker_that_was_taken_for_dead_leaves_the_slot_to_its_new_holder(connection: Connection) -> None:
    with slots.slot(connection, "write") as slow:
        Slot.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        newer = slots.slot(connection, "write")
        assert (slow, newer.__enter__()) == (True, True)
    with slots.slot(connection, "write") as third:
        assert not third
    newer.__exit__(None, None, None)


def test_a_system_that_stands_less_than_before_is_called_less(connection: Connection, monkeypatch: Any) -> None:
    monkeypatch.setitem(connection.declaration.slots, "write", 3)
    with slots.slot(connection, "write"):
        pass
    monkeypatch.setitem(connection.declaration.slots, "write", 1)
    with slots.slot(connection, "write") as first, slots.slot(connection, "write") as second:
        assert (first, second) == (True, False)


def test_it_waits_for_a_slot_as_long_as_it_was_told(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    with slots.slot(connection, "write"):

        def given_back(seconds: float) -> None:
            waits.append(seconds)
            Slot.objects.update(lease="", lease_until=None)

        monkeypatch.setattr("time.sleep", given_back)
        with slots.slot(connection, "write", patience=60.0) as held:
            assert (held, len(waits)) == (True, 1)


def test_it_holds_nothing_where_all_stayed_taken(connection: Connection) -> None:
    with slots.slot(connection, "write"):
        with slots.slot(connection, "write", patience=0.01) as held:
            assert not held
        assert Slot.objects.exclude(lease="").count() == 1
