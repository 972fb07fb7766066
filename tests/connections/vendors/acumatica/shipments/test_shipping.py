from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connections.errors import Locked, NotReady, OutcomeUnknown, Rejected
from connections.vendor import Unchanged, Written
from connections.vendors.acumatica.shipments import operations
from tests.connections.vendors.acumatica.desk import Desk
from tests.connections.vendors.acumatica.shipments.parcels import (
    CONFIRM,
    MARK,
    PUT,
    SECOND,
    TRACKING,
    find,
    parcel,
    refusal,
    void,
    write,
)

# Shipping


def test_it_ships_an_order(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    outcome = write(desk, parcel(order))
    assert isinstance(outcome, Written)
    (shipment,) = desk.shipments(order)
    assert outcome.key == f"{shipment['ShipmentNbr']}/{MARK}"
    assert outcome.url.endswith(f"/Main?ScreenId=SO302000&ShipmentNbr={shipment['ShipmentNbr']}")
    assert outcome.answer is not None
    assert (outcome.answer["OrderStatus"], desk.status(order)) == ("Completed", "Completed")


def test_it_writes_what_the_parcel_says(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    (shipment,) = desk.shipments(order)
    (package,) = shipment["packages"]
    assert (shipment["Status"], shipment["ShipVia"], shipment["ShipmentDate"]) == (
        "Confirmed",
        "UPSGROUND",
        "2026-11-20",
    )
    assert shipment["FreightCost"] == Decimal("11.40")
    assert (package["TrackingNbr"], package["CustomRefNbr1"], package["Confirmed"]) == (TRACKING, MARK, True)
    assert (package["BoxID"], package["UOM"], package["Weight"]) == ("SMALL", "LB", Decimal("2.5"))


def test_it_writes_nothing_the_second_time(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    again = write(desk, parcel(order))
    assert isinstance(again, Unchanged)
    assert again.key == f"{desk.shipments(order)[0]['ShipmentNbr']}/{MARK}"
    assert len(desk.shipments(order)) == 1


def test_it_ships_a_part_by_line(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order, Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(1)}]))
    assert desk.quantities(order) == [{1: Decimal(1)}]
    assert desk.status(order) == "Back Order"


def test_it_ships_the_rest_with_another_parcel(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order, Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(1)}]))
    write(desk, parcel(order, SECOND, Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(2)}]))
    assert desk.quantities(order) == [{1: Decimal(1)}, {1: Decimal(2)}]
    assert desk.status(order) == "Completed"


def test_it_finds_lines_by_item(desk: Desk) -> None:
    order = desk.order(APJAM08=3, COFFEE_1LB=2)
    write(desk, parcel(order, Details=[{"InventoryID": "coffee 1lb", "ShippedQty": Decimal(2)}]))
    assert desk.quantities(order) == [{2: Decimal(2)}]


def test_it_makes_one_shipment_for_each_warehouse(desk: Desk) -> None:
    order = desk.order(("APJAM08", 3, "WHOLESALE"), ("APJAM08", 2, "RETAIL"))
    outcome = write(desk, parcel(order))
    assert isinstance(outcome, Written)
    assert sorted(shipment["WarehouseID"] for shipment in desk.shipments(order)) == ["RETAIL", "WHOLESALE"]
    assert len(outcome.key.split(",")) == 2
    assert desk.status(order) == "Completed"


def test_it_goes_on_with_the_second_warehouse(desk: Desk) -> None:
    order = desk.order(("APJAM08", 3, "WHOLESALE"), ("APJAM08", 2, "RETAIL"))
    desk.fault("cut_after", PUT, "PUT")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order))
    assert len(desk.shipments(order)) == 1
    write(desk, parcel(order))
    assert [shipment["Status"] for shipment in desk.shipments(order)] == ["Confirmed", "Confirmed"]


