"""Shipments: made from orders, written to until they are confirmed, confirmed, corrected, invoiced.

"Order shipped" is not a field that can be set: the order follows its shipments.
"""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

from sandbox.acumatica.contract import SHIPMENT
from sandbox.acumatica.errors import Refusal, disabled
from sandbox.acumatica.rules.drafts import (
    Body,
    Entry,
    Faulty,
    elements,
    text_of,
    unwrapped,
)
from sandbox.acumatica.rules.orders import (
    CANCEL_REMAINDER,
    OPEN_SHIPMENT,
    SHIPPABLE,
    next_status,
    shipped,
)
from sandbox.acumatica.rules.picking import Pick, Picking, nothing_to_ship
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import NO_MONEY, ZERO, Row, Store, stamp


def create_shipments(entry: Entry, body: Body) -> Row:
    """One shipment for the orders in Details, or one for each order; answers the first."""
    store, serial = entry.store, entry.store.shipments.serials + 1
    sent = elements(body.get("Details", []), "Details")
    groups = [sent]
    if unwrapped(body.get("CreateNewShipmentForEveryOrder")) is True:
        by_order: dict[tuple[str, str], list[Body]] = {}
        for element in sent:
            by_order.setdefault((text_of(element, "OrderType"), text_of(element, "OrderNbr")), []).append(element)
        groups = list(by_order.values())
    drafts = [_draft(entry, body, group, serial) for group in groups]
    rows = [_store(store, draft, picks) for draft, picks in drafts]
    return rows[0]


def _draft(entry: Entry, body: Body, sent: list[Body], serial: int) -> tuple[Record, list[Pick]]:
    """A shipment that is not stored yet. Raises `Faulty` or `Refusal` where it may not be."""
    store = entry.store
    draft: Record = {"Details": [], "Packages": [], "Orders": [], "ShipmentNbr": "<NEW>"}
    warehouse = text_of(body, "WarehouseID")
    picking = Picking(store, warehouse if store.tables["Warehouse"].get(warehouse) else "", text_of(body, "CustomerID"))
    for place, element in enumerate(sent):
        picking.element(element, place)
    if picking.picks:
        draft = new_shipment(store, picking.picks, stamp(store.clock()))
    entry.fill(draft, SHIPMENT, body, serial, leave={"ShipmentNbr", "Details", "Orders", "CustomerID"})
    if picking.errors:
        entry.errors |= picking.errors
        draft["Details"] = [_as_sent(element) for element in sent]
    entry.settle(draft, serial)
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


def new_shipment(store: Store, picks: list[Pick], now: str) -> Record:
    """A shipment of these lines, filled from the first order."""
    order = picks[0].order.read()
    settings = order["ShippingSettings"]
    return {
        "ShipmentNbr": "<NEW>",
        "Type": "Shipment",
        "Operation": "Issue",
        "Status": "Open",
        "Hold": False,
        "ShipmentDate": now[:10],
        "CustomerID": order["CustomerID"],
        "LocationID": order["LocationID"],
        "WarehouseID": picks[0].line["WarehouseID"],
        "ShipVia": order.get("ShipVia"),
        "ShippingTerms": settings.get("ShippingTerms"),
        "FreightCost": NO_MONEY,
        "FreightPrice": NO_MONEY,
        "OverrideFreightPrice": False,
        "FreightCurrencyID": order["CurrencyID"],
        "BaseCurrencyID": order["BaseCurrencyID"],
        "ControlQty": ZERO,
        "Picked": False,
        "UseCustomersAccount": False,
        "ResidentialDelivery": settings.get("ResidentialDelivery", False),
        "SaturdayDelivery": False,
        "Insurance": False,
        "GroundCollect": False,
        "UnlimitedPackages": True,
        "CreatedDateTime": now,
        "ShippingSettings": {
            "ShipToAddress": deepcopy(order["ShipToAddress"]),
            "ShipToContact": deepcopy(order["ShipToContact"]),
            "ShipToAddressOverride": False,
            "ShipToContactOverride": False,
            "Validated": False,
        },
        "Details": [_line(store, pick, number) for number, pick in enumerate(picks, 1)],
        "Packages": [],
        "Orders": [],
    }


