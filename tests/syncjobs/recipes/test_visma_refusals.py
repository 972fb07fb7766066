"""Goods that Visma.net does not take, and what the record says then; one behaviour each."""

from __future__ import annotations

from typing import Any

import pytest

from syncjobs.engine.replay import replay_records
from tests.syncjobs.recipes.purchasing import Purchasing
from tests.world import PERSON


def test_more_than_a_strict_line_accepts_needs_a_person(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, receiptAction="Reject", maxReceipt=100)
    purchasing.visma.actions.do_receive(number, {1: 3})
    purchasing.ship(number)
    explanation = purchasing.explanation("receipts")
    assert "accepts no more than 100 % of its quantity: ordered 4, received 3, shipped 4." in explanation
    assert "raise the quantity or the limit of the line, or correct the shipment" in explanation
    assert purchasing.receipts() == []


def test_more_than_a_line_that_warns_accepts_is_received(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, receiptAction="AcceptButWarn")
    purchasing.visma.actions.do_receive(number, {1: 3})
    purchasing.ship(number)
    assert purchasing.received() == [{1: 4}]


def test_goods_of_a_deleted_line_stop_the_receipt_and_say_so(purchasing: Purchasing) -> None:
    number = purchasing.bought(4, 6)
    purchasing.visma.actions.do_delete_line(number, 2)
    purchasing.ship(number)
    explanation = purchasing.explanation("receipts")
    assert f"Goods were shipped that are not on order {number} in Visma.net: LAMPE-7 (6) as line 2." in explanation
    assert "Add the line on screen Purchase orders (PO301000), or allow lines without an order" in explanation
    assert purchasing.receipts() == []


def test_goods_of_a_deleted_line_may_be_received_without_it(purchasing: Purchasing) -> None:
    purchasing.choose("receipts", "linesWithoutOrder", "'add'")
    number = purchasing.bought(4, 6)
    purchasing.visma.actions.do_delete_line(number, 2)
    purchasing.ship(number)
    (receipt,) = purchasing.receipts()
    assert [(line["inventory"]["number"], line.get("poOrderLineNbr")) for line in receipt["lines"]] == [
        ("STOL-101", 1),
        ("LAMPE-7", None),
    ]


def test_an_item_that_visma_does_not_know_needs_a_person(purchasing: Purchasing) -> None:
    purchasing.choose("receipts", "linesWithoutOrder", "'add'")
    purchasing.choose("receipts", "lines[].inventoryId", "if(orderLine == `2`, 'NEW-1', sku)")
    number = purchasing.bought(4, 6)
    purchasing.visma.actions.do_delete_line(number, 2)
    purchasing.ship(number)
    explanation = purchasing.explanation("receipts")
    assert explanation.startswith("attention: Receipt")
    assert "could not be filled: 'Inventory ID' NEW-1 cannot be found" in explanation
    assert "-> Create what is named in Visma, or correct the mapping" in explanation


def test_goods_that_nobody_sent_to_shipstation_stop_the_receipt(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    order = purchasing.shipstation.account.orders.get(purchasing.sent_order(number)["orderId"])
    document = order.open()
    document["items"] += [document["items"][0] | {"orderItemId": 999001, "lineItemKey": None, "sku": "EXTRA"}]
    purchasing.shipstation.account.save(order, document)
    purchasing.ship(number)
    assert "not on order" in purchasing.explanation("receipts")
    assert "EXTRA (4)" in purchasing.explanation("receipts")


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda world, number: world.visma.actions.do_cancel_order(number), "Cancelled"),
        (lambda world, number: world.visma.actions.do_receive(number), "Closed"),
    ],
)
def test_an_order_that_is_over_takes_no_receipt_and_says_so(purchasing: Purchasing, spoil: Any, status: str) -> None:
    number = purchasing.bought(4)
    purchasing.integration.flows.filter(slug="cancellations").update(enabled=False)
    purchasing.ship(number, rounds=0)
    spoil(purchasing, number)
    purchasing.run_rounds(1)
    explanation = purchasing.explanation("receipts")
    assert f"attention: Purchase order {number} has the status {status} in Visma.net" in explanation
    assert "-> Reopen the order on screen Purchase orders (PO301000)" in explanation


def test_an_order_on_hold_is_received_once_it_is_released(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    purchasing.ship(number, rounds=0)
    purchasing.visma.actions.do_hold_order(number)
    purchasing.run_rounds(1)
    assert purchasing.only_receipt().waits_for == f"purchase order {number} to be open"
    purchasing.visma.actions.do_hold_order(number, False)
    purchasing.run_rounds(1)
    assert purchasing.received() == [{1: 4}]


def test_a_closed_period_needs_a_person_and_goes_after_it_was_opened(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    period = purchasing.order(number)["date"][:7].replace("-", "")
    purchasing.visma.actions.do_close_period(period)
    purchasing.ship(number)
    explanation = purchasing.explanation("receipts")
    assert f"attention: Visma.net refused this: Financial period {period[4:]}-{period[:4]} is closed." in explanation
    assert "-> Open the period on screen Financial periods (GL201000), or correct the date" in explanation
    purchasing.visma.actions.do_close_period(period, False)
    replay_records(purchasing.records("receipts"), PERSON)
    purchasing.run_tasks()
    assert purchasing.received() == [{1: 4}]
