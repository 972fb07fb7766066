"""Making an order shipped: find what an earlier try left, create or use a shipment, put our packages on it, confirm it.

Every step reads the state first, so the whole may be run again after any of them. Our packages carry the parcel's key in
`CustomRefNbr1`: by that mark our work is recognised, and a creation holds it from its one and only write on.
"""

from __future__ import annotations

from collections.abc import Sequence

from connections.errors import (
    NotReady,
    OutcomeUnknown,
    Rejected,
)
from connections.vendor import Body, Found, Outcome, Unchanged, Written
from connections.vendors.acumatica import codec
from connections.vendors.acumatica.shipments.plan import Group, goods_of, plan
from connections.vendors.acumatica.shipments.state import (
    SHIPMENT_PARTS,
    OrderState,
    ShipmentState,
    read_order,
)
from connections.vendors.acumatica.shipments.steps import ShipmentSteps, filled

MARK_LENGTH = 30  # of Packages.CustomRefNbr1
WAITS = {"Credit Hold", "Pending Approval", "Pending Processing", "Awaiting Payment", "Risk Hold"}
OVER = {"Canceled", "Cancelled", "Rejected", "Expired"}


class Shipping(ShipmentSteps):
    """The way of one parcel into Acumatica."""

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
        goods = goods_of(self.payload)
        groups = {} if self.goods_elsewhere else plan(order, goods, [*ours, *free], strict=not ours)
        missing = [warehouse for warehouse in groups if warehouse not in {shipment.warehouse for shipment in ours}]
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
        done = [self.confirmed(shipment) for shipment in [*updated, *made]]
        return self._written(done)

    def unfinished(self, ours: Sequence[ShipmentState]) -> bool:
        """Whether a shipment of ours still has to be confirmed or to learn other tracking numbers."""
        return any(shipment.editable or self._differs(shipment) for shipment in ours)

    def _use_or_create(
        self, order: OrderState, free: Sequence[ShipmentState], warehouse: str, group: Group, *, whole: bool
    ) -> ShipmentState:
        for shipment in free:
            if shipment.warehouse in {warehouse, ""} and shipment.holds(group):
                return self.put_packages(shipment, adopt=True, whole=whole)
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
            "Packages": [self.package(package, whole=whole) for package in self.packages],
            **self.header(whole=whole),
        }
        record = self.client.put("Shipment", filled(body), expand=SHIPMENT_PARTS, new=True)
        state = self.state(record)
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
        return self.put_packages(self.opened(last), adopt=False, whole=True, header=False)

    def _renewed(self, shipment: ShipmentState, *, whole: bool) -> ShipmentState:
        """Our shipment with the tracking numbers of this payload."""
        if not self._differs(shipment):
            return shipment
        return self.put_packages(self.opened(shipment), adopt=False, whole=whole, header=False)

    def _differs(self, shipment: ShipmentState) -> bool:
        there = sorted(parcel.tracking for parcel in shipment.ours(self.mark))
        return there != sorted(str(package.get("TrackingNbr") or "").strip() for package in self.packages)

    # Voiding

    def void(self, order: OrderState) -> Outcome:
        """Take our packages away again, as far as the shipment may still be changed."""
        ours = order.marked(self.mark)
        if not ours:
            for shipment in self.left_open(order):
                self.confirmed(shipment)
            return Unchanged(self.document.target_key, note="No package of this parcel is in Acumatica.")
        key = ",".join(shipment.key(self.mark) for shipment in ours)
        for shipment in ours:
            if shipment.locked:
                self.opened(shipment)  # raises the reason
        for shipment in ours:
            self._take_off(shipment)
        return Written(key, self.url(ours[0].number), {"Removed": key, "OrderStatus": self.order_status()})

    def left_open(self, order: OrderState) -> list[ShipmentState]:
        """Shipments that were reopened to take our package away, while other parcels on them are on their way."""
        numbers = {key.partition("/")[0] for key in self.document.target_key.split(",")}
        return [
            shipment
            for shipment in order.shipments
            if shipment.number in numbers and shipment.editable and not shipment.unmarked
        ]

    def _take_off(self, shipment: ShipmentState) -> None:
        other_parcels = [parcel for parcel in shipment.parcels if parcel.mark != self.mark]
        was_open = shipment.editable
        opened = self.opened(shipment)
        if not other_parcels and shipment.description == f"Parcel {self.mark}":
            # Left open, it would hold its quantities back, and the next label may be for others.
            self.client.delete("Shipment", (shipment.number,))
            return
        gone = [{"id": parcel.id, "delete": True} for parcel in opened.ours(self.mark)]
        body = codec.encode({"ShipmentNbr": shipment.number}) | {"Packages": gone}
        state = self.state(self.client.put_raw("Shipment", body, expand=SHIPMENT_PARTS), shipment.invoice)
        if any(parcel.mark for parcel in other_parcels) or (other_parcels and not was_open):
            self.confirmed(state)

    # Outcomes

    def _written(self, shipments: Sequence[ShipmentState]) -> Written:
        key = ",".join(shipment.key(self.mark) for shipment in shipments)
        response = {"Shipments": [self.proof(shipment) for shipment in shipments], "OrderStatus": self.order_status()}
        return Written(key, self.url(shipments[0].number), response)

    def _unchanged(self, shipments: Sequence[ShipmentState]) -> Unchanged:
        key = ",".join(shipment.key(self.mark) for shipment in shipments)
        return Unchanged(key, self.url(shipments[0].number), "The parcel is on a confirmed shipment already.")

    def read_back(self, shipments: Sequence[ShipmentState], *, complete: bool) -> Found:
        """Our shipments as a read-back tells of them."""
        key = ",".join(shipment.key(self.mark) for shipment in shipments)
        proof = {"Shipments": [self.proof(shipment) for shipment in shipments]}
        return Found(key, self.url(shipments[0].number), complete, proof)


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
