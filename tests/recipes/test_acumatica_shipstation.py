"""The recipe over both simulators and real HTTP, one behaviour each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from audit.models import AuditEntry
from connections import lifecycle as connecting
from connections.models import Connection
from syncjobs import inbox, lifecycle
from syncjobs.engine.replay import replay_records
from syncjobs.models import FlowRun, SyncRecord, WebhookEvent
from tests.world import PERSON, World


@pytest.fixture
def running(world: World) -> World:
    world.acumatica.do_seed(customers=4, items=6, orders=6, ugly=False)
    world.activate()
    world.work_off()
    return world


def there(world: World) -> dict[str, dict[str, Any]]:
    """Orders in ShipStation by their key."""
    return {one["orderKey"]: one for one in world.shipstation.state()["orders"]}


def here(world: World, number: str) -> dict[str, Any]:
    """An order in Acumatica."""
    return next(one for one in world.acumatica.state()["orders"] if one["OrderNbr"] == number)


def open_keys(world: World) -> set[str]:
    orders = [one for one in world.acumatica.state()["orders"] if one["Status"] in ("Open", "Back Order")]
    return {one["OrderNbr"] if one["OrderType"] == "SO" else f"{one['OrderType']}-{one['OrderNbr']}" for one in orders}


def first(world: World, **about: Any) -> SyncRecord:
    found = world.records("orders").filter(state="synced", **about).order_by("pk").first()
    assert found is not None
    record: SyncRecord = found
    return record


def number_of(record: SyncRecord) -> str:
    return record.source_key.split("/")[1]


def ship(world: World, record: SyncRecord, **about: Any) -> Any:
    done = world.shipstation.do_ship(order_number=record.source_label, **about)
    world.work_off()
    world.go_on(2)
    return done


def packages(world: World) -> list[dict[str, Any]]:
    return [package for shipment in world.acumatica.state()["shipments"] for package in shipment["packages"]]


def test_every_open_order_appears_exactly_once(running: World) -> None:
    keys = [one["orderKey"] for one in running.shipstation.state()["orders"]]
    assert sorted(keys) == sorted(open_keys(running))


def test_lines_carry_item_quantity_and_their_order(running: World) -> None:
    record = first(running)
    ours = {(line["InventoryID"], Decimal(line["OrderQty"])) for line in here(running, number_of(record))["lines"]}
    order = there(running)[record.natural_key]
    assert {(item["sku"], Decimal(item["quantity"])) for item in order["items"]} == ours
    assert all(item["lineItemKey"].startswith(f"{record.natural_key}/") for item in order["items"])


def test_reading_everything_again_sends_nothing_again(running: World) -> None:
    calls = running.shipstation.calls["POST /orders/createorders"]
    running.integration.flows.update(cursor=None)
    running.go_on(2)
    assert running.shipstation.calls["POST /orders/createorders"] == calls


def test_an_edit_before_shipping_follows(running: World) -> None:
    record = first(running)
    running.acumatica.do_edit_order(number_of(record), {"Description": "Leave at the dock"})
    running.go_on()
    known = running.shipstation.credentials
    order = requests.get(
        f"{running.right.settings['base_url']}/orders/{record.target_key}",
        auth=(known["api_key"], known["api_secret"]),
        timeout=5,
    )
    assert order.json()["internalNotes"] == "Leave at the dock"


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
    hooks = running.shipstation.state()["webhooks"]
    assert any("SHIP_NOTIFY" in str(hook) for hook in hooks)
    running.shipstation.do_ship(order_number=record.source_label)
    url = f"{running.right.settings['base_url']}/shipments?orderId={record.target_key}"
    body = f'{{"resource_url":"{url}","resource_type":"SHIP_NOTIFY"}}'
    inbox.receive(running.right, body.encode(), {})
    running.work_off()
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
    running.shipstation.do_mark_shipped(order_number=record.source_label, tracking="TRACK-1", carrier="USPS")
    running.go_on()
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
    running.work_off()
    assert here(running, number_of(record))["Status"] == "Completed"


def test_a_return_label_moves_nothing(running: World) -> None:
    record = first(running)
    running.shipstation.do_return_label(order_number=record.source_label)
    running.go_on()
    assert running.states("shipments") == {"skipped": 1}
    assert not running.acumatica.state()["shipments"]


def test_a_voided_label_frees_the_shipment_for_the_next_one(running: World) -> None:
    record = first(running)
    ship(running, record)
    running.shipstation.do_void(shipment_id=running.shipstation.state()["shipments"][0]["shipmentId"])
    running.go_on()
    assert packages(running) == []
    ship(running, record)
    good = [one["trackingNumber"] for one in running.shipstation.state()["shipments"] if not one["voided"]]
    assert [package["TrackingNbr"] for package in packages(running)] == good
    assert here(running, number_of(record))["Status"] == "Completed"


def test_a_label_voided_after_the_invoice_is_a_conflict(running: World) -> None:
    record = first(running)
    ship(running, record)
    running.acumatica.do_invoice(running.acumatica.state()["shipments"][0]["ShipmentNbr"])
    running.shipstation.do_void(shipment_id=running.shipstation.state()["shipments"][0]["shipmentId"])
    running.go_on()
    assert running.states("shipments") == {"conflict": 1}


def test_a_held_order_is_held_there_and_released_again(running: World) -> None:
    record = first(running)
    running.acumatica.do_hold(number_of(record))
    running.go_on()
    assert there(running)[record.natural_key]["orderStatus"] == "on_hold"
    running.acumatica.do_release(number_of(record))
    running.go_on()
    assert there(running)[record.natural_key]["orderStatus"] == "awaiting_shipment"
    running.acumatica.do_hold(number_of(record))
    running.go_on()
    assert there(running)[record.natural_key]["orderStatus"] == "on_hold"


def test_a_cancelled_order_is_cancelled_there(running: World) -> None:
    record = first(running)
    running.acumatica.do_cancel(number_of(record))
    running.go_on()
    assert there(running)[record.natural_key]["orderStatus"] == "cancelled"


def test_an_order_cancelled_after_it_was_shipped_is_a_conflict_and_nothing_is_overwritten(running: World) -> None:
    record = first(running)
    running.integration.flows.filter(slug="shipments").update(enabled=False)
    running.shipstation.do_ship(order_number=record.source_label)
    running.acumatica.do_cancel(number_of(record))
    running.go_on()
    assert there(running)[record.natural_key]["orderStatus"] == "shipped"
    assert running.states("cancellations") == {"conflict": 1}


def test_an_order_changed_after_it_was_shipped_is_a_conflict_with_the_difference(running: World) -> None:
    record = first(running)
    running.integration.flows.filter(slug="shipments").update(enabled=False)
    running.shipstation.do_ship(order_number=record.source_label)
    running.acumatica.do_edit_order(number_of(record), {"Description": "too late"})
    running.go_on()
    record.refresh_from_db()
    assert record.state == "conflict"
    assert record.details["difference"]["internalNotes"][1] == "too late"


def test_an_edit_in_shipstation_is_shown_as_a_difference(running: World) -> None:
    record = first(running)
    running.shipstation.do_edit(order_number=record.source_label, changes={"shipTo": {"city": "Elsewhere"}})
    running.go_on()
    changed = running.records("order_changes").get(natural_key=record.natural_key)
    assert (changed.state, "shipTo.city" in changed.cause) == ("conflict", True)


def test_rewritten_addresses_are_no_difference(running: World) -> None:
    running.go_on()
    assert set(running.states("order_changes")) <= {"synced"}


def test_customers_and_items_are_linked_once_shipstation_knows_them(running: World) -> None:
    running.go_on()
    ordered = {line["InventoryID"] for order in running.acumatica.state()["orders"] for line in order["lines"]}
    linked = set(running.records("items").filter(state="synced").values_list("source_key", flat=True))
    assert linked
    assert linked <= ordered
    assert running.records("customers").filter(state="synced").exists()


def test_what_shipstation_does_not_know_waits_and_says_for_what(running: World) -> None:
    waiting = running.records("items").filter(state="waiting").first()
    if waiting is not None:
        assert waiting.waits_for == f"first order with SKU {waiting.source_key}"


def test_a_lost_answer_on_the_way_back_does_not_double_the_shipment(running: World) -> None:
    record = first(running)
    fault = {"kind": "cut_after", "path": "/MyInstance/entity/Default/25.200.001/Shipment", "method": "PUT"}
    requests.post(f"{running.left_control}/faults", json=fault, timeout=5)
    running.shipstation.do_ship(order_number=record.source_label)
    running.go_on(6)
    assert here(running, number_of(record))["Status"] == "Completed"
    assert len(packages(running)) == 1
    assert "record.settled" in running.history(running.records("shipments").get())


def test_a_lost_answer_on_the_way_out_does_not_double_an_order(world: World) -> None:
    world.acumatica.do_seed(customers=3, items=4, orders=5, ugly=False)
    fault = {"kind": "cut_after", "path": "/orders/createorders", "method": "POST"}
    requests.post(f"{world.right_control}/faults", json=fault, timeout=5)
    world.activate()
    world.work_off()
    world.go_on(3)
    keys = [one["orderKey"] for one in world.shipstation.state()["orders"]]
    assert sorted(keys) == sorted(open_keys(world))
    assert set(world.states("orders")) <= {"synced", "skipped"}


def test_a_bad_address_needs_a_person_and_stops_nobody_else(world: World) -> None:
    seeded = world.acumatica.do_seed(customers=4, items=6, orders=20, ugly=True)
    world.activate()
    world.work_off()
    stuck = world.records("orders").filter(state="attention")
    assert stuck.count() >= 1
    assert all("shipTo" in one.cause or "whole number" in one.cause for one in stuck), seeded
    assert world.states("orders")["synced"] > 5


def test_a_wrong_password_stops_the_connection_with_one_cause(world: World) -> None:
    connecting.enter_secrets(world.left, {"password": "wrong-PLANTED"}, PERSON)
    world.activate()
    world.work_off()
    world.left.refresh_from_db()
    assert world.left.state == "broken"
    assert "PLANTED" not in world.left.cause
    connecting.enter_secrets(world.left, {"password": "sim-password"}, PERSON)
    connecting.probe(world.left)
    assert world.left.state == "ready"


def test_the_session_is_signed_out_when_work_is_done(running: World, settings: Any) -> None:
    assert running.acumatica.state()["sessions"] == 1
    settings.SESSION_IDLE_SECONDS = -1
    running.tick()
    assert running.acumatica.state()["sessions"] == 0


def test_webhooks_are_removed_at_deactivation(running: World) -> None:
    assert running.shipstation.state()["webhooks"]
    lifecycle.pause(running.integration, PERSON)
    running.work_off()
    assert running.shipstation.state()["webhooks"] == []


def test_a_thousand_new_orders_cost_ten_writes_and_the_pages(world: World) -> None:
    world.acumatica.do_seed(customers=3, items=4, orders=0, ugly=False)
    world.acumatica.do_add_orders(1000)
    world.only("orders", "cancellations")
    Connection.objects.update(state=Connection.State.READY)  # tested before: testing asks for orders too
    world.activate()
    world.work_off()
    assert world.states("orders") == {"synced": 1000}
    posts = {call: count for call, count in world.shipstation.calls.items() if call.startswith("POST /orders")}
    assert posts == {"POST /orders/createorders": 10}
    assert not [call for call in world.shipstation.calls if call.startswith("GET /orders")]


def test_our_own_cancellation_is_no_difference(running: World) -> None:
    record = first(running)
    running.acumatica.do_cancel(number_of(record))
    running.go_on(4)
    assert running.records("order_changes").get(natural_key=record.natural_key).state == "synced"


def shipped(world: World, number: str) -> dict[str, Decimal]:
    """Units by item that stand on the order's shipments in Acumatica."""
    found: dict[str, Decimal] = {}
    for shipment in world.acumatica.state()["shipments"]:
        for line in shipment["lines"]:
            if line["OrderNbr"] == number:
                found[line["InventoryID"]] = found.get(line["InventoryID"], Decimal(0)) + Decimal(line["ShippedQty"])
    return found


