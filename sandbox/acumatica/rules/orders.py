"""Sales orders: what a new one is filled with, what a change may touch, and which status follows.

The workflow is that of orders of type SO reduced to what shipping touches.
"""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

from sandbox.acumatica.contract import SALES_ORDER
from sandbox.acumatica.errors import Refusal, disabled
from sandbox.acumatica.rules.drafts import Body, Entry, Faulty, text_of
from sandbox.acumatica.schema import Record, fold
from sandbox.acumatica.store import NO_MONEY, ZERO, Row, Store, stamp

ORDER_TYPES = {"SO", "SA", "TR", "IN", "CS", "CR", "CM", "QT", "RM", "RC", "RR", "BL"}
SHIPPABLE = {"Open", "Back Order"}
OPEN_SHIPMENT = {"On Hold", "Open"}
LOCKED = {"Completed", "Canceled", "Invoiced", "Rejected", "Expired"}
CENTS = Decimal("0.0001")
ONE = Decimal("1.000000")
BACK_ORDER_ALLOWED, CANCEL_REMAINDER, SHIP_COMPLETE = "Back Order Allowed", "Cancel Remainder", "Ship Complete"
"""Values of ShippingRule; only the second is confirmed by recorded traffic."""


def new_order(customer: Record, order_type: str, number: str, now: str) -> Record:
    """An order without lines, filled from its customer. `now` is a stamp; its day is the date of the order."""
    day = now[:10]
    contact, address = customer.get("MainContact") or {}, (customer.get("MainContact") or {}).get("Address") or {}
    ship_to = customer.get("ShippingContact") or contact
    return {
        "OrderType": order_type,
        "OrderNbr": number,
        "Status": "Open",
        "Hold": False,
        "CreditHold": False,
        "Approved": True,
        "WillCall": False,
        "CustomerID": customer.get("CustomerID"),
        "LocationID": "MAIN",
        "Date": day,
        "RequestedOn": day,
        "EffectiveDate": day,
        "CreatedDate": now,
        "Branch": "MYSTORE",
        "BaseCurrencyID": "USD",
        "CurrencyID": customer.get("CurrencyID") or "USD",
        "CurrencyRate": ONE,
        "CurrencyRateTypeID": "SPOT",
        "ReciprocalRate": ONE,
        "OrderedQty": ZERO,
        "OrderTotal": NO_MONEY,
        "TaxTotal": NO_MONEY,
        "ControlTotal": NO_MONEY,
        "ShipVia": customer.get("ShipVia"),
        "Project": "X",
        "TaxCalcMode": "Tax Settings",
        "IsTaxValid": False,
        "ShipToAddress": dict(ship_to.get("Address") or address),
        "ShipToContact": doc_contact(ship_to),
        "ShipToAddressOverride": False,
        "ShipToContactOverride": False,
        "BillToAddress": dict(address),
        "BillToContact": doc_contact(contact),
        "BillToAddressOverride": False,
        "BillToContactOverride": False,
        "ShippingSettings": shipping_settings(customer, day),
        "FinancialSettings": {"Branch": "MYSTORE", "Terms": customer.get("Terms")},
        "Totals": {"Freight": NO_MONEY, "TaxTotal": NO_MONEY, "DiscountTotal": NO_MONEY},
        "Details": [],
        "Shipments": [],
    }


def shipping_settings(customer: Record, day: str) -> Record:
    return {
        "ShipVia": customer.get("ShipVia"),
        "ShippingTerms": customer.get("ShippingTerms"),
        "ScheduledShipmentDate": day,
        "ShippingRule": customer.get("ShippingRule") or BACK_ORDER_ALLOWED,
        "ResidentialDelivery": bool(customer.get("ResidentialDelivery")),
        "SaturdayDelivery": False,
        "Insurance": False,
        "GroundCollect": False,
        "UseCustomersAccount": False,
        "ShipSeparately": False,
        "FreightPrice": NO_MONEY,
        "FreightCost": NO_MONEY,
    }


def doc_contact(contact: Record) -> Record:
    return {
        "BusinessName": contact.get("CompanyName"),
        "Attention": contact.get("Attention"),
        "Email": contact.get("Email"),
        "Phone1": contact.get("Phone1"),
    }


