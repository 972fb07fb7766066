from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connections.errors import Locked, NotReady, Rejected
from connections.vendor import Outgoing, Unchanged, Written
from connections.vendors.visma_net.receipts.resource import PurchaseReceipts
from tests.connections.vendors.visma_net.desk import MARK, SECOND, Desk, again, goods, refusal, shipment

WAYS = ("add_lines", "direct", "create_from_order")
each_way = pytest.mark.parametrize("way", WAYS)


# Booking what came


@each_way
def test_it_receives_a_part_of_an_order(desk: Desk, way: str) -> None:
    order = desk.order(STOL_101=10, STOL_102=5, BORD_220=1)
    outcome = desk.write(shipment(order, goods((1, 4), (2, 5)), way=way))
    assert isinstance(outcome, Written)
    (receipt,) = desk.receipts()
    assert outcome.key == receipt["receiptNbr"]
    assert desk.quantities() == {1: Decimal(4), 2: Decimal(5)}
    assert (receipt["status"], receipt["customStr1"], receipt["supplierRef"]) == ("Balanced", MARK, "ASN-7781")
    lines = {line["lineNbr"]: line["qtyOnReceipts"] for line in desk.order_state(order)["lines"]}
    assert lines == {1: 4, 2: 5, 3: 0}


@each_way
def test_it_writes_nothing_the_second_time(desk: Desk, way: str) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)), way=way)
    first = desk.write(document)
    writes = desk.calls("POST /erp") + desk.calls("PUT /erp")
    assert isinstance(first, Written)
    assert isinstance(desk.write(document), Unchanged)
    outcome = desk.write(again(document, first.key))
    assert isinstance(outcome, Unchanged)
    assert outcome.key == first.key
    assert desk.calls("POST /erp") + desk.calls("PUT /erp") == writes
    assert len(desk.receipts()) == 1


@each_way
def test_two_shipments_of_one_order_make_two_receipts(desk: Desk, way: str) -> None:
    order = desk.order(STOL_101=10)
    desk.write(shipment(order, goods((1, 4)), way=way, release=True))
    desk.write(shipment(order, goods((1, 6)), SECOND, way=way, release=True))
    assert desk.quantities(MARK) == {1: Decimal(4)}
    assert desk.quantities(SECOND) == {1: Decimal(6)}
    assert desk.order_state(order)["status"] == "Closed"


def test_it_sums_several_lines_of_one_shipment_for_the_same_line_of_the_order(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.write(shipment(order, goods((1, 4), ("1", "2.5"))))
    assert desk.quantities() == {1: Decimal("6.5")}


def test_it_takes_all_that_is_open_where_the_shipment_names_no_lines(desk: Desk) -> None:
    order = desk.order(STOL_101=10, STOL_102=5)
    desk.simulator.actions.do_receive(order, {"1": 3})
    document = shipment(order, allOpenLines=True)
    outcome = desk.write(document)
    assert isinstance(outcome, Written)
    assert desk.quantities() == {1: Decimal(7), 2: Decimal(5)}
    assert isinstance(desk.write(document), Unchanged)
    desk.simulator.actions.do_edit_order(order, quantities={"1": 50})
    assert isinstance(desk.write(again(document, outcome.key)), Unchanged)


def test_it_finds_the_line_by_its_item_where_none_is_named(desk: Desk) -> None:
    order = desk.order({"inventory": "STOL-101", "orderQty": 3}, {"inventory": "STOL-101", "orderQty": 9})
    desk.write(shipment(order, [{"inventoryId": "stol-101", "quantity": Decimal(5)}]))
    assert desk.quantities() == {1: Decimal(3), 2: Decimal(2)}


def test_it_puts_lot_and_bin_on_the_line(desk: Desk) -> None:
    order = desk.order({"inventory": "MEL-25KG", "orderQty": 10})
    lines = goods((1, 4), lotSerialNumber="LOT-7", expirationDate="2027-05-01")
    outcome = desk.write(shipment(order, lines, release=True))
    assert isinstance(outcome, Written)
    (line,) = desk.receipts()[0]["lines"]
    assert (line["lotSerialNumber"], line["expirationDate"][:10]) == ("LOT-7", "2027-05-01")


def test_it_books_several_lots_of_one_line_as_allocations(desk: Desk) -> None:
    order = desk.order({"inventory": "MEL-25KG", "orderQty": 10})
    lines = goods((1, 4), lotSerialNumber="LOT-7") + goods((1, 2), lotSerialNumber="LOT-8")
    desk.write(shipment(order, lines))
    (line,) = desk.receipts()[0]["lines"]
    assert line["receiptQty"] == 6
    assert [(each["lotSerialNumber"], each["quantity"]) for each in line["allocations"]] == [("LOT-7", 4), ("LOT-8", 2)]


def test_it_carries_note_reference_and_custom_texts(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.write(shipment(order, goods((1, 4)), note="3 parcels", customStr2="1Z9", createBill=True))
    (receipt,) = desk.receipts()
    assert (receipt["note"], receipt["customStr2"], receipt["createBill"]) == ("3 parcels", "1Z9", True)


def test_it_never_reads_receipts_by_the_address_that_was_removed(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)), release=True)
    desk.write(document)
    desk.find(document)
    assert desk.calls("GET /erp/v1/PurchaseReceipt") == 0


