"""Shipments to purchase receipts, over both simulators and real HTTP, one behaviour each."""

from __future__ import annotations

import pytest

from syncjobs import webhooks
from syncjobs.models import Flow
from tests.syncjobs.recipes.purchasing import RECEIPT, Purchasing


def test_two_partial_shipments_become_two_receipts_on_the_right_lines(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, 6)
    purchasing.ship(number, _1=1, _2=6)
    purchasing.ship(number)
    assert purchasing.received() == [{1: 1, 2: 6}, {1: 3}]
    assert [line["qtyOnReceipts"] for line in purchasing.order(number)["lines"]] == [4, 6]
    assert [each["status"] for each in purchasing.receipts()] == ["Balanced", "Balanced"]
    assert purchasing.order(number)["status"] == "Open"


def test_a_receipt_tells_date_tracking_carrier_and_shipment(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    (label,) = purchasing.ship(number)
    (shipment,) = purchasing.shipstation.state()["shipments"]
    (receipt,) = purchasing.receipts()
    assert receipt["date"][:10] == shipment["shipDate"]
    assert receipt["supplierRef"] == receipt["customStr2"] == label["trackingNumber"]
    assert (receipt["customStr3"], receipt["customStr1"]) == ("ups", f"shipstation:{number}:s-{label['shipmentId']}")
    assert receipt["note"] == f"ShipStation order {number} ups {shipment['serviceCode']} {label['trackingNumber']}"


def test_released_receipts_complete_the_lines_and_close_the_order(purchasing: Purchasing) -> None:
    purchasing.released()
    number = purchasing.bought(4, 6)
    purchasing.ship(number, _1=1, _2=6)
    assert [line["completed"] for line in purchasing.order(number)["lines"]] == [False, True]
    assert purchasing.order(number)["status"] == "Open"
    purchasing.ship(number)
    assert purchasing.order(number)["status"] == "Closed"
    assert [each["status"] for each in purchasing.receipts()] == ["Released", "Released"]


@pytest.mark.parametrize("release", [True, False])
def test_our_own_receipts_make_no_write_and_no_cancellation(purchasing: Purchasing, release: bool) -> None:
    if release:
        purchasing.released()
    number = purchasing.bought(4, 6)
    purchasing.ship(number, _1=1, rounds=3)
    purchasing.ship(number, rounds=3)
    calls = purchasing.shipstation.calls
    assert {call: n for call, n in calls.items() if call.startswith("POST /orders")} == {"POST /orders/createorders": 1}
    assert purchasing.sent_order(number)["orderStatus"] == "shipped"
    assert purchasing.states("purchase_orders") == {"synced": 1}
    assert set(purchasing.states("cancellations")) <= {"synced"}


def test_reading_all_parcels_again_changes_nothing(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, 6)
    purchasing.ship(number)
    writes = purchasing.visma_writes()
    purchasing.integration.flows.update(cursor=None)
    purchasing.run_rounds(2)
    assert purchasing.visma_writes() == writes
    assert purchasing.states("receipts") == {"synced": 1}


def test_a_notification_brings_the_receipt_at_once_and_the_second_one_changes_nothing(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    Flow.objects.update(next_run_at="2100-01-01T00:00:00Z")
    purchasing.shipstation.actions.do_ship(order_number=number)
    url = f"{purchasing.right.settings['base_url']}/shipments?orderId={purchasing.sent_order(number)['orderId']}"
    for _ in range(2):
        body = f'{{"resource_url":"{url}","resource_type":"SHIP_NOTIFY"}}'
        webhooks.receive(purchasing.right, body.encode(), {})
        purchasing.run_tasks()
        assert purchasing.received() == [{1: 4}]
    assert list(purchasing.only_receipt().triggers) == ["webhook"]


def test_a_receipt_by_hand_between_two_shipments_is_not_received_twice(purchasing: Purchasing) -> None:
    number = purchasing.bought(10)
    purchasing.ship(number, _1=4)
    purchasing.visma.actions.do_receive(number, {1: 3})
    purchasing.run_rounds(1)
    assert purchasing.units(number) == {"STOL-101": 7}
    purchasing.ship(number)
    assert purchasing.received() == [{1: 4}, {1: 3}]
    assert purchasing.line(number)["qtyOnReceipts"] == 10


@pytest.mark.parametrize("way", ["add_lines", "direct", "create_from_order"])
def test_each_way_makes_the_same_receipt(purchasing: Purchasing, way: str) -> None:
    purchasing.choose("receipts", "way", f"'{way}'")
    purchasing.released()
    number = purchasing.bought(4, 6)
    purchasing.ship(number, _1=1)
    purchasing.ship(number)
    assert purchasing.received() == [{1: 1}, {1: 3, 2: 6}]
    assert purchasing.order(number)["status"] == "Closed"


@pytest.mark.parametrize("way", ["add_lines", "direct", "create_from_order"])
def test_a_lost_answer_to_the_creation_does_not_double_the_receipt(purchasing: Purchasing, way: str) -> None:
    purchasing.choose("receipts", "way", f"'{way}'")
    number = purchasing.bought(4)
    path = RECEIPT if way != "create_from_order" else f"/erp/v1/purchaseorder/{number}/action"
    purchasing.fault("visma_net", "cut_after", path, "POST")
    purchasing.ship(number, rounds=8)
    assert purchasing.received() == [{1: 4}]
    assert purchasing.states("receipts") == {"synced": 1}
    assert "record.settled" in purchasing.history(purchasing.only_receipt())


def test_several_parcels_of_one_order_are_several_receipts(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, 6)
    purchasing.shipstation.actions.do_ship(order_number=number, parcels=2)
    purchasing.run_rounds(1)
    tracking = {one["trackingNumber"] for one in purchasing.shipstation.state()["shipments"]}
    assert {each["customStr2"] for each in purchasing.receipts()} == tracking
    assert [line["qtyOnReceipts"] for line in purchasing.order(number)["lines"]] == [4, 6]


def test_an_order_marked_as_shipped_is_received(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, 6)
    purchasing.shipstation.actions.do_mark_shipped(order_number=number, tracking="TRACK-1", carrier="USPS")
    purchasing.run_rounds(1)
    assert purchasing.received() == [{1: 4, 2: 6}]
    assert purchasing.receipts()[0]["supplierRef"] == "TRACK-1"


@pytest.mark.parametrize("together", [True, False])
def test_marked_as_shipped_takes_only_what_no_label_took(purchasing: Purchasing, together: bool) -> None:
    number = purchasing.bought(4, 6)
    purchasing.ship(number, rounds=0 if together else 1, _1=1)
    purchasing.shipstation.actions.do_mark_shipped(order_number=number, tracking="TRACK-1", carrier="USPS")
    purchasing.run_rounds(1)
    assert purchasing.received() == [{1: 1}, {1: 3, 2: 6}]


def test_marked_as_shipped_behind_a_label_without_lines_moves_nothing_more(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    half = [{"lineItemKey": f"{number}/1", "quantity": 2}]
    purchasing.shipstation.actions.do_ship(order_number=number, items=half, with_items=False)
    purchasing.shipstation.actions.do_mark_shipped(order_number=number, tracking="TRACK-1", carrier="USPS")
    purchasing.run_rounds(2)
    assert purchasing.received() == [{1: 4}]
    assert purchasing.states("receipts") == {"synced": 1, "skipped": 1}


def test_a_return_label_moves_nothing(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    purchasing.shipstation.actions.do_return_label(order_number=number)
    purchasing.run_rounds(2)
    assert purchasing.receipts() == []
    assert "skipped: Left out by the filter: a return label" in purchasing.explanation("receipts")


def test_a_shipment_without_lines_takes_what_is_open(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, 6)
    purchasing.ship(number, _1=1)
    purchasing.shipstation.actions.do_ship(order_number=number, with_items=False)
    purchasing.run_rounds(3)
    assert purchasing.received() == [{1: 1}, {1: 3, 2: 6}]
    assert purchasing.states("receipts") == {"synced": 2}


@pytest.mark.parametrize("keeps_key", [True, False])
def test_both_halves_of_a_split_order_are_received_on_their_lines(purchasing: Purchasing, keeps_key: bool) -> None:
    purchasing.released()
    purchasing.shipstation.switches["split_keeps_key"] = keeps_key
    number = purchasing.bought(4, 6)
    child = purchasing.shipstation.actions.do_split(order_number=number, skus=["LAMPE-7"])
    purchasing.shipstation.actions.do_ship(order_id=child["orderId"])
    purchasing.run_rounds(2)
    assert purchasing.received() == [{2: 6}]
    purchasing.shipstation.actions.do_ship(order_number=number)
    purchasing.run_rounds(2)
    assert purchasing.received() == [{2: 6}, {1: 4}]
    assert purchasing.states("receipts") == {"synced": 2}
    assert purchasing.order(number)["status"] == "Closed"
    assert set(purchasing.states("cancellations")) <= {"synced"}


def test_a_parcel_of_merged_orders_is_a_receipt_for_each(purchasing: Purchasing) -> None:
    purchasing.released()
    numbers = [purchasing.buy(4), purchasing.buy(6)]
    purchasing.run_rounds(1)
    ids = [purchasing.sent_order(number)["orderId"] for number in numbers]
    purchasing.shipstation.actions.do_merge(order_ids=ids)
    purchasing.shipstation.actions.do_ship(order_id=ids[0])
    purchasing.run_rounds(2)
    assert [purchasing.line(number)["qtyOnReceipts"] for number in numbers] == [4, 6]
    assert purchasing.states("receipts") == {"synced": 2}
    assert purchasing.received() == [{1: 4}, {1: 6}]
    assert [purchasing.order(number)["status"] for number in numbers] == ["Closed", "Closed"]
    assert set(purchasing.states("cancellations")) <= {"synced"}