def _line(store: Store, pick: Pick, number: int) -> Record:
    line, order = pick.line, pick.order.read()
    item = store.items.get(line["InventoryID"])
    return {
        "LineNbr": number,
        "OrderType": order["OrderType"],
        "OrderNbr": order["OrderNbr"],
        "OrderLineNbr": line["LineNbr"],
        "InventoryID": line["InventoryID"],
        "Description": line.get("LineDescription"),
        "OrderedQty": line["OrderQty"],
        "OriginalQty": line["OrderQty"],
        "ShippedQty": pick.quantity,
        "OpenQty": line["OrderQty"] - line["QtyOnShipments"] - pick.quantity,
        "UOM": line["UOM"],
        "WarehouseID": line["WarehouseID"],
        "LocationID": (item.read().get("DefaultIssueLocationID") if item else None) or "MAIN",
        "FreeItem": line["FreeItem"],
    }


def _store(store: Store, draft: Record, picks: list[Pick]) -> Row:
    draft["ShipmentNbr"] = store.number(store.shipments, "", 6)
    draft["Status"] = "On Hold" if draft["Hold"] else "Open"
    row = store.shipments.add(_totalled(store, draft))
    for pick in picks:
        _load(store, row, pick.order, pick.line["LineNbr"], pick.quantity)
    _follow(store, row)
    return row


def _load(store: Store, shipment: Row, order: Row, number: int, quantity: Decimal) -> None:
    """Put so much of an order's line on an open shipment; a negative quantity takes it off."""
    line = next(line for line in order.edit()["Details"] if line["LineNbr"] == number)
    line["QtyOnShipments"] += quantity
    store.reserve(line["InventoryID"], line["WarehouseID"], quantity)
    links = order.edit()["Shipments"]
    if all(link["ShipmentNbr"] != shipment.read()["ShipmentNbr"] for link in links):
        links.append({"ShipmentNbr": shipment.read()["ShipmentNbr"], "ShipmentType": "Issue"})


def _totalled(store: Store, shipment: Record) -> Record:
    weights = [_weight(store, line) for line in shipment["Details"]]
    shipment["ShippedQty"] = sum((line["ShippedQty"] for line in shipment["Details"]), ZERO)
    shipment["ShippedWeight"] = sum(weights, ZERO)
    shipment["ShippedVolume"] = ZERO
    shipment["PackageCount"] = len(shipment["Packages"])
    shipment["PackageWeight"] = sum((each.get("Weight") or ZERO for each in shipment["Packages"]), ZERO)
    return shipment


def _weight(store: Store, line: Record) -> Decimal:
    item = store.items.get(line["InventoryID"])
    weight = (item.read().get("DimensionWeight") if item else None) or ZERO
    total: Decimal = (weight * line["ShippedQty"]).quantize(ZERO)
    return total


def orders_of(store: Store, shipment: Record) -> list[Row]:
    keys = dict.fromkeys((line["OrderType"], line["OrderNbr"]) for line in shipment["Details"])
    return [row for row in (store.orders.get(*key) for key in keys) if row]


def _follow(store: Store, row: Row, left: str = "Back Order") -> None:
    """Bring both ends of the link and the orders' status in line with a shipment."""
    shipment = row.edit()
    kept = {(link["OrderType"], link["OrderNbr"]): link for link in shipment["Orders"]}
    shipment["Orders"] = []
    for order_row in orders_of(store, shipment):
        order = order_row.edit()
        quantity = sum((line["ShippedQty"] for line in shipment["Details"] if _ships(line, order)), ZERO)
        link = next(each for each in order["Shipments"] if each["ShipmentNbr"] == shipment["ShipmentNbr"])
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


def update_shipment(entry: Entry, row: Row, body: Body) -> Row:
    """Change an open shipment. A confirmed one is refused; that this is 422 is an assumption."""
    store = entry.store
    draft = deepcopy(row.read())
    if row.status not in OPEN_SHIPMENT:
        raise Faulty(draft, row.serial, {}, f"The shipment is {row.status} and cannot be changed.")
    entry.fill(
        draft, SHIPMENT, body, row.serial, leave={"ShipmentNbr", "Details", "Orders", "CustomerID", "WarehouseID"}
    )
    moves, picks = _changed_lines(entry, draft, body, row)
    entry.settle(draft, row.serial)
    if not draft["Details"]:
        raise nothing_to_ship()
    draft["Status"] = "On Hold" if draft["Hold"] else "Open"
    gone = [order for order in orders_of(store, row.read()) if order not in orders_of(store, draft)]
    row.record = _totalled(store, draft)
    for order, number, quantity in [*moves, *((pick.order, pick.line["LineNbr"], pick.quantity) for pick in picks)]:
        _load(store, row, order, number, quantity)
    for order in gone:
        _unlink(store, row, order)
    store.shipments.changed(row)
    _follow(store, row)
    return row