@pytest.mark.parametrize("linking", ["link", "shown", "unlinked"])
def test_direct_lines_are_recognised_whether_or_not_they_are_linked(desk: Desk, linking: str) -> None:
    desk.switch(direct_lines=linking)
    order = desk.order(STOL_101=10, STOL_102=5)
    document = shipment(order, goods((1, 4), (2, 1)), way="direct")
    assert isinstance(desk.write(document), Written)
    assert isinstance(desk.write(document), Unchanged)
    match = desk.find(document)
    assert match is not None
    assert match.complete
    assert len(desk.receipts()) == 1


def test_added_lines_may_begin_at_zero(desk: Desk) -> None:
    desk.switch(added_quantity="zero")
    order = desk.order(STOL_101=10)
    desk.write(shipment(order, goods((1, 4)), release=True))
    assert desk.quantities() == {1: Decimal(4)}


def test_lines_of_the_order_that_did_not_come_are_taken_off_again(desk: Desk) -> None:
    order = desk.order(STOL_101=10, STOL_102=5, BORD_220=2)
    desk.write(shipment(order, goods((2, 5)), way="create_from_order"))
    assert desk.quantities() == {2: Decimal(5)}


def test_orders_are_found_in_other_units_and_with_reserved_characters(desk: Desk) -> None:
    order = desk.order({"inventory": "KABEL/25M", "orderQty": 10})
    outcome = desk.write(shipment(order, goods((1, 4), inventoryId="KABEL/25M"), way="direct"))
    assert isinstance(outcome, Written)


@each_way
@pytest.mark.parametrize(
    "switches",
    [
        {"hold_on_entry": True},
        {"created_body": "none"},
        {"location_host": "old"},
        {"list_order": "modified", "max_page_size": 2},
        {"added_quantity": "zero"},
        {"over_receipt_at": "release"},
        {"action_refusal": "failed"},
        {"create_from_order": "with_location"},
        {"receipts_v1": "missing"},
        {"release": "queued", "release_reads": 1},
        {"time_zone": "UTC"},
        {"time_zone": "Europe/Helsinki"},
        {"token_seconds": 1},
    ],
    ids=str,
)
def test_it_comes_to_the_same_whatever_visma_does(desk: Desk, way: str, switches: dict[str, Any]) -> None:
    desk.switch(**switches)
    order = desk.order(STOL_101=10, STOL_102=5, BORD_220=1)
    document = shipment(order, goods((1, 4), (2, 5)), way=way, release=True)
    assert isinstance(desk.write(document), Written)
    assert desk.quantities() == {1: Decimal(4), 2: Decimal(5)}
    assert desk.receipts()[0]["status"] == "Released"
    match = desk.find(document)
    assert match is not None
    assert match.complete
    assert isinstance(desk.write(document), Unchanged)


def test_a_persons_draft_of_a_part_is_not_taken_for_ours(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    draft = desk.simulator.actions.do_receive(order, {"1": 3}, release=False)["receiptNbr"]
    outcome = desk.write(shipment(order, goods((1, 4)), way="create_from_order"))
    assert isinstance(outcome, Written)
    assert outcome.key != draft
    kept = next(each for each in desk.state()["purchaseReceipts"] if each["receiptNbr"] == draft)
    assert [line["receiptQty"] for line in kept["lines"]] == [3]
    assert desk.quantities() == {1: Decimal(4)}


def test_a_unit_in_other_letters_is_the_same_unit(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4), uom="stk"))
    assert isinstance(desk.write(document), Written)
    assert desk.receipts()[0]["lines"][0]["uom"] == "STK"


