"""Making an order shipped: find what an earlier try left, create or use a shipment, put our packages on it, confirm it.

Every step reads the state first, so the whole may be run again after any of them. Our packages carry the parcel's key in
`CustomRefNbr1`: by that mark our work is recognised, and a creation holds it from its one and only write on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from connections.errors import (
    Locked,
    NotReady,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from connections.vendor import Body, Found, Outcome, Outgoing, Unchanged, Written
from connections.vendors.acumatica import codec, operations
from connections.vendors.acumatica.client import AcumaticaClient
from connections.vendors.acumatica.codec import Record
from connections.vendors.acumatica.shipping_plan import Group, plan, wanted
from connections.vendors.acumatica.shipping_state import (
    SHIPMENT_PARTS,
    OrderState,
    ShipmentState,
    read_order,
    read_shipment,
    shipment_state,
)

MARK_LENGTH = 30  # of Packages.CustomRefNbr1
HEADER = ("ShipmentDate", "ShipVia", "FreightCost")
WAITS = {"Credit Hold", "Pending Approval", "Pending Processing", "Awaiting Payment", "Risk Hold"}
OVER = {"Canceled", "Cancelled", "Rejected", "Expired"}
LOOKS = 5  # at a shipment that should be confirmed by now


class Shipping:
    """The way of one parcel into Acumatica."""

    def __init__(self, client: AcumaticaClient, document: Outgoing) -> None:
        self.client = client
        self.document = document
        self.mark = document.natural_key
        self.payload = document.payload
        self.order_key = (_key(self.payload, "OrderType") or "SO", _key(self.payload, "OrderNbr"))
        self.packages: list[Body] = [dict(package) for package in self.payload.get("Packages") or [{}]]

    @property
    def voided(self) -> bool:
        return self.payload.get("Voided") is True

    @property
    def goods_elsewhere(self) -> bool:
        """Whether other parcels hold all the goods, and this one only adds its tracking number."""
        return self.payload.get("GoodsElsewhere") is True

    def run(self) -> Outcome:
        """Do what is left to do. Raises any `VendorError`; `Rejected` may come after a shipment was made."""
        if not self.mark or len(self.mark) > MARK_LENGTH:
            raise Rejected(f"The parcel's key must have 1 to {MARK_LENGTH} characters to be kept in Acumatica.")
        order = self.order()
        if order is None:
            raise Rejected(
                f"There is no order {' '.join(self.order_key)} in Acumatica, or our user may not see it.",
                fields={"OrderNbr": "not found"},
                next_step="Check the order number, and the branches that the API user's role may see.",
            )
        return self.void(order) if self.voided else self.ship(order)

    def order(self) -> OrderState | None:
        return read_order(self.client, *self.order_key)

    # Shipping

    def ship(self, order: OrderState) -> Outcome:
        ours = order.marked(self.mark)
        free = [shipment for shipment in order.shipments if shipment.editable and shipment.unmarked]
        goods = wanted(self.payload)
        groups = {} if self.goods_elsewhere else plan(order, goods, [*ours, *free], strict=not ours)
        missing = [each for each in groups if each not in {shipment.warehouse for shipment in ours}]
        if ours and not missing and not self.unfinished(ours):
            return self._unchanged(ours)
        if not ours or missing:
            _may_ship(order)
        first = next(iter(groups), None)
        made = [
            self._use_or_create(order, free, warehouse, groups[warehouse], whole=warehouse == first)
            for warehouse in missing
        ]
        if not ours and not made:
            made = [self._add_parcel(order, named=bool(goods))]
        updated = [self._renewed(shipment, whole=index == 0) for index, shipment in enumerate(ours)]
        done = [self._confirmed(shipment) for shipment in [*updated, *made]]
        return self._written(done)

    def unfinished(self, ours: Sequence[ShipmentState]) -> bool:
        """Whether a shipment of ours still has to be confirmed or to learn other tracking numbers."""
        return any(shipment.editable or self._differs(shipment) for shipment in ours)

    def _use_or_create(
        self, order: OrderState, free: Sequence[ShipmentState], warehouse: str, group: Group, *, whole: bool
    ) -> ShipmentState:
        for shipment in free:
            if shipment.warehouse in {warehouse, ""} and shipment.holds(group):
                return self._put_packages(shipment, adopt=True, whole=whole)
        return self._create(order, warehouse, group, whole=whole)

    def _create(self, order: OrderState, warehouse: str, group: Group, *, whole: bool) -> ShipmentState:
        """Create a shipment in ONE write with lines and packages, so that even a lost answer left our mark there."""
        link: Body = {"OrderType": order.type, "OrderNbr": order.number}
        lines = [link | {"OrderLineNbr": line, "ShippedQty": quantity} for line, quantity in group.items()]
        body = {
            "CustomerID": order.customer,
            "LocationID": order.location,
            "WarehouseID": warehouse,
            "Hold": False,
            "Description": f"Parcel {self.mark}",
            "Details": lines or [link],
            "Packages": [self._package(package, whole=whole) for package in self.packages],
            **self._header(whole=whole),
        }
        record = self.client.put("Shipment", _filled(body), expand=SHIPMENT_PARTS, new=True)
        state = self._state(record)
        if not state.number or state.number.startswith("<"):
            raise OutcomeUnknown("Acumatica answered the new shipment without its number.")
        return state

    def _add_parcel(self, order: OrderState, *, named: bool) -> ShipmentState:
        """One more parcel of goods that are on a shipment already: it goes on the order's last shipment.

        A parcel that names its goods is no such parcel while they are on another parcel's shipment: that one was
        voided, most likely, and its void is on its way here.
        """
        taken = [shipment.number for shipment in order.shipments if not shipment.unmarked]
        if (named and taken) or (self.goods_elsewhere and not order.shipments):
            where = f"shipment {', '.join(taken)}, which belongs to another parcel" if taken else "no shipment yet"
            raise NotReady(
                f"The goods of this parcel are on {where}.",
                waits_for=f"the goods of order {order.label}",
                next_step="It goes by itself once the other label's void has arrived; if both labels are good, see which goods each holds.",
            )
        if not order.shipments:
            raise Rejected(
                f"Order {order.label} has the status {order.status}, nothing left to ship and no shipment.",
                next_step="See in Acumatica how the order was completed; reopen it there if the parcel belongs to it.",
            )
        last = max(order.shipments, key=lambda shipment: shipment.number)
        return self._put_packages(self._opened(last), adopt=False, whole=True, header=False)

    def _renewed(self, shipment: ShipmentState, *, whole: bool) -> ShipmentState:
        """Our shipment with the tracking numbers of this payload."""
        if not self._differs(shipment):
            return shipment
        return self._put_packages(self._opened(shipment), adopt=False, whole=whole, header=False)

    def _differs(self, shipment: ShipmentState) -> bool:
        there = sorted(parcel.tracking for parcel in shipment.ours(self.mark))
        return there != sorted(str(package.get("TrackingNbr") or "").strip() for package in self.packages)

    # Steps

    def _opened(self, shipment: ShipmentState) -> ShipmentState:
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

    def _put_packages(self, shipment: ShipmentState, *, adopt: bool, whole: bool, header: bool = True) -> ShipmentState:
        """Put our packages on a shipment that may be changed. `adopt`: fill packages there that nobody marked."""
        pool = shipment.ours(self.mark)
        if adopt:
            numbers = {str(package.get("TrackingNbr") or "").strip() for package in self.packages}
            pool += [each for each in shipment.parcels if not each.mark and each.tracking in {"", *numbers}]
        packages: list[Record] = []
        for index, package in enumerate(self.packages):
            known: Record = {"id": pool[index].id} if index < len(pool) else {}
            packages.append(known | codec.encode(self._package(package, whole=whole)))
        surplus = [each for each in pool[len(self.packages) :] if each.mark == self.mark]
        packages += [{"id": each.id, "delete": True} for each in surplus]
        head = {"ShipmentNbr": shipment.number} | (self._header(whole=whole) if header else {})
        record = self.client.put_raw("Shipment", codec.encode(head) | {"Packages": packages}, expand=SHIPMENT_PARTS)
        return self._state(record, shipment.invoice)

    def _confirmed(self, shipment: ShipmentState) -> ShipmentState:
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
                next_step=f"Mend the cause on shipment {shipment.number} (form SO302000), then send this again: it goes on there.",
                words=refused.words,
                status=refused.status,
                request_id=refused.request_id,
            ) from refused

    def _operated(self, action: str, shipment: ShipmentState, *, editable: bool) -> ShipmentState:
        """Run an action, and answer the shipment as it should have left it."""
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

    # Voiding

    def void(self, order: OrderState) -> Outcome:
        """Take our packages away again, as far as the shipment may still be changed."""
        ours = order.marked(self.mark)
        if not ours:
            for shipment in self.left_open(order):
                self._confirmed(shipment)
            return Unchanged(self.document.target_key, note="No package of this parcel is in Acumatica.")
        key = ",".join(shipment.key(self.mark) for shipment in ours)
        for shipment in ours:
            if shipment.locked:
                self._opened(shipment)  # raises the reason
        for shipment in ours:
            self._take_off(shipment)
        return Written(key, self._url(ours[0].number), {"Removed": key, "OrderStatus": self._order_status()})

    def left_open(self, order: OrderState) -> list[ShipmentState]:
        """Shipments that were reopened to take our package away, while other parcels on them are on their way."""
        numbers = {key.partition("/")[0] for key in self.document.target_key.split(",")}
        return [
            shipment
            for shipment in order.shipments
            if shipment.number in numbers and shipment.editable and not shipment.unmarked
        ]

    def _take_off(self, shipment: ShipmentState) -> None:
        others = [parcel for parcel in shipment.parcels if parcel.mark != self.mark]
        was_open = shipment.editable
        opened = self._opened(shipment)
        if not others and shipment.description == f"Parcel {self.mark}":
            # Left open, it would hold its quantities back, and the next label may be for others.
            self.client.delete("Shipment", (shipment.number,))
            return
        gone = [{"id": parcel.id, "delete": True} for parcel in opened.ours(self.mark)]
        body = codec.encode({"ShipmentNbr": shipment.number}) | {"Packages": gone}
        state = self._state(self.client.put_raw("Shipment", body, expand=SHIPMENT_PARTS), shipment.invoice)
        if any(parcel.mark for parcel in others) or (others and not was_open):
            self._confirmed(state)

    # Bodies and answers

    def _package(self, package: Mapping[str, Any], *, whole: bool) -> Body:
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
        return _filled(body)

    def _header(self, *, whole: bool) -> Body:
        header = {name: self.payload.get(name) for name in HEADER if whole or name != "FreightCost"}
        return _filled(header)

    def _state(self, record: Record, invoice: str = "") -> ShipmentState:
        return shipment_state(record, self.order_key, invoice)

    def _written(self, shipments: Sequence[ShipmentState]) -> Written:
        key = ",".join(shipment.key(self.mark) for shipment in shipments)
        answer = {"Shipments": [self._proof(shipment) for shipment in shipments], "OrderStatus": self._order_status()}
        return Written(key, self._url(shipments[0].number), answer)

    def _unchanged(self, shipments: Sequence[ShipmentState]) -> Unchanged:
        key = ",".join(shipment.key(self.mark) for shipment in shipments)
        return Unchanged(key, self._url(shipments[0].number), "The parcel is on a confirmed shipment already.")

    def found(self, shipments: Sequence[ShipmentState], *, complete: bool) -> Found:
        """Our shipments as a read-back tells of them."""
        key = ",".join(shipment.key(self.mark) for shipment in shipments)
        proof = {"Shipments": [self._proof(shipment) for shipment in shipments]}
        return Found(key, self._url(shipments[0].number), complete, proof)

    def _proof(self, shipment: ShipmentState) -> Body:
        tracking = [parcel.tracking for parcel in shipment.ours(self.mark)]
        return {"ShipmentNbr": shipment.number, "Status": shipment.status, "TrackingNbrs": tracking}

    def _order_status(self) -> str:
        record = self.client.record("SalesOrder", self.order_key)
        return codec.text(record, "Status") if record else ""

    def _url(self, number: str) -> str:
        return self.client.screen("SO302000", ShipmentNbr=number)


def _may_ship(order: OrderState) -> None:
    """Raises `NotReady` or `Rejected` where the order's status keeps it from being shipped."""
    if order.status in OVER:
        raise Rejected(
            f"Order {order.label} has the status {order.status} in Acumatica, so the parcel cannot be booked on it.",
            next_step="Decide in Acumatica what the parcel belongs to: reopen the order, or close this record.",
        )
    if order.hold or order.status == "On Hold":
        raise NotReady(
            f"Order {order.label} is on hold in Acumatica.",
            waits_for=f"order {order.label} to be released",
            next_step="Release the order in Acumatica (form SO301000); the parcel then goes by itself.",
        )
    if order.status in WAITS:
        raise NotReady(
            f"Order {order.label} has the status {order.status} in Acumatica.",
            waits_for=f"order {order.label} to leave the status {order.status}",
            next_step="See to the order in Acumatica (form SO301000); the parcel then goes by itself.",
        )


def _filled(body: Mapping[str, Any]) -> Body:
    return {name: value for name, value in body.items() if value is not None and value != ""}


def _key(payload: Mapping[str, Any], name: str) -> str:
    return str(payload.get(name) or "").strip()
