"""What people change afterwards: edits in ShipStation, voided labels, receipts by hand; one behaviour each."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.visma_net.rules import purchase_receipts as rules
from syncjobs.engine.reconcile import reconcile
from syncjobs.engine.replay import replay_records
from tests.syncjobs.recipes.purchasing import RECEIPT, Purchasing
from tests.world import PERSON

COMPARING = ("purchase_orders", "cancellations", "order_changes")


@pytest.fixture
def comparing(draft: Purchasing) -> Purchasing:
    """Edits in ShipStation are shown on records, and nothing is written for them."""
    draft.begin(*COMPARING)
    return draft


@pytest.fixture
def noting(draft: Purchasing) -> Purchasing:
    """They are written into the order's note too."""
    draft.integration.flows.filter(slug="order_change_notes").update(enabled=True)
    draft.begin(*COMPARING, "order_change_notes")
    return draft


def edit(world: Purchasing, number: str, **changes: Any) -> None:
    world.shipstation.actions.do_edit(order_number=number, changes=changes)
    world.run_rounds(1)


# Edits in ShipStation


@pytest.mark.parametrize(
    ("changes", "path", "values"),
    [
        ({"quantities": {"STOL-101": 9}}, "quantities[0]", "'STOL-101 x 9' instead of 'STOL-101 x 4'"),
        ({"shipTo": {"city": "Bergen"}}, "shipTo.city", "'BERGEN' instead of 'OSLO'"),
        ({"shipTo": {"street1": "Bryggen 1"}}, "shipTo.street1", "'BRYGGEN 1' instead of"),
    ],
)
def test_an_edit_in_shipstation_is_shown_with_both_values(
    comparing: Purchasing, changes: dict[str, Any], path: str, values: str
) -> None:
    number = comparing.bought(4)
    edit(comparing, number, **changes)
    changed = comparing.record("order_changes")
    assert (changed.state, changed.cause) == ("conflict", f"Somebody changed it there: {path}.")
    assert changed.details["current"]["differences"][path].startswith(values)
    assert "Make the same change in the other system, or undo it here" in changed.next_step
    assert comparing.visma_writes() == 0


def test_an_edit_that_was_undone_is_no_difference_any_more(comparing: Purchasing) -> None:
    number = comparing.bought(4)
    edit(comparing, number, quantities={"STOL-101": 9})
    edit(comparing, number, quantities={"STOL-101": 4})
    assert comparing.explanation("order_changes").startswith("synced: It still says what was sent.")


def test_an_order_that_nobody_edited_shows_nothing(comparing: Purchasing) -> None:
    comparing.bought(4, 6)
    comparing.run_rounds(1)
    assert comparing.states("order_changes") == {"synced": 1}


def test_an_order_cancelled_in_shipstation_is_shown(comparing: Purchasing) -> None:
    number = comparing.bought(4)
    comparing.shipstation.actions.do_cancel(order_number=number)
    comparing.run_rounds(1)
    assert comparing.record("order_changes").cause == "Somebody changed it there: cancelled."


def test_our_own_cancellation_is_no_difference(comparing: Purchasing) -> None:
    number = comparing.bought(4)
    comparing.visma.actions.do_cancel_order(number)
    comparing.run_rounds(2)
    assert comparing.states("order_changes") == {"synced": 1}


def test_an_edit_is_noted_on_the_order_behind_what_stands_there(noting: Purchasing) -> None:
    number = noting.bought(4, fields={"note": "Call before delivery."})
    edit(noting, number, quantities={"STOL-101": 9}, shipTo={"city": "Bergen"})
    assert noting.order(number)["note"] == (
        "Call before delivery.\n\n[ShipStation]\n"
        "quantities: STOL-101 x 9 instead of STOL-101 x 4\ncity: BERGEN instead of OSLO\n[/ShipStation]"
    )


def test_the_note_goes_when_the_edit_is_undone_and_other_text_stays(noting: Purchasing) -> None:
    number = noting.bought(4, fields={"note": "Call before delivery."})
    edit(noting, number, quantities={"STOL-101": 9})
    edit(noting, number, quantities={"STOL-101": 4})
    assert noting.order(number)["note"] == "Call before delivery."
    assert noting.states("order_change_notes") == {"synced": 1}


def test_an_order_that_nobody_edited_gets_no_note(noting: Purchasing) -> None:
    number = noting.bought(4)
    noting.run_rounds(2)
    assert not noting.order(number).get("note")
    assert noting.visma_writes() == 0


def test_our_own_note_makes_no_new_write_of_the_order(noting: Purchasing) -> None:
    number = noting.bought(4)
    edit(noting, number, quantities={"STOL-101": 9})
    noting.run_rounds(2)
    assert noting.sends() == 1
    assert noting.units(number) == {"STOL-101": 9}


# Voided labels


