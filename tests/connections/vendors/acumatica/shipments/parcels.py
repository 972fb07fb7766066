"""Parcels to write, and the methods of the shipments resource in one word each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connections.vendor import Found, Outcome, Outgoing, Refused
from connections.vendors.acumatica.shipments.resource import Shipments
from tests.connections.vendors.acumatica.desk import Desk

MARK = "shipment-8841-33974374"
SECOND = "shipment-8842-33974375"
TRACKING = "1Z999AA10123456784"
PUT = "/MyInstance/entity/Default/25.200.001/Shipment"
CONFIRM = f"{PUT}/ConfirmShipment"
CORRECT = f"{PUT}/CorrectShipment"


def parcel(order: str, mark: str = MARK, *, target: str = "", tracking: str = TRACKING, **payload: Any) -> Outgoing:
    body = {
        "OrderType": "SO",
        "OrderNbr": order,
        "ShipmentDate": "2026-11-20",
        "ShipVia": "UPSGROUND",
        "FreightCost": Decimal("11.40"),
        "Packages": [{"Weight": Decimal("2.5"), "TrackingNbr": tracking}],
        "Details": [],
        "Voided": False,
    }
    return Outgoing(mark, body | payload, target)


def void(order: str, mark: str = MARK, target: str = "") -> Outgoing:
    return parcel(order, mark, target=target, Voided=True)


def write(desk: Desk, document: Outgoing) -> Outcome:
    return Shipments(desk.client).write([document])[0]


def find(desk: Desk, document: Outgoing) -> Found | None:
    return Shipments(desk.client).find([document], desk.begun).get(document.natural_key)


def refusal(outcome: Outcome) -> Exception:
    assert isinstance(outcome, Refused)
    return outcome.error
