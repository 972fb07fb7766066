"""The comparison must be able to fail: each kind of loss and doubling is invented here once."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from sandbox.scenarios.acumatica_shipstation import AcumaticaShipStation
from sandbox.scenarios.consistency import Findings, RecordStatus

PARCEL, MARK = "shipment-7-70", "s-70"
check = AcumaticaShipStation.check


def _world() -> tuple[dict[str, Any], dict[str, Any], list[RecordStatus]]:
    """One order of two lines, sent, shipped in one parcel, and shipped in Acumatica."""
    order = {
        "OrderType": "SO",
        "OrderNbr": "000001",
        "Status": "Completed",
        "Hold": False,
        "WillCall": False,
        "lines": [{"LineNbr": 1, "OrderQty": "2.000000"}, {"LineNbr": 2, "OrderQty": "1.000000"}],
    }
    names = {"OrderType": "SO", "OrderNbr": "000001"}
    shipment = {
        "ShipmentNbr": "000900",
        "WarehouseID": "MAIN",
        "lines": [
            {**names, "OrderLineNbr": 1, "ShippedQty": "2.000000"},
            {**names, "OrderLineNbr": 2, "ShippedQty": "1.000000"},
        ],
        "packages": [{"CustomRefNbr1": MARK, "TrackingNbr": "1Z1"}],
    }
    items = [
        {"lineItemKey": "000001/1", "quantity": 2, "adjustment": False},
        {"lineItemKey": "000001/2", "quantity": 1, "adjustment": False},
    ]
    left = {"orders": [order], "shipments": [shipment]}
    right = {
        "orders": [
            {
                "orderId": 7,
                "orderKey": "000001",
                "orderNumber": "000001",
                "orderStatus": "shipped",
                "deleted": False,
                "items": items,
            }
        ],
        "shipments": [
            {
                "shipmentId": 70,
                "orderId": 7,
                "orderKey": "000001",
                "trackingNumber": "1Z1",
                "isReturnLabel": False,
                "voided": False,
                "shipmentItems": items,
            }
        ],
        "fulfillments": [],
    }
    return left, right, [RecordStatus("orders", "SO/000001", "synced"), RecordStatus("shipments", PARCEL, "synced")]


def _changed(state: dict[str, Any], table: str, **changes: Any) -> dict[str, Any]:
    changed = deepcopy(state)
    changed[table][0].update(changes)
    return changed


def _figures(findings: Findings) -> tuple[int, int, int]:
    return len(findings.unaccounted), len(findings.missing), len(findings.doubled)


def test_it_finds_nothing_wrong_where_nothing_is() -> None:
    assert check(*_world()).clean


def test_it_finds_a_missing_order() -> None:
    left, right, statuses = _world()
    left, right = left | {"shipments": []}, {"orders": [], "shipments": [], "fulfillments": []}
    assert check(left, right, statuses).missing == ["Order SO/000001 (Completed) is not in ShipStation."]


def test_it_finds_a_doubled_order() -> None:
    left, right, statuses = _world()
    right["orders"].append({**right["orders"][0], "orderId": 8})
    assert _figures(check(left, right, statuses)) == (0, 0, 1)


def test_it_finds_a_doubled_order_with_another_key() -> None:
    left, right, statuses = _world()
    right["orders"].append({**right["orders"][0], "orderId": 8, "orderKey": "other"})
    assert _figures(check(left, right, statuses)) == (0, 0, 1)


def test_it_finds_a_line_that_was_sent_twice() -> None:
    left, right, statuses = _world()
    right["orders"][0] = {**right["orders"][0], "items": right["orders"][0]["items"] * 2}
    assert len(check(left, right, statuses).doubled) == 2


def test_it_leaves_a_deleted_order_out() -> None:
    left, right, statuses = _world()
    right["orders"].append({**right["orders"][0], "orderId": 8, "deleted": True})
    assert check(left, right, statuses).clean


def test_it_accepts_an_order_whose_record_says_why() -> None:
    left, _, _ = _world()
    nothing: dict[str, Any] = {"orders": [], "shipments": [], "fulfillments": []}
    findings = check(
        left | {"shipments": []}, nothing, [RecordStatus("orders", "SO/000001", "attention", "No street.")]
    )
    assert findings.clean
    assert dict(findings.explained) == {"orders: attention: No street.": 1}


@pytest.mark.parametrize(("state", "cause"), [("skipped", "not open"), ("attention", ""), ("synced", ""), ("due", "x")])
def test_it_accepts_no_poor_reason_for_an_open_order(state: str, cause: str) -> None:
    left, _, _ = _world()
    left = _changed(left, "orders", Status="Open")
    nothing: dict[str, Any] = {"orders": [], "shipments": [], "fulfillments": []}
    assert len(check(left, nothing, [RecordStatus("orders", "SO/000001", state, cause)]).missing) == 1


def test_it_finds_a_cancellation_that_did_not_arrive() -> None:
    left, right, statuses = _world()
    left = _changed(left, "orders", Status="Canceled") | {"shipments": []}
    right = _changed(right, "orders", orderStatus="awaiting_shipment") | {"shipments": []}
    assert check(left, right, statuses).missing == ["Order SO/000001 is cancelled, but ShipStation still ships it."]


@pytest.mark.parametrize("missing", ["SO/000001", PARCEL])
def test_it_finds_a_document_without_a_record(missing: str) -> None:
    left, right, statuses = _world()
    assert len(check(left, right, [status for status in statuses if status.source_key != missing]).unaccounted) == 1


def test_it_finds_a_document_with_two_records() -> None:
    left, right, statuses = _world()
    assert check(left, right, [*statuses, statuses[0]]).unaccounted == ["orders: SO/000001 has 2 records."]


def test_it_finds_a_missing_parcel() -> None:
    left, right, statuses = _world()
    findings = check(left | {"shipments": []}, right, statuses)
    assert f"Parcel {PARCEL} of order SO/000001 is not in Acumatica." in findings.missing


def test_it_finds_a_doubled_parcel() -> None:
    left, right, statuses = _world()
    left["shipments"].append({**left["shipments"][0], "ShipmentNbr": "000901"})
    assert f"Parcel {PARCEL} is in Acumatica 2 times." in check(left, right, statuses).doubled


def test_it_finds_a_parcel_that_was_doubled_without_our_mark() -> None:
    left, right, statuses = _world()
    again = {**left["shipments"][0], "packages": [{"CustomRefNbr1": None, "TrackingNbr": "1Z1"}]}
    left["shipments"].append(again)
    assert f"Parcel {PARCEL} is in Acumatica 2 times." in check(left, right, statuses).doubled


def test_it_accepts_a_parcel_from_two_warehouses() -> None:
    left, right, statuses = _world()
    whole = left["shipments"][0]
    left["shipments"] = [
        {**whole, "lines": whole["lines"][:1]},
        {**whole, "lines": whole["lines"][1:], "WarehouseID": "EAST", "ShipmentNbr": "000901"},
    ]
    assert check(left, right, statuses).clean


def test_it_finds_a_parcel_on_the_wrong_order() -> None:
    left, right, statuses = _world()
    lines = [{**line, "OrderNbr": "000002"} for line in left["shipments"][0]["lines"]]
    findings = check(_changed(left, "shipments", lines=lines), right, statuses)
    assert f"Parcel {PARCEL} is not on order SO/000001, where it belongs." in findings.missing


@pytest.mark.parametrize(("quantity", "figures"), [("1.000000", (0, 2, 0)), ("3.000000", (0, 0, 2))])
def test_it_finds_a_wrong_quantity(quantity: str, figures: tuple[int, int, int]) -> None:
    left, right, statuses = _world()
    left["shipments"][0]["lines"][0]["ShippedQty"] = quantity
    assert _figures(check(left, right, statuses)) == figures


def test_it_finds_a_quantity_that_only_the_whole_order_shows() -> None:
    left, right, statuses = _world()
    extra = {**left["shipments"][0], "ShipmentNbr": "000901", "packages": []}
    left["shipments"].append(extra)
    assert _figures(check(left, right, statuses)) == (0, 0, 2)


def test_it_finds_a_voided_parcel_that_stayed() -> None:
    left, right, statuses = _world()
    findings = check(left, _changed(right, "shipments", voided=True), statuses)
    assert f"Parcel {PARCEL} was voided, but Acumatica still has it." in findings.doubled


def test_it_finds_a_package_that_nobody_sent() -> None:
    left, right, statuses = _world()
    left["shipments"][0]["packages"].append({"CustomRefNbr1": "s-9", "TrackingNbr": "1Z9"})
    assert "Acumatica has a package s-9 that ShipStation does not know." in check(left, right, statuses).doubled


def test_it_expects_return_labels_to_have_a_record_and_nothing_more() -> None:
    left, right, statuses = _world()
    right["shipments"].append({**right["shipments"][0], "shipmentId": 71, "isReturnLabel": True})
    assert _figures(check(left, right, statuses)) == (1, 0, 0)
    assert check(
        left, right, [*statuses, RecordStatus("shipments", "shipment-7-71", "skipped", "A return label.")]
    ).clean


def test_it_counts_a_fulfillment_as_the_rest_of_its_order() -> None:
    left, right, statuses = _world()
    right["fulfillments"] = [{"fulfillmentId": 5, "orderId": 7, "trackingNumber": "EXT7"}]
    right["shipments"] = []
    left["shipments"][0]["packages"] = [{"CustomRefNbr1": "f-5", "TrackingNbr": "EXT7"}]
    assert check(left, right, [statuses[0], RecordStatus("shipments", "fulfillment-5", "synced")]).clean


def test_it_takes_one_record_for_each_order_in_a_parcel() -> None:
    left, right, statuses = _world()
    parts = [
        RecordStatus("shipments", f"{PARCEL}:000001", "synced"),
        RecordStatus("shipments", f"{PARCEL}:000002", "synced"),
    ]
    assert check(left, right, [statuses[0], *parts]).clean


@pytest.mark.parametrize(("ordered", "count"), [("2.000000", 1), ("3.000000", 0)])
def test_it_finds_an_order_that_shipped_and_did_not_complete(ordered: str, count: int) -> None:
    left, right, statuses = _world()
    left["orders"][0]["lines"][0]["OrderQty"] = ordered
    findings = check(_changed(left, "orders", Status="Back Order"), right, statuses)
    assert len(findings.not_completed) == count
    assert _figures(findings) == (0, 0, 0)