def test_a_label_voided_after_its_receipt_takes_the_receipt_away(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    (label,) = purchasing.ship(number)
    purchasing.shipstation.actions.do_void(shipment_id=label["shipmentId"])
    purchasing.run_rounds(1)
    assert purchasing.receipts() == []
    assert purchasing.line(number)["qtyOnReceipts"] == 0
    purchasing.ship(number)
    assert purchasing.received() == [{1: 4}]


def test_where_receipts_cannot_be_cancelled_it_is_emptied(purchasing: Purchasing) -> None:
    purchasing.visma.switches["cancel_receipt"] = "gone"
    number = purchasing.bought(4)
    (label,) = purchasing.ship(number)
    purchasing.shipstation.actions.do_void(shipment_id=label["shipmentId"])
    purchasing.run_rounds(1)
    (left,) = purchasing.receipts()
    assert (left["lines"], left["status"]) == ([], "Hold")
    assert "can be deleted" in left["note"]
    assert purchasing.line(number)["qtyOnReceipts"] == 0


def test_a_label_voided_after_its_receipt_was_released_is_a_conflict_with_a_next_step(purchasing: Purchasing) -> None:
    purchasing.released()
    number = purchasing.bought(4)
    (label,) = purchasing.ship(number)
    purchasing.shipstation.actions.do_void(shipment_id=label["shipmentId"])
    purchasing.run_rounds(1)
    told = purchasing.explanation("receipts")
    assert told.startswith("conflict: The shipment was voided, but its receipt")
    assert "-> Make a return of it on screen Purchase receipts (PO302000)" in told
    assert purchasing.order(number)["status"] == "Closed"


def test_a_label_voided_before_it_was_received_moves_nothing(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    (label,) = purchasing.ship(number, rounds=0)
    purchasing.shipstation.actions.do_void(shipment_id=label["shipmentId"])
    purchasing.run_rounds(1)
    assert purchasing.receipts(ours=True) == []
    assert "voided before it was moved" in purchasing.explanation("receipts")


# Receipts that people touch


def test_a_receipt_that_somebody_saves_at_the_same_moment_comes_out_right(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    purchasing.fault("visma_net", "row_moved", RECEIPT, "PUT")
    purchasing.ship(number, _1=1)
    assert purchasing.received() == [{1: 1}]
    assert purchasing.visma.injected["row_moved"] == 1


def sent_again(world: Purchasing) -> str:
    """What the record of the only shipment says after its mapping was changed and it was sent again."""
    world.choose("receipts", "note", "'Checked'")
    replay_records(world.records("receipts"), PERSON)
    world.run_tasks()
    return world.explanation("receipts")


def test_a_receipt_removed_by_a_person_is_not_made_anew(purchasing: Purchasing) -> None:
    purchasing.ship(purchasing.bought(4))
    number = purchasing.receipts()[0]["receiptNbr"]
    purchasing.visma.actions.do_cancel_receipt(number)
    told = sent_again(purchasing)
    assert told.startswith(f"conflict: Receipt {number}, which this shipment had made, was cancelled in Visma.net by a")
    assert "-> If the goods are to be received after all, book them by hand" in told
    assert purchasing.receipts() == []


def test_a_receipt_changed_by_a_person_is_never_overwritten(purchasing: Purchasing) -> None:
    purchasing.ship(purchasing.bought(4))
    number = purchasing.receipts()[0]["receiptNbr"]
    row = purchasing.visma.store.receipts.rows[number]
    rules.change(purchasing.visma.store, row, {"lines": [{"operation": "Update", "lineNbr": 1, "receiptQty": 3}]})
    told = sent_again(purchasing)
    assert f"conflict: Receipt {number} was changed by a person in Visma.net" in told
    assert "line 1 (STOL-101): 3 STK there, 4 STK shipped." in told
    assert purchasing.received() == [{1: 3}]


# The nightly comparison


def missing(world: Purchasing) -> dict[str, int]:
    """What the comparison of all flows says is gone from its target."""
    counts = {flow.slug: reconcile(flow.pk)["missing"] for flow in world.integration.flows.filter(enabled=True)}
    world.run_tasks()
    return {slug: count for slug, count in counts.items() if count}


def test_the_comparison_misses_nothing_after_a_whole_trip(purchasing: Purchasing) -> None:
    purchasing.released()
    shipped, held, cancelled = (purchasing.buy(4) for _ in range(3))
    purchasing.run_rounds(1)
    purchasing.ship(shipped, rounds=2)
    purchasing.visma.actions.do_hold_order(held)
    purchasing.visma.actions.do_cancel_order(cancelled)
    purchasing.run_rounds(1)
    assert missing(purchasing) == {}
    assert purchasing.states("receipts") == {"synced": 1}


def test_the_emptied_receipt_of_a_voided_label_may_be_deleted(purchasing: Purchasing) -> None:
    purchasing.visma.switches["cancel_receipt"] = "gone"
    (label,) = purchasing.ship(purchasing.bought(4))
    purchasing.shipstation.actions.do_void(shipment_id=label["shipmentId"])
    purchasing.run_rounds(1)
    del purchasing.visma.store.receipts.rows[purchasing.receipts()[0]["receiptNbr"]]
    assert missing(purchasing) == {}


def test_a_deleted_receipt_is_missed(purchasing: Purchasing) -> None:
    purchasing.ship(purchasing.bought(4))
    del purchasing.visma.store.receipts.rows[purchasing.receipts()[0]["receiptNbr"]]
    assert missing(purchasing) == {"receipts": 1}
    assert "the target does not have it any more. -> Find out who removed it" in purchasing.explanation("receipts")
