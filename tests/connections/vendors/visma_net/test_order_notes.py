from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.errors import OutcomeUnknown, Rejected, TryLater
from connections.vendor import Outcome, Outgoing, Unchanged, Written
from connections.vendors.visma_net.order_notes import BEGIN, END, PurchaseOrderNotes, block_in, with_block
from tests.connections.vendors.visma_net.desk import ORDERS, Desk, refusal

texts = st.text("ab \n[]/", max_size=30)


def document(order: str, note: str) -> Outgoing:
    return Outgoing(f"note:{order}", {"orderNbr": order, "note": note})


def write(desk: Desk, order: str, note: str) -> Outcome:
    (outcome,) = PurchaseOrderNotes(desk.client).write([document(order, note)])
    return outcome


def note(desk: Desk, order: str) -> str:
    return str(desk.order_state(order).get("note") or "")


def test_it_adds_a_block_and_leaves_other_text_alone(desk: Desk) -> None:
    desk.simulator.actions.do_edit_order("000101", {"note": "Call before delivery."})
    assert isinstance(write(desk, "000101", "Received 4 of 10."), Written)
    assert note(desk, "000101") == f"Call before delivery.\n\n{BEGIN}\nReceived 4 of 10.\n{END}"


def test_it_replaces_its_own_block_only(desk: Desk) -> None:
    desk.simulator.actions.do_edit_order("000101", {"note": f"Before.\n\n{BEGIN}\nold\n{END}\nAfter."})
    write(desk, "000101", "new")
    assert note(desk, "000101") == f"Before.\nAfter.\n\n{BEGIN}\nnew\n{END}"


def test_an_empty_note_takes_the_block_out(desk: Desk) -> None:
    desk.simulator.actions.do_edit_order("000101", {"note": "Mine."})
    write(desk, "000101", "ours")
    assert isinstance(write(desk, "000101", ""), Written)
    assert note(desk, "000101") == "Mine."
    assert isinstance(write(desk, "000101", ""), Unchanged)


def test_it_writes_nothing_the_second_time(desk: Desk) -> None:
    write(desk, "000101", "ours")
    writes = desk.calls("PUT /erp")
    outcome = write(desk, "000101", "ours")
    assert isinstance(outcome, Unchanged)
    assert outcome.key == "000101"
    assert desk.calls("PUT /erp") == writes


def test_an_order_that_moved_meanwhile_is_read_again(desk: Desk) -> None:
    desk.fault("row_moved", ORDERS, "PUT")
    assert isinstance(write(desk, "000101", "ours"), Written)
    assert "ours" in note(desk, "000101")


def test_an_order_that_never_stands_still_is_tried_later(desk: Desk) -> None:
    desk.fault("row_moved", ORDERS, "PUT", times=9)
    with pytest.raises(TryLater):
        write(desk, "000101", "ours")


def test_an_order_that_is_not_there_is_refused(desk: Desk) -> None:
    assert isinstance(refusal(write(desk, "999999", "ours")), Rejected)


def test_a_refused_change_is_refused_in_vismas_words(desk: Desk) -> None:
    desk.switch(note_on_closed_order=False)
    order = desk.order(STOL_101=1)
    desk.simulator.actions.do_receive(order)
    error = refusal(write(desk, order, "ours"))
    assert isinstance(error, Rejected)
    assert error.words


def test_a_lost_answer_is_found(desk: Desk) -> None:
    notes = PurchaseOrderNotes(desk.client)
    note = document("000101", "ours")
    assert notes.find([note], desk.begun) == {}
    desk.fault("cut_after", ORDERS, "PUT")
    with pytest.raises(OutcomeUnknown):
        notes.write([note])
    match = notes.find([note], desk.begun)[note.natural_key]
    assert (match.key, match.complete) == ("000101", True)


def test_marks_inside_the_text_do_not_end_the_block(desk: Desk) -> None:
    write(desk, "000101", f"tricky {END} text {BEGIN}")
    assert block_in(note(desk, "000101")) == "tricky  text"
    assert isinstance(write(desk, "000101", f"tricky {END} text {BEGIN}"), Unchanged)


def test_a_block_whose_end_was_deleted_by_hand_is_mended(desk: Desk) -> None:
    desk.simulator.actions.do_edit_order("000101", {"note": f"Mine.\n{BEGIN}\nold"})
    write(desk, "000101", "new")
    assert note(desk, "000101") == f"Mine.\n\n{BEGIN}\nnew\n{END}"


@given(texts, texts)
def test_the_block_is_what_was_written_and_goes_again_without_a_trace(before: str, text: str) -> None:
    text = text.replace(BEGIN, "").replace(END, "").strip()
    once = with_block(before, text)
    assert block_in(once) == text
    assert with_block(once, text) == once
    assert with_block(once, "") == (before.rstrip() if text else before)
