"""A shipment and its orders kept in step: quantities on shipments, links at both ends, totals, and the orders' status."""

from __future__ import annotations

from decimal import Decimal

from sandbox.acumatica.rules.order_status import next_status
from sandbox.acumatica.rules.picking import Pick
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import ZERO, Row, Store


def store_shipment(store: Store, draft: Record, picks: list[Pick]) -> Row:
    draft["ShipmentNbr"] = store.number(store.shipments, "", 6)
    draft["Status"] = "On Hold" if draft["Hold"] else "Open"
    row = store.shipments.add(totalled(store, draft))
    for pick in picks:
        load(store, row, pick.order, pick.line["LineNbr"], pick.quantity)
    update_orders(store, row)
    return row


def load(store: Store, shipment: Row, order: Row, number: int, quantity: Decimal) -> None:
    """Put so much of an order's line on an open shipment; a negative quantity takes it off."""
    line = next(line for line in order.edit()["Details"] if line["LineNbr"] == number)
    line["QtyOnShipments"] += quantity
    store.reserve(line["InventoryID"], line["WarehouseID"], quantity)
    links = order.edit()["Shipments"]
    if all(link["ShipmentNbr"] != shipment.read()["ShipmentNbr"] for link in links):
        links.append({"ShipmentNbr": shipment.read()["ShipmentNbr"], "ShipmentType": "Issue"})


def totalled(store: Store, shipment: Record) -> Record:
    weights = [_weight(store, line) for line in shipment["Details"]]
    shipment["ShippedQty"] = sum((line["ShippedQty"] for line in shipment["Details"]), ZERO)
    shipment["ShippedWeight"] = sum(weights, ZERO)
    shipment["ShippedVolume"] = ZERO
    shipment["PackageCount"] = len(shipment["Packages"])
    shipment["PackageWeight"] = sum((package.get("Weight") or ZERO for package in shipment["Packages"]), ZERO)
    return shipment


def _weight(store: Store, line: Record) -> Decimal:
    item = store.items.get(line["InventoryID"])
    weight = (item.read().get("DimensionWeight") if item else None) or ZERO
    total: Decimal = (weight * line["ShippedQty"]).quantize(ZERO)
    return total


def orders_of(store: Store, shipment: Record) -> list[Row]:
    keys = dict.fromkeys((line["OrderType"], line["OrderNbr"]) for line in shipment["Details"])
    return [row for row in (store.orders.get(*key) for key in keys) if row]


def update_orders(store: Store, row: Row, left: str = "Back Order") -> None:
    """Bring both ends of the link and the orders' status in line with a shipment."""
    shipment = row.edit()
    kept = {(link["OrderType"], link["OrderNbr"]): link for link in shipment["Orders"]}
    shipment["Orders"] = []
    for order_row in orders_of(store, shipment):
        order = order_row.edit()
        quantity = sum((line["ShippedQty"] for line in shipment["Details"] if _ships(line, order)), ZERO)
        link = next(link for link in order["Shipments"] if link["ShipmentNbr"] == shipment["ShipmentNbr"])
        shared = {"ShippedQty": quantity, "ShippedWeight": shipment["ShippedWeight"], "ShippedVolume": ZERO}
        link.update(shared, Status=shipment["Status"], ShipmentDate=shipment["ShipmentDate"])
        link.update(ShippingNoteID=shipment["NoteID"], OrderNoteID=order["NoteID"], LastModifiedDateTime=row.modified)
        names = {name: order[name] for name in ("OrderType", "OrderNbr")}
        own = {"ShipmentNbr": shipment["ShipmentNbr"], "ShipmentType": "Issue", "OrderNoteID": order["NoteID"]}
        shipment["Orders"].append({**kept.get((order["OrderType"], order["OrderNbr"]), {}), **names, **own, **shared})
        order["Status"] = next_status(store, order, left)
        store.orders.changed(order_row)
    store.shipments.refreshed(row)


def _ships(line: Record, order: Record) -> bool:
    return (line["OrderType"], line["OrderNbr"]) == (order["OrderType"], order["OrderNbr"])


def unlink(store: Store, row: Row, order: Row) -> None:
    record, number = order.edit(), row.read()["ShipmentNbr"]
    record["Shipments"] = [link for link in record["Shipments"] if link["ShipmentNbr"] != number]
    record["Status"] = next_status(store, record, left="Open")
    store.orders.changed(order)
