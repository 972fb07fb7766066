"""Numbers of customer invoices on ShipStation orders, over both simulators and real HTTP, one behaviour each."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.visma_net.store import Row
from tests.syncjobs.recipes.purchasing import Purchasing

FLOWS = ("purchase_orders", "cancellations", "receipts", "invoices")


@pytest.fixture
def selling(draft: Purchasing) -> Purchasing:
    draft.begin(*FLOWS)
    return draft


def shop_order(world: Purchasing, number: str, status: str = "awaiting_shipment") -> None:
    """An order in ShipStation that came from a shop, not from us."""
    known = world.shipstation.credentials
    place = {"name": "Kari Nordmann", "street1": "Storgata 1", "city": "Oslo", "postalCode": "0155", "country": "NO"}
    order = {
        "orderNumber": number,
        "orderKey": f"shop-{number}",
        "orderDate": "2026-11-01T00:00:00",
        "orderStatus": status,
        "billTo": {"name": "Kari Nordmann"},
        "shipTo": place,
        "items": [{"sku": "STOL-101", "name": "Chair", "quantity": 2, "unitPrice": 1}],
    }
    requests.post(
        f"{world.right.settings['base_url']}/orders/createorder",
        json=order,
        auth=(known["api_key"], known["api_secret"]),
        timeout=5,
    ).raise_for_status()


def sale(world: Purchasing, reference: str = "") -> Row:
    """A sales order with this customer's order number."""
    (key,) = world.visma.actions.do_make_sales_orders(1)["orders"]
    row: Row = world.visma.store.sales.rows[key]
    row.body["customer"]["order"] = reference
    return row


def invoice(world: Purchasing, row: Row, rounds: int = 1, **options: Any) -> str:
    """A released invoice of it; returns its number."""
    number = str(world.visma.actions.do_invoice(row.key, release=True, **options)["referenceNumber"])
    world.run_rounds(rounds)
    return number


def number_on(world: Purchasing, order_number: str) -> str:
    orders = world.shipstation.state()["orders"]
    return str(next(one for one in orders if one["orderNumber"] == order_number)["advancedOptions"]["customField3"])


def test_the_number_is_put_on_an_order_that_may_change(selling: Purchasing) -> None:
    shop_order(selling, "WEB-1")
    number = invoice(selling, sale(selling, "WEB-1"))
    assert number_on(selling, "WEB-1") == number
    assert selling.states("invoices") == {"synced": 1}
    selling.run_rounds(2)
    assert number_on(selling, "WEB-1") == number


def test_an_invoice_that_is_not_released_is_left_out(selling: Purchasing) -> None:
    shop_order(selling, "WEB-1")
    selling.visma.actions.do_invoice(sale(selling, "WEB-1").key)
    selling.run_rounds(1)
    assert number_on(selling, "WEB-1") in ("", "None")
    assert "skipped: Left out by the filter: not released yet" in selling.explanation("invoices")


def test_a_shipped_order_is_left_alone_and_linked_on_our_side(selling: Purchasing) -> None:
    shop_order(selling, "WEB-1")
    selling.shipstation.actions.do_ship(order_number="WEB-1")
    number = invoice(selling, sale(selling, "WEB-1"))
    record = selling.record("invoices")
    assert number_on(selling, "WEB-1") in ("", "None")
    assert (record.state, str(record.target_key).partition("#")[2]) == ("synced", number)
    assert record.cause == "the order is shipped; the link is kept here only"


def test_two_invoices_of_one_order_stand_beside_each_other(selling: Purchasing) -> None:
    shop_order(selling, "WEB-1")
    row = sale(selling, "WEB-1")
    row.body["orderLines"][0]["quantity"] += 1
    first = invoice(selling, row, quantities={1: 1})
    second = invoice(selling, row)
    assert number_on(selling, "WEB-1") == f"{first}, {second}"
    assert selling.states("invoices") == {"synced": 2}