def _changed_lines(
    entry: Entry, draft: Record, body: Body, row: Row
) -> tuple[list[tuple[Row, int, Decimal]], list[Pick]]:
    """Put the sent Details into the draft: lines that stand there change, others are picked from orders."""
    moves: list[tuple[Row, int, Decimal]] = []
    picking = Picking(entry.store, draft["WarehouseID"], draft["CustomerID"])
    part = SHIPMENT.parts.index("Details")
    for place, element in enumerate(elements(body.get("Details", []), "Details")):
        line = entry.line(draft["Details"], element, row.serial, part)
        if line is None:
            picking.element(element, place)
            continue
        before = line["ShippedQty"]
        if element.get("delete") is True:
            draft["Details"].remove(line)
            after = ZERO
        else:
            index = draft["Details"].index(line)
            entry.fill(line, SHIPMENT.details["Details"], element, row.serial, ("Details", index))
            after = line["ShippedQty"]
            if after - before > _room(entry.store, line):
                entry.errors["Details", index, "ShippedQty"] = "The shipped quantity exceeds what is open or available."
        order = entry.store.orders.get(line["OrderType"], line["OrderNbr"])
        if order and after != before:
            line["OpenQty"] -= after - before
            moves.append((order, line["OrderLineNbr"], after - before))
    first = max((line["LineNbr"] for line in draft["Details"]), default=0) + 1
    draft["Details"] += [_line(entry.store, pick, number) for number, pick in enumerate(picking.picks, first)]
    entry.errors |= picking.errors
    if picking.errors:
        raise Faulty(deepcopy(row.read()), row.serial, {}, "; ".join(picking.errors.values()))
    return moves, picking.picks


def _room(store: Store, line: Record) -> Decimal:
    room: Decimal = min(line["OpenQty"], store.available(line["InventoryID"], line["WarehouseID"]))
    return room


def _unlink(store: Store, row: Row, order: Row) -> None:
    record, number = order.edit(), row.read()["ShipmentNbr"]
    record["Shipments"] = [link for link in record["Shipments"] if link["ShipmentNbr"] != number]
    record["Status"] = next_status(store, record, left="Open")
    store.orders.changed(order)


def delete_shipment(store: Store, row: Row) -> None:
    if row.status not in OPEN_SHIPMENT:
        raise Refusal(500, f"The shipment is {row.status} and cannot be deleted.")
    shipment = row.read()
    orders = orders_of(store, shipment)
    for line in shipment["Details"]:
        order = store.orders.get(line["OrderType"], line["OrderNbr"])
        if order:
            _load(store, row, order, line["OrderLineNbr"], -line["ShippedQty"])
    store.shipments.remove(row)
    for order in orders:
        _unlink(store, row, order)


# Actions


def create_for_order(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    """Everything shippable of an order from one warehouse. Where that fails, the order goes to Back Order."""
    may_create(store, row, parameters)
    picking = Picking(store, text_of(parameters, "WarehouseID"))
    picking.whole(row)
    if not picking.picks:
        row.edit()["Status"] = "Back Order"
        store.orders.changed(row)
        raise nothing_to_ship(row.read()["OrderNbr"])
    draft = new_shipment(store, picking.picks, stamp(store.clock()))
    draft["ShipmentDate"] = text_of(parameters, "ShipmentDate")[:10] or draft["ShipmentDate"]
    _store(store, draft, picking.picks)


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
    confirmed = any(each.get("Confirmed") for each in shipment["Packages"])
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
    _follow(store, row)


def _recount(store: Store, order: Record, line: Record) -> None:
    """What is left of a line; with the rule Cancel Remainder nothing is, once a part of it was shipped."""
    gone = shipped(store, order, line)
    left = line["OrderQty"] - gone
    line["Completed"] = left <= 0 or (gone > 0 and line.get("ShippingRule") == CANCEL_REMAINDER)
    line["OpenQty"] = ZERO if line["Completed"] else left
