"""Rows written in bulk are what the ORM would have written, on both databases."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditEntry
from connections.models import Customer, RateWindow
from syncjobs.models import FlowRun, SyncRecord
from tests import factories
from toolkit import bulk_sql

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=dt.UTC)
DOCUMENT: Any = {
    "amount": Decimal("7000.0000"),
    "note": "a\x00b “ø” \\ ' %s 🛷",
    "big": 2**70,
    "no": None,
    "list": [True],
}


@dataclass
class Window:
    """Whatever has the fields as attributes will do."""

    account: str
    used: int = 0
    limit: int = 0
    ends_at: dt.datetime = NOW
    paused_until: dt.datetime | None = None


@dataclass
class Entry:
    data: dict[str, Any]
    group: uuid.UUID | None = None
    at: dt.datetime = NOW
    action: str = "record.synced"
    actor: str = "engine"
    actor_id: int | None = None
    subject_type: str = "syncrecord"
    subject_id: int | None = 1
    subject: str = "SO-1"
    customer_id: int | None = None
    summary: str = field(default="100 % of “it” isn't \\ \n plain")


def test_it_inserts_rows_as_the_orm_reads_them() -> None:
    bulk_sql.insert(RateWindow, [Window("a", 3, 40), Window("b", paused_until=NOW)])
    rows = RateWindow.objects.order_by("account").values_list("account", "used", "limit", "ends_at", "paused_until")
    assert list(rows) == [("a", 3, 40, NOW, None), ("b", 0, 0, NOW, NOW)]


def test_it_inserts_json_identifiers_and_texts_of_every_kind() -> None:
    group, data = uuid.uuid4(), {"ø": [1, None, {"x": "“y” % ' \\"}]}
    bulk_sql.insert(AuditEntry, [Entry(data, group), Entry({})])
    first, second = AuditEntry.objects.order_by("pk")
    assert (first.data, first.group, first.at, first.summary) == (data, group, NOW, Entry({}).summary)
    assert (second.data, second.group, second.customer_id) == ({}, None, None)


def test_it_inserts_documents_digit_for_digit() -> None:
    flow = factories.flow()
    bulk_sql.insert(FlowRun, [FlowRun(flow=flow, cursor_before=DOCUMENT, counts={"read": 1}, started_at=NOW)])
    run = FlowRun.objects.get(flow=flow)
    assert (run.cursor_before, run.cursor_after, run.counts, run.started_at) == (DOCUMENT, None, {"read": 1}, NOW)
    assert str(run.cursor_before["amount"]) == "7000.0000"


def test_it_updates_the_named_fields_and_no_others() -> None:
    first, second = factories.record(), factories.record(cause="kept")
    for record in (first, second):
        record.source_body, record.details, record.synced_at, record.attempts = DOCUMENT, {"a": 1}, NOW, 3
        record.cause = "not stored"
    bulk_sql.update(SyncRecord, [first, second], ["source_body", "details", "synced_at", "attempts"])
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.source_body, first.details, first.synced_at, first.attempts) == (DOCUMENT, {"a": 1}, NOW, 3)
    assert (first.cause, second.cause) == ("", "kept")


def test_it_updates_to_nothing() -> None:
    record = factories.record(source_body=DOCUMENT, synced_at=NOW, target_key="T-1", details={"a": 1})
    record.source_body = record.synced_at = record.target_key = None
    record.details = {}
    bulk_sql.update(SyncRecord, [record], ["source_body", "synced_at", "target_key", "details"])
    record.refresh_from_db()
    assert (record.source_body, record.synced_at, record.target_key, record.details) == (None, None, None, {})


def test_it_updates_each_row_with_its_own_values_and_touches_no_other() -> None:
    records = [factories.record() for _ in range(5)]
    for number, record in enumerate(records[:4]):
        record.attempts = number
    bulk_sql.update(SyncRecord, records[:4], ["attempts"])
    assert list(SyncRecord.objects.order_by("pk").values_list("attempts", flat=True)) == [0, 1, 2, 3, 0]


def test_it_leaves_deferred_fields_unread_and_as_they_are(django_assert_num_queries: Any) -> None:
    key = factories.record(source_body=DOCUMENT).pk
    record = SyncRecord.objects.without_bodies().get(pk=key)
    record.attempts = 4
    with django_assert_num_queries(1):
        bulk_sql.update(SyncRecord, [record], ["attempts"])
    assert "source_body" in record.get_deferred_fields()
    assert SyncRecord.objects.values_list("source_body", "attempts").get(pk=key) == (DOCUMENT, 4)


def test_it_takes_one_statement_however_many_rows_there_are(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        bulk_sql.insert(RateWindow, [Window(str(number)) for number in range(300)])
    assert RateWindow.objects.count() == 300


def test_it_asks_the_database_nothing_where_there_is_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        bulk_sql.insert(RateWindow, [])
        bulk_sql.update(RateWindow, [], ["used"])


def test_it_stores_all_rows_or_none() -> None:
    RateWindow.objects.create(account="taken", ends_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk_sql.insert(RateWindow, [Window("new"), Window("taken")])
    assert list(RateWindow.objects.values_list("account", flat=True)) == ["taken"]


@pytest.mark.parametrize(("name", "error"), [("colour", FieldDoesNotExist), ("connections", TypeError)])
def test_it_refuses_what_is_no_column(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        bulk_sql.update(Customer, [factories.customer()], [name])