def new_line(item: Record, order: Record, number: int, quantity: Decimal, changed: str) -> Record:
    """A line with what the item gives it."""
    price = item.get("DefaultPrice") or ZERO
    return {
        "LineNbr": number,
        "InventoryID": item["InventoryID"],
        "LineDescription": item.get("Description"),
        "OrderQty": quantity,
        "OpenQty": quantity,
        "QtyOnShipments": ZERO,
        "UOM": item.get("SalesUOM") or "EA",
        "UnitPrice": price,
        "DiscountedUnitPrice": price,
        "DiscountPercent": ZERO,
        "DiscountAmount": NO_MONEY,
        "ExtendedPrice": (quantity * price).quantize(CENTS),
        "Amount": (quantity * price).quantize(CENTS),
        "UnbilledAmount": (quantity * price).quantize(CENTS),
        "WarehouseID": item.get("DefaultWarehouseID"),
        "ShipOn": order["RequestedOn"],
        "RequestedOn": order["RequestedOn"],
        "SchedOrderDate": order["Date"],
        "ShippingRule": order["ShippingSettings"].get("ShippingRule"),
        "Completed": False,
        "FreeItem": False,
        "MarkForPO": False,
        "ManualPrice": False,
        "Operation": "Issue",
        "LineType": "Goods for Inventory",
        "Branch": order["Branch"],
        "TaxCategory": item.get("TaxCategory"),
        "LastModifiedDate": american(changed),
    }


def american(text: str) -> str:
    """The line's own stamp is a text, month first."""
    return f"{text[5:7]}/{text[8:10]}/{text[:4]} {text[11:19]}"


def total(order: Record) -> None:
    """Bring the computed fields of the header in line with the lines."""
    lines = order["Details"]
    order["OrderedQty"] = sum((line["OrderQty"] for line in lines), ZERO)
    worth = sum((line["Amount"] for line in lines), NO_MONEY)
    order["OrderTotal"] = order["ControlTotal"] = worth + (order.get("TaxTotal") or NO_MONEY)
    order["Totals"]["LineTotalAmount"] = order["Totals"]["UnpaidBalance"] = worth
    order["Totals"]["UnbilledQty"] = order["OrderedQty"]


def create_order(entry: Entry, body: Body) -> Row:
    store, serial = entry.store, entry.store.orders.serials + 1
    order_type = (text_of(body, "OrderType") or "SO").upper()
    customer = store.customers.get(text_of(body, "CustomerID"))
    now = stamp(store.clock())
    order = new_order(customer.read() if customer else {}, order_type, "<NEW>", now)
    if order_type not in ORDER_TYPES:
        entry.errors["OrderType",] = f"Order Type '{order_type}' cannot be found in the system."
    if not text_of(body, "CustomerID"):
        entry.errors["CustomerID",] = "'Customer' cannot be empty."
    _take_over(entry, order, body, serial)
    entry.settle(order, serial)
    order["OrderNbr"] = store.number(store.orders, "" if order_type == "SO" else order_type, 6, order_type)
    order["Status"] = "On Hold" if order["Hold"] else "Open"
    return store.orders.add(order)


def update_order(entry: Entry, row: Row, body: Body) -> Row:
    store = entry.store
    if row.status in LOCKED:
        raise Faulty(deepcopy(row.read()), row.serial, {}, f"The sales order is {row.status} and cannot be changed.")
    order = deepcopy(row.read())
    lines = list(order["Details"])
    held = order["Hold"]
    _take_over(entry, order, body, row.serial)
    for line in lines:
        if line["QtyOnShipments"] and all(each is not line for each in order["Details"]):
            entry.errors["Details",] = "The line cannot be deleted because it is on a shipment."
    if order["Hold"] and not held and order["Status"] == "Shipping":
        entry.errors["Hold",] = "The order cannot be put on hold because it has an open shipment."
    if "Details" in dict.fromkeys(path[0] for path in entry.errors if len(path) == 1):
        raise Faulty(deepcopy(row.read()), row.serial, {}, entry.errors["Details",])
    entry.settle(order, row.serial)
    if order["Hold"] != held:
        order["Status"] = "On Hold" if order["Hold"] else next_status(store, order, left="Open")
    row.record = order
    store.orders.changed(row)
    return row


