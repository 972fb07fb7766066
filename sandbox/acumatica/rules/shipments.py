"""Shipments: made from orders, written to until they are confirmed, deleted.

"Order shipped" is not a field that can be set: the order follows its shipments.
"""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal

from sandbox.acumatica.contract.sales import SHIPMENT
from sandbox.acumatica.errors import Refusal
from sandbox.acumatica.rules.new_shipment import new_shipment, new_shipment_line
from sandbox.acumatica.rules.order_status import OPEN_SHIPMENT
from sandbox.acumatica.rules.picking import Pick, Picking, nothing_to_ship
from sandbox.acumatica.rules.shipment_links import load, orders_of, store_shipment, totalled, unlink, update_orders
from sandbox.acumatica.rules.writes import Body, InvalidRecord, Write, elements, text_of, unwrapped
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import ZERO, Row, Store


def create_shipments(write: Write, body: Body) -> Row:
    """One shipment for the orders in Details, or one for each order; returns the first."""
    store, serial = write.store, write.store.shipments.serials + 1
    sent = elements(body.get("Details", []), "Details")
    groups = [sent]
    if unwrapped(body.get("CreateNewShipmentForEveryOrder")) is True:
        by_order: dict[tuple[str, str], list[Body]] = {}
        for element in sent:
            by_order.setdefault((text_of(element, "OrderType"), text_of(element, "OrderNbr")), []).append(element)
        groups = list(by_order.values())
    drafts = [_draft(write, body, group, serial) for group in groups]
    rows = [store_shipment(store, draft, picks) for draft, picks in drafts]
    return rows[0]


def _draft(write: Write, body: Body, sent: list[Body], serial: int) -> tuple[Record, list[Pick]]:
    """A shipment that is not stored yet. Raises `InvalidRecord` or `Refusal` where it may not be."""
    store = write.store
    draft: Record = {"Details": [], "Packages": [], "Orders": [], "ShipmentNbr": "<NEW>"}
    warehouse = text_of(body, "WarehouseID")
    picking = Picking(store, warehouse if store.tables["Warehouse"].get(warehouse) else "", text_of(body, "CustomerID"))
    for index, element in enumerate(sent):
        picking.element(element, index)
    if picking.picks:
        draft = new_shipment(store, picking.picks, store.stamp())
    write.fill(draft, SHIPMENT, body, serial, leave={"ShipmentNbr", "Details", "Orders", "CustomerID"})
    if picking.errors:
        write.errors |= picking.errors
        draft["Details"] = [_as_sent(element) for element in sent]
    write.check(draft, serial)
    if not picking.picks:
        raise nothing_to_ship()
    for line, pick in zip(draft["Details"], picking.picks, strict=True):
        line["LocationID"] = text_of(pick.sent, "LocationID") or line["LocationID"]
    return draft, picking.picks


def _as_sent(element: Body) -> Record:
    line = {name: unwrapped(value) for name, value in element.items() if isinstance(value, dict)}
    return {
        name: Decimal(value) if name == "ShippedQty" else value for name, value in line.items() if value is not None
    }


def update_shipment(write: Write, row: Row, body: Body) -> Row:
    """Change an open shipment. A confirmed one is refused; that this is 422 is an assumption."""
    store = write.store
    draft = deepcopy(row.read())
    if row.status not in OPEN_SHIPMENT:
        raise InvalidRecord(draft, row.serial, {}, f"The shipment is {row.status} and cannot be changed.")
    write.fill(
        draft, SHIPMENT, body, row.serial, leave={"ShipmentNbr", "Details", "Orders", "CustomerID", "WarehouseID"}
    )
    moves, picks = _changed_lines(write, draft, body, row)
    write.check(draft, row.serial)
    if not draft["Details"]:
        raise nothing_to_ship()
    draft["Status"] = "On Hold" if draft["Hold"] else "Open"
    removed = [order for order in orders_of(store, row.read()) if order not in orders_of(store, draft)]
    row.record = totalled(store, draft)
    for order, number, quantity in [*moves, *((pick.order, pick.line["LineNbr"], pick.quantity) for pick in picks)]:
        load(store, row, order, number, quantity)
    for order in removed:
        unlink(store, row, order)
    store.shipments.changed(row)
    update_orders(store, row)
    return row


def _changed_lines(
    write: Write, draft: Record, body: Body, row: Row
) -> tuple[list[tuple[Row, int, Decimal]], list[Pick]]:
    """Put the sent Details into the draft: lines that stand there change, others are picked from orders."""
    moves: list[tuple[Row, int, Decimal]] = []
    picking = Picking(write.store, draft["WarehouseID"], draft["CustomerID"])
    part = SHIPMENT.parts.index("Details")
    for index, element in enumerate(elements(body.get("Details", []), "Details")):
        line = write.line(draft["Details"], element, row.serial, part)
        if line is None:
            picking.element(element, index)
            continue
        before = line["ShippedQty"]
        if element.get("delete") is True:
            draft["Details"].remove(line)
            after = ZERO
        else:
            line_index = draft["Details"].index(line)
            write.fill(line, SHIPMENT.details["Details"], element, row.serial, ("Details", line_index))
            after = line["ShippedQty"]
            if after - before > _room(write.store, line):
                write.errors["Details", line_index, "ShippedQty"] = (
                    "The shipped quantity exceeds what is open or available."
                )
        order = write.store.orders.get(line["OrderType"], line["OrderNbr"])
        if order and after != before:
            line["OpenQty"] -= after - before
            moves.append((order, line["OrderLineNbr"], after - before))
    first = max((line["LineNbr"] for line in draft["Details"]), default=0) + 1
    draft["Details"] += [
        new_shipment_line(write.store, pick, number) for number, pick in enumerate(picking.picks, first)
    ]
    write.errors |= picking.errors
    if picking.errors:
        raise InvalidRecord(deepcopy(row.read()), row.serial, {}, "; ".join(picking.errors.values()))
    return moves, picking.picks


def _room(store: Store, line: Record) -> Decimal:
    room: Decimal = min(line["OpenQty"], store.available(line["InventoryID"], line["WarehouseID"]))
    return room


def delete_shipment(store: Store, row: Row) -> None:
    if row.status not in OPEN_SHIPMENT:
        raise Refusal(500, f"The shipment is {row.status} and cannot be deleted.")
    shipment = row.read()
    orders = orders_of(store, shipment)
    for line in shipment["Details"]:
        order = store.orders.get(line["OrderType"], line["OrderNbr"])
        if order:
            load(store, row, order, line["OrderLineNbr"], -line["ShippedQty"])
    store.shipments.remove(row)
    for order in orders:
        unlink(store, row, order)