def test_a_receipt_that_is_taken_away_while_it_is_made_is_made_again(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)), release=True)
    first = desk.write(shipment(order, goods((1, 4))))
    assert isinstance(first, Written)
    desk.simulator.actions.do_cancel_receipt(first.key)
    assert isinstance(desk.write(document), Written)
    assert len(desk.live()) == 1


# Releasing


def test_it_releases_only_if_asked(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)))
    first = desk.write(document)
    assert isinstance(first, Written)
    assert desk.receipts()[0]["status"] == "Balanced"
    assert isinstance(desk.write(again(document, first.key, release=True)), Written)
    assert desk.receipts()[0]["status"] == "Released"


def test_a_queued_release_is_looked_at_until_it_is_done(desk: Desk) -> None:
    desk.switch(release="queued", release_reads=3)
    order = desk.order(STOL_101=10)
    assert isinstance(desk.write(shipment(order, goods((1, 4)), release=True)), Written)
    assert desk.receipts()[0]["status"] == "Released"


def test_a_release_that_takes_too_long_is_left_for_later(desk: Desk) -> None:
    desk.switch(release="stuck")
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)), release=True)
    error = refusal(desk.write(document))
    assert isinstance(error, NotReady)
    assert "to be released" in error.waits_for
    match = desk.find(document)
    assert match is not None
    assert not match.complete
    desk.simulator.actions.do_release(match.key)
    assert isinstance(desk.write(document), Unchanged)


@pytest.mark.parametrize("way_of_saying", ["failed"])
def test_a_release_that_failed_with_status_200_is_refused_in_its_words(desk: Desk, way_of_saying: str) -> None:
    desk.switch(release=way_of_saying)
    order = desk.order(STOL_101=10)
    error = refusal(desk.write(shipment(order, goods((1, 4)), release=True)))
    assert type(error) is Rejected
    assert "could not be released" in error.message
    assert "Inventory account is missing" in error.message
    assert "PO302000" in error.next_step


def test_a_lost_release_is_done_by_the_next_try(desk: Desk) -> None:
    desk.switch(release="lost")
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)), release=True)
    desk.settled(document)
    assert desk.quantities() == {1: Decimal(4)}
    assert len(desk.receipts()) == 1


def test_a_receipt_that_a_person_released_meanwhile_is_left_as_it_is(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)))
    first = desk.write(document)
    assert isinstance(first, Written)
    desk.simulator.actions.do_release(first.key)
    assert isinstance(desk.write(again(document, first.key, release=True)), Unchanged)


# What is refused, in plain words


def rejected(desk: Desk, document: Outgoing) -> Rejected:
    error = refusal(desk.write(document))
    assert isinstance(error, Rejected)
    assert error.next_step
    return error


def test_more_than_a_strict_line_accepts_is_refused_before_anything_is_written(desk: Desk) -> None:
    order = desk.order({"inventory": "STOL-101", "orderQty": 40, "receiptAction": "Reject", "maxReceipt": 100})
    desk.simulator.actions.do_receive(order, {"1": 35})
    error = rejected(desk, shipment(order, goods((1, 10))))
    assert "ordered 40, received 35, shipped 10" in error.message
    assert "PO301000" in error.next_step
    assert desk.receipts() == []


def test_a_strict_line_takes_what_its_limit_allows(desk: Desk) -> None:
    order = desk.order({"inventory": "STOL-101", "orderQty": 40, "receiptAction": "Reject", "maxReceipt": 110})
    assert isinstance(desk.write(shipment(order, goods((1, 44)))), Written)


def test_a_lenient_line_takes_more_than_was_ordered(desk: Desk) -> None:
    order = desk.order({"inventory": "STOL-101", "orderQty": 40, "receiptAction": "AcceptButWarn", "maxReceipt": 100})
    assert isinstance(desk.write(shipment(order, goods((1, 50)), release=True)), Written)


