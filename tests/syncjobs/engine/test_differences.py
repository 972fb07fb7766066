from __future__ import annotations

from decimal import Decimal

from syncjobs.engine.differences import difference, for_trail


def test_it_names_changed_fields_with_both_values() -> None:
    assert difference({"a": 1, "b": {"c": "x"}}, {"a": 1, "b": {"c": "y"}}) == {"b.c": ["x", "y"]}


def test_fields_of_lists_are_named_by_their_position() -> None:
    assert difference({"lines": [{"n": 1}, {"n": 2}]}, {"lines": [{"n": 1}, {"n": 3}]}) == {"lines[1].n": [2, 3]}


def test_a_field_that_is_there_on_one_side_only_differs_from_nothing() -> None:
    assert difference(None, {"a": "x"}) == {"a": [None, "x"]}
    assert difference({"a": "x"}, None) == {"a": ["x", None]}


def test_decimals_keep_their_digits() -> None:
    assert difference({"a": Decimal("1.10")}, {"a": Decimal("1.1")}) == {"a": ["1.10", "1.1"]}


def test_the_trail_learns_which_fields_differ_and_not_what_they_say() -> None:
    details = {"status": 409, "difference": {"shipTo.street1": ["1 Home Street", "2 Other Street"]}, "current": {}}
    assert for_trail(details) == {"status": 409, "changed": ["shipTo.street1"]}
