from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from syncjobs.forms import PayloadForm, PeriodForm, ScheduleField, clean_schedule, schedule_in_words
from syncjobs.reports import Period


@pytest.mark.parametrize(
    ("schedule", "words"),
    [("300", "every 5 minutes"), ("7200", "every 7,200 seconds"), ("0 6 * * 1-5", "at 0 6 * * 1-5")],
)
def test_a_schedule_reads_as_words(schedule: str, words: str) -> None:
    assert schedule_in_words(schedule) == words


@pytest.mark.parametrize(("text", "schedule"), [("060", "60"), (" 1200 ", "1200"), ("0  6 * *  1-5", "0 6 * * 1-5")])
def test_a_schedule_is_stored_in_one_form(text: str, schedule: str) -> None:
    assert clean_schedule(text) == schedule


@pytest.mark.parametrize("text", ["59", "2678401", "every day", "0 6 * *", "61 6 * * *", "0 6 30 2 *", "-60"])
def test_a_schedule_that_never_comes_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        clean_schedule(text)


def test_a_usual_schedule_wins_over_the_text_beside_it() -> None:
    assert ScheduleField().clean(["3600", "junk"]) == "3600"


def test_a_custom_schedule_needs_its_text() -> None:
    with pytest.raises(ValidationError, match="Enter the schedule"):
        ScheduleField().clean(["custom", ""])


def test_a_payload_keeps_its_digits() -> None:
    form = PayloadForm({"payload": '{"total": 10.10}'})
    assert form.is_valid()
    assert form.cleaned_data["payload"] == {"total": Decimal("10.10")}
    assert str(form.cleaned_data["payload"]["total"]) == "10.10"


def test_an_error_in_a_payload_names_its_line() -> None:
    form = PayloadForm({"payload": '{"a": 1,\n"b": }'})
    assert "(line 2)" in str(form.errors["payload"])


def test_a_payload_is_one_object() -> None:
    assert "one JSON object" in str(PayloadForm({"payload": "[1]"}).errors["payload"])


def test_a_period_has_both_its_dates() -> None:
    form = PeriodForm({"since": "2026-10-01", "until": "2026-10-31"})
    assert form.period == Period(dt.date(2026, 10, 1), dt.date(2026, 10, 31))


def test_there_is_no_period_that_ends_before_it_begins() -> None:
    form = PeriodForm({"since": "2026-10-02", "until": "2026-10-01"})
    assert form.period is None
    assert "ends before it begins" in str(form.errors["until"])
