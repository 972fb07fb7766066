"""Shipments to Acumatica, over both simulators and real HTTP, one behaviour each."""

from __future__ import annotations

from decimal import Decimal

import pytest
import requests

from syncjobs import webhooks
from syncjobs.admin.record_filters import search
from syncjobs.admin.record_page import related_records
from syncjobs.engine.replay import replay_records
from syncjobs.models import SyncRecord
from tests.syncjobs.recipes.seen import first, here, number_of, of_two, packages, ship, shipped
from tests.world import PERSON, World


def test_a_shipment_completes_the_order_with_tracking_and_carrier(running: World) -> None:
    record = first(running)
    ship(running, record, carrier="ups", service="ups_ground")
    assert here(running, number_of(record))["Status"] == "Completed"
    shipment = running.acumatica.state()["shipments"][0]
    tracking = running.shipstation.state()["shipments"][0]["trackingNumber"]
    assert (shipment["Status"], shipment["ShipVia"]) == ("Confirmed", "UPSGROUND")
    assert [package["TrackingNbr"] for package in shipment["packages"]] == [tracking]


def test_a_shipment_comes_back_by_polling_alone(running: World) -> None:
    running.shipstation.switches["webhook_mode"] = "dropped"
    record = first(running)
    ship(running, record)
    assert here(running, number_of(record))["Status"] == "Completed"


def test_the_webhook_alone_brings_it_too(running: World) -> None:
    record = first(running)
    running.integration.flows.filter(slug="shipments").update(next_run_at="2100-01-01T00:00:00Z")
    subscriptions = running.shipstation.state()["webhooks"]
    assert any("SHIP_NOTIFY" in str(subscription) for subscription in subscriptions)
    running.shipstation.actions.do_ship(order_number=record.source_label)
    url = f"{running.right.settings['base_url']}/shipments?orderId={record.target_key}"
    body = f'{{"resource_url":"{url}","resource_type":"SHIP_NOTIFY"}}'
    webhooks.receive(running.right, body.encode(), {})
    running.run_tasks()
    assert here(running, number_of(record))["Status"] == "Completed"


def test_a_partial_shipment_leaves_a_back_order_and_the_rest_completes_it(running: World) -> None:
    record = next(
        one
        for one in running.records("orders").filter(state="synced")
        if any(Decimal(line["OrderQty"]) >= 2 for line in here(running, number_of(one))["lines"])
    )
    line = next(line for line in here(running, number_of(record))["lines"] if Decimal(line["OrderQty"]) >= 2)
    ship(running, record, items=[{"sku": line["InventoryID"], "quantity": 1}])
    assert here(running, number_of(record))["Status"] == "Back Order"
    ship(running, record)
    assert here(running, number_of(record))["Status"] == "Completed"
    assert len(packages(running)) == 2


def test_several_parcels_of_one_order_are_several_packages(running: World) -> None:
    record = first(running)
    ship(running, record, parcels=2)
    tracking = {one["trackingNumber"] for one in running.shipstation.state()["shipments"]}
    assert {package["TrackingNbr"] for package in packages(running)} == tracking
    assert here(running, number_of(record))["Status"] == "Completed"


def test_an_order_marked_as_shipped_comes_back_too(running: World) -> None:
    record = first(running)
    running.shipstation.actions.do_mark_shipped(order_number=record.source_label, tracking="TRACK-1", carrier="USPS")
    running.run_rounds()
    assert [package["TrackingNbr"] for package in packages(running)] == ["TRACK-1"]
    assert here(running, number_of(record))["Status"] == "Completed"


def test_a_carrier_that_nobody_mapped_needs_a_person_and_goes_after_mapping(running: World) -> None:
    record = first(running)
    ship(running, record, carrier="ontrac", service="ontrac_ground")
    stuck = running.records("shipments").get()
    assert (stuck.state, "“carriers” has no row for" in stuck.cause) == ("attention", True)
    table = running.integration.value_maps.get(name="carriers")
    table.rows.create(key="ontrac", value="ONTRAC")
    replay_records(running.records("shipments"), PERSON)
    running.run_tasks()
    assert here(running, number_of(record))["Status"] == "Completed"


