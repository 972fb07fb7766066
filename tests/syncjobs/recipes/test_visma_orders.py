"""Purchase orders to ShipStation, over both simulators and real HTTP, one behaviour each."""

from __future__ import annotations

import pytest

from syncjobs.engine.replay import replay_records
from tests.syncjobs.recipes.purchasing import SHIP_FROM, Purchasing
from tests.world import PERSON


def test_an_open_order_appears_once_with_its_lines(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, 6)
    order = purchasing.sent_order(number)
    assert purchasing.units(number) == {"STOL-101": 4, "LAMPE-7": 6}
    assert [item["lineItemKey"] for item in order["items"]] == [f"{number}/1", f"{number}/2"]
    assert order["orderStatus"] == "awaiting_shipment"
    assert str(order["advancedOptions"]["warehouseId"]) == SHIP_FROM
    assert purchasing.sends() == 1


def test_reading_everything_again_sends_nothing_again(purchasing: Purchasing) -> None:
    purchasing.bought(4)
    purchasing.integration.flows.update(cursor=None)
    purchasing.run_rounds(2)
    assert purchasing.sends() == 1
    assert purchasing.states("purchase_orders") == {"synced": 1}


def test_a_new_quantity_and_a_new_line_follow_until_it_ships(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    purchasing.visma.actions.do_edit_order(number, quantities={1: 9})
    purchasing.visma.actions.do_add_line(number, "BORD-140", 2)
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"STOL-101": 9, "BORD-140": 2}


def test_what_others_received_before_it_was_sent_is_not_shipped(purchasing: Purchasing) -> None:
    number = purchasing.buy(10, 6)
    purchasing.visma.actions.do_receive(number, {1: 3}, release=True)
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"STOL-101": 7, "LAMPE-7": 6}


@pytest.mark.parametrize("release", [True, False])
def test_what_others_receive_after_it_was_sent_lowers_the_quantity(purchasing: Purchasing, release: bool) -> None:
    number = purchasing.bought(10, 6)
    purchasing.visma.actions.do_receive(number, {1: 3}, release=release)
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"STOL-101": 7, "LAMPE-7": 6}


def test_a_line_that_others_received_in_full_goes_from_the_order(purchasing: Purchasing) -> None:
    number = purchasing.bought(10, 6)
    purchasing.visma.actions.do_receive(number, {1: 10})
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"LAMPE-7": 6}


def test_a_receipt_by_hand_that_is_cancelled_gives_the_quantity_back(purchasing: Purchasing) -> None:
    number = purchasing.bought(10, 6)
    receipt = purchasing.visma.actions.do_receive(number, {1: 3}, release=False)["receiptNbr"]
    purchasing.run_rounds(1)
    purchasing.visma.actions.do_cancel_receipt(receipt)
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"STOL-101": 10, "LAMPE-7": 6}


def test_an_order_that_others_received_in_full_is_cancelled_there(purchasing: Purchasing) -> None:
    number = purchasing.bought(10)
    purchasing.visma.actions.do_receive(number)
    purchasing.run_rounds(1)
    assert purchasing.sent_order(number)["orderStatus"] == "cancelled"


def test_an_order_that_stands_on_drafts_of_others_in_full_is_held_until_they_go(purchasing: Purchasing) -> None:
    number = purchasing.bought(10)
    receipt = purchasing.visma.actions.do_receive(number, release=False)["receiptNbr"]
    purchasing.run_rounds(1)
    assert purchasing.sent_order(number)["orderStatus"] == "on_hold"
    purchasing.visma.actions.do_cancel_receipt(receipt)
    purchasing.run_rounds(1)
    assert purchasing.sent_order(number)["orderStatus"] == "awaiting_shipment"


def test_freight_and_services_are_not_shipped(purchasing: Purchasing) -> None:
    lines = [
        {"inventory": "STOL-101", "orderQty": 4},
        {"inventory": "FRAKT", "orderQty": 1, "lineType": "Freight"},
        {"inventory": "MONTERING", "orderQty": 2, "lineType": "Service"},
    ]
    number = str(purchasing.visma.actions.do_make_order(lines=lines)["orderNbr"])
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"STOL-101": 4}
    purchasing.ship(number)
    assert purchasing.received() == [{1: 4}]


def test_a_line_completed_short_by_hand_goes_from_the_order(purchasing: Purchasing) -> None:
    number = purchasing.bought(10, 6)
    purchasing.visma.actions.do_complete_line(number, 2)
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"STOL-101": 10}


def test_a_line_completed_short_after_a_part_was_shipped_keeps_that_part_only(purchasing: Purchasing) -> None:
    number = purchasing.bought(10, 6)
    purchasing.ship(number, _1=4)
    purchasing.visma.actions.do_complete_line(number, 1)
    purchasing.run_rounds(2)
    assert purchasing.units(number) == {"STOL-101": 4, "LAMPE-7": 6}


def test_a_deleted_line_goes_from_the_order(purchasing: Purchasing) -> None:
    number = purchasing.bought(10, 6)
    purchasing.visma.actions.do_delete_line(number, 2)
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"STOL-101": 10}


