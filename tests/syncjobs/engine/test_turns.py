from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncjobs.engine.turns import Candidate, fairly, in_turn


def test_the_oldest_goes_first_where_each_is_alone() -> None:
    assert fairly([Candidate(pk, pk, pk) for pk in (3, 1, 2)], 2) == [3, 1]


def test_customers_take_turns() -> None:
    candidates = [Candidate(pk, 1, 1) for pk in range(10)] + [Candidate(10, 2, 2), Candidate(11, 2, 2)]
    assert fairly(candidates, 5) == [0, 10, 1, 11, 2]


def test_connections_of_a_customer_take_turns() -> None:
    candidates = [Candidate(pk, 1, 1) for pk in range(3)] + [Candidate(3, 1, 2)]
    assert fairly(candidates, 4) == [0, 3, 1, 2]


def test_a_customer_with_many_connections_has_no_more_turns() -> None:
    candidates = [Candidate(pk, 1, pk) for pk in range(6)] + [Candidate(pk, 2, 99) for pk in (6, 7, 8)]
    assert fairly(candidates, 6) == [0, 6, 1, 7, 2, 8]


def test_without_room_nobody_goes() -> None:
    assert fairly([Candidate(1, 1, 1)], 0) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers())))
def test_nobody_is_lost_or_doubled_and_groups_keep_their_order(rows: list[tuple[int, int]]) -> None:
    turns = in_turn(rows, lambda row: row[0])
    assert sorted(turns) == sorted(rows)
    for group in range(4):
        assert [row for row in turns if row[0] == group] == [row for row in rows if row[0] == group]
