"""What a person or a client does to the status of one order: hold, restore, cancel, tag."""

from __future__ import annotations

from typing import Any

from sandbox.kit.context import Context
from sandbox.shipstation import clock
from sandbox.shipstation.rules.documents import OPEN
from sandbox.shipstation.store import Account, Document, Order


class Locked(ValueError):
    """The order is shipped, cancelled or merged away and may no longer be changed."""


class Statuses:
    def __init__(self, context: Context, account: Account) -> None:
        self.context = context
        self.account = account

    def set(self, order: Order, status: str, **changes: Any) -> None:
        """Move the order, and those merged into it, to another status."""
        document = order.open() | changes | {"orderStatus": status}
        if status != "on_hold":
            self.end_hold(order, document)
        self.account.save(order, document)
        for key in order.merged:
            merged = self.account.orders.rows[key]
            self.account.save(merged, merged.open() | {"orderStatus": status})

    def hold(self, order: Order, until: str | None = None) -> None:
        """Raises `Locked`."""
        _check_open(order)
        if until:
            self.account.held[order.id] = until
        self.set(order, "on_hold", holdUntilDate=until)

    def end_hold(self, order: Order, document: Document) -> None:
        self.account.held.pop(order.id, None)
        document["holdUntilDate"] = None

    def end_due_holds(self) -> None:
        """Orders held until today go back to awaiting shipment."""
        if not self.account.held:
            return
        today = clock.day(self.context.now())
        for key in [key for key, until in self.account.held.items() if until <= today]:
            self.set(self.account.orders.rows[key], "awaiting_shipment")

    def cancel(self, order: Order) -> None:
        """Raises `Locked`."""
        _check_open(order)
        self.set(order, "cancelled")

    def tag(self, order: Order, tag: int, present: bool) -> None:
        """Put the tag on the order, or take it off; the same call twice changes nothing more."""
        document = order.open()
        tags = [tag_id for tag_id in document["tagIds"] or [] if tag_id != tag]
        document["tagIds"] = ([*tags, tag] if present else tags) or None
        self.account.save(order, document)


def _check_open(order: Order) -> None:
    if order.status not in OPEN or order.merged_into is not None:
        raise Locked(f"This order is {order.status} and can no longer be changed.")