def test_a_line_deleted_after_the_order_was_shipped_is_a_conflict_that_shows_it(purchasing: Purchasing) -> None:
    number = purchasing.bought(10, 6)
    purchasing.integration.flows.filter(slug="receipts").update(enabled=False)
    purchasing.ship(number, rounds=0)
    purchasing.visma.actions.do_delete_line(number, 2)
    purchasing.run_rounds(1)
    record = purchasing.record("purchase_orders")
    assert (record.state, "shipped" in record.cause) == ("conflict", True)
    assert record.details["difference"]["items[1].sku"] == ["LAMPE-7", None]
    assert "Compare the two orders" in record.next_step


def test_a_drop_ship_order_goes_to_the_customer(purchasing: Purchasing) -> None:
    fields = {
        "orderType": "DropShip",
        "shippingDestinationType": "Customer",
        "shippingContact": {"name": "Kari Nordmann", "phone1": "+47 22 00 00 00"},
        "shippingAddress": {
            "addressLine1": "Storgata 1", "postalCode": "0155", "city": "Oslo", "countryId": "NO",
        },
    }  # fmt: skip
    number = purchasing.bought(2, fields=fields, lineType="GoodsForDropShip")
    assert purchasing.sent_order(number)["shipTo"]["name"] == "Kari Nordmann"
    purchasing.ship(number)
    assert purchasing.received() == [{1: 2}]


@pytest.mark.parametrize("fields", [{"orderType": "Blanket"}, {"orderType": "StandardBlanket"}, {"hold": True}])
def test_blanket_orders_and_drafts_are_left_out_and_say_so(purchasing: Purchasing, fields: dict[str, object]) -> None:
    purchasing.bought(5, fields=fields)
    assert purchasing.sends() == 0
    assert "skipped: Left out by the filter: not open, on hold, a blanket order" in purchasing.explanation(
        "purchase_orders"
    )
    assert not purchasing.records("cancellations").exists()


def test_an_order_put_on_hold_is_held_there_and_released_again(purchasing: Purchasing) -> None:
    number = purchasing.bought(5)
    for hold, status in ((True, "on_hold"), (False, "awaiting_shipment"), (True, "on_hold")):
        purchasing.visma.actions.do_hold_order(number, hold)
        purchasing.run_rounds(1)
        assert purchasing.sent_order(number)["orderStatus"] == status


def test_a_cancelled_order_is_cancelled_there(purchasing: Purchasing) -> None:
    number = purchasing.bought(5)
    purchasing.visma.actions.do_cancel_order(number)
    purchasing.run_rounds(1)
    assert purchasing.sent_order(number)["orderStatus"] == "cancelled"
    assert purchasing.states("cancellations") == {"synced": 1}


def test_an_order_cancelled_after_it_was_shipped_is_a_conflict_and_nothing_is_overwritten(
    purchasing: Purchasing,
) -> None:
    number = purchasing.bought(5)
    purchasing.integration.flows.filter(slug="receipts").update(enabled=False)
    purchasing.ship(number, rounds=0)
    purchasing.visma.actions.do_cancel_order(number)
    purchasing.run_rounds(1)
    assert purchasing.sent_order(number)["orderStatus"] == "shipped"
    explanation = purchasing.explanation("cancellations")
    assert explanation.startswith(f"conflict: Order {number} is shipped in ShipStation and can no longer be changed.")
    assert "-> Compare the two orders; change the shipment by hand if need be" in explanation


def test_an_order_cancelled_after_it_was_merged_into_another_is_a_conflict(purchasing: Purchasing) -> None:
    numbers = [purchasing.buy(4), purchasing.buy(6)]
    purchasing.run_rounds(1)
    purchasing.shipstation.actions.do_merge(order_ids=[purchasing.sent_order(number)["orderId"] for number in numbers])
    purchasing.visma.actions.do_cancel_order(numbers[1])
    purchasing.run_rounds(1)
    assert f"conflict: Order {numbers[1]} is split or merged in ShipStation" in purchasing.explanation("cancellations")


def test_an_unmapped_warehouse_needs_a_person_and_goes_after_mapping(purchasing: Purchasing) -> None:
    purchasing.visma.switches["default_warehouse"] = "2"
    number = purchasing.bought(5)
    explanation = purchasing.explanation("purchase_orders")
    assert explanation.startswith("attention: advancedOptions.warehouseId: ")
    assert "the value map “warehouses” has no row for “2”" in explanation
    assert "Correct the field mapping, the value map" in explanation
    purchasing.map_value("warehouses", "2", SHIP_FROM)
    replay_records(purchasing.records("purchase_orders"), PERSON)
    purchasing.run_tasks()
    assert purchasing.units(number) == {"STOL-101": 5}


def test_a_fraction_of_a_unit_needs_a_person_and_stops_nobody_else(purchasing: Purchasing) -> None:
    purchasing.buy(12.5)
    number = purchasing.bought(3)
    assert purchasing.units(number) == {"STOL-101": 3}
    stuck = purchasing.record("purchase_orders", state="attention")
    assert "12.5 is not a whole number" in stuck.cause


def test_a_lost_answer_does_not_double_an_order(purchasing: Purchasing) -> None:
    purchasing.fault("shipstation", "cut_after", "/orders/createorders", "POST")
    purchasing.buy(5)
    purchasing.run_rounds(3)
    assert len(purchasing.shipstation.state()["orders"]) == 1
    assert purchasing.states("purchase_orders") == {"synced": 1}
