"""Rows written in bulk are what the ORM would have written, on both databases."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from connections import exact_json
from connections.models import Customer, RateWindow
from syncjobs.models import Flow, FlowRun, State, SyncRecord
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


def test_it_takes_one_statement_however_many_rows_there_are(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(1):  # PostgreSQL takes rows without a statement that Django could count
        bulk_sql.insert(RateWindow, [Window(str(number)) for number in range(300)])
    assert RateWindow.objects.count() == 300


def test_it_asks_the_database_nothing_where_there_is_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        bulk_sql.insert(RateWindow, [])
        bulk_sql.update(RateWindow, [], ["used"])


def test_it_tells_the_numbers_of_new_rows_in_their_order() -> None:
    accounts = [str(number) for number in range(50, 0, -1)]
    bulk_sql.insert(RateWindow, [Window("before")])
    numbers = bulk_sql.insert_numbered(RateWindow, [Window(account) for account in accounts])
    assert dict(RateWindow.objects.filter(account__in=accounts).values_list("pk", "account")) == dict(
        zip(numbers, accounts, strict=True)
    )
    assert RateWindow.objects.create(account="after", ends_at=NOW).pk > max(numbers)


def test_it_takes_no_number_of_a_row_that_was_removed() -> None:
    (number,) = bulk_sql.insert_numbered(RateWindow, [Window("gone")])
    RateWindow.objects.all().delete()
    assert bulk_sql.insert_numbered(RateWindow, [Window("next")]) > [number]


def test_it_updates_json_and_documents_alike_or_not() -> None:
    records = [factories.record() for _ in range(3)]
    for number, record in enumerate(records):
        record.details, record.triggers, record.source_body = {"n": number}, {"poll": "ø"}, DOCUMENT
    bulk_sql.update(SyncRecord, records, ["details", "triggers", "source_body"])
    rows = SyncRecord.objects.order_by("pk").values_list("details", "triggers", "source_body")
    assert list(rows) == [({"n": number}, {"poll": "ø"}, DOCUMENT) for number in range(3)]


@pytest.mark.parametrize("alike", [True, False])
def test_it_cuts_no_text_off(alike: bool) -> None:
    records = [factories.record() for _ in range(2)]
    for number, record in enumerate(records):
        record.source_label = f"{'x' * 101}{'' if alike else number}"
    if connection.vendor == "postgresql":
        with pytest.raises(DataError), transaction.atomic():
            bulk_sql.update(SyncRecord, records, ["source_label"])
    else:
        bulk_sql.update(SyncRecord, records, ["source_label"])
        assert SyncRecord.objects.filter(source_label__startswith="x" * 101).count() == 2


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
LISTS = st.lists(
    st.fixed_dictionaries(
        {
            "cause": TEXTS,
            "target_key": st.none() | TEXTS,
            "attempts": st.integers(0, 2**31 - 1),
            "due_at": st.none() | st.datetimes(timezones=st.just(dt.UTC)),
            "details": st.dictionaries(TEXTS, st.none() | st.booleans() | TEXTS | st.integers(-(2**53), 2**53)),
            "source_body": st.none() | st.dictionaries(st.text(st.characters(codec="utf-8")), st.text() | st.decimals(allow_nan=False, allow_infinity=False)),
        }
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


@pytest.fixture
def flow() -> Flow:
    return factories.flow()


@given(new=LISTS, changed=LISTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_whatever_rows_hold_comes_back(flow: Flow, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    for rows in (new, changed):
        for number, row in enumerate(rows):
            row["target_key"] = None if row["target_key"] is None else f"{number} {row['target_key']}"
            row["state"] = State.ATTENTION if row["due_at"] is None else State.DUE
    try:
        with transaction.atomic():
            made = [SyncRecord(flow=flow, source_key=str(n), target_lock=str(n), **row) for n, row in enumerate(new)]
            _check(bulk_sql.insert_numbered(SyncRecord, made), new)
            records = list(SyncRecord.objects.order_by("pk"))
            for record, row in zip(records, changed, strict=False):
                vars(record).update(row)
            bulk_sql.update(SyncRecord, records[: len(changed)], list(changed[0]))
            _check([record.pk for record in records], (changed + new[len(changed) :])[: len(new)])
            raise Undone
    except Undone:
        pass


class Undone(Exception):
    pass


def _check(numbers: list[int], rows: list[dict[str, Any]]) -> None:
    for number, row in zip(numbers, rows, strict=True):
        stored = SyncRecord.objects.values(*row).get(pk=number)
        assert stored == row
        assert exact_json.dumps(stored["source_body"]) == exact_json.dumps(row["source_body"])


def test_it_stores_all_rows_or_none() -> None:
    RateWindow.objects.create(account="taken", ends_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk_sql.insert(RateWindow, [Window("new"), Window("taken")])
    assert list(RateWindow.objects.values_list("account", flat=True)) == ["taken"]


@pytest.mark.parametrize(("name", "error"), [("colour", FieldDoesNotExist), ("connections", TypeError)])
def test_it_refuses_what_is_no_column(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        bulk_sql.update(Customer, [factories.customer()], [name])


def test_a_nul_stops_no_row() -> None:
    """PostgreSQL takes none; there something else stands in its place."""
    nul = "\ufffd" if connection.vendor == "postgresql" else "\0"
    texts = {"text": "a\0b", "written": "\\u0000", "both": "\\\\\0"}
    expected = {name: text.replace("\0", nul) for name, text in texts.items()}
    first, second = factories.record(), factories.record()
    first.cause, first.details = "a\0b", texts
    bulk_sql.update(SyncRecord, [first, second], ["cause", "details"])
    first.refresh_from_db()
    assert (first.cause, first.details) == (f"a{nul}b", expected)
    bulk_sql.insert(AuditEntry, [Entry(texts, summary="a\0b")])
    entry = AuditEntry.objects.latest("pk")
    assert (entry.summary, entry.data) == (f"a{nul}b", expected)
