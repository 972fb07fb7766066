"""Labels, voids and marks: how an order leaves.

A label is a V1 shipment (V2: label). There is no partly shipped status: an order whose units have not all left stays
`awaiting_shipment` beside the shipments it has.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.kit.context import Context
from sandbox.shipstation import clock
from sandbox.shipstation.catalogue import carrier_codes, default_service
from sandbox.shipstation.rules.documents import OPEN
from sandbox.shipstation.rules.shipment_documents import (
    FIRST_BATCH,
    LabelOptions,
    fulfillment_document,
    shipment_document,
    tracking_number,
)
from sandbox.shipstation.rules.statuses import Locked, Statuses
from sandbox.shipstation.rules.units import Units, spread, units_left
from sandbox.shipstation.store import Account, Document, Fulfillment, Order, Shipment
from sandbox.shipstation.webhooks import Webhooks


class Shipping:
    def __init__(self, context: Context, account: Account, statuses: Statuses, webhooks: Webhooks) -> None:
        self.context = context
        self.account = account
        self.statuses = statuses
        self.webhooks = webhooks
        self.last_batch = FIRST_BATCH + 100300

    def new_batch(self) -> int:
        """Every label belongs to a batch, a single one to a batch of its own."""
        self.last_batch += 1
        return self.last_batch

    def ship(
        self,
        order: Order,
        units: Units | None = None,
        parcels: int = 1,
        carrier: str = "ups",
        service: str | None = None,
        with_items: bool = True,
        batch: int | None = None,
    ) -> list[Shipment]:
        """Buy labels for these units (default: all that are left) and notify the subscribers.

        With `batch` the labels join it, and the caller notifies once for all of them. Raises `Locked`.
        """
        if order.status not in ("awaiting_shipment", "pending_fulfillment") or order.merged_into:
            raise Locked(f"Order {order.number} is {order.status} and cannot be shipped.")
        document = order.open()
        to_ship = _units_to_ship(order, document, units)
        label = LabelOptions(carrier, service or default_service(carrier), with_items)
        own_batch = batch or self.new_batch()
        shipments = [self._label(order, document, part, own_batch, label) for part in spread(to_ship, parcels)]
        for line, quantity in to_ship.items():
            order.shipped[line] = order.shipped.get(line, 0) + quantity
        self._after_label(order, document, label)
        if batch is None:
            self.webhooks.labels_made(own_batch, shipments)
        return shipments

    def ship_batch(self, orders: Sequence[Order], carrier: str | None = None) -> list[Shipment]:
        """Ship whole orders, all labels in one batch with one webhook. Raises `Locked`."""
        batch = self.new_batch()
        shipments: list[Shipment] = []
        for order in orders:
            shipments += self.ship(order, carrier=carrier or flagged_carrier(order.open()) or "ups", batch=batch)
        self.webhooks.labels_made(batch, shipments)
        return shipments

    def _after_label(self, order: Order, document: Document, label: LabelOptions) -> None:
        if units_left(order, document):
            self.account.save(order, document)
            return
        today = clock.day(self.context.now())
        codes = {"carrierCode": label.carrier, "serviceCode": label.service, "packageCode": "package"}
        self.statuses.set(order, "shipped", shipDate=today, **codes)

    def _label(self, order: Order, document: Document, units: Units, batch: int, label: LabelOptions) -> Shipment:
        now, key = self.context.now(), self.account.next_number()
        shipment = Shipment(
            key,
            now,
            now,
            clock.seven(now),
            order=order.id,
            number=order.number,
            batch=batch,
            store=order.store,
            carrier=label.carrier,
            tracking=tracking_number(label.carrier, key),
            shipped=clock.day(now),
            is_return=label.is_return,
            units=units,
        )
        shipment.pack(shipment_document(shipment, document, label))
        self.account.shipments[key] = shipment
        order.shipments.append(key)
        return shipment

    def return_label(self, order: Order, carrier: str = "ups") -> Shipment:
        """A label for the way back: no change of status, no SHIP_NOTIFY (V2 does notify)."""
        batch = self.new_batch()
        label = LabelOptions(carrier, default_service(carrier), is_return=True)
        shipment = self._label(order, order.open(), dict(order.shipped), batch, label)
        self.webhooks.labels_made(batch, [shipment])
        return shipment

    def void(self, shipment: Shipment) -> bool:
        """Take the label back; its units are to be shipped again. False when it was voided before."""
        if shipment.voided is not None:
            return False
        shipment.voided_at = shipment.modified_at = self.context.now()
        shipment.voided = clock.seven(shipment.voided_at)
        shipment.pack(shipment.open() | {"voided": True, "voidDate": shipment.voided})
        if not shipment.is_return:
            self._take_back(self.account.orders.rows[shipment.order], shipment.units)
        return True

    def _take_back(self, order: Order, units: Units) -> None:
        for line, quantity in units.items():
            order.shipped[line] = order.shipped.get(line, 0) - quantity
        was_shipped = order.status == "shipped"
        self.statuses.set(order, str(self.context.switches["void_status"]) if was_shipped else order.status)

    def mark_shipped(self, order: Order, tracking: str | None, carrier: str, shipped: str | None = None) -> Fulfillment:
        """Shipped outside ShipStation: a fulfillment of the whole order, without item lines. Raises `Locked`."""
        if order.status not in OPEN:
            raise Locked(f"Order {order.number} is {order.status} and cannot be marked as shipped.")
        now, key = self.context.now(), self.account.next_number()
        row = Fulfillment(key, now, now, clock.seven(now), order=order.id, number=order.number)
        row.tracking, row.shipped = tracking or "", shipped or clock.day(now)
        row.pack(fulfillment_document(row, order.open(), tracking, carrier))
        self.account.fulfillments[key] = row
        order.fulfillments.append(key)
        self.statuses.set(order, "shipped", shipDate=row.shipped, externallyFulfilled=True, carrierCode=carrier)
        self.webhooks.fulfilled(row, order)
        return row


def _units_to_ship(order: Order, document: Document, units: Units | None) -> Units:
    """Of these units, those that have not left yet."""
    left = units_left(order, document)
    to_ship = {line: min(quantity, left.get(line, 0)) for line, quantity in (units or left).items()}
    to_ship = {line: quantity for line, quantity in to_ship.items() if quantity > 0}
    if not to_ship and left:
        raise Locked(f"Nothing of what was asked is left to ship in order {order.number}.")
    return to_ship


def flagged_carrier(document: Document) -> str | None:
    """An order that says `carrier:<code>` in its notes or custom fields is shipped with that carrier."""
    advanced = document["advancedOptions"]
    texts = [document["internalNotes"], *(advanced[f"customField{place}"] for place in (1, 2, 3))]
    words = " ".join(text for text in texts if text).partition("carrier:")[2].split()
    return words[0] if words and words[0] in carrier_codes() else None
