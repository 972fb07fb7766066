from __future__ import annotations

from typing import Any

import pytest

from connections.errors import Rejected
from connections.vendor import Outgoing
from connections.vendors.shipstation.orders.reference_texts import (
    Placement,
    TextEdit,
    added,
    changes_of,
    holds,
    placement_of,
    removed,
    text_edit_of,
)


@pytest.mark.parametrize(
    ("text", "there"),
    [("", False), ("INV-1", True), ("INV-10", False), ("call first,INV-1 , INV-2", True), ("INV-1 INV-2", False)],
)
def test_it_knows_a_reference_among_others(text: str, there: bool) -> None:
    assert holds(text, "INV-1") is there


@pytest.mark.parametrize(
    ("text", "longer"),
    [("", "INV-1"), ("  ", "INV-1"), ("call first ", "call first, INV-1"), ("INV-2,INV-1", "INV-2,INV-1")],
)
def test_it_writes_behind_what_stands_there(text: str, longer: str) -> None:
    assert added(text, "INV-1") == longer


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("INV-1", ""),
        ("INV-1, INV-2", "INV-2"),
        ("a,  b\nc, INV-1", "a,  b\nc"),
        ("INV-10", "INV-10"),
        ("a, INV-1,b", "a,b"),
    ],
)
def test_it_takes_nothing_but_the_reference_away(text: str, shorter: str) -> None:
    assert removed(text, "INV-1") == shorter


def test_it_removes_what_it_added() -> None:
    for text in ("", "call first", "x, y", "INV-10, INV-11"):
        assert removed(added(text, "INV-1"), "INV-1") == text


def placement(target_key: str = "", sent: dict[str, Any] | None = None, **payload: Any) -> Placement:
    return placement_of(Outgoing("PO-1", {"reference": "INV-1", **payload}, target_key, sent))


def test_it_reads_numbers_in_their_order_and_each_once() -> None:
    rows = [{"orderNumber": "B"}, {}, {"orderNumber": " A "}, {"orderNumber": 7}]
    assert placement(orderNumber="A", candidates=rows).numbers == ("A", "B", "7")


def test_it_takes_the_natural_key_where_nothing_is_named() -> None:
    assert (placement().key, placement().numbers, placement().keyed) == ("PO-1", ("PO-1",), False)


def test_it_prefers_a_key_that_is_given() -> None:
    found = placement(orderKey="K", orderNumber="A")
    assert (found.key, found.numbers, found.keyed) == ("K", ("A",), True)


@pytest.mark.parametrize("wrong", [{"field": "giftMessage"}, {"reference": "A, B"}, {"reference": "x" * 101}])
def test_it_refuses_what_no_field_can_hold(wrong: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as refused:
        placement(**wrong)
    assert list(refused.value.fields) == list(wrong)
    assert refused.value.next_step


def order(**texts: str) -> dict[str, Any]:
    return {"internalNotes": texts.pop("internalNotes", None), "advancedOptions": texts}


def test_it_replaces_a_reference_that_has_changed() -> None:
    edit = text_edit_of(order(customField3="vip, INV-0"), placement("7#INV-0", sent={}))
    assert edit == TextEdit({"customField3": "vip, INV-1"})


def test_it_leaves_a_reference_where_it_stands() -> None:
    assert text_edit_of(order(customField3="INV-1, vip"), placement("7#INV-1", sent={})) == TextEdit()


def test_it_moves_a_reference_to_the_field_that_is_chosen_now() -> None:
    asked = placement("7#INV-1", {"field": "customField2"}, field="internalNotes")
    edit = text_edit_of(order(customField2="INV-1", internalNotes="fragile"), asked)
    assert changes_of(edit) == {"internalNotes": "fragile, INV-1", "advancedOptions": {"customField2": ""}}


def test_it_keeps_the_rest_where_there_is_no_room() -> None:
    assert text_edit_of(order(customField3="x" * 95), placement()) == TextEdit({}, full=True)
    assert text_edit_of(order(customField3="x" * 93), placement()) == TextEdit({"customField3": "x" * 93 + ", INV-1"})


def test_it_takes_an_overfull_field_for_done_where_the_reference_is_in_it() -> None:
    assert text_edit_of(order(customField3="INV-1, " + "x" * 95), placement()) == TextEdit()


def test_it_removes_the_reference_of_a_voided_invoice() -> None:
    assert text_edit_of(order(customField3="vip, INV-1"), placement("7#INV-1", reference="")) == TextEdit(
        {"customField3": "vip"}
    )
