"""What stands in one cell of a report: values of documents as text that sorts and adds up. No database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from connections import exact_json
from syncjobs.mapping.codegen import is_empty
from syncjobs.mapping.functions import FunctionError, kind_of, number
from syncjobs.recipe import AMOUNT, DATE, TEXT

MAX_DIGITS = 40  # an exponent of a broken document must not become a page of zeros


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text. One with a `problem` says why it has no value; one with a `state` is the state of a record."""

    text: str = ""
    kind: str = TEXT
    problem: bool = False
    state: str = ""


def value_cell(kind: str, value: Any) -> Cell:
    """The cell of a value. Raises `FunctionError` for a value that is not of this kind."""
    if value is None or value == "":
        return Cell(kind=kind)
    if kind == AMOUNT:
        return Cell(_digits(value), kind)
    if kind == DATE:
        day = day_of(value)
        return Cell(day.isoformat() if day else "", kind)
    return Cell(_words(value), kind)


def day_of(value: Any) -> dt.date | None:
    """The calendar date of a date or of an instant, which is one in the console's time zone. Raises `FunctionError`."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise FunctionError(f"{kind_of(value)} is not a date")
    try:
        if len(value) == len("2026-01-31"):
            return dt.date.fromisoformat(value)
        moment = dt.datetime.fromisoformat(value)
        return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).date()
    except (ValueError, OverflowError):
        raise FunctionError(f"{value[:40]!r} is not a date") from None


def keys_of(value: Any) -> list[str]:
    """The keys that an expression gives: a text or a number, or a list of them; each once, without the empty ones."""
    values = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(_words(key).strip() for key in values if not is_empty(key)))


def _digits(value: Any) -> str:
    exact = number(value)
    if not exact.is_finite() or abs(exact.adjusted()) > MAX_DIGITS:
        raise FunctionError(f"{str(value)[:40]!r} is not an amount")
    return f"{exact:f}"


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value if item not in (None, ""))
    return value if isinstance(value, str) else exact_json.dumps(value)