@pytest.mark.parametrize("saying", ["400", "failed"])
def test_what_only_visma_knows_is_refused_in_its_words(desk: Desk, saying: str) -> None:
    desk.switch(action_refusal=saying)
    order = desk.order({"inventory": "MEL-25KG", "orderQty": 10})  # wants a lot number
    error = rejected(desk, shipment(order, goods((1, 4)), release=True))
    assert "could not be released" in error.message
    assert error.words


def test_a_closed_order_is_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.simulator.actions.do_receive(order)
    error = rejected(desk, shipment(order, goods((1, 1))))
    assert "has the status Closed" in error.message
    assert "PO301000" in error.next_step


def test_a_cancelled_order_is_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.simulator.actions.do_cancel_order(order)
    assert "has the status Cancelled" in rejected(desk, shipment(order, goods((1, 1)))).message


def test_an_order_on_hold_is_waited_for(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.simulator.actions.do_hold_order(order)
    document = shipment(order, goods((1, 1)))
    error = refusal(desk.write(document))
    assert isinstance(error, NotReady)
    assert desk.receipts() == []
    desk.simulator.actions.do_hold_order(order, hold=False)
    assert isinstance(desk.write(document), Written)


def test_an_order_that_is_not_there_is_refused(desk: Desk) -> None:
    error = rejected(desk, shipment("999999", goods((1, 1))))
    assert "no purchase order 999999" in error.message


def test_an_order_of_another_type_is_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    assert "of the type RegularOrder" in rejected(desk, shipment(order, goods((1, 1)), orderType="DropShip")).message


def test_a_closed_period_is_refused_in_vismas_words(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 1)), release=True, date="2026-09-10")
    desk.simulator.actions.do_close_period("202609")
    error = rejected(desk, document)
    assert "period" in error.words.lower()
    assert "GL201000" in error.next_step
    desk.simulator.actions.do_close_period("202609", closed=False)
    assert isinstance(desk.write(document), Written)
    assert len(desk.receipts()) == 1


def test_a_line_that_was_deleted_from_the_order_is_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10, STOL_102=5)
    desk.simulator.actions.do_delete_line(order, 2)
    error = rejected(desk, shipment(order, goods((1, 1), (2, 5), inventoryId=None)))
    assert "not on order" in error.message
    assert "as line 2" in error.message
    assert desk.receipts() == []


def test_a_completed_line_is_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10, STOL_102=5)
    desk.simulator.actions.do_complete_line(order, 1)
    assert "is completed" in rejected(desk, shipment(order, goods((1, 1)))).message


def test_goods_that_are_not_on_the_order_are_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    lines = [*goods((1, 1)), {"inventoryId": "BORD-220", "quantity": Decimal(2)}]
    error = rejected(desk, shipment(order, lines))
    assert "BORD-220 (2)" in error.message
    assert desk.receipts() == []


@pytest.mark.parametrize("way", ["add_lines", "direct"])
def test_goods_that_are_not_on_the_order_are_added_where_that_is_allowed(desk: Desk, way: str) -> None:
    order = desk.order(STOL_101=10)
    lines = [*goods((1, 1)), {"inventoryId": "BORD-220", "quantity": Decimal(2), "uom": "STK"}]
    document = shipment(order, lines, linesWithoutOrder="add", way=way)
    outcome = desk.write(document)
    assert isinstance(outcome, Written)
    (receipt,) = desk.receipts()
    assert {line["inventory"]["number"]: line["receiptQty"] for line in receipt["lines"]} == {
        "STOL-101": 1,
        "BORD-220": 2,
    }
    assert isinstance(desk.write(again(document, outcome.key)), Unchanged)


