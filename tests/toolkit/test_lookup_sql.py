from __future__ import annotations

import pytest
from django.db import transaction

from connections.models import Customer
from syncjobs.models import SyncRecord
from toolkit import lookup_sql
from toolkit.lookup_sql import rows_by

pytestmark = pytest.mark.django_db
ODD = ["26.0012", "A'B", 'quote"d', "a,b", "tab\tkey", "日本語", "x" * 100, "%s", "[1]", "back\\slash"]


@pytest.fixture
def customers() -> list[Customer]:
    return [Customer.objects.create(name=name) for name in ODD]


def test_it_reads_columns_of_the_rows_with_these_keys(customers: list[Customer]) -> None:
    wanted = [customers[0].pk, customers[3].pk, 10**9]
    with transaction.atomic():
        rows = rows_by(Customer, ("id", "name"), "id", wanted)
    assert sorted(rows) == [(customers[0].pk, ODD[0]), (customers[3].pk, ODD[3])]


@pytest.mark.parametrize("name", ODD)
def test_a_key_may_hold_any_character(customers: list[Customer], name: str) -> None:
    with transaction.atomic():
        assert [row[0] for row in rows_by(Customer, ("name",), "name", [name])] == [name]


def test_other_columns_may_have_to_be_equal(customers: list[Customer]) -> None:
    keys = [customer.pk for customer in customers]
    with transaction.atomic():
        assert rows_by(Customer, ("name",), "id", keys, name=ODD[5]) == [(ODD[5],)]


def test_without_keys_it_asks_nothing(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert rows_by(Customer, ("id",), "id", []) == []


def test_it_locks_rows_in_one_order_whatever_they_are_asked_by() -> None:
    """Two workers that lock the same rows in two orders wait for each other for ever."""
    for key in ("source_key", "id"):
        statement = lookup_sql._statement(SyncRecord, ("id",), key, (), "postgresql")
        assert statement.endswith('ORDER BY "id" FOR UPDATE')
