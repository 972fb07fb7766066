"""Holds, cancellations, and what people change in ShipStation; customers and items, which come with the orders."""

from __future__ import annotations

from tests.syncjobs.recipes.seen import first, number_of, there
from tests.world import World


def test_a_held_order_is_held_there_and_released_again(running: World) -> None:
    record = first(running)
    running.acumatica.actions.do_hold(number_of(record))
    running.run_rounds()
    assert there(running)[record.natural_key]["orderStatus"] == "on_hold"
    running.acumatica.actions.do_release(number_of(record))
    running.run_rounds()
    assert there(running)[record.natural_key]["orderStatus"] == "awaiting_shipment"
    running.acumatica.actions.do_hold(number_of(record))
    running.run_rounds()
    assert there(running)[record.natural_key]["orderStatus"] == "on_hold"


def test_a_cancelled_order_is_cancelled_there(running: World) -> None:
    record = first(running)
    running.acumatica.actions.do_cancel(number_of(record))
    running.run_rounds()
    assert there(running)[record.natural_key]["orderStatus"] == "cancelled"


def test_an_order_cancelled_after_it_was_shipped_is_a_conflict_and_nothing_is_overwritten(running: World) -> None:
    record = first(running)
    running.integration.flows.filter(slug="shipments").update(enabled=False)
    running.shipstation.actions.do_ship(order_number=record.source_label)
    running.acumatica.actions.do_cancel(number_of(record))
    running.run_rounds()
    assert there(running)[record.natural_key]["orderStatus"] == "shipped"
    assert running.states("cancellations") == {"conflict": 1}


def test_our_own_cancellation_is_no_difference(running: World) -> None:
    record = first(running)
    running.acumatica.actions.do_cancel(number_of(record))
    running.run_rounds(4)
    assert running.records("order_changes").get(natural_key=record.natural_key).state == "synced"


def test_an_edit_in_shipstation_is_shown_as_a_difference(running: World) -> None:
    record = first(running)
    running.shipstation.actions.do_edit(order_number=record.source_label, changes={"shipTo": {"city": "Elsewhere"}})
    running.run_rounds()
    changed = running.records("order_changes").get(natural_key=record.natural_key)
    assert (changed.state, "shipTo.city" in changed.cause) == ("conflict", True)


def test_rewritten_addresses_are_no_difference(running: World) -> None:
    running.run_rounds()
    assert set(running.states("order_changes")) <= {"synced"}


def test_customers_and_items_are_linked_once_shipstation_knows_them(running: World) -> None:
    running.run_rounds()
    ordered = {line["InventoryID"] for order in running.acumatica.state()["orders"] for line in order["lines"]}
    linked = set(running.records("items").filter(state="synced").values_list("source_key", flat=True))
    assert linked
    assert linked <= ordered
    assert running.records("customers").filter(state="synced").exists()


def test_what_shipstation_does_not_know_waits_and_says_for_what(running: World) -> None:
    waiting = running.records("items").filter(state="waiting").first()
    if waiting is not None:
        assert waiting.waits_for == f"first order with SKU {waiting.source_key}"


def test_a_street_that_was_changed_is_shown(running: World) -> None:
    record = first(running)
    running.shipstation.actions.do_edit(
        order_number=record.source_label, changes={"shipTo": {"street1": "9999 Elsewhere"}}
    )
    running.run_rounds()
    told = running.record("order_changes", natural_key=record.natural_key)
    assert (told.state, list(told.details["current"]["differences"])) == ("conflict", ["shipTo.street1"])