def test_an_unknown_item_is_refused_in_vismas_words(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    lines = [*goods((1, 1)), {"inventoryId": "NO-SUCH", "quantity": Decimal(2)}]
    error = rejected(desk, shipment(order, lines, linesWithoutOrder="add", way="direct"))
    assert "NO-SUCH" in str(error)


def test_another_item_than_the_line_of_the_order_has_is_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    error = rejected(desk, shipment(order, goods((1, 1), inventoryId="BORD-220")))
    assert "is for item STOL-101" in error.message


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("orderNbr", {"orderNbr": ""}),
        ("way", {"way": "sideways"}),
        ("date", {"date": "21.11.2026"}),
        ("lines[0].quantity", {"lines": [{"lineNbr": 1, "quantity": "many"}]}),
        ("lines[0].quantity", {"lines": [{"lineNbr": 1, "quantity": "NaN"}]}),
        ("lines[0].quantity", {"lines": goods((1, -2))}),
        ("lines[0].lineNbr", {"lines": [{"lineNbr": "1.5", "quantity": 1}]}),
        ("lines[0].lineNbr", {"lines": [{"lineNbr": "first", "quantity": 1}]}),
        ("lines", {"lines": []}),
        ("lines", {"lines": goods((1, 0))}),
        ("lines[].uom", {"lines": goods((1, 1), uom="STK") + goods((1, 1), uom="BOX")}),
    ],
)
def test_a_payload_that_is_no_receipt_is_refused_by_field(desk: Desk, name: str, changed: dict[str, Any]) -> None:
    order = desk.order(STOL_101=10)
    error = rejected(
        desk,
        shipment(**({"order": order, "lines": goods((1, 1))} | ({"order": ""} if name == "orderNbr" else changed))),
    )
    assert name in error.fields
    assert desk.receipts() == []


def test_a_key_that_is_too_long_for_the_field_is_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    assert "customStr1" in rejected(desk, shipment(order, goods((1, 1)), mark="shipstation:" + "9" * 100)).fields


def test_nothing_open_any_more_is_refused(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.simulator.actions.do_receive(order, release=False)
    assert "Nothing is open" in rejected(desk, shipment(order, allOpenLines=True)).message


def test_a_way_that_this_visma_does_not_offer_is_refused(desk: Desk) -> None:
    desk.switch(create_from_order="gone")
    order = desk.order(STOL_101=10)
    error = rejected(desk, shipment(order, goods((1, 1)), way="create_from_order"))
    assert "no action that makes a receipt" in error.message


def test_one_bad_shipment_does_not_stop_the_others(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    bad, good = shipment("999999", goods((1, 1))), shipment(order, goods((1, 1)), SECOND)
    outcomes = PurchaseReceipts(desk.client).write([bad, good])
    refusal(outcomes[0])
    assert isinstance(outcomes[1], Written)


# Changes, by us and by people


def test_a_correction_of_an_unreleased_receipt_is_written(desk: Desk) -> None:
    order = desk.order(STOL_101=10, STOL_102=5)
    document = shipment(order, goods((1, 4)))
    first = desk.write(document)
    assert isinstance(first, Written)
    changed = again(document, first.key, lines=goods((1, 3), (2, 5)), supplierRef="ASN-2")
    assert isinstance(desk.write(changed), Written)
    assert desk.quantities() == {1: Decimal(3), 2: Decimal(5)}
    assert desk.receipts()[0]["supplierRef"] == "ASN-2"


def test_a_correction_of_a_released_receipt_is_locked_with_the_difference(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)), release=True)
    first = desk.write(document)
    assert isinstance(first, Written)
    error = refusal(desk.write(again(document, first.key, lines=goods((1, 3)))))
    assert isinstance(error, Locked)
    assert "4 STK there, 3 STK shipped" in error.current["difference"]
    assert "return" in error.next_step
    assert desk.quantities() == {1: Decimal(4)}


def edit(desk: Desk, number: str, quantity: int) -> None:
    """A person changes the quantity of the first line on the screen."""
    from connections.vendors.visma_net.receipts import operations
    from connections.vendors.visma_net.receipts.search import read

    person = desk.open()
    receipt = read(person, number)
    assert receipt is not None
    line = {"operation": "Update", "lineNbr": receipt.lines[0]["lineNbr"], "receiptQty": Decimal(quantity)}
    person.change(operations.receipt_path(number), {"lines": [line]}, receipt.version)
    person.close()


def test_a_persons_edit_after_it_was_synced_is_locked_with_the_difference(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)))
    first = desk.write(document)
    assert isinstance(first, Written)
    edit(desk, first.key, 7)
    error = refusal(desk.write(again(document, first.key, lines=goods((1, 3)))))
    assert isinstance(error, Locked)
    assert "changed by a person" in error.message
    assert "7 STK there" in error.current["difference"]
    assert desk.quantities() == {1: Decimal(7)}