def _take_over(entry: Entry, order: Record, body: Body, serial: int) -> None:
    ship_via = order.get("ShipVia")
    leave = {"OrderType", "OrderNbr", "Shipments", *({"CustomerID"} if order["Shipments"] else set())}
    entry.fill(order, SALES_ORDER, body, serial, leave=leave)
    settings = order["ShippingSettings"]
    # The header's ShipVia and that of the settings are one field.
    order["ShipVia"] = order.get("ShipVia") if order.get("ShipVia") != ship_via else settings.get("ShipVia") or ship_via
    settings["ShipVia"] = order["ShipVia"]
    changed = stamp(entry.store.clock())
    for place, line in enumerate(order["Details"]):
        _complete(entry, order, line, place, changed)
    total(order)


def _complete(entry: Entry, order: Record, line: Record, place: int, changed: str) -> None:
    """Give a new line what its item says, and every line its amounts."""
    item = entry.store.items.get(line.get("InventoryID") or "")
    if not line.get("InventoryID"):
        entry.errors["Details", place, "InventoryID"] = "'Inventory ID' cannot be empty."
    if "Operation" not in line:
        sent = {name: value for name, value in line.items() if value is not None}
        given = item.read() if item else {"InventoryID": line.get("InventoryID")}
        line.update(new_line(given, order, line["LineNbr"], line.get("OrderQty") or ZERO, changed) | sent)
    if line["OrderQty"] < line["QtyOnShipments"]:
        entry.errors["Details", place, "OrderQty"] = "The quantity is less than the quantity on shipments."
    line["OpenQty"] = ZERO if line["Completed"] else line["OrderQty"] - shipped(entry.store, order, line)
    line["ExtendedPrice"] = (line["OrderQty"] * line["UnitPrice"]).quantize(CENTS)
    discount = (line["ExtendedPrice"] * line["DiscountPercent"] / 100).quantize(CENTS)
    line["DiscountAmount"] = discount or line["DiscountAmount"]
    line["Amount"] = line["ExtendedPrice"] - line["DiscountAmount"]
    line["DiscountedUnitPrice"] = line["UnitPrice"]


def shipped(store: Store, order: Record, line: Record) -> Decimal:
    """What has left the house for a line: on confirmed shipments, not on open ones."""
    found = ZERO
    for link in order["Shipments"]:
        shipment = store.shipments.get(link["ShipmentNbr"])
        if shipment and shipment.status not in OPEN_SHIPMENT:
            found += sum((each["ShippedQty"] for each in lines_of(shipment.read(), order, line)), ZERO)
    return found


def lines_of(shipment: Record, order: Record, line: Record) -> list[Record]:
    """The lines of a shipment that ship this line of an order."""
    return [
        each
        for each in shipment["Details"]
        if (each["OrderType"], each["OrderNbr"], each["OrderLineNbr"])
        == (order["OrderType"], order["OrderNbr"], line["LineNbr"])
    ]


def next_status(store: Store, order: Record, left: str) -> str:
    """The status that follows from shipments and lines; `left` where something is to be shipped and none is open."""
    links = [store.shipments.get(link["ShipmentNbr"]) for link in order["Shipments"]]
    if any(row and row.status in OPEN_SHIPMENT for row in links):
        return "Shipping"
    if order["Details"] and order["Shipments"] and all(line["Completed"] for line in order["Details"]):
        return "Completed"
    return left


# Actions


def cancel(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.read()["Shipments"]:
        raise Refusal(500, "The sales order cannot be canceled because it has shipments.", "PX.Data.PXException")
    if row.status in LOCKED:
        raise disabled("Cancel Order")
    _set(store, row, "Canceled")


def open_order(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status != "Back Order":
        raise disabled("Open Order")
    _set(store, row, "Open")


def reopen(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status not in {"Completed", "Canceled"}:
        raise disabled("Reopen Order")
    _set(store, row, "Open")


def release_credit_hold(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status != "Credit Hold":
        raise disabled("Release from Credit Hold")
    _set(store, row, "Open")


def recalculate(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status in LOCKED:
        raise disabled("Recalculate Prices")


def _set(store: Store, row: Row, status: str) -> None:
    order = row.edit()
    order["Status"], order["Hold"] = status, status == "On Hold"
    store.orders.changed(row)


def delete_order(store: Store, row: Row) -> None:
    if row.read()["Shipments"]:
        raise Refusal(500, "The sales order cannot be deleted because it has shipments.", "PX.Data.PXException")
    store.orders.remove(row)


def has_type(row: Row, order_type: str) -> bool:
    return row.key[0] == fold(order_type)
