"""Holding, releasing and cancelling an order that was sent before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from connections.errors import Rejected, Surprise
from connections.reader import to_text
from connections.vendor import Body, Cursor, Found, Outcome, Outgoing, Refused, Resource, Unchanged, Written
from connections.vendors.shipstation import codec, order_v2
from connections.vendors.shipstation.client import ShipStationClient, written_object
from connections.vendors.shipstation.order_fields import over_current
from connections.vendors.shipstation.order_lookup import (
    BY_MODIFY_DATE,
    LOCKED,
    locked,
    order_by_id,
    order_url,
    orders_by_key,
)
from connections.vendors.shipstation.outcomes import one_by_one
from connections.vendors.shipstation.reader import StampWalk

STATUSES = frozenset({"on_hold", "cancelled", "awaiting_shipment"})
FEW = 3
LATELY = timedelta(days=2)


class OrderStatus(Resource):
    """The status of an order. The payload's `ifShipped: "fine"` says that a shipped order is as good as done.

    With its `orderId` an order that was merged into another one is found too: no list shows it any more.
    """

    slug = "order_status"
    label = "Order status"
    document = "order"
    fields = frozenset({"orderNumber", "orderId", "orderStatus", "ifShipped"})
    batch_size = 50
    upsert = True

    client: ShipStationClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Set the status by an upsert of the order as it is now, and check what it says afterwards.

        Orders that are completed elsewhere mostly are shipped here already: of many, a page of what changed lately
        tells that, instead of a call each.
        """
        lately = self._changed_lately(documents) if len(documents) > FEW else {}
        return one_by_one(documents, lambda document: self._write_one(document, lately))

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
        order_id = _id_of(document)
        known = order_by_id(http, order_id) if order_id else None
        if known:
            return known
        number = str(document.payload.get("orderNumber") or "")
        return next(iter(orders_by_key(http, number, document.natural_key)), None)

    def _changed_lately(self, documents: Sequence[Outgoing]) -> dict[str, Body]:
        """Those of the orders, by id, that changed in the last days: read in fewer calls than one each, or not at all."""
        if self.client.v1 is None:
            return {}
        wanted = set(filter(None, map(_id_of, documents)))
        found: dict[str, Body] = {}
        cursor: Cursor = {"since": to_text(datetime.now(UTC)), "walk": None}
        for step in islice(StampWalk(self.client.v1, BY_MODIFY_DATE).steps(cursor, LATELY), len(wanted) // FEW):
            found |= {str(row["orderId"]): row for row in step.rows if str(row["orderId"]) in wanted}
            if len(found) == len(wanted):
                break
        return found

    def _write_one(self, document: Outgoing, lately: Mapping[str, Body]) -> Outcome:
        wanted = document.payload.get("orderStatus")
        if wanted not in STATUSES:
            raise Rejected(
                f"ShipStation orders cannot be given the status {wanted!r} by this flow.",
                fields={"orderStatus": f"one of {', '.join(sorted(STATUSES))}"},
                next_step="Correct the mapping of orderStatus.",
            )
        seen = lately.get(_id_of(document))
        if seen and (done := _as_good(seen, document)):
            return done
        order = self._order(document)
        if order is None:
            return Unchanged(note="never sent to ShipStation")
        if done := _as_good(order, document):
            return done
        if order.get("orderStatus") in LOCKED or (order.get("advancedOptions") or {}).get("mergedOrSplit"):
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


def _id_of(document: Outgoing) -> str:
    return document.target_key or str(document.payload.get("orderId") or "")


def _as_good(order: Body, document: Outgoing) -> Unchanged | None:
    """Nothing has to be written where the order says it already, or is done with in a way that is as good."""
    status, key, url = order.get("orderStatus"), str(order["orderId"]), order_url(order)
    if status == document.payload.get("orderStatus"):
        return Unchanged(key, url, note=f"already {status}")
    if status in LOCKED and document.payload.get("ifShipped") == "fine":
        return Unchanged(key, url, note=f"already {status}, which is as good")
    return None