def test_a_persons_edit_before_it_was_ever_synced_is_overwritten(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)))
    first = desk.write(document)
    assert isinstance(first, Written)
    edit(desk, first.key, 7)
    assert isinstance(desk.write(document), Written)
    assert desk.quantities() == {1: Decimal(4)}


def test_a_receipt_that_moved_between_reading_and_writing_is_read_again(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.fault("row_moved", "/erp/v1/PurchaseReceipt/", "PUT")
    assert isinstance(desk.write(shipment(order, goods((1, 4)))), Written)
    assert desk.quantities() == {1: Decimal(4)}
    assert desk.simulator.injected["row_moved"] == 1


def test_a_receipt_that_a_person_cancelled_is_not_made_anew(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)))
    first = desk.write(document)
    assert isinstance(first, Written)
    desk.simulator.actions.do_cancel_receipt(first.key)
    error = refusal(desk.write(again(document, first.key)))
    assert isinstance(error, Locked)
    assert "cancelled in Visma.net by a person" in error.message
    assert len(desk.receipts()) == 1


# Voiding


@each_way
def test_a_voided_shipment_cancels_its_unreleased_receipt(desk: Desk, way: str) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)), way=way)
    first = desk.write(document)
    assert isinstance(first, Written)
    void = again(document, first.key, voided=True)
    assert isinstance(desk.write(void), Written)
    assert desk.live() == []
    assert desk.order_state(order)["lines"][0]["qtyOnReceipts"] == 0
    assert isinstance(desk.write(void), Unchanged)
    match = desk.find(void)
    assert match is not None
    assert match.complete


def test_a_voided_shipment_empties_its_receipt_where_it_cannot_be_cancelled(desk: Desk) -> None:
    desk.switch(cancel_receipt="gone")
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)))
    first = desk.write(document)
    assert isinstance(first, Written)
    void = again(document, first.key, voided=True)
    assert isinstance(desk.write(void), Written)
    (receipt,) = desk.receipts()
    assert (receipt["lines"], receipt["status"]) == ([], "Hold")
    assert "voided" in receipt["note"]
    assert isinstance(desk.write(void), Unchanged)


def test_a_voided_shipment_whose_receipt_is_released_is_locked(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)), release=True)
    first = desk.write(document)
    assert isinstance(first, Written)
    error = refusal(desk.write(again(document, first.key, voided=True)))
    assert isinstance(error, Locked)
    assert "return" in error.next_step
    assert error.current["status"] == "Released"
    assert desk.receipts()[0]["status"] == "Released"


def test_a_voided_shipment_without_a_receipt_changes_nothing(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    outcome = desk.write(shipment(order, voided=True))
    assert isinstance(outcome, Unchanged)
    assert outcome.key == ""


def test_a_voided_shipment_of_an_order_that_is_gone_changes_nothing(desk: Desk) -> None:
    assert isinstance(desk.write(shipment("999999", voided=True)), Unchanged)


def test_a_shipment_that_is_no_longer_voided_gets_a_new_receipt(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)))
    first = desk.write(document)
    assert isinstance(first, Written)
    void = again(document, first.key, voided=True)
    desk.write(void)
    outcome = desk.write(again(void, first.key, voided=False))
    assert isinstance(outcome, Written)
    assert desk.quantities() == {1: Decimal(4)}


# Doubles


def test_two_receipts_with_goods_for_one_shipment_are_shown_to_a_person(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    first = desk.write(shipment(order, goods((1, 1))))
    second = desk.write(shipment(order, goods((1, 1)), SECOND))
    assert isinstance(first, Written)
    assert isinstance(second, Written)
    desk.client.change(f"/v1/PurchaseReceipt/{second.key}", {"customStr1": MARK}, "")
    document = shipment(order, goods((1, 1)))
    error = refusal(desk.write(document))
    assert first.key in error.message
    assert second.key in error.message
    match = desk.find(document)
    assert match is not None
    assert not match.complete


def test_an_empty_receipt_of_a_create_that_came_late_is_taken_away(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 1)))
    desk.write(document)
    desk.client.create("/v1/PurchaseReceipt", {"supplierId": "50000", "hold": True, "customStr1": MARK})
    assert isinstance(desk.write(document), Unchanged)
    assert len(desk.live()) == 1
