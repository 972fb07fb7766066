"""Orders arriving by API: created or replaced, completed, and told to the subscribers."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.kit.context import Context
from sandbox.shipstation import clock
from sandbox.shipstation.catalogue import DEFAULT_STORE
from sandbox.shipstation.rules.documents import OPEN, Invalid, check_order
from sandbox.shipstation.rules.side_effects import SideEffects
from sandbox.shipstation.rules.statuses import Locked, Statuses
from sandbox.shipstation.store import Account, Document, Order, total
from sandbox.shipstation.webhooks import Webhooks

_KEPT = ("orderId", "orderKey", "createDate", "customerId", "userId", "holdUntilDate")
_KEPT_ADVANCED = ("storeId", "mergedOrSplit", "mergedIds", "parentId")


class Imports:
    def __init__(self, context: Context, account: Account, statuses: Statuses, webhooks: Webhooks) -> None:
        self.context = context
        self.account = account
        self.statuses = statuses
        self.webhooks = webhooks
        self.side_effects = SideEffects(context, account)

    def new_batch(self) -> str:
        """The id of one import action, which all of its orders bear."""
        return str(self.context.new_id())

    def find(self, posted: Document) -> Order | None:
        """The stored order that a posted one means: by `orderId`, else by `orderKey`."""
        orders = self.account.orders
        return orders.get(posted["orderId"] or 0) or orders.of_key(posted["orderKey"] or "")

    def upsert(self, posted: Document, batch: str) -> tuple[Order, Document, bool]:
        """Create or replace. Returns the order, its document, and whether it counts as imported.

        Raises `Invalid` or `Locked`; then nothing has changed.
        """
        check_order(posted)
        order = self.find(posted)
        if order is None:
            return self._create(posted, batch)
        if order.status not in OPEN or order.merged_into is not None:
            raise Locked(f"This order is {order.status} and can no longer be updated.")
        return self._replace(order, posted, batch)

    def finish(self, batch: str, written: Sequence[Order], imported: Sequence[Order]) -> None:
        """After a request: the webhook at once; customers, products and addresses some seconds later."""
        if imported:
            self.webhooks.orders_imported(batch, imported)
        self.side_effects.schedule(order.id for order in written)

    def _create(self, posted: Document, batch: str) -> tuple[Order, Document, bool]:
        store = posted["advancedOptions"]["storeId"] or DEFAULT_STORE
        if store not in self.account.stores:
            raise Invalid("The requested store was not found.")
        now = self.context.now()
        number = self.account.next_number()
        order = Order(number, now, now, clock.seven(now), key=posted["orderKey"] or str(self.context.new_id()))
        posted["orderId"], posted["orderKey"] = order.id, order.key
        posted["createDate"] = posted["modifyDate"] = order.created
        posted["advancedOptions"]["storeId"] = store
        self._complete(posted, [], now)
        self.account.orders.add(order, posted)
        imported = order.status != "awaiting_payment"
        if imported:
            self.account.orders.imported(order, batch)
        return order, posted, imported

    def _replace(self, order: Order, posted: Document, batch: str) -> tuple[Order, Document, bool]:
        old, was_unpaid = order.open(), order.status == "awaiting_payment"
        posted |= {name: old[name] for name in _KEPT}
        posted["advancedOptions"] |= {name: old["advancedOptions"][name] for name in _KEPT_ADVANCED}
        if posted["customerUsername"] != old["customerUsername"]:
            posted["customerId"] = None
        self._complete(posted, old["items"], self.context.now())
        if posted["orderStatus"] != "on_hold":
            self.statuses.end_hold(order, posted)
        self.account.save(order, posted)
        imported = was_unpaid and order.status not in ("awaiting_payment", "cancelled")
        if imported:
            self.account.orders.imported(order, batch)
        return order, posted, imported

    def _complete(self, posted: Document, old_lines: list[Document], now: float) -> None:
        """Fill what ShipStation knows better than the sender: ids, totals, the customer, tags."""
        stamp = clock.two_or_three(now)
        left = list(old_lines)
        for line in posted["items"]:
            known = next((old for old in left if _is_same_line(old, line)), None)
            if known is not None:
                left.remove(known)
            line["orderItemId"] = known["orderItemId"] if known else self.account.next_number()
            line["createDate"] = known["createDate"] if known else stamp
            line["modifyDate"] = stamp
            product = None if line["adjustment"] else self.account.products.get(line["sku"])
            line["productId"] = product["productId"] if product else None
        for name in ("shipTo", "billTo"):
            posted[name]["addressVerified"] = None
        posted["shipTo"]["addressVerified"] = "Address not yet validated"
        customer = self.account.customers.get(posted["customerUsername"])
        if customer is not None:
            posted["customerId"] = customer["customerId"]
        posted["tagIds"] = [tag for tag in posted["tagIds"] or [] if tag in self.account.tags] or None
        posted["orderTotal"] = total(posted)


def _is_same_line(old: Document, new: Document) -> bool:
    if new["lineItemKey"] is not None:
        return bool(old["lineItemKey"] == new["lineItemKey"])
    return bool(old["lineItemKey"] is None and old["sku"] == new["sku"])
