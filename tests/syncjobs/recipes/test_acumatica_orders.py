"""Orders to ShipStation, over both simulators and real HTTP, one behaviour each."""

from __future__ import annotations

from decimal import Decimal

import requests

from connections.models import Connection
from tests.syncjobs.recipes.seen import first, here, number_of, open_keys, there
from tests.world import World


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
    running.run_rounds(2)
    assert running.shipstation.calls["POST /orders/createorders"] == calls


def test_an_edit_before_shipping_follows(running: World) -> None:
    record = first(running)
    running.acumatica.actions.do_edit_order(number_of(record), {"Description": "Leave at the dock"})
    running.run_rounds()
    known = running.shipstation.credentials
    order = requests.get(
        f"{running.right.settings['base_url']}/orders/{record.target_key}",
        auth=(known["api_key"], known["api_secret"]),
        timeout=5,
    )
    assert order.json()["internalNotes"] == "Leave at the dock"


def test_an_order_changed_after_it_was_shipped_is_a_conflict_with_the_difference(running: World) -> None:
    record = first(running)
    running.integration.flows.filter(slug="shipments").update(enabled=False)
    running.shipstation.actions.do_ship(order_number=record.source_label)
    running.acumatica.actions.do_edit_order(number_of(record), {"Description": "too late"})
    running.run_rounds()
    record.refresh_from_db()
    assert record.state == "conflict"
    assert record.details["difference"]["internalNotes"][1] == "too late"


def test_a_lost_answer_on_the_way_out_does_not_double_an_order(world: World) -> None:
    world.acumatica.actions.do_seed(customers=3, items=4, orders=5, ugly=False)
    fault = {"kind": "cut_after", "path": "/orders/createorders", "method": "POST"}
    requests.post(f"{world.right_control}/faults", json=fault, timeout=5)
    world.activate()
    world.run_tasks()
    world.run_rounds(3)
    keys = [one["orderKey"] for one in world.shipstation.state()["orders"]]
    assert sorted(keys) == sorted(open_keys(world))
    assert set(world.states("orders")) <= {"synced", "skipped"}


def test_a_bad_address_needs_a_person_and_stops_nobody_else(world: World) -> None:
    seeded = world.acumatica.actions.do_seed(customers=4, items=6, orders=20, ugly=True)
    world.activate()
    world.run_tasks()
    stuck = world.records("orders").filter(state="attention")
    assert stuck.count() >= 1
    assert all("shipTo" in one.cause or "whole number" in one.cause for one in stuck), seeded
    assert world.states("orders")["synced"] > 5


def test_a_thousand_new_orders_cost_ten_writes_and_the_pages(world: World) -> None:
    world.acumatica.actions.do_seed(customers=3, items=4, orders=0, ugly=False)
    world.acumatica.actions.do_add_orders(1000)
    world.only("orders", "cancellations")
    Connection.objects.update(state=Connection.State.READY)  # tested before: testing asks for orders too
    world.activate()
    world.run_tasks()
    assert world.states("orders") == {"synced": 1000}
    posts = {call: count for call, count in world.shipstation.calls.items() if call.startswith("POST /orders")}
    assert posts == {"POST /orders/createorders": 10}
    assert not [call for call in world.shipstation.calls if call.startswith("GET /orders")]
