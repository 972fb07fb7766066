"""Shipments: read for customers who make them in Acumatica, written as the way back of every parcel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connections.errors import NotReady, NotThere, Rejected
from connections.vendor import Found, Outcome, Outgoing
from connections.vendors.acumatica.errors import LostLock
from connections.vendors.acumatica.reader import Readable
from connections.vendors.acumatica.shipments.shipping import Shipping
from connections.vendors.acumatica.shipments.state import OrderState
from connections.writing import one_by_one


class Shipments(Readable):
    """A parcel becomes packages on a confirmed shipment of its order.

    The natural key (30 characters at most) stands in `CustomRefNbr1` of each package. A target key is
    `<ShipmentNbr>/<mark>`, several of them joined by commas.
    """

    slug = "shipments"
    label = "Shipments"
    document = "shipment"
    sample = "shipment.json"
    entity = "Shipment"
    expand = (
        "Details",
        "Packages",
        "Orders",
        "ShippingSettings",
        "ShippingSettings/ShipToAddress",
        "ShippingSettings/ShipToContact",
    )
    batch_size = 1
    upsert = False
    settle_delays = (10, 30, 60, 120)
    fields = frozenset(
        {
            "OrderType",
            "OrderNbr",
            "ShipmentDate",
            "ShipVia",
            "FreightCost",
            "Voided",
            "GoodsElsewhere",
            "Packages",
            "Packages[].BoxID",
            "Packages[].Weight",
            "Packages[].UOM",
            "Packages[].TrackingNbr",
            "Packages[].Description",
            "Details",
            "Details[].OrderLineNbr",
            "Details[].InventoryID",
            "Details[].ShippedQty",
            "Details[].WarehouseID",
        }
    )

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """See `Resource.write`. A refusal after a shipment was made is an outcome that names the shipment."""
        return one_by_one(documents, self._write, (Rejected, NotReady))

    def _write(self, document: Outgoing) -> Outcome:
        shipping = Shipping(self.client, document)
        try:
            return shipping.run()
        except (LostLock, NotThere):
            # From a fresh read: someone saved or removed it, or a new session gave its packages new ids.
            return shipping.run()

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """See `Resource.find`: by the mark on the packages of the order's shipments."""
        lookups = {document.natural_key: self._find(document) for document in documents}
        return {key: result for key, result in lookups.items() if result is not None}

    def _find(self, document: Outgoing) -> Found | None:
        shipping = Shipping(self.client, document)
        order = shipping.order()
        if order is None:
            return None
        if shipping.voided:
            return self._find_voided(shipping, order)
        ours = order.marked(shipping.mark)
        if not ours:
            return None
        return shipping.read_back(ours, complete=not shipping.unfinished(ours))

    def _find_voided(self, shipping: Shipping, order: OrderState) -> Found:
        ours = order.marked(shipping.mark)
        if ours:
            return shipping.read_back(ours, complete=False)
        complete = not shipping.left_open(order)
        return Found(shipping.document.target_key, complete=complete, proof={"OrderStatus": order.status})
