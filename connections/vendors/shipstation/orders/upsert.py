"""Sending up to a hundred orders by one call: one malformed order refuses them all, so it is found by halving."""

from __future__ import annotations

from collections.abc import Sequence

from connections.errors import OutcomeUnknown, Rejected, TryLater, VendorError
from connections.http import Http
from connections.vendor import Body
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import written_object
from connections.vendors.shipstation.errors import without_private
from connections.writing import concerns_all

Entry = Body | VendorError
"""What ShipStation says of one order of a call (`success`, `orderId`, `errorMessage`), or why it says nothing."""

# One malformed order among a hundred is found by some fourteen calls; a budget of forty a minute bears a few such.
MOST_REFUSED_CALLS = 16


class Upsert:
    """Sends whole orders. A cause that concerns the whole account ends the rest unsent.

    `failure` is the last error that says nothing of single orders.
    """

    def __init__(self, http: Http) -> None:
        self.http = http
        self.refused_calls = 0
        self.failure: VendorError | None = None

    def send(self, orders: Sequence[Body]) -> list[Entry]:
        """One entry for each order, in their order; raises nothing."""
        if not orders:
            return []
        if self.failure and concerns_all(self.failure):
            return [self.failure] * len(orders)
        try:
            answer = self.http.post("/orders/createorders", json=[codec.encode(order) for order in orders])
            results = written_object(answer).get("results")
            if not isinstance(results, list):
                raise OutcomeUnknown("ShipStation answered a batch of orders without its results.")
        except Rejected as error:
            return self._halved(orders, error)
        except VendorError as error:
            self.failure = error
            return [error] * len(orders)
        return _matched(orders, [row for row in results if isinstance(row, dict)])

    def _halved(self, orders: Sequence[Body], error: Rejected) -> list[Entry]:
        self.refused_calls += 1
        if len(orders) == 1 or error.status not in {400, 422}:
            return [error] * len(orders)
        if self.refused_calls > MOST_REFUSED_CALLS:
            later = TryLater("Too many orders of this batch were malformed, so this one was not sent yet.")
            return [later] * len(orders)
        middle = len(orders) // 2
        return self.send(orders[:middle]) + self.send(orders[middle:])


def _matched(orders: Sequence[Body], results: Sequence[Body]) -> list[Entry]:
    by_key = {row["orderKey"]: row for row in results if row.get("orderKey")}
    by_number = {row.get("orderNumber"): row for row in results if not row.get("orderKey")}
    missing = OutcomeUnknown("ShipStation left this order out of its answer to the batch.")
    return [by_key.get(order.get("orderKey")) or by_number.get(order.get("orderNumber")) or missing for order in orders]


def refusal(order: Body, entry: Body) -> Rejected | None:
    """Why ShipStation did not take this order; None where it did."""
    if entry.get("success") is True and entry.get("orderId"):
        return None
    return Rejected(
        f"ShipStation refused order {order.get('orderNumber')}.",
        words=without_private(str(entry.get("errorMessage") or "")),
        next_step="Correct what it names in the source system or in the mapping, then replay.",
    )
