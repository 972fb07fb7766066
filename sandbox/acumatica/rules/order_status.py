"""What follows for a sales order from its lines and shipments: totals, what has been shipped, and the status.

The workflow is that of orders of type SO reduced to what shipping touches.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import NO_MONEY, ZERO, Store

SHIPPABLE = {"Open", "Back Order"}
OPEN_SHIPMENT = {"On Hold", "Open"}
LOCKED = {"Completed", "Canceled", "Invoiced", "Rejected", "Expired"}


def total(order: Record) -> None:
    """Bring the computed fields of the header in line with the lines."""
    lines = order["Details"]
    order["OrderedQty"] = sum((line["OrderQty"] for line in lines), ZERO)
    amount = sum((line["Amount"] for line in lines), NO_MONEY)
    order["OrderTotal"] = order["ControlTotal"] = amount + (order.get("TaxTotal") or NO_MONEY)
    order["Totals"]["LineTotalAmount"] = order["Totals"]["UnpaidBalance"] = amount
    order["Totals"]["UnbilledQty"] = order["OrderedQty"]


def shipped(store: Store, order: Record, line: Record) -> Decimal:
    """What has been shipped of a line: on confirmed shipments, not on open ones."""
    quantity = ZERO
    for link in order["Shipments"]:
        shipment = store.shipments.get(link["ShipmentNbr"])
        if shipment and shipment.status not in OPEN_SHIPMENT:
            quantity += sum((ships["ShippedQty"] for ships in _lines_of(shipment.read(), order, line)), ZERO)
    return quantity


def _lines_of(shipment: Record, order: Record, line: Record) -> list[Record]:
    """The lines of a shipment that ship this line of an order."""
    key = (order["OrderType"], order["OrderNbr"], line["LineNbr"])
    return [
        ships for ships in shipment["Details"] if (ships["OrderType"], ships["OrderNbr"], ships["OrderLineNbr"]) == key
    ]


def next_status(store: Store, order: Record, left: str) -> str:
    """The status that follows from shipments and lines; `left` where something is to be shipped and none is open."""
    shipments = [store.shipments.get(link["ShipmentNbr"]) for link in order["Shipments"]]
    if any(row and row.status in OPEN_SHIPMENT for row in shipments):
        return "Shipping"
    if order["Details"] and order["Shipments"] and all(line["Completed"] for line in order["Details"]):
        return "Completed"
    return left
