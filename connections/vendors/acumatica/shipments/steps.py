"""The single steps on a shipment: reopen it, put our packages on it, confirm it. Each reads what it left behind."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from connections.errors import Locked, Rejected, TryLater
from connections.vendor import Body, Outgoing
from connections.vendors.acumatica import codec
from connections.vendors.acumatica.client import AcumaticaClient
from connections.vendors.acumatica.codec import Record
from connections.vendors.acumatica.shipments import operations
from connections.vendors.acumatica.shipments.state import SHIPMENT_PARTS, ShipmentState, read_shipment, shipment_state

HEADER = ("ShipmentDate", "ShipVia", "FreightCost")
LOOKS = 5  # at a shipment that should be confirmed by now


class ShipmentSteps:
    """What can be done to a shipment for one parcel."""

    def __init__(self, client: AcumaticaClient, document: Outgoing) -> None:
        self.client = client
        self.document = document
        self.mark = document.natural_key
        self.payload = document.payload
        self.order_key = (_key(self.payload, "OrderType") or "SO", _key(self.payload, "OrderNbr"))
        self.packages: list[Body] = [dict(package) for package in self.payload.get("Packages") or [{}]]

    def opened(self, shipment: ShipmentState) -> ShipmentState:
        """The shipment where packages may be changed: a confirmed one is corrected. Raises `Locked` where billed."""
        if shipment.locked:
            raise Locked(
                f"Shipment {shipment.number} is {shipment.status.lower()} in Acumatica, so its packages can no longer be changed.",
                current={
                    "ShipmentNbr": shipment.number,
                    "Status": shipment.status,
                    "InvoiceNbr": shipment.invoice,
                    "TrackingNbr": ", ".join(parcel.tracking for parcel in shipment.parcels),
                },
                next_step="Have a person in Acumatica note the parcel on the invoice or make a correcting document; then close this record.",
            )
        if shipment.editable:
            return shipment
        return self._operated("CorrectShipment", shipment, editable=True)

    def put_packages(self, shipment: ShipmentState, *, adopt: bool, whole: bool, header: bool = True) -> ShipmentState:
        """Put our packages on a shipment that may be changed. `adopt`: fill packages there that nobody marked."""
        pool = shipment.ours(self.mark)
        if adopt:
            numbers = {str(package.get("TrackingNbr") or "").strip() for package in self.packages}
            pool += [parcel for parcel in shipment.parcels if not parcel.mark and parcel.tracking in {"", *numbers}]
        packages: list[Record] = []
        for index, package in enumerate(self.packages):
            known: Record = {"id": pool[index].id} if index < len(pool) else {}
            packages.append(known | codec.encode(self.package(package, whole=whole)))
        surplus = [parcel for parcel in pool[len(self.packages) :] if parcel.mark == self.mark]
        packages += [{"id": parcel.id, "delete": True} for parcel in surplus]
        head = {"ShipmentNbr": shipment.number} | (self.header(whole=whole) if header else {})
        record = self.client.put_raw("Shipment", codec.encode(head) | {"Packages": packages}, expand=SHIPMENT_PARTS)
        return self.state(record, shipment.invoice)

    def confirmed(self, shipment: ShipmentState) -> ShipmentState:
        if not shipment.editable:
            return shipment
        try:
            if shipment.hold or shipment.status == "On Hold":
                self.client.put("Shipment", {"ShipmentNbr": shipment.number, "Hold": False})
            return self._operated("ConfirmShipment", shipment, editable=False)
        except Rejected as refused:
            raise Rejected(
                f"Shipment {shipment.number} is in Acumatica, but could not be confirmed: {refused.words or refused.message}",
                fields=refused.fields,
                next_step=f"Correct the cause on shipment {shipment.number} (form SO302000), then send this again: it goes on there.",
                words=refused.words,
                status=refused.status,
                request_id=refused.request_id,
            ) from refused

    def _operated(self, action: str, shipment: ShipmentState, *, editable: bool) -> ShipmentState:
        """Run an action, and return the shipment as it should have left it."""
        try:
            operations.run(self.client, "Shipment", action, {"ShipmentNbr": shipment.number})
        except Rejected:
            # An earlier try, or a person, may have come first, and then there is nothing to refuse.
            state = read_shipment(self.client, shipment.number, self.order_key, shipment.invoice)
            if state is None or state.editable is not editable:
                raise
            return state
        return self._seen(shipment, editable=editable)

    def _seen(self, shipment: ShipmentState, *, editable: bool) -> ShipmentState:
        """Read the shipment until it is as an operation should have left it: 204 alone is no proof."""
        for look in range(LOOKS):
            if look:
                time.sleep(self.client.pause)
            state = read_shipment(self.client, shipment.number, self.order_key, shipment.invoice)
            if state is not None and state.editable is editable:
                return state
        raise TryLater(
            f"Acumatica said that it had {'reopened' if editable else 'confirmed'} shipment {shipment.number}, but it does not show it.",
            next_step="It is tried again by itself, from where it stopped.",
            retry_after=30,
        )

    # Bodies and proofs

    def package(self, package: Mapping[str, Any], *, whole: bool) -> Body:
        """One package of ours. Where one parcel stands on several shipments, its weight counts on the first."""
        settings = self.client.settings
        body = {
            "BoxID": package.get("BoxID") or settings.get("default_box"),
            "Weight": package.get("Weight") if whole else None,
            "UOM": package.get("UOM") or settings.get("weight_unit") or "LB",
            "TrackingNbr": package.get("TrackingNbr"),
            "Description": package.get("Description"),
            "CustomRefNbr1": self.mark,
            "Confirmed": True,
        }
        return filled(body)

    def header(self, *, whole: bool) -> Body:
        header = {name: self.payload.get(name) for name in HEADER if whole or name != "FreightCost"}
        return filled(header)

    def state(self, record: Record, invoice: str = "") -> ShipmentState:
        return shipment_state(record, self.order_key, invoice)

    def proof(self, shipment: ShipmentState) -> Body:
        tracking = [parcel.tracking for parcel in shipment.ours(self.mark)]
        return {"ShipmentNbr": shipment.number, "Status": shipment.status, "TrackingNbrs": tracking}

    def order_status(self) -> str:
        record = self.client.record("SalesOrder", self.order_key)
        return codec.text(record, "Status") if record else ""

    def url(self, number: str) -> str:
        return self.client.screen("SO302000", ShipmentNbr=number)


def filled(body: Mapping[str, Any]) -> Body:
    return {name: value for name, value in body.items() if value is not None and value != ""}


def _key(payload: Mapping[str, Any], name: str) -> str:
    return str(payload.get(name) or "").strip()
