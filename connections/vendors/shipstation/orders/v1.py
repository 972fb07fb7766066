"""Changing orders that are there, by V1: few one by one, many by one call and a look at what they say afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connections.errors import OutcomeUnknown, Rejected, VendorError
from connections.vendor import Body
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import written_object
from connections.vendors.shipstation.orders.fields import over_current
from connections.vendors.shipstation.orders.lookup import gone
from connections.vendors.shipstation.orders.search import OrderRef, OrderSearch
from connections.vendors.shipstation.orders.upsert import Entry, Upsert, refusal
from connections.writing import concerns_all, nothing_written

# One order alone is answered whole by its own write; a batch has to be read once more.
FEW = 2


@dataclass(frozen=True)
class Edit:
    """An order as it was read, and what shall be different in it."""

    order: Body
    changes: Body


@dataclass(frozen=True)
class Saved:
    """What became of an edit: the order as it is now, where that is known, and why the edit was not made."""

    order: Body | None = None
    error: VendorError | None = None


class V1Orders(OrderSearch):
    """Orders of the account, to be read and changed."""

    open_statuses = frozenset({"awaiting_payment", "awaiting_shipment", "on_hold", "pending_fulfillment"})

    def by_key(self, key: str, number: str = "") -> Body | None:
        """The oldest order with this `orderKey`; V1 needs its number to find it."""
        order = self._keyed(key, number)
        return self._keyed(key, number) if order is None and self.recheck([number]) else order

    def _keyed(self, key: str, number: str) -> Body | None:
        rows = self.by_number(number) if number else []
        return next((row for row in rows if row.get("orderKey") == key), None)

    def save(self, edits: Sequence[Edit]) -> list[Saved]:
        """Make these edits, of as many different orders; one result each. Raises nothing."""
        for edit in edits:
            self.rows.pop(str(edit.order["orderId"]), None)
        results = self._save_many(edits) if len(edits) > FEW else save_each(edits, self._save, self.by_id)
        self.rows |= {str(saved.order["orderId"]): saved.order for saved in results if saved.order}
        return results

    def _save(self, edit: Edit) -> Body:
        after: Body = codec.decode(
            written_object(self.http.post("/orders/createorder", json=codec.encode(_whole(edit))))
        )
        return after

    def _save_many(self, edits: Sequence[Edit]) -> list[Saved]:
        bodies = [_whole(edit) for edit in edits]
        entries = Upsert(self.http).send(bodies)
        now = OrderSearch(self.http)
        now.read((_ref(edit.order) for edit in edits), just_written=True)
        return [_seen(edit.order, body, entry, now) for edit, body, entry in zip(edits, bodies, entries, strict=True)]


def save_each(edits: Sequence[Edit], save: Callable[[Edit], Body], by_id: Callable[[str], Body | None]) -> list[Saved]:
    """Edits made by a call each. A cause that concerns the whole account ends the rest unsent."""
    results: list[Saved] = []
    stopped: VendorError | None = None
    for edit in edits:
        result = Saved(error=stopped) if stopped else _saved(edit, save, by_id)
        stopped = result.error if result.error and concerns_all(result.error) else None
        results.append(result)
    return results


def _saved(edit: Edit, save: Callable[[Edit], Body], by_id: Callable[[str], Body | None]) -> Saved:
    try:
        with nothing_written():
            return Saved(save(edit))
    except Rejected as refused:
        if refused.status is None:  # by ourselves
            return Saved(error=refused)
        try:
            return Saved(by_id(str(edit.order["orderId"])), refused)
        except VendorError as error:
            return Saved(error=error)
    except VendorError as error:
        return Saved(error=error)


def _whole(edit: Edit) -> Body:
    return over_current(edit.order, {"orderKey": edit.order.get("orderKey"), **edit.changes}, None)


def _ref(order: Body) -> OrderRef:
    return OrderRef(str(order.get("orderNumber") or ""), str(order["orderId"]))


def _seen(order: Body, body: Body, entry: Entry, now: OrderSearch) -> Saved:
    """What one order of a batch says after it. Its entry says that it was taken, not that it was changed."""
    error = entry if isinstance(entry, VendorError) else refusal(body, entry)
    if error and not isinstance(error, Rejected):
        return Saved(error=error)
    order_id = str(order["orderId"])
    if now.rows.get(order_id, {}).get("modifyDate") == order.get("modifyDate"):
        now.rows.pop(order_id, None)  # the list may lag behind the write
    try:
        after = now.by_id(order_id)
    except VendorError as unread:
        return Saved(error=unread if error else _unseen(order))
    return Saved(after, error if error or after else gone(order_id, order.get("orderNumber")))


def _unseen(order: Body) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"ShipStation took a change of order {order.get('orderNumber')}, but did not show the order afterwards.",
        next_step="It is looked up there before anything is sent again.",
    )
