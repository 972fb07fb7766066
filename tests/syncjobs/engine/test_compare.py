"""Flows that compare instead of writing: what people changed there, against what we sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncjobs.engine.poll import poll
from syncjobs.models import Flow, SyncRecord
from syncjobs.recipe import FlowSpec, Map, Recipe
from tests.syncjobs.conftest import Lab, build
from tests.syncjobs.engine import fakes
from tests.syncjobs.engine.fakes import thing

CHANGES = FlowSpec(
    "changes",
    "Changes",
    "",
    "src.things",
    "tar.boxes",
    "name || key()",
    (Map("name", "upper(name)"), Map("amount", "total"), Map("lines", "lines[].sku")),
    compares="boxes",
)


@pytest.fixture
def comparing(db: None, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Two documents were sent; the comparing flow has not run yet."""
    plain = fakes.recipe

    def with_changes(target: str = "tar.boxes") -> Recipe:
        recipe = plain(target)
        return replace(recipe, flows=(*recipe.flows, CHANGES))

    monkeypatch.setattr(fakes, "recipe", with_changes)
    lab = build(monkeypatch)
    lab.shelf.add(thing("1"), thing("2"))
    lab.poll()
    return lab


def compare(lab: Lab) -> None:
    poll(Flow.objects.get(slug="changes").pk)


def change(lab: Lab, key: str, **body: object) -> None:
    lab.shelf.pages[0] = [thing(key, 2, **body) if document.key == key else document for document in lab.shelf.pages[0]]


def forget(key: str) -> None:
    """As the retention rule does."""
    SyncRecord.objects.filter(flow__slug="boxes", source_key=key).update(sent_body=None)


def test_what_still_says_what_was_sent_is_no_difference(comparing: Lab) -> None:
    compare(comparing)
    record = comparing.record("1", "changes")
    assert (record.state, record.cause) == ("synced", "It still says what was sent.")


def test_a_difference_is_a_conflict_that_names_fields_and_both_values(comparing: Lab) -> None:
    change(comparing, "1", total=7)
    compare(comparing)
    record = comparing.record("1", "changes")
    assert record.state == "conflict"
    assert record.cause == "Somebody changed it there: amount."
    assert record.details["current"]["differences"] == {"amount": "7 instead of 1"}
    assert "undo it here" in record.next_step


def test_both_sides_are_read_by_the_rows_of_the_flow(comparing: Lab) -> None:
    change(comparing, "1", name="n1")
    compare(comparing)
    assert comparing.record("1", "changes").details == {}


def test_one_difference_stops_no_other_comparison(comparing: Lab) -> None:
    change(comparing, "1", total=7)
    compare(comparing)
    assert (comparing.state("1", "changes"), comparing.state("2", "changes")) == ("conflict", "synced")


def test_what_was_sent_and_is_not_kept_cannot_be_compared(comparing: Lab) -> None:
    forget("1")
    compare(comparing)
    record = comparing.record("1", "changes")
    assert (record.state, record.cause) == (
        "synced",
        "What was sent is not kept, so there is nothing to compare with.",
    )


def test_it_writes_nothing_to_the_target(comparing: Lab) -> None:
    change(comparing, "1", total=7)
    calls = len(comparing.shelf.calls)
    compare(comparing)
    comparing.run_round()
    assert len(comparing.shelf.calls) == calls


def test_the_conflict_ends_when_the_change_is_undone(comparing: Lab) -> None:
    change(comparing, "1", total=7)
    compare(comparing)
    comparing.shelf.add(thing("1", 3))
    comparing.run_round()
    assert comparing.state("1", "changes") == "synced"
