"""Holding, releasing and cancelling an order that was sent before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connections.errors import Rejected, Surprise
from connections.vendor import Body, Found, Outcome, Outgoing, Refused, Resource, Unchanged, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.access import OrderAccess, orders_of
from connections.vendors.shipstation.orders.lookup import LOCKED, locked, order_url
from connections.vendors.shipstation.orders.search import OrderRef
from connections.vendors.shipstation.orders.v1 import Edit, Saved
from connections.writing import nothing_written, one_by_one

STATUSES = frozenset({"on_hold", "cancelled", "awaiting_shipment"})


class OrderStatus(Resource):
    """The status of an order. The payload's `ifShipped: "fine"` says that a shipped order is as good as done.

    With its `orderId` an order that was merged into another one is found too: no list shows it any more.
    """

    slug = "order_status"
    label = "Order status"
    document = "order"
    fields = frozenset({"orderNumber", "orderId", "orderStatus", "ifShipped"})
    batch_size = 100
    upsert = True

    client: ShipStationClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Set the status by an upsert of the order as it is now, and check what it says afterwards."""
        orders = self._read(documents)
        prepared = one_by_one(documents, nothing_written()(lambda document: _prepared(document, orders)))
        results = iter(orders.save([step for step in prepared if isinstance(step, Edit)]))
        return [_outcome(step, next(results)) if isinstance(step, Edit) else step for step in prepared]

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """The order; not complete while it has another status than the one asked for."""
        orders = self._read(documents)
        matches = {}
        for document in documents:
            order = _order(document, orders)
            if order:
                complete = order.get("orderStatus") == document.payload.get("orderStatus")
                proof = {name: order.get(name) for name in ("orderStatus", "modifyDate")}
                matches[document.natural_key] = Found(str(order["orderId"]), order_url(order), complete, proof)
        return matches

    def _read(self, documents: Sequence[Outgoing]) -> OrderAccess:
        orders = orders_of(self.client)
        orders.read(OrderRef(_number(document), _id_of(document)) for document in documents)
        return orders


def _id_of(document: Outgoing) -> str:
    return document.target_key or str(document.payload.get("orderId") or "")


def _number(document: Outgoing) -> str:
    return str(document.payload.get("orderNumber") or "")


def _order(document: Outgoing, orders: OrderAccess) -> Body | None:
    order_id = _id_of(document)
    return (orders.by_id(order_id) if order_id else None) or orders.by_key(document.natural_key, _number(document))


def _prepared(document: Outgoing, orders: OrderAccess) -> Outcome | Edit:
    status = document.payload.get("orderStatus")
    if status not in STATUSES:
        raise Rejected(
            f"ShipStation orders cannot be given the status {status!r} by this flow.",
            fields={"orderStatus": f"one of {', '.join(sorted(STATUSES))}"},
            next_step="Correct the mapping of orderStatus.",
        )
    order = _order(document, orders)
    if order is None:
        return Unchanged(note="never sent to ShipStation")
    if done := _as_good(order, document):
        return done
    if order.get("orderStatus") in LOCKED or (order.get("advancedOptions") or {}).get("mergedOrSplit"):
        return Refused(locked(order))  # parts of it stand elsewhere, or parts of others stand in it
    return Edit(order, {"orderStatus": status})


def _as_good(order: Body, document: Outgoing) -> Unchanged | None:
    """Nothing has to be written where the order says it already, or is done with in a way that is as good."""
    status, key, url = order.get("orderStatus"), str(order["orderId"]), order_url(order)
    if status == document.payload.get("orderStatus"):
        return Unchanged(key, url, note=f"already {status}")
    if status in LOCKED and document.payload.get("ifShipped") == "fine":
        return Unchanged(key, url, note=f"already {status}, which is as good")
    return None


def _outcome(edit: Edit, saved: Saved) -> Outcome:
    status, after = edit.changes["orderStatus"], saved.order
    if after and not saved.error and after.get("orderStatus") == status:
        return Written(str(after["orderId"]), order_url(after), {"orderStatus": status})
    if after and after.get("orderStatus") in LOCKED:
        return Refused(locked(after))
    return Refused(saved.error or _kept(after or edit.order, status))


def _kept(order: Body, status: str) -> Surprise:
    return Surprise(
        f"ShipStation kept order {order.get('orderNumber')} at {order.get('orderStatus')} when asked for {status}.",
        next_step="Set the status in ShipStation by hand, then replay.",
    )