def test_it_uses_the_open_shipment_of_a_person(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    number = desk.ship(order)
    outcome = write(desk, parcel(order))
    assert isinstance(outcome, Written)
    assert outcome.key.startswith(number)
    assert [shipment["Status"] for shipment in desk.shipments(order)] == ["Confirmed"]


def test_it_fills_a_package_that_is_there_already(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    number = desk.ship(order)
    desk.put("Shipment", ShipmentNbr=number, Packages=[{"BoxID": "LARGE"}])
    write(desk, parcel(order))
    (shipment,) = desk.shipments(order)
    assert [package["TrackingNbr"] for package in shipment["packages"]] == [TRACKING]


def test_it_releases_a_shipment_on_hold(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.put("Shipment", ShipmentNbr=desk.ship(order), Hold=True)
    write(desk, parcel(order))
    assert desk.shipments(order)[0]["Status"] == "Confirmed"


def test_it_leaves_the_open_shipment_of_another_parcel_alone(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.fault("cut_before", CONFIRM, "POST")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order, Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(1)}]))
    write(desk, parcel(order, SECOND, Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(2)}]))
    assert [shipment["Status"] for shipment in desk.shipments(order)] == ["Open", "Confirmed"]


def test_it_adds_one_more_parcel_to_a_shipped_order(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    outcome = write(desk, parcel(order, SECOND, tracking="1Z2"))
    assert isinstance(outcome, Written)
    (shipment,) = desk.shipments(order)
    assert outcome.key == f"{shipment['ShipmentNbr']}/{SECOND}"
    assert [package["TrackingNbr"] for package in shipment["packages"]] == [TRACKING, "1Z2"]
    assert (shipment["Status"], desk.status(order)) == ("Confirmed", "Completed")


def test_it_does_not_touch_what_is_invoiced(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    desk.invoice(order)
    error = refusal(write(desk, parcel(order, SECOND)))
    assert isinstance(error, Locked)
    assert error.current["Status"] == "Invoiced"
    assert error.current["InvoiceNbr"]


def test_it_stays_with_an_invoiced_parcel_of_its_own(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    desk.invoice(order)
    assert isinstance(write(desk, parcel(order)), Unchanged)


def test_it_takes_over_another_tracking_number(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    assert isinstance(write(desk, parcel(order, tracking="1Z2")), Written)
    (shipment,) = desk.shipments(order)
    assert [package["TrackingNbr"] for package in shipment["packages"]] == ["1Z2"]
    assert shipment["Status"] == "Confirmed"


# Refusals


def test_it_waits_for_an_order_on_hold(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.put("SalesOrder", OrderType="SO", OrderNbr=order, Hold=True)
    error = refusal(write(desk, parcel(order)))
    assert isinstance(error, NotReady)
    assert error.waits_for == f"order SO {order} to be released"


def test_it_refuses_a_canceled_order(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.cancel(order)
    error = refusal(write(desk, parcel(order)))
    assert isinstance(error, Rejected)
    assert "Canceled" in error.message


def test_it_refuses_an_unknown_order(desk: Desk) -> None:
    error = refusal(write(desk, parcel("999999")))
    assert isinstance(error, Rejected)
    assert error.fields == {"OrderNbr": "not found"}


def test_it_refuses_more_than_is_left(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    error = refusal(write(desk, parcel(order, Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(4)}])))
    assert isinstance(error, Rejected)
    assert "has 3 left to ship, the parcel holds 4" in error.fields["Details[0]"].replace(".000000", "")
    assert desk.shipments(order) == []


def test_it_refuses_an_item_that_is_not_on_the_order(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    error = refusal(write(desk, parcel(order, Details=[{"InventoryID": "GIFT", "ShippedQty": Decimal(1)}])))
    assert isinstance(error, Rejected)
    assert "no line with item GIFT" in error.message


@pytest.mark.parametrize("line", [{"OrderLineNbr": "one"}, {"OrderLineNbr": 1, "ShippedQty": "many"}])
def test_it_refuses_goods_that_are_no_numbers(desk: Desk, line: dict[str, Any]) -> None:
    assert isinstance(refusal(write(desk, parcel(desk.order(APJAM08=3), Details=[line]))), Rejected)


def test_it_names_the_field_of_an_unknown_code(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    error = refusal(write(desk, parcel(order, ShipVia="PIGEON")))
    assert isinstance(error, Rejected)
    assert "ShipVia" in error.fields
    assert desk.shipments(order) == []


def test_it_refuses_a_key_that_does_not_fit(desk: Desk) -> None:
    assert isinstance(refusal(write(desk, parcel("000001", "x" * 31))), Rejected)


def test_it_names_the_shipment_that_could_not_be_confirmed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise Rejected(
            "Acumatica refused this: The financial period is closed.", words="The financial period is closed."
        )

    order = desk.order(APJAM08=3)
    monkeypatch.setattr(operations, "run", refuse)
    error = refusal(write(desk, parcel(order)))
    number = desk.shipments(order)[0]["ShipmentNbr"]
    assert f"Shipment {number} is in Acumatica, but could not be confirmed: The financial period" in str(error)
    monkeypatch.undo()
    assert isinstance(write(desk, parcel(order)), Written)
    assert len(desk.shipments(order)) == 1


# Voiding


def test_it_has_nothing_to_void_where_nothing_was_written(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    assert isinstance(write(desk, void(order)), Unchanged)
    assert desk.shipments(order) == []


def test_it_deletes_its_own_open_shipment(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.fault("cut_before", CONFIRM, "POST")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order))
    assert isinstance(write(desk, void(order)), Written)
    assert desk.shipments(order) == []
    assert desk.status(order) == "Open"


def test_it_takes_a_confirmed_shipment_back_so_that_its_goods_are_free_for_the_next_label(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    assert isinstance(write(desk, void(order)), Written)
    assert desk.shipments(order) == []
    write(desk, parcel(order, SECOND, tracking="1Z2"))
    (shipment,) = desk.shipments(order)
    assert (shipment["Status"], [package["CustomRefNbr1"] for package in shipment["packages"]]) == (
        "Confirmed",
        [SECOND],
    )


def test_it_keeps_the_other_parcel_of_a_shipment_shipped(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    write(desk, parcel(order, SECOND, tracking="1Z2"))
    write(desk, void(order))
    (shipment,) = desk.shipments(order)
    assert (shipment["Status"], [package["CustomRefNbr1"] for package in shipment["packages"]]) == (
        "Confirmed",
        [SECOND],
    )


def test_it_confirms_the_other_parcel_after_a_lost_answer(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    first = write(desk, parcel(order))
    assert isinstance(first, Written)
    write(desk, parcel(order, SECOND, tracking="1Z2"))
    desk.fault("cut_after", PUT, "PUT")
    with pytest.raises(OutcomeUnknown):
        write(desk, void(order))
    match = find(desk, void(order, target=first.key))
    assert match is not None
    assert not match.complete
    write(desk, void(order, target=first.key))
    assert [shipment["Status"] for shipment in desk.shipments(order)] == ["Confirmed"]


def test_it_does_not_void_what_is_invoiced(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    desk.invoice(order)
    assert isinstance(refusal(write(desk, void(order))), Locked)
    assert desk.shipments(order)[0]["packages"]


def test_it_finds_a_void_whose_answer_was_lost(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    first = write(desk, parcel(order))
    assert isinstance(first, Written)
    before = find(desk, void(order))
    desk.fault("cut_after", PUT, "DELETE")
    with pytest.raises(OutcomeUnknown):
        write(desk, void(order))
    after = find(desk, void(order, target=first.key))
    assert before is not None
    assert after is not None
    assert (before.complete, after.complete) == (False, True)


def test_it_says_what_to_look_at_where_nothing_is_in_stock(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.simulator.actions.do_stock("APJAM08", 0, "WHOLESALE")
    refused = refusal(write(desk, parcel(order)))
    assert isinstance(refused, Rejected)
    assert "stock" in refused.next_step