def of_two(world: World) -> tuple[SyncRecord, str]:
    """An order of which an item was ordered at least twice, and that item."""
    for record in world.records("orders").filter(state="synced"):
        for line in here(world, number_of(record))["lines"]:
            if Decimal(line["OrderQty"]) >= 2:
                return record, line["InventoryID"]
    raise AssertionError("the seed has no such order")


@pytest.mark.parametrize("together", [True, False])
def test_marked_as_shipped_takes_only_what_no_label_took(running: World, together: bool) -> None:
    record, item = of_two(running)
    running.shipstation.do_ship(order_number=record.source_label, items=[{"sku": item, "quantity": 1}])
    if not together:
        running.go_on(2)
    running.shipstation.do_mark_shipped(order_number=record.source_label, tracking="TRACK-1", carrier="USPS")
    running.go_on(4)
    ordered = here(running, number_of(record))
    assert ordered["Status"] == "Completed"
    assert sum(shipped(running, number_of(record)).values()) == sum(
        Decimal(line["OrderQty"]) for line in ordered["lines"]
    )
    assert running.states("shipments") == {"synced": 2}


def test_the_next_label_may_hold_other_goods_than_the_voided_one(running: World) -> None:
    record, item = of_two(running)
    ship(running, record)
    running.shipstation.do_void(shipment_id=running.shipstation.state()["shipments"][0]["shipmentId"])
    ship(running, record, items=[{"sku": item, "quantity": 1}])
    assert shipped(running, number_of(record)) == {item: Decimal(1)}
    assert here(running, number_of(record))["Status"] == "Back Order"


