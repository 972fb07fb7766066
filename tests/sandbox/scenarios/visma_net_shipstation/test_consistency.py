"""The comparison must be able to fail: each kind of loss and doubling is invented here once."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from sandbox.scenarios.consistency import Findings, RecordStatus
from sandbox.scenarios.visma_net_shipstation import VismaNetShipStation

PARCEL, MARK = "shipment-7-70", "shipstation:000101:s-70"
check = VismaNetShipStation.check


def _world() -> tuple[dict[str, Any], dict[str, Any], list[RecordStatus]]:
    """An order of two lines of which one is shipped and received, and an invoice on a shop's order."""
    goods = {"inventory": {"number": "STOL-101"}, "completed": False, "canceled": False}
    order = {
        "orderNbr": "000101",
        "orderType": "RegularOrder",
        "status": "Open",
        "hold": False,
        "lines": [{"lineNbr": 1, "orderQty": 2, **goods}, {"lineNbr": 2, "orderQty": 3, **goods}],
    }
    receipt = {
        "receiptNbr": "000041",
        "status": "Released",
        "customStr1": MARK,
        "supplierRef": "1Z1",
        "lines": [{"poOrderNbr": "000101", "poOrderLineNbr": 1, "receiptQty": 2}],
    }
    invoice = {
        "referenceNumber": "300141",
        "documentType": "Invoice",
        "status": "Open",
        "invoiceLines": [{"soOrderNbr": "000221"}],
    }
    left = {
        "purchaseOrders": [order],
        "purchaseReceipts": [receipt],
        "customerInvoices": [invoice],
        "salesOrders": [{"orderId": "000221", "customer": {"order": "WEB-1"}}],
    }
    items = [
        {"lineItemKey": "000101/1", "quantity": 2, "adjustment": False},
        {"lineItemKey": "000101/2", "quantity": 3, "adjustment": False},
    ]
    waiting = {"orderStatus": "awaiting_shipment", "deleted": False}
    right = {
        "orders": [
            {"orderId": 7, "orderKey": "000101", "orderNumber": "000101", **waiting, "items": items}
            | {"advancedOptions": {"customField3": None}},
            {"orderId": 8, "orderKey": "shop", "orderNumber": "WEB-1", **waiting, "items": []}
            | {"advancedOptions": {"customField3": "300141"}},
        ],
        "shipments": [
            {
                "shipmentId": 70,
                "orderId": 7,
                "orderKey": "000101",
                "trackingNumber": "1Z1",
                "isReturnLabel": False,
                "voided": False,
                "shipmentItems": items[:1],
            }
        ],
        "fulfillments": [],
    }
    statuses = [RecordStatus("purchase_orders", "000101", "synced"), RecordStatus("receipts", PARCEL, "synced")]
    return left, right, [*statuses, RecordStatus("invoices", "300141", "synced")]


def _counts_of(left: dict[str, Any], right: dict[str, Any], statuses: list[RecordStatus]) -> tuple[int, int, int]:
    return _figures(check(left, right, statuses))


def _figures(findings: Findings) -> tuple[int, int, int]:
    return len(findings.unaccounted), len(findings.missing), len(findings.doubled)


def test_it_finds_nothing_wrong_where_nothing_is() -> None:
    assert check(*_world()).clean


@pytest.mark.parametrize("key", ["000101", PARCEL, "300141"])
def test_it_finds_a_document_without_a_record_and_one_with_two(key: str) -> None:
    left, right, statuses = _world()
    assert len(check(left, right, [status for status in statuses if status.source_key != key]).unaccounted) == 1
    assert (
        len(check(left, right, [*statuses, *(status for status in statuses if status.source_key == key)]).unaccounted)
        == 1
    )


def test_it_finds_a_missing_order_and_a_doubled_one() -> None:
    left, right, statuses = _world()
    left["purchaseReceipts"], right["shipments"] = [], []
    right["orders"].append({**right["orders"][0], "orderId": 9})
    assert _counts_of(left, right, statuses) == (0, 0, 1)
    right["orders"] = right["orders"][1:2]
    assert _counts_of(left, right, statuses) == (0, 1, 0)
    assert _counts_of(
        left, right, [RecordStatus("purchase_orders", "000101", "attention", "No street."), *statuses[1:]]
    ) == (0, 0, 0)


@pytest.mark.parametrize(("quantity", "figures"), [(2, (0, 1, 0)), (4, (0, 0, 1))])
def test_it_finds_a_wrong_quantity_of_an_open_line(quantity: int, figures: tuple[int, int, int]) -> None:
    left, right, statuses = _world()
    right["orders"][0]["items"] = [*right["orders"][0]["items"][:1], {"lineItemKey": "000101/2", "quantity": quantity}]
    assert _counts_of(left, right, statuses) == figures
    conflict = RecordStatus("order_changes", "7", "conflict", "Somebody changed it there.")
    assert _counts_of(left, right, [*statuses, conflict]) == (0, 0, 0)


