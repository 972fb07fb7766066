"""Writing up to a hundred orders by one call, each with an outcome of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connections.errors import ConnectionBroken, OutcomeUnknown, Rejected, TryLater, VendorError
from connections.http import Http
from connections.vendor import Body, Outcome, Outgoing, Refused, Unchanged, Written
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import written_object
from connections.vendors.shipstation.errors import without_private
from connections.vendors.shipstation.order_fields import may_take, over_current, with_our_keys
from connections.vendors.shipstation.order_lookup import (
    LOCKED,
    gone,
    locked,
    order_by_id,
    order_url,
    orders_by_key,
    orders_there,
)
from connections.vendors.shipstation.outcomes import concerns_all, nothing_written

# One malformed order among a hundred is found by some fourteen calls; a budget of forty a minute bears a few such.
MOST_REFUSED_CALLS = 16
MOST_LOOKED_FOR = 20
# A refusal is explained by one call more: whether the order is locked.
MOST_EXPLAINED = 5


class OrderBatch:
    """One call of `Orders.write`: outcomes by natural key, gathered over however many calls it takes."""

    def __init__(self, http: Http, store_id: Any) -> None:
        self.http = http
        self.store_id = store_id
        self.outcomes: dict[str, Outcome] = {}
        self.there: dict[str, Body] = {}
        self.refused_calls = 0
        self.explained = 0

    def write(self, documents: Sequence[Outgoing]) -> list[Outcome]:
        self._look([document for document in documents if not document.target_key])
        ready: list[tuple[Outgoing, Body]] = []
        stopped: VendorError | None = None
        for document in documents:
            try:
                if stopped and document.target_key:
                    raise stopped
                with nothing_written():
                    prepared = self._prepared(document)
            except ConnectionBroken:
                raise
            except VendorError as error:
                stopped = error if concerns_all(error) else stopped
                self.outcomes[document.natural_key] = Refused(error)
            else:
                if isinstance(prepared, Unchanged):
                    self.outcomes[document.natural_key] = prepared
                else:
                    ready.append((document, prepared))
        if ready:
            self._post(ready)
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
                self.there = orders_there(self.http, numbers)
        except VendorError as error:
            if concerns_all(error):
                raise

    def _prepared(self, document: Outgoing) -> Body | Unchanged:
        """What goes into the batch. Raises `Locked` where the order may no longer change, and would have to."""
        payload = with_our_keys(document.payload, document.natural_key)
        known = document.target_key
        current = order_by_id(self.http, known) if known else self.there.get(document.natural_key)
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

    def _post(self, ready: Sequence[tuple[Outgoing, Body]]) -> None:
        try:
            answer = self.http.post("/orders/createorders", json=[codec.encode(body) for _, body in ready])
            results = written_object(answer).get("results")
            if not isinstance(results, list):
                raise OutcomeUnknown("ShipStation answered a batch of orders without its results.")
        except Rejected as error:
            self._apart(ready, error)
        except VendorError as error:
            if not any(isinstance(outcome, Written | Unchanged) for outcome in self.outcomes.values()):
                raise
            self.outcomes |= {document.natural_key: Refused(error) for document, _ in ready}
        else:
            self._take(ready, [row for row in results if isinstance(row, dict)])

    def _apart(self, ready: Sequence[tuple[Outgoing, Body]], error: Rejected) -> None:
        """A malformed order refuses the whole array, so halve until it stands alone."""
        self.refused_calls += 1
        if len(ready) == 1 or error.status not in {400, 422}:
            self.outcomes |= {document.natural_key: Refused(error) for document, _ in ready}
            return
        if self.refused_calls > MOST_REFUSED_CALLS:
            later = TryLater("Too many orders of this batch were malformed, so this one was not sent yet.")
            self.outcomes |= {document.natural_key: Refused(later) for document, _ in ready}
            return
        middle = len(ready) // 2
        self._post(ready[:middle])
        self._post(ready[middle:])

    def _take(self, ready: Sequence[tuple[Outgoing, Body]], results: list[Body]) -> None:
        by_key = {row["orderKey"]: row for row in results if row.get("orderKey")}
        by_number = {row.get("orderNumber"): row for row in results if not row.get("orderKey")}
        for document, body in ready:
            row = by_key.get(body["orderKey"]) or by_number.get(body.get("orderNumber"))
            self.outcomes[document.natural_key] = self._outcome(body, row)

    def _outcome(self, body: Body, row: Body | None) -> Outcome:
        if row is None:
            return Refused(OutcomeUnknown("ShipStation left this order out of its answer to the batch."))
        if row.get("success") is True and row.get("orderId"):
            return Written(str(row["orderId"]), order_url(row), row)
        return Refused(self._refusal(body, str(row.get("errorMessage") or "")))

    def _refusal(self, body: Body, words: str) -> Rejected:
        refused = Rejected(
            f"ShipStation refused order {body.get('orderNumber')}.",
            words=without_private(words),
            next_step="Correct what it names in the source system or in the mapping, then replay.",
        )
        self.explained += 1
        if self.explained > MOST_EXPLAINED:
            return refused
        try:
            orders = orders_by_key(self.http, str(body.get("orderNumber") or ""), body["orderKey"])
            shut = next((order for order in orders if order.get("orderStatus") in LOCKED), None)
        except VendorError:
            return refused  # the reason for the refusal is worth more than the trouble of explaining it
        return locked(shut) if shut else refused