def test_an_invoice_waits_for_an_order_that_is_not_there_and_links_later(selling: Purchasing) -> None:
    number = invoice(selling, sale(selling, "WEB-1"))
    record = selling.record("invoices")
    assert (record.state, record.waits_for.startswith("order WEB-1")) == ("waiting", True)
    assert "It goes on by itself once the order is there" in record.next_step
    shop_order(selling, "WEB-1")
    selling.run_rounds(1)
    assert number_on(selling, "WEB-1") == number


def test_a_voided_invoice_takes_its_number_away(selling: Purchasing) -> None:
    shop_order(selling, "WEB-1")
    number = invoice(selling, sale(selling, "WEB-1"))
    row = selling.visma.store.invoices.rows[number]
    row.body["status"] = "Voided"
    selling.visma.store.touch(selling.visma.store.invoices, row)
    selling.run_rounds(1)
    assert number_on(selling, "WEB-1") == ""
    assert selling.states("invoices") == {"synced": 1}


def test_the_customers_order_number_is_read_from_the_sales_order(selling: Purchasing) -> None:
    selling.visma.switches["invoice_carries_reference"] = False
    selling.configure(selling.left, read_sales_orders=True)
    shop_order(selling, "WEB-1")
    number = invoice(selling, sale(selling, "WEB-1"))
    assert number_on(selling, "WEB-1") == number


def test_without_the_sales_order_the_invoice_waits_for_the_number_that_it_has(selling: Purchasing) -> None:
    selling.visma.switches["invoice_carries_reference"] = False
    shop_order(selling, "WEB-1")
    row = sale(selling, "WEB-1")
    invoice(selling, row)
    assert selling.record("invoices").waits_for == f"order {row.key} in ShipStation"


def test_an_invoice_of_several_sales_orders_is_put_on_each(selling: Purchasing) -> None:
    selling.configure(selling.left, read_sales_orders=True)
    for name in ("WEB-1", "WEB-2"):
        shop_order(selling, name)
    keys = [sale(selling, name).key for name in ("WEB-1", "WEB-2")]
    number = str(selling.visma.actions.do_invoice(order_nbrs=keys, release=True)["referenceNumber"])
    selling.run_rounds(1)
    assert [number_on(selling, name) for name in ("WEB-1", "WEB-2")] == [number, number]


def test_a_later_change_of_the_purchase_order_keeps_the_number(selling: Purchasing) -> None:
    order = selling.bought(4)
    number = invoice(selling, sale(selling, order))
    assert number_on(selling, order) == number
    selling.visma.actions.do_edit_order(order, quantities={1: 9})
    selling.run_rounds(1)
    assert selling.units(order) == {"STOL-101": 9}
    assert number_on(selling, order) == number


def test_our_own_receipt_after_an_invoice_makes_no_conflict(selling: Purchasing) -> None:
    order = selling.bought(4, 6)
    number = invoice(selling, sale(selling, order))
    selling.ship(order, rounds=3)
    assert selling.order(order)["status"] == "Open"
    assert selling.explanation("purchase_orders").startswith("synced: ")
    assert number_on(selling, order) == number


def test_an_invoice_of_a_shipped_order_makes_no_conflict_of_what_comes_later(selling: Purchasing) -> None:
    order = selling.bought(4, 6)
    selling.ship(order, _1=1, rounds=2)
    selling.ship(order, rounds=2)
    invoice(selling, sale(selling, order))
    selling.visma.actions.do_release(selling.receipts()[0]["receiptNbr"])
    selling.run_rounds(2)
    assert selling.order(order)["status"] == "Open"
    assert selling.explanation("purchase_orders").startswith("synced: ")


def test_a_sales_order_with_the_number_of_a_purchase_order_is_not_taken_for_it(selling: Purchasing) -> None:
    row = sale(selling)
    selling.visma.store.orders.last = int(row.key) - 1
    order = selling.bought(4)
    assert order == row.key
    invoice(selling, row)
    assert number_on(selling, order) in ("", "None")
    assert "without the number of an order" in selling.explanation("invoices")