def test_it_expects_less_of_what_others_received() -> None:
    left, right, statuses = _world()
    line = {"poOrderNbr": "000101", "poOrderLineNbr": 2, "receiptQty": 1}
    left["purchaseReceipts"].append({"receiptNbr": "000042", "status": "Released", "lines": [line]})
    assert _counts_of(left, right, statuses) == (0, 0, 1)
    right["orders"][0]["items"] = [*right["orders"][0]["items"][:1], {"lineItemKey": "000101/2", "quantity": 2}]
    assert _counts_of(left, right, statuses) == (0, 0, 0)


@pytest.mark.parametrize("change", [{"status": "Cancelled"}, {"status": "Hold", "hold": True}, {"status": "Closed"}])
def test_it_finds_an_order_that_is_over_and_still_shipped(change: dict[str, Any]) -> None:
    left, right, statuses = _world()
    left["purchaseOrders"][0] |= change
    assert _counts_of(left, right, statuses) == (0, 1, 0)
    right["orders"][0]["orderStatus"] = "cancelled"
    assert _counts_of(left, right, statuses) == (0, 0, 0)


def test_it_finds_an_open_order_that_is_held_there() -> None:
    left, right, statuses = _world()
    right["orders"][0]["orderStatus"] = "on_hold"
    assert _counts_of(left, right, statuses) == (0, 1, 0)


def test_it_finds_a_parcel_without_a_receipt_and_one_with_two() -> None:
    left, right, statuses = _world()
    twice = left | {"purchaseReceipts": left["purchaseReceipts"] * 2}
    assert _counts_of(twice, right, statuses) == (0, 0, 1)
    without = left | {"purchaseReceipts": []}
    assert _counts_of(without, right, statuses) == (0, 1, 0)
    cancelled = deepcopy(left)
    cancelled["purchaseReceipts"][0]["status"] = "Cancelled"
    assert _counts_of(cancelled, right, statuses) == (0, 1, 0)


def test_it_finds_a_receipt_that_was_doubled_without_its_mark() -> None:
    left, right, statuses = _world()
    left["purchaseReceipts"].append({**left["purchaseReceipts"][0], "customStr1": "", "lines": []})
    assert _counts_of(left, right, statuses) == (0, 0, 1)


@pytest.mark.parametrize(("quantity", "figures"), [(1, (0, 1, 0)), (3, (0, 0, 1))])
def test_it_finds_a_wrong_quantity_on_a_receipt(quantity: int, figures: tuple[int, int, int]) -> None:
    left, right, statuses = _world()
    left["purchaseReceipts"][0]["lines"][0]["receiptQty"] = quantity
    assert _counts_of(left, right, statuses) == figures


def test_it_finds_goods_on_the_wrong_line() -> None:
    left, right, statuses = _world()
    left["purchaseReceipts"][0]["lines"][0]["poOrderLineNbr"] = 2
    assert _counts_of(left, right, statuses) == (0, 1, 1)


def test_it_finds_a_voided_parcel_that_stayed_received() -> None:
    left, right, statuses = _world()
    right["shipments"][0]["voided"] = True
    assert _counts_of(left, right, statuses) == (0, 0, 1)
    left["purchaseReceipts"][0]["lines"] = []
    assert _counts_of(left, right, statuses) == (0, 0, 0)


def test_it_finds_a_receipt_that_nobody_shipped() -> None:
    left, right, statuses = _world()
    left["purchaseReceipts"].append({**left["purchaseReceipts"][0], "customStr1": "shipstation:000101:s-9"})
    assert _counts_of(left, right, statuses) == (0, 0, 1)


def test_it_finds_an_order_that_came_as_a_whole_and_stayed_open() -> None:
    left, right, statuses = _world()
    left["purchaseOrders"][0]["lines"] = left["purchaseOrders"][0]["lines"][:1]
    right["orders"][0]["items"] = right["orders"][0]["items"][:1]
    findings = check(left, right, statuses)
    assert findings.not_completed == ["Order 000101 was received as a whole, and is Open in Visma.net."]


def test_it_finds_an_invoice_that_is_not_on_its_order_and_one_that_is_on_two() -> None:
    left, right, statuses = _world()
    right["orders"][1]["advancedOptions"]["customField3"] = ""
    assert _counts_of(left, right, statuses) == (0, 1, 0)
    right["orders"][1]["orderStatus"] = "shipped"
    assert _counts_of(left, right, statuses) == (0, 0, 0)
    right["orders"][1]["advancedOptions"]["customField3"] = "300141, 300141"
    assert _counts_of(left, right, statuses) == (0, 0, 1)
