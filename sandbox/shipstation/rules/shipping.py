"""Labels, voids, marks, splits and merges: what happens to orders in ShipStation's own screens.

A label is a V1 shipment (V2: label). There is no partly shipped status: an order whose units have not all left stays
`awaiting_shipment` beside the shipments it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.shipstation import clock
from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.account import Account, Locked
from sandbox.shipstation.store import (
    Document,
    Fulfillment,
    Order,
    Shipment,
)

if TYPE_CHECKING:
    from sandbox.shipstation.webhooks import Hooks

Units = dict[int, int]
_ITEM_FIELDS = [
    "orderItemId",
    "lineItemKey",
    "sku",
    "name",
    "imageUrl",
    "weight",
    "quantity",
    "unitPrice",
    "taxAmount",
    "shippingAmount",
    "warehouseLocation",
    "options",
    "productId",
    "fulfillmentSku",
]


def units_left(order: Order, document: Document) -> Units:
    """Units of each physical line that have not left yet, by `orderItemId`."""
    left = {
        line["orderItemId"]: line["quantity"] - order.shipped.get(line["orderItemId"], 0)
        for line in document["items"]
        if not line["adjustment"]
    }
    return {line: units for line, units in left.items() if units > 0}


def spread(units: Units, parcels: int) -> list[Units]:
    """Deal units over parcels, none of them empty."""
    single = [line for line, quantity in units.items() for _ in range(quantity)]
    parcels = max(1, min(parcels, len(single)))
    size, extra = divmod(len(single), parcels)
    dealt: list[Units] = []
    start = 0
    for parcel in range(parcels):
        end = start + size + (parcel < extra)
        dealt.append({})
        for line in single[start:end]:
            dealt[-1][line] = dealt[-1].get(line, 0) + 1
        start = end
    return dealt


class Shipping:
    def __init__(self, account: Account, hooks: Hooks) -> None:
        self.account = account
        self.hooks = hooks
        self.batch_numbers = 100300

    def new_batch(self) -> int:
        """Every label belongs to a batch, a single one to a batch of its own."""
        self.batch_numbers += 1
        return 144000000 + self.batch_numbers

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
        """Buy labels for these units (default: all that are left) and say so by webhook.

        With `batch` given the labels join it and the caller tells the hooks once for all. Raises Locked.
        """
        if order.status not in ("awaiting_shipment", "pending_fulfillment") or order.merged_into:
            raise Locked(f"Order {order.number} is {order.status} and cannot be shipped.")
        document = order.open()
        left = units_left(order, document)
        wanted = {line: min(quantity, left.get(line, 0)) for line, quantity in (units or left).items()}
        wanted = {line: quantity for line, quantity in wanted.items() if quantity > 0}
        if not wanted and left:
            raise Locked(f"Nothing of what was asked is left to ship in order {order.number}.")
        own = batch or self.new_batch()
        service = service or catalogue.default_service(carrier)
        look = {"carrierCode": carrier, "serviceCode": service, "with_items": with_items}
        made = [self._label(order, document, part, own, look) for part in spread(wanted, parcels)]
        for line, quantity in wanted.items():
            order.shipped[line] = order.shipped.get(line, 0) + quantity
        self._after_label(order, document, carrier, service)
        if batch is None:
            self.hooks.labels_made(own, made)
        return made

    def _after_label(self, order: Order, document: Document, carrier: str, service: str) -> None:
        if units_left(order, document):
            self.account.save(order, document)
            return
        today = clock.day(self.account.simulator.now())
        look = {"carrierCode": carrier, "serviceCode": service, "packageCode": "package"}
        self.account.set_status(order, "shipped", shipDate=today, **look)

    def _label(self, order: Order, document: Document, units: Units, batch: int, look: dict[str, Any]) -> Shipment:
        now = self.account.simulator.now()
        key = self.account.number()
        shipment = Shipment(key, now, now, clock.seven(now), order=order.id, number=order.number)
        shipment.batch, shipment.store, shipment.units = batch, order.store, units
        shipment.carrier, shipment.shipped = look["carrierCode"], clock.day(now)
        shipment.tracking = tracking_number(shipment.carrier, key)
        lines = [
            {name: line[name] for name in _ITEM_FIELDS} | {"quantity": units[line["orderItemId"]]}
            for line in document["items"]
            if line["orderItemId"] in units
        ]
        shipment.is_return = look.get("is_return", False)
        shipment.pack(self._shipment_document(shipment, document, look, lines))
        self.account.shipments[key] = shipment
        order.shipments.append(key)
        return shipment

    def _shipment_document(
        self, shipment: Shipment, order: Document, look: dict[str, Any], lines: list[Document]
    ) -> Document:
        cost = Decimal(599 + shipment.id % 1700).scaleb(-2)
        return {
            "shipmentId": shipment.id,
            "orderId": order["orderId"],
            "orderKey": order["orderKey"],
            "userId": order["userId"] or catalogue.USER_ID,
            "customerEmail": order["customerEmail"],
            "orderNumber": order["orderNumber"],
            "createDate": shipment.created,
            "shipDate": shipment.shipped,
            "shipmentCost": cost,
            "insuranceCost": 0,
            "trackingNumber": shipment.tracking,
            "isReturnLabel": shipment.is_return,
            "batchNumber": str(shipment.batch - 144000000),
            "carrierCode": shipment.carrier,
            "serviceCode": look["serviceCode"],
            "packageCode": "package",
            "confirmation": "delivery",
            "warehouseId": order["advancedOptions"]["warehouseId"] or catalogue.DEFAULT_WAREHOUSE,
            "voided": False,
            "voidDate": None,
            "marketplaceNotified": True,
            "notifyErrorMessage": None,
            "shipTo": order["shipTo"],
            "weight": order["weight"],
            "dimensions": order["dimensions"],
            "insuranceOptions": order["insuranceOptions"],
            "advancedOptions": None,
            "shipmentItems": lines if look.get("with_items", True) else [],
            "labelData": None,
            "formData": None,
        }

    def return_label(self, order: Order, carrier: str = "ups") -> Shipment:
        """A label for the way back: no change of status, no SHIP_NOTIFY (V2 does tell)."""
        document = order.open()
        batch = self.new_batch()
        service = catalogue.default_service(carrier)
        look = {"carrierCode": carrier, "serviceCode": service, "is_return": True}
        made = self._label(order, document, dict(order.shipped), batch, look)
        self.hooks.labels_made(batch, [made])
        return made

    def void(self, shipment: Shipment) -> bool:
        """Take the label back; its units are to be shipped again. False when it was voided before."""
        if shipment.voided is not None:
            return False
        shipment.voided_at = shipment.modified_at = self.account.simulator.now()
        shipment.voided = clock.seven(shipment.voided_at)
        shipment.pack(shipment.open() | {"voided": True, "voidDate": shipment.voided})
        order = self.account.orders.rows[shipment.order]
        if not shipment.is_return:
            for line, quantity in shipment.units.items():
                order.shipped[line] = order.shipped.get(line, 0) - quantity
            status = order.status
            if status == "shipped":
                status = str(self.account.simulator.switches["void_status"])
            self.account.set_status(order, status)
        return True

    def mark_shipped(self, order: Order, tracking: str | None, carrier: str, shipped: str | None = None) -> Fulfillment:
        """Shipped outside ShipStation: a fulfillment of the whole order, without item lines."""
        if order.status not in (
            "awaiting_shipment",
            "awaiting_payment",
            "on_hold",
            "pending_fulfillment",
        ):
            raise Locked(f"Order {order.number} is {order.status} and cannot be marked as shipped.")
        document, now = order.open(), self.account.simulator.now()
        key = self.account.number()
        row = Fulfillment(key, now, now, clock.seven(now), order=order.id, number=order.number)
        row.tracking, row.shipped = tracking or "", shipped or clock.day(now)
        row.pack(_fulfillment_document(row, document, tracking, carrier))
        self.account.fulfillments[key] = row
        order.fulfillments.append(key)
        changes = {"shipDate": row.shipped, "externallyFulfilled": True, "carrierCode": carrier}
        self.account.set_status(order, "shipped", **changes)
        self.hooks.fulfilled(row, order)
        return row


def _fulfillment_document(row: Fulfillment, order: Document, tracking: str | None, carrier: str) -> Document:
    return {
        "fulfillmentId": row.id,
        "orderId": row.order,
        "orderNumber": row.number,
        "userId": catalogue.USER_ID,
        "customerEmail": order["customerEmail"],
        "trackingNumber": tracking,
        "createDate": row.created,
        "shipDate": f"{row.shipped}T00:00:00.0000000",
        "voidDate": None,
        "deliveryDate": None,
        "carrierCode": _DISPLAY.get(carrier, catalogue.carrier_name(carrier)),
        "sellerFillProviderId": None,
        "sellerFillProviderName": None,
        "fulfillmentProviderCode": None,
        "fulfillmentServiceCode": None,
        "fulfillmentFee": 0,
        "voidRequested": False,
        "voided": False,
        "marketplaceNotified": True,
        "notifyErrorMessage": None,
        "shipTo": order["shipTo"],
    }


_DISPLAY = {"usps": "USPS", "stamps_com": "USPS"}


def tracking_number(carrier: str, key: int) -> str:
    patterns = {"ups": f"1Z999AA1{key:010d}", "fedex": f"7834{key:08d}"}
    usps = f"94001118995{key:011d}"
    return patterns.get(carrier, usps if carrier == "stamps_com" else f"C1{key:013d}")


def units_of(document: Document, items: Sequence[dict[str, Any]]) -> Units:
    """Lines asked for by `orderItemId`, `lineItemKey` or `sku`, as units by `orderItemId`."""
    wanted: Units = {}
    for asked in items:
        left = int(asked["quantity"])
        for line in document["items"]:
            name = next(key for key in ("orderItemId", "lineItemKey", "sku") if key in asked)
            if line["adjustment"] or line[name] != asked[name] or left <= 0:
                continue
            taken = min(left, line["quantity"] - wanted.get(line["orderItemId"], 0))
            wanted[line["orderItemId"]] = wanted.get(line["orderItemId"], 0) + taken
            left -= taken
    return wanted
