"""Holding, releasing and cancelling an order that was sent before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connections.errors import Rejected, Surprise
from connections.vendor import Body, Found, Outcome, Outgoing, Refused, Resource, Unchanged, Written
from connections.vendors.shipstation import codec, order_v2
from connections.vendors.shipstation.client import ShipStationClient, written_object
from connections.vendors.shipstation.order_fields import over_current
from connections.vendors.shipstation.order_lookup import (
    LOCKED,
    locked,
    order_by_id,
    order_url,
    orders_by_key,
)
from connections.vendors.shipstation.outcomes import one_by_one

STATUSES = frozenset({"on_hold", "cancelled", "awaiting_shipment"})


class OrderStatus(Resource):
    """The status of an order. The payload's `ifShipped: "fine"` says that a shipped order is as good as done."""

    slug = "order_status"
    label = "Order status"
    document = "order"
    fields = frozenset({"orderNumber", "orderStatus", "ifShipped"})
    batch_size = 1
    upsert = True

    client: ShipStationClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Set the status by an upsert of the order as it is now, and check what it says afterwards."""
        return one_by_one(documents, self._write_one)

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """The order; not complete while it has another status than the one asked for."""
        found = {}
        for document in documents:
            order = self._order(document)
            if order:
                complete = order.get("orderStatus") == document.payload.get("orderStatus")
                proof = {name: order.get(name) for name in ("orderStatus", "modifyDate")}
                found[document.natural_key] = Found(str(order["orderId"]), order_url(order), complete, proof)
        return found

    def _order(self, document: Outgoing) -> Body | None:
        http = self.client.v1
        if http is None:
            return order_v2.by_key(self.client, document.natural_key)
        known = order_by_id(http, document.target_key) if document.target_key else None
        if known:
            return known
        number = str(document.payload.get("orderNumber") or "")
        return next(iter(orders_by_key(http, number, document.natural_key)), None)

    def _write_one(self, document: Outgoing) -> Outcome:
        wanted = document.payload.get("orderStatus")
        if wanted not in STATUSES:
            raise Rejected(
                f"ShipStation orders cannot be given the status {wanted!r} by this flow.",
                fields={"orderStatus": f"one of {', '.join(sorted(STATUSES))}"},
                next_step="Correct the mapping of orderStatus.",
            )
        order = self._order(document)
        if order is None:
            return Unchanged(note="never sent to ShipStation")
        key, url, status = str(order["orderId"]), order_url(order), order.get("orderStatus")
        if status == wanted:
            return Unchanged(key, url, note=f"already {status}")
        if status in LOCKED and document.payload.get("ifShipped") == "fine":
            return Unchanged(key, url, note=f"already {status}, which is as good")
        if status in LOCKED or (order.get("advancedOptions") or {}).get("mergedOrSplit"):
            return Refused(locked(order))  # parts of it stand elsewhere, or parts of others stand in it
        return self._set(order, str(wanted))

    def _set(self, order: Body, wanted: str) -> Outcome:
        http, key = self.client.v1, str(order["orderId"])
        if http is None:
            return order_v2.set_status(self.client, order, wanted)
        body = over_current(order, {"orderStatus": wanted, "orderKey": order.get("orderKey")}, None)
        try:
            answer = http.post("/orders/createorder", json=codec.encode(body))
        except Rejected as refused:
            now = order_by_id(http, key)
            return Refused(locked(now) if now and now.get("orderStatus") in LOCKED else refused)
        after = written_object(answer)
        if after.get("orderStatus") == wanted:
            return Written(key, order_url(after), {"orderStatus": wanted})
        if after.get("orderStatus") in LOCKED:
            return Refused(locked(after))
        return Refused(
            Surprise(
                f"ShipStation kept order {order.get('orderNumber')} at {after.get('orderStatus')} "
                f"when asked for {wanted}.",
                next_step="Set the status in ShipStation by hand, then replay.",
            )
        )