def test_a_replacement_waits_for_the_void_that_frees_its_goods(running: World) -> None:
    record = first(running)
    ship(running, record)
    running.integration.flows.filter(slug="shipments").update(enabled=False)
    label = running.shipstation.state()["shipments"][0]["shipmentId"]
    running.shipstation.do_void(shipment_id=label)
    running.shipstation.do_ship(order_number=record.source_label)
    running.integration.flows.filter(slug="shipments").update(enabled=True)
    running.go_on(5)
    assert running.states("shipments") == {"synced": 2}
    assert here(running, number_of(record))["Status"] == "Completed"
    assert len(packages(running)) == 1


def test_no_secret_reaches_the_trail_a_record_an_event_or_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = {"password": "PLANTED-pw", "client_secret": "PLANTED-cs"}
    connecting.enter_secrets(world.left, secrets, PERSON)
    connecting.enter_secrets(world.right, {"api_secret": "PLANTED-as", "v2_api_key": "PLANTED-v2"}, PERSON)
    world.activate()
    world.work_off()
    for side in (world.left, world.right):
        connecting.probe(side, PERSON)
    inbox.receive(world.right, b'{"resource_url": "https://evil.invalid/orders", "resource_type": "SHIP_NOTIFY"}', {})
    world.go_on()
    kept = [
        *(f"{entry.summary} {entry.data} {entry.subject}" for entry in AuditEntry.objects.all()),
        *(f"{one.cause} {one.next_step} {one.probe}" for one in Connection.objects.all()),
        *(f"{event.cause} {event.headers}" for event in WebhookEvent.objects.all()),
        *(f"{run.trouble}" for run in FlowRun.objects.all()),
        caplog.text,
    ]
    assert {one.state for one in Connection.objects.all()} == {"broken"}
    assert not [text for text in kept if "PLANTED" in text]
