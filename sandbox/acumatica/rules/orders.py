"""Sales orders: made, changed and deleted."""

from __future__ import annotations

from copy import deepcopy

from sandbox.acumatica.contract.sales import SALES_ORDER
from sandbox.acumatica.errors import Refusal
from sandbox.acumatica.rules.order_defaults import new_line, new_order
from sandbox.acumatica.rules.order_status import LOCKED, next_status, shipped, total
from sandbox.acumatica.rules.writes import Body, InvalidRecord, Write, text_of
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import CENTS, ZERO, Row, Store

ORDER_TYPES = {"SO", "SA", "TR", "IN", "CS", "CR", "CM", "QT", "RM", "RC", "RR", "BL"}


def create_order(write: Write, body: Body) -> Row:
    store, serial = write.store, write.store.orders.serials + 1
    order_type = (text_of(body, "OrderType") or "SO").upper()
    customer = store.customers.get(text_of(body, "CustomerID"))
    now = store.stamp()
    order = new_order(customer.read() if customer else {}, order_type, "<NEW>", now)
    if order_type not in ORDER_TYPES:
        write.errors["OrderType",] = f"Order Type '{order_type}' cannot be found in the system."
    if not text_of(body, "CustomerID"):
        write.errors["CustomerID",] = "'Customer' cannot be empty."
    _fill(write, order, body, serial)
    write.check(order, serial)
    order["OrderNbr"] = store.number(store.orders, "" if order_type == "SO" else order_type, 6, order_type)
    order["Status"] = "On Hold" if order["Hold"] else "Open"
    return store.orders.add(order)


def update_order(write: Write, row: Row, body: Body) -> Row:
    store = write.store
    if row.status in LOCKED:
        message = f"The sales order is {row.status} and cannot be changed."
        raise InvalidRecord(deepcopy(row.read()), row.serial, {}, message)
    order = deepcopy(row.read())
    shipping = [line for line in order["Details"] if line["QtyOnShipments"]]
    held = order["Hold"]
    _fill(write, order, body, row.serial)
    if any(all(line is not left for left in order["Details"]) for line in shipping):
        message = "The line cannot be deleted because it is on a shipment."
        raise InvalidRecord(deepcopy(row.read()), row.serial, {}, message)
    if order["Hold"] and not held and order["Status"] == "Shipping":
        write.errors["Hold",] = "The order cannot be put on hold because it has an open shipment."
    write.check(order, row.serial)
    if order["Hold"] != held:
        order["Status"] = "On Hold" if order["Hold"] else next_status(store, order, left="Open")
    row.record = order
    store.orders.changed(row)
    return row


def _fill(write: Write, order: Record, body: Body, serial: int) -> None:
    ship_via = order.get("ShipVia")
    leave = {"OrderType", "OrderNbr", "Shipments", *({"CustomerID"} if order["Shipments"] else set())}
    write.fill(order, SALES_ORDER, body, serial, leave=leave)
    settings = order["ShippingSettings"]
    # The header's ShipVia and that of the settings are one field.
    order["ShipVia"] = order.get("ShipVia") if order.get("ShipVia") != ship_via else settings.get("ShipVia") or ship_via
    settings["ShipVia"] = order["ShipVia"]
    changed = write.store.stamp()
    for index, line in enumerate(order["Details"]):
        _complete_line(write, order, line, index, changed)
    total(order)


def _complete_line(write: Write, order: Record, line: Record, index: int, changed: str) -> None:
    """Give a new line what its item says, and every line its amounts."""
    item = write.store.items.get(line.get("InventoryID") or "")
    if not line.get("InventoryID"):
        write.errors["Details", index, "InventoryID"] = "'Inventory ID' cannot be empty."
    if "Operation" not in line:
        sent = {name: value for name, value in line.items() if value is not None}
        source = item.read() if item else {"InventoryID": line.get("InventoryID")}
        line.update(new_line(source, order, line["LineNbr"], line.get("OrderQty") or ZERO, changed) | sent)
    if line["OrderQty"] < line["QtyOnShipments"]:
        write.errors["Details", index, "OrderQty"] = "The quantity is less than the quantity on shipments."
    line["OpenQty"] = ZERO if line["Completed"] else line["OrderQty"] - shipped(write.store, order, line)
    line["ExtendedPrice"] = (line["OrderQty"] * line["UnitPrice"]).quantize(CENTS)
    discount = (line["ExtendedPrice"] * line["DiscountPercent"] / 100).quantize(CENTS)
    line["DiscountAmount"] = discount or line["DiscountAmount"]
    line["Amount"] = line["ExtendedPrice"] - line["DiscountAmount"]
    line["DiscountedUnitPrice"] = line["UnitPrice"]


def delete_order(store: Store, row: Row) -> None:
    if row.read()["Shipments"]:
        raise Refusal(500, "The sales order cannot be deleted because it has shipments.")
    store.orders.remove(row)
