"""Actions of a shipment: made for an order, confirmed, corrected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.acumatica.errors import Refusal, disabled
from sandbox.acumatica.rules.new_shipment import new_shipment
from sandbox.acumatica.rules.order_defaults import CANCEL_REMAINDER
from sandbox.acumatica.rules.order_status import SHIPPABLE, shipped
from sandbox.acumatica.rules.picking import Picking, nothing_to_ship
from sandbox.acumatica.rules.shipment_links import orders_of, store_shipment, update_orders
from sandbox.acumatica.rules.writes import text_of
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import ZERO, Row, Store


def create_for_order(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    """Everything shippable of an order from one warehouse. Where that fails, the order goes to Back Order."""
    may_create(store, row, parameters)
    picking = Picking(store, text_of(parameters, "WarehouseID"))
    picking.whole(row)
    if not picking.picks:
        row.edit()["Status"] = "Back Order"
        store.orders.changed(row)
        raise nothing_to_ship(row.read()["OrderNbr"])
    draft = new_shipment(store, picking.picks, store.stamp())
    draft["ShipmentDate"] = text_of(parameters, "ShipmentDate")[:10] or draft["ShipmentDate"]
    store_shipment(store, draft, picking.picks)


def may_create(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status not in SHIPPABLE:
        raise disabled("Create Shipment")
    warehouse = text_of(parameters, "WarehouseID")
    if warehouse and not store.tables["Warehouse"].get(warehouse):
        raise Refusal(500, f"Warehouse '{warehouse}' cannot be found in the system.")


def confirm(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    """Stock goes down, the shipment is locked, and its orders end up Completed or in Back Order."""
    may_confirm(store, row, parameters)
    _turn(store, row, "Confirmed", Decimal(1))


def may_confirm(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    shipment = row.read()
    if row.status != "Open":
        raise disabled("Confirm Shipment")
    if not shipment["ShippedQty"]:
        raise Refusal(500, "The shipment cannot be confirmed because its shipped quantity is zero.")
    confirmed = any(package.get("Confirmed") for package in shipment["Packages"])
    if store.switches.get("package_required") and not confirmed:
        raise Refusal(500, "At least one confirmed package is required to confirm this shipment.")


def correct(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    may_correct(store, row, parameters)
    _turn(store, row, "Open", Decimal(-1))


def may_correct(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status != "Confirmed":
        raise disabled("Correct Shipment")


def _turn(store: Store, row: Row, status: str, sign: Decimal) -> None:
    """Confirm a shipment (sign 1) or take that back (-1)."""
    shipment = row.edit()
    shipment["Status"] = status
    store.shipments.changed(row)
    for line in shipment["Details"]:
        quantity = line["ShippedQty"] * sign
        store.issue(line["InventoryID"], line["WarehouseID"], quantity)
        store.reserve(line["InventoryID"], line["WarehouseID"], -quantity)
    for order in orders_of(store, shipment):
        record = order.edit()
        for line in record["Details"]:
            _recount(store, record, line)
    update_orders(store, row)


def _recount(store: Store, order: Record, line: Record) -> None:
    """What is left of a line; with the rule Cancel Remainder nothing is, once a part of it was shipped."""
    quantity = shipped(store, order, line)
    left = line["OrderQty"] - quantity
    line["Completed"] = left <= 0 or (quantity > 0 and line.get("ShippingRule") == CANCEL_REMAINDER)
    line["OpenQty"] = ZERO if line["Completed"] else left
