from __future__ import annotations

import pytest

from syncjobs.models import SyncRecord
from tests import factories
from toolkit import lookup_sql

pytestmark = pytest.mark.django_db


def test_it_reads_some_columns_of_rows_by_their_keys() -> None:
    flow = factories.flow()
    first, second = factories.record(flow=flow, source_key="it's"), factories.record(flow=flow, source_key='"%s"')
    factories.record(flow=flow, source_key="other")
    rows = lookup_sql.rows_by(SyncRecord, ("id", "source_key"), "source_key", ["it's", '"%s"'], flow=flow.pk)
    assert set(rows) == {(first.pk, "it's"), (second.pk, '"%s"')}
    assert lookup_sql.rows_by(SyncRecord, ("id",), "id", [second.pk]) == [(second.pk,)]


def test_it_locks_rows_in_one_order_whatever_they_are_asked_by() -> None:
    """Two workers that lock the same rows in two orders wait for each other for ever."""
    for key in ("source_key", "id"):
        statement = lookup_sql._statement(SyncRecord, ("id",), key, (), "postgresql")
        assert statement.endswith('ORDER BY "id" FOR UPDATE')