def test_a_return_label_moves_nothing(running: World) -> None:
    record = first(running)
    running.shipstation.actions.do_return_label(order_number=record.source_label)
    running.run_rounds()
    assert running.states("shipments") == {"skipped": 1}
    assert not running.acumatica.state()["shipments"]


def test_a_voided_label_frees_the_shipment_for_the_next_one(running: World) -> None:
    record = first(running)
    ship(running, record)
    running.shipstation.actions.do_void(shipment_id=running.shipstation.state()["shipments"][0]["shipmentId"])
    running.run_rounds()
    assert packages(running) == []
    ship(running, record)
    good = [one["trackingNumber"] for one in running.shipstation.state()["shipments"] if not one["voided"]]
    assert [package["TrackingNbr"] for package in packages(running)] == good
    assert here(running, number_of(record))["Status"] == "Completed"


def test_a_label_voided_after_the_invoice_is_a_conflict(running: World) -> None:
    record = first(running)
    ship(running, record)
    running.acumatica.actions.do_invoice(running.acumatica.state()["shipments"][0]["ShipmentNbr"])
    running.shipstation.actions.do_void(shipment_id=running.shipstation.state()["shipments"][0]["shipmentId"])
    running.run_rounds()
    assert running.states("shipments") == {"conflict": 1}


def test_a_lost_answer_on_the_way_back_does_not_double_the_shipment(running: World) -> None:
    record = first(running)
    fault = {"kind": "cut_after", "path": "/MyInstance/entity/Default/25.200.001/Shipment", "method": "PUT"}
    requests.post(f"{running.left_control}/faults", json=fault, timeout=5)
    running.shipstation.actions.do_ship(order_number=record.source_label)
    running.run_rounds(6)
    assert here(running, number_of(record))["Status"] == "Completed"
    assert len(packages(running)) == 1
    assert "record.settled" in running.history(running.records("shipments").get())


@pytest.mark.parametrize("together", [True, False])
def test_marked_as_shipped_takes_only_what_no_label_took(running: World, together: bool) -> None:
    record, item = of_two(running)
    running.shipstation.actions.do_ship(order_number=record.source_label, items=[{"sku": item, "quantity": 1}])
    if not together:
        running.run_rounds(2)
    running.shipstation.actions.do_mark_shipped(order_number=record.source_label, tracking="TRACK-1", carrier="USPS")
    running.run_rounds(4)
    ordered = here(running, number_of(record))
    assert ordered["Status"] == "Completed"
    assert sum(shipped(running, number_of(record)).values()) == sum(
        Decimal(line["OrderQty"]) for line in ordered["lines"]
    )
    assert running.states("shipments") == {"synced": 2}


def test_the_next_label_may_hold_other_goods_than_the_voided_one(running: World) -> None:
    record, item = of_two(running)
    ship(running, record)
    running.shipstation.actions.do_void(shipment_id=running.shipstation.state()["shipments"][0]["shipmentId"])
    ship(running, record, items=[{"sku": item, "quantity": 1}])
    assert shipped(running, number_of(record)) == {item: Decimal(1)}
    assert here(running, number_of(record))["Status"] == "Back Order"


def test_a_replacement_waits_for_the_void_that_frees_its_goods(running: World) -> None:
    record = first(running)
    ship(running, record)
    running.integration.flows.filter(slug="shipments").update(enabled=False)
    label = running.shipstation.state()["shipments"][0]["shipmentId"]
    running.shipstation.actions.do_void(shipment_id=label)
    running.shipstation.actions.do_ship(order_number=record.source_label)
    running.integration.flows.filter(slug="shipments").update(enabled=True)
    running.run_rounds(5)
    assert running.states("shipments") == {"synced": 2}
    assert here(running, number_of(record))["Status"] == "Completed"
    assert len(packages(running)) == 1


def test_a_search_for_the_order_finds_its_parcels(running: World) -> None:
    record = first(running)
    ship(running, record)
    (parcel,) = running.records("shipments")
    assert parcel.belongs_to == record.natural_key
    found = search(SyncRecord.objects.all(), record.source_label)
    assert {parcel.pk, record.pk} <= set(found.values_list("pk", flat=True))
    assert record in related_records(parcel)
    assert parcel in related_records(record)
