from __future__ import annotations

from collections import Counter

import pytest
from django.utils import timezone

from sandbox.demo.table import COLUMNS, Board, count, render, titles
from syncjobs.models import Flow, State
from tests import factories

NOW = timezone.now()


@pytest.fixture
def orders(db: None) -> Flow:
    return factories.flow("orders", integration=factories.integration(state="active"))


def test_the_table_counts_records_by_flow_and_state(orders: Flow) -> None:
    factories.record(flow=orders, state="due", due_at=NOW)
    factories.record(flow=orders, state="skipped")
    counts = count(orders.integration)
    assert counts["orders"] == {"due": 1, "skipped": 1, "seen": 2}
    assert counts["shipments"] == {}


def test_the_table_has_a_column_for_every_state() -> None:
    assert set(COLUMNS) == {"seen", *State.values}


def test_the_table_goes_by_short_names_where_there_is_little_room(orders: Flow) -> None:
    counts = {"orders": Counter(seen=2)}
    wide, narrow = (render(counts, {"orders": "Orders to ShipStation"}, width) for width in (200, 80))
    assert wide[1].split() == ["Orders", "to", "ShipStation", "2"]
    assert narrow[1].split() == ["orders", "2"]
    assert titles(orders.integration)["orders"] == "Orders to ShipStation"


def test_the_board_writes_now_and_then_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    board = Board(every=60)
    board.show(["one"])
    board.show(["two"])
    board.keep("three")
    assert capsys.readouterr().out == "one\nthree\n"
