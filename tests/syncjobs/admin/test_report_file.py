"""What leaves the console in a file must not calculate on the desk of the one who opens it."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.admin.report_file import harmless

DANGER = "=+-@|%＝＋－＠"
tricky = st.text(alphabet=st.sampled_from([*DANGER, *" ;,'\"\t\r\n\x00ab1"]), max_size=12) | st.text(max_size=40)


def cells(text: str) -> list[str]:
    """A field as it falls apart where semicolons separate, and quotes in the middle of a line mean nothing."""
    return [part.strip().strip('"').strip() for part in re.split(r"[;\t\r\n]", text)]


@given(tricky)
def test_no_text_begins_like_a_formula(text: str) -> None:
    assert [cell for cell in cells(harmless(text)) if cell.startswith(tuple(DANGER))] == []


@given(tricky)
def test_a_text_loses_nothing_but_nul(text: str) -> None:
    assert harmless(text).replace("'", "") == text.replace("\x00", "").replace("'", "")


@given(tricky)
def test_a_guarded_text_comes_back_from_a_file_as_it_was_put_in(text: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(["first", harmless(text), "last"])
    buffer.seek(0)
    assert list(csv.reader(buffer)) == [["first", harmless(text), "last"]]


@given(tricky)
def test_guarding_twice_is_guarding_once(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        (' "=1+1', " \"'=1+1"),
        ("+47 22 00", "'+47 22 00"),
        ("a;=1+1", "a;'=1+1"),
        ("a\n@SUM(1)", "a\n'@SUM(1)"),
        ("Kari-Anne, 50 % = half", "Kari-Anne, 50 % = half"),
        ("1Z999AA10021466118", "1Z999AA10021466118"),
        ("", ""),
    ],
)
def test_it_marks_only_what_looks_like_a_formula(text: str, safe: str) -> None:
    assert harmless(text) == safe
