from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from typing import Any

import pytest

from connections.errors import Surprise
from connections.reader import IncrementalReader, PageGuard, Place, Step, to_instant, to_text
from connections.vendor import Cursor

Row = dict[str, str]


class Pages(IncrementalReader[str]):
    """Reads pages of two rows in the order of their stamps; what changes moves to the end."""

    system = "ERP"

    def __init__(self, rows: dict[str, str], cursor: Cursor, *, clock: str = "", slices: int = 2) -> None:
        super().__init__(cursor)
        self.rows = rows
        self.clock = clock
        self.slices = slices

    def first(self) -> Place:
        return {"page": 0}

    def position(self, place: Place) -> Hashable:
        return int(place["page"])

    def read(self, place: Place) -> Iterator[Step[str]]:
        self.started = self.started or self.clock
        listed = sorted((stamp, key) for key, stamp in self.rows.items() if stamp >= self.since)
        page = listed[place["page"] * 2 : place["page"] * 2 + 2]
        following = {"page": place["page"] + 1} if len(page) == 2 else None
        if self.slices == 1 and len(page) == 2:
            yield Step([page[0][1]], [page[0][0]], place)
            page = page[1:]
        yield Step([key for _, key in page], [stamp for stamp, _ in page], following)


class Stuck(Pages):
    def read(self, place: Place) -> Iterator[Step[str]]:
        yield Step(None, (), place)


def cursor(since: str = "10") -> Cursor:
    return {"since": since, "place": None}


def kept(value: Cursor) -> Any:
    return json.loads(json.dumps(value))


ROWS = {"a": "11", "b": "12", "c": "12", "d": "12", "e": "13"}


def test_it_reads_all_and_then_begins_at_the_latest_stamp() -> None:
    pages = list(Pages(ROWS, cursor()).steps())
    assert [rows for rows, _ in pages] == [["a", "b"], ["c", "d"], ["e"]]
    assert [kept(at)["since"] for _, at in pages] == ["10", "10", "13"]
    assert pages[-1][1]["place"] is None


@pytest.mark.parametrize("slices", [1, 2])
def test_it_goes_on_after_any_page(slices: int) -> None:
    whole = list(Pages(ROWS, cursor(), slices=slices).steps())
    for stop, (_, at) in enumerate(whole[:-1], start=1):
        rest = list(Pages(ROWS, kept(at), slices=slices).steps())
        passed = {row for rows, _ in [*whole[:stop], *rest] for row in rows}
        assert passed == set(ROWS)
        assert rest[-1][1] == whole[-1][1]


def test_it_never_passes_the_moment_at_which_it_began() -> None:
    (*_, (_, at)) = Pages(ROWS, cursor(), clock="12").steps()
    assert at == {"since": "12", "place": None}


def test_the_moment_at_which_it_began_is_kept_over_a_stop() -> None:
    _, at = next(Pages(ROWS, cursor(), clock="12").steps())
    (*_, (_, end)) = Pages(ROWS, kept(at), clock="20").steps()
    assert end["since"] == "12"


def test_it_does_not_go_back() -> None:
    (*_, (rows, at)) = Pages({"old": "10"}, cursor("10"), clock="05").steps()
    assert (rows, at) == (["old"], cursor("10"))


def test_stamps_are_compared_as_the_system_means_them() -> None:
    class Numbers(Pages):
        def order(self, stamp: str) -> int:
            return int(stamp)

    (*_, (_, at)) = Numbers({"a": "9", "b": "100"}, cursor("0")).steps()
    assert at["since"] == "100"


def test_a_walk_that_stands_is_stopped() -> None:
    with pytest.raises(Surprise, match="ERP answered the same page twice"):
        list(Stuck(ROWS, cursor()).steps())


def test_a_guard_minds_two_positions_in_a_row() -> None:
    guard = PageGuard("ERP")
    for position in (1, 2, 1):
        guard.step(position)
    with pytest.raises(Surprise, match="reading was stopped"):
        guard.step(1)


def test_instants_stand_in_utc() -> None:
    assert to_text(to_instant("2026-11-21T12:00:00+02:00")) == "2026-11-21T10:00:00Z"
    with pytest.raises(ValueError, match="no time zone"):
        to_instant("2026-11-21T12:00:00")
