from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.mapping.functions import FunctionError
from syncjobs.recipe import AMOUNT, DATE, TEXT
from syncjobs.report_cells import day_of, keys_of, value_cell


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (AMOUNT, Decimal("7000.0000"), "7000.0000"),
        (AMOUNT, Decimal("1E+3"), "1000"),
        (AMOUNT, "-12.50", "-12.50"),
        (AMOUNT, 0, "0"),
        (AMOUNT, None, ""),
        (DATE, "2026-10-04", "2026-10-04"),
        (DATE, "2026-10-04T08:00:00", "2026-10-04"),
        (DATE, "2026-10-04T08:00:00.8800000Z", "2026-10-04"),
        (DATE, "", ""),
        (TEXT, ["a", None, "b"], "a, b"),
        (TEXT, True, "yes"),
        (TEXT, {"a": Decimal("1.10")}, '{"a":1.10}'),
        (TEXT, Decimal("0.10"), "0.10"),
    ],
)
def test_it_writes_a_value(kind: str, value: Any, text: str) -> None:
    cell = value_cell(kind, value)
    assert (cell.text, cell.problem) == (text, False)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (AMOUNT, "a lot"),
        (AMOUNT, True),
        (AMOUNT, "Infinity"),
        (AMOUNT, "NaN"),
        (AMOUNT, "1e999999"),
        (AMOUNT, {"value": 1}),
        (DATE, "tomorrow"),
        (DATE, "2026-02-30"),
        (DATE, 20261004),
        (DATE, "0001-01-01T00:00:00+14:00"),
    ],
)
def test_it_refuses_what_is_not_of_the_kind(kind: str, value: Any) -> None:
    with pytest.raises(FunctionError):
        value_cell(kind, value)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_an_amount_keeps_its_digits(value: Decimal) -> None:
    text = value_cell(AMOUNT, value).text
    assert Decimal(text) == value
    assert "e" not in text.lower()


@given(st.dates())
def test_a_date_is_read_back(day: dt.date) -> None:
    assert day_of(day.isoformat()) == day


@pytest.mark.parametrize(
    ("value", "keys"),
    [("A", ["A"]), (7, ["7"]), (["A", None, "", "A", " B "], ["A", "B"]), (None, []), (False, []), ([], [])],
)
def test_it_takes_a_key_or_a_list_of_them(value: Any, keys: list[str]) -> None:
    assert keys_of(value) == keys
