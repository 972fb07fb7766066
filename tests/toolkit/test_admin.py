from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from toolkit.admin import Button, age, badge, link, short

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def test_a_button_calls_the_method_of_its_name() -> None:
    assert Button("dry-run", "Dry run", "syncjobs.view_flow").view_method == "dry_run_view"


def test_labels_and_links_escape_what_came_from_outside() -> None:
    assert badge("<b>", title='"') == '<span class="c-badge c-plain" title="&quot;">&lt;b&gt;</span>'
    assert link('/?a="', "<b>") == '<a class="c-link" href="/?a=&quot;">&lt;b&gt;</a>'
    assert "<b>" not in short("<b>")


def test_a_badge_without_a_variant_is_plain() -> None:
    assert badge("off") == '<span class="c-badge c-plain" title="">off</span>'


def test_a_long_text_is_shortened_and_stands_in_the_title() -> None:
    html = short("word " * 40)
    assert html.count("word") == 40 + 18
    assert "…" in html


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, ">just now<"), (-90, ">1\xa0hour ago<"), (120, ">in 2\xa0hours<"), (-0.5, ">just now<")]
)
def test_a_moment_is_shown_by_its_distance(minutes: float, words: str) -> None:
    with time_machine.travel(NOW, tick=False):
        html = age(NOW + dt.timedelta(minutes=minutes))
    assert words in html


def test_the_exact_moment_stands_in_the_title() -> None:
    assert 'title="2026-11-20 12:00:00 UTC"' in age(NOW)


def test_what_never_was_has_no_age() -> None:
    assert age(None) == "never"
