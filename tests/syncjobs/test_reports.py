from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from syncjobs import reports
from syncjobs.models import Integration, State
from syncjobs.recipe import DATE, Column, Report
from syncjobs.reports import Period, ReportRow, ReportRows
from tests import factories as make
from tests.reporting import REPORT, declare, invoice, parcel

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 10, 31))
SEEN = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def integration(monkeypatch: pytest.MonkeyPatch) -> Integration:
    return declare(monkeypatch, REPORT)


def report_rows(of: Integration, report: Report = REPORT, period: Period = OCTOBER) -> list[ReportRow]:
    rows = ReportRows(of, report, period)
    try:
        listed = list(rows)
        assert len(listed) == rows.count
        return listed
    finally:
        rows.close()


def texts(row: ReportRow) -> list[str]:
    return [cell.text for cell in (*row.cells, *row.joined_cells)]


def test_it_sets_an_invoice_beside_its_parcel(integration: Integration) -> None:
    mine, other = invoice(integration, "300141"), parcel(integration, "1Z1", "ORDER-300141")
    (row,) = report_rows(integration)
    assert (row.record, row.joined, row.note) == (mine, other, "")
    assert texts(row) == ["Kari Nordmann", "3183.750", "synced", "2026-10-04", "ups:ups_ground", "1Z1", "no"]


def test_it_keeps_an_invoice_without_a_parcel(integration: Integration) -> None:
    invoice(integration, "300141")
    parcel(integration, "1Z1", "ORDER-of-somebody-else")
    (row,) = report_rows(integration)
    assert (row.joined, texts(row)[3:], row.note) == (None, ["", "", "", ""], "")


def test_it_makes_a_row_of_each_parcel(integration: Integration) -> None:
    invoice(integration, "300141")
    for tracking in ("1Z1", "1Z2", "1Z3"):
        parcel(integration, tracking, "ORDER-300141")
    assert [str(row.joined) for row in report_rows(integration)] == ["1Z1", "1Z2", "1Z3"]


def test_it_finds_a_parcel_once_by_two_keys(integration: Integration) -> None:
    invoice(integration, "300141", body={"reference": "WEB-1"})
    parcel(integration, "1Z1", "WEB-1")
    parcel(integration, "1Z2", "ORDER-300141", body={"orderNumber": ["ORDER-300141", "WEB-1"]})
    assert [str(row.joined) for row in report_rows(integration)] == ["1Z1", "1Z2"]


def test_it_leaves_a_record_out_of_the_join_whose_expression_says_so(integration: Integration) -> None:
    invoice(integration, "300141")
    parcel(integration, "1Z1", "ORDER-300141", body={"isReturnLabel": True})
    (row,) = report_rows(integration)
    assert (row.joined, row.note) == (None, "")


def test_it_never_joins_records_of_another_integration(integration: Integration) -> None:
    invoice(integration, "300141")
    elsewhere = make.integration()
    parcel(elsewhere, "1Z1", "ORDER-300141")
    invoice(elsewhere, "999")
    (row,) = report_rows(integration)
    assert row.joined is None


def test_it_lists_both_ends_of_the_period_in_the_order_of_dates(integration: Integration) -> None:
    for number, day in enumerate(["2026-11-01", "2026-10-31", "2026-10-01", "2026-09-30", "2026-10-15"]):
        invoice(integration, f"I{number}", body={"documentDate": day})
    assert [str(row.record) for row in report_rows(integration)] == ["I2", "I4", "I1"]


