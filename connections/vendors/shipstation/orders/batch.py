"""Writing up to a hundred orders by a few calls, each with an outcome of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connections.errors import ConnectionBroken, Rejected, VendorError
from connections.http import Http
from connections.vendor import Body, Outcome, Outgoing, Refused, Unchanged, Written
from connections.vendors.shipstation.orders.fields import may_take, over_current, with_our_keys
from connections.vendors.shipstation.orders.lookup import (
    LOCKED,
    existing_orders,
    gone,
    locked,
    order_url,
    orders_by_key,
)
from connections.vendors.shipstation.orders.search import OrderRef, OrderSearch
from connections.vendors.shipstation.orders.upsert import Upsert, refusal
from connections.writing import concerns_all, nothing_written

MOST_LOOKED_FOR = 20
# A refusal is explained by one call more: whether the order is locked.
MOST_EXPLAINED = 5


class OrderBatch:
    """One call of `Orders.write`: outcomes by natural key, gathered over however many calls it takes."""

    def __init__(self, http: Http, store_id: Any) -> None:
        self.http = http
        self.store_id = store_id
        self.outcomes: dict[str, Outcome] = {}
        self.existing: dict[str, Body] = {}
        self.search = OrderSearch(http)
        self.explained = 0

    def write(self, documents: Sequence[Outgoing]) -> list[Outcome]:
        self._look([document for document in documents if not document.target_key])
        self.search.read(_ref(document) for document in documents if document.target_key)
        ready: list[tuple[Outgoing, Body]] = []
        for document in documents:
            try:
                prepared = self._prepared(document)
            except ConnectionBroken:
                raise
            except VendorError as error:
                self.outcomes[document.natural_key] = Refused(error)
            else:
                if isinstance(prepared, Unchanged):
                    self.outcomes[document.natural_key] = prepared
                else:
                    ready.append((document, prepared))
        self._send(ready)
        return [self.outcomes[document.natural_key] for document in documents]

    def _look(self, unknown: Sequence[Outgoing]) -> None:
        """Find those that are there although their ids are not known: what an update leaves out, V1 empties.

        After a lost answer the same orders come again in smaller batches, so a large one holds new orders, and is not
        looked for. ShipStation may fail to list them because of an order that is none of ours, so a failed look keeps
        nothing from being sent.
        """
        if len(unknown) > MOST_LOOKED_FOR:
            return
        numbers = {document.natural_key: str(document.payload.get("orderNumber") or "") for document in unknown}
        try:
            with nothing_written():
                self.existing = existing_orders(self.http, numbers)
        except VendorError as error:
            if concerns_all(error):
                raise

    def _prepared(self, document: Outgoing) -> Body | Unchanged:
        """What goes into the batch. Raises `Locked` where the order may no longer change, and would have to."""
        payload = with_our_keys(document.payload, document.natural_key)
        known = document.target_key
        current = self.search.by_id(known) if known else self.existing.get(document.natural_key)
        if current is None and not known:
            return self._placed(payload)
        if current is None:
            raise gone(document.target_key, payload.get("orderNumber"))
        sent = with_our_keys(document.sent, document.natural_key) if document.sent else None
        if current.get("orderStatus") == "shipped" and sent == payload:
            return Unchanged(document.target_key, order_url(current), note="shipped as it was sent")
        if current.get("orderStatus") in LOCKED or not may_take(current, payload, sent):
            raise locked(current)
        return over_current(current, payload, sent)

    def _placed(self, payload: Body) -> Body:
        """A new order goes to the connection's store; later the store may not change."""
        if not self.store_id:
            return payload
        options = {"storeId": int(self.store_id), **(payload.get("advancedOptions") or {})}
        return payload | {"advancedOptions": options}

    def _send(self, ready: Sequence[tuple[Outgoing, Body]]) -> None:
        """Raises what stopped the sending where that is all there is to say of every order."""
        upsert = Upsert(self.http)
        entries = upsert.send([order for _, order in ready])
        for (document, order), entry in zip(ready, entries, strict=True):
            self.outcomes[document.natural_key] = self._outcome(order, entry)
        errors = [outcome.error if isinstance(outcome, Refused) else None for outcome in self.outcomes.values()]
        if upsert.failure and all(error is upsert.failure for error in errors):
            raise upsert.failure

    def _outcome(self, order: Body, entry: Body | VendorError) -> Outcome:
        if isinstance(entry, VendorError):
            return Refused(entry)
        refused = refusal(order, entry)
        if refused is None:
            return Written(str(entry["orderId"]), order_url(entry), entry)
        return Refused(self._explained(order, refused))

    def _explained(self, order: Body, refused: Rejected) -> Rejected:
        self.explained += 1
        if self.explained > MOST_EXPLAINED:
            return refused
        try:
            orders = orders_by_key(self.http, str(order.get("orderNumber") or ""), order["orderKey"])
            shut = next((row for row in orders if row.get("orderStatus") in LOCKED), None)
        except VendorError:
            return refused  # the reason for the refusal is worth more than an error met while explaining it
        return locked(shut) if shut else refused


def _ref(document: Outgoing) -> OrderRef:
    """An order that was written before, under the number that it was given then."""
    return OrderRef(str((document.sent or document.payload).get("orderNumber") or ""), document.target_key)
