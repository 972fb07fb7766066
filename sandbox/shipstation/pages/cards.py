"""What the operator page shows of each order: prepared values for `card.html`."""

from __future__ import annotations

from typing import Any

from sandbox.shipstation.catalogue import carrier_name
from sandbox.shipstation.rules.units import Units, units_left
from sandbox.shipstation.store import Account, Document, Order, Shipment

Values = dict[str, Any]
TONES = {
    "awaiting_payment": "wait",
    "awaiting_shipment": "wait",
    "on_hold": "wait",
    "shipped": "good",
    "cancelled": "warn",
    "rejected_fulfillment": "warn",
}


def card(order: Order, account: Account) -> Values:
    document = order.open()
    address, left = document["shipTo"], units_left(order, document)
    return {
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "tone": TONES.get(order.status, ""),
        "name": address["name"],
        "details": [_place(address), *_remarks(order, document)],
        "address": address,
        "lines": [_line(line, left) for line in document["items"]],
        "shipments": [_shipment(account.shipments[key]) for key in order.shipments],
        "fulfillments": [account.fulfillments[key] for key in order.fulfillments],
        "actions": _actions(order),
    }


def _place(address: Document) -> str:
    return ", ".join(part for part in (address["city"], address["state"], address["country"]) if part)


def _remarks(order: Order, document: Document) -> list[str]:
    until, parent = document["holdUntilDate"], document["advancedOptions"]["parentId"]
    remarks = [f"held until {until}"] if until else []
    remarks += [f"split from {parent}"] if parent else []
    return [*remarks, f"merged with {len(order.merged)} more"] if order.merged else remarks


def _line(line: Document, left: Units) -> Values:
    units = left.get(line["orderItemId"], 0)
    partly = bool(left) and not line["adjustment"]
    return {
        "id": line["orderItemId"],
        "name": line["name"],
        "sku": line["sku"],
        "quantity": line["quantity"],
        "adjustment": line["adjustment"],
        "left": units,
        "shipped": line["quantity"] - units if partly else 0,
    }


def _shipment(shipment: Shipment) -> Values:
    units = sum(shipment.units.values())
    return {
        "id": shipment.id,
        "carrier": carrier_name(shipment.carrier),
        "tracking": shipment.tracking,
        "day": shipment.shipped,
        "kind": "return label" if shipment.is_return else f"{units} unit{'' if units == 1 else 's'}",
        "voided": shipment.voided is not None,
    }


def _actions(order: Order) -> set[str]:
    match order.status:
        case "awaiting_shipment":
            return {"ship", "ship_partly", "hold", "mark_shipped", "edit", "cancel"}
        case "on_hold":
            return {"restore", "mark_shipped", "edit", "cancel"}
        case "awaiting_payment" | "pending_fulfillment":
            return {"mark_shipped", "edit", "cancel"}
        case "shipped" if order.shipments:
            return {"return_label"}
    return set()