def test_it_takes_an_instant_for_a_day_in_the_console_s_time_zone(integration: Integration, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Oslo"
    report = replace(REPORT, columns=(Column("Made", "made", DATE),))
    invoice(integration, "1", body={"documentDate": "2026-09-30T23:30:00Z", "made": "2026-10-31T23:30:00Z"})
    (row,) = report_rows(integration, report)
    assert (row.day, texts(row)[0]) == (dt.date(2026, 10, 1), "2026-11-01")


def test_it_shows_what_fails_on_one_record_in_its_cell(integration: Integration) -> None:
    invoice(integration, "1", body={"amount": "a lot"})
    invoice(integration, "2")
    first, second = report_rows(integration)
    assert (first.cells[1].problem, first.cells[1].text) == (True, "the text 'a lot' is not a number")
    assert texts(second)[1] == "3183.750"


def test_it_lists_a_record_whose_date_cannot_be_determined_by_the_day_it_was_first_seen(
    integration: Integration,
) -> None:
    invoice(integration, "1", body={"documentDate": "soon"}, first_seen_at=SEEN)
    invoice(integration, "2", body={"documentDate": None}, first_seen_at=SEEN)
    first, second = report_rows(integration)
    assert "'soon' is not a date" in first.note
    assert second.note == "The document has no date: listed by the day it was first seen."
    assert first.day == second.day == dt.date(2026, 10, 20)


def test_it_lists_a_record_without_its_document_by_its_key(integration: Integration) -> None:
    parcel(integration, "1Z1", "ORDER-300141")
    invoice(integration, "300141", source_body=None, first_seen_at=SEEN)
    invoice(integration, "300999", source_body=None, first_seen_at=SEEN.replace(month=9))
    (row,) = report_rows(integration)
    assert (str(row.record), texts(row)[:3]) == ("300141", ["", "", "synced"])
    assert row.note == "The document is no longer kept: listed by the day it was first seen."


def test_it_finds_by_keys_what_has_no_document(integration: Integration) -> None:
    assert REPORT.joined
    report = replace(REPORT, joined=replace(REPORT.joined, ours="orderNumber", theirs="orderNumber || natural_key()"))
    invoice(integration, "300141")
    parcel(integration, "1Z1", "", source_body=None, natural_key="ORDER-300141")
    (row,) = report_rows(integration, report)
    assert (str(row.joined), row.note) == ("1Z1", "The document of the parcel is no longer kept.")


def test_it_says_that_what_is_not_found_may_only_be_no_longer_kept(integration: Integration) -> None:
    invoice(integration, "300141")
    parcel(integration, "1Z1", "ORDER-300141", source_body=None)
    (row,) = report_rows(integration)
    assert row.note == "No parcel was found, but 1 could not be compared."


def test_it_says_when_the_keys_of_a_row_cannot_be_determined(integration: Integration) -> None:
    assert REPORT.joined
    report = replace(REPORT, joined=replace(REPORT.joined, ours="join('', keys)"))
    invoice(integration, "300141", body={"keys": 7})
    (row,) = report_rows(integration, report)
    assert row.note.startswith("What belongs to it cannot be determined: ")


def test_it_shows_the_state_of_the_record(integration: Integration) -> None:
    invoice(integration, "1", state=State.ATTENTION)
    (row,) = report_rows(integration)
    assert (row.cells[2].state, row.cells[2].text) == ("attention", "needs a person")


def test_it_lists_one_flow_alone(integration: Integration) -> None:
    invoice(integration, "300141")
    (row,) = report_rows(integration, replace(REPORT, joined=None))
    assert (row.joined, row.joined_cells) == (None, [])


def test_it_may_use_a_value_map(integration: Integration) -> None:
    report = replace(REPORT, columns=(Column("Ship via", "lookup('carriers', carrier)"),))
    invoice(integration, "1", body={"carrier": "ups"})
    (row,) = report_rows(integration, report)
    assert texts(row)[0] == "UPSGROUND"


def test_it_asks_the_database_as_often_for_one_record_as_for_a_chunk(
    integration: Integration, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        invoice(integration, f"{number:03}")
        parcel(integration, f"1Z{number}", f"ORDER-{number:03}")
    with django_assert_num_queries(
        8
    ):  # flows, value maps and their rows, two chunks of each flow's reading, one of rows
        assert len(report_rows(integration)) == 20
    monkeypatch.setattr(reports, "CHUNK", 5)
    with django_assert_num_queries(17):
        assert len({str(row.joined) for row in report_rows(integration)}) == 20


def test_it_reads_no_more_rows_than_it_is_asked_for(integration: Integration) -> None:
    for number in range(9):
        invoice(integration, f"{number:03}")
    rows = ReportRows(integration, REPORT, OCTOBER)
    assert (len(list(rows.rows(4))), rows.count) == (4, 9)
    rows.close()
