"""A number of the other system, such as that of an invoice, on an order that is in ShipStation already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connections.errors import NotReady, Rejected
from connections.vendor import Body, Found, Outcome, Outgoing, Refused, Resource, Unchanged, Written
from connections.vendors.shipstation import codec, order_v2
from connections.vendors.shipstation.client import ShipStationClient, written_object
from connections.vendors.shipstation.order_fields import over_current
from connections.vendors.shipstation.order_lookup import order_by_id, order_url, orders_by_number
from connections.vendors.shipstation.outcomes import one_by_one
from connections.vendors.shipstation.references import Wish, changes_of, edit_of, wish_of

# What V1 says may still be updated; V2 takes a change of pending shipments only, which it calls so.
OPEN = frozenset({"awaiting_payment", "awaiting_shipment", "on_hold", "pending_fulfillment"})
OPEN_V2 = frozenset({"awaiting_shipment"})
HERE_ONLY = "the link is kept here only"


class OrderReferences(Resource):
    """Puts `reference` into `field` of one order, behind what stands there; an empty one is taken away again.

    The order is the one with `orderKey` (the natural key, where none is given), else one with `orderNumber`, else with
    the first number among `candidates` that there is. V1 lets several orders share a number, and a reference on the
    wrong one misleads people: so it goes on the newest that awaits shipment or payment, which is the one that people
    will look at, else on the newest that may change. Where none of several may change, nothing is written, and the link
    names all of them, so that each leads to the invoice.

    The target key is `<order id>#<reference>`, because two invoices may name one order. Give these documents the
    natural key of the order itself, so that they and the order take turns: V1 knows no partial update.
    """

    slug = "order_references"
    label = "References on orders"
    document = "order"
    fields = frozenset({"orderNumber", "orderKey", "candidates[].orderNumber", "reference", "field"})
    batch_size = 1
    upsert = True

    client: ShipStationClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Read the order, change the one field, and check what it says afterwards. An order that is done is left alone."""
        return one_by_one(documents, self._write_one)

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """The order; not complete while it may change and does not say what was asked for."""
        found = {}
        for document in documents:
            try:
                wish = wish_of(document)
            except Rejected:
                continue  # writing it says so
            orders = self._orders(wish, self._known(document))
            if orders and _key(orders, wish):
                complete = bool(self._shut(orders[0])) or not edit_of(orders[0], wish).texts
                found[document.natural_key] = Found(
                    _key(orders, wish), order_url(orders[0]), complete, _proof(orders[0])
                )
        return found

    def _write_one(self, document: Outgoing) -> Outcome:
        wish = wish_of(document)
        if not wish.reference and not document.target_key:
            return Unchanged(note="there is no reference to put on an order")
        known = self._known(document)
        orders = self._orders(wish, known)
        if not orders and document.target_key:
            return Unchanged(document.target_key, note=f"the order is no longer in ShipStation; {HERE_ONLY}")
        if not orders:
            raise NotReady(
                "The order that this belongs to is not in ShipStation.",
                waits_for=f"order {' or '.join(wish.numbers)} in ShipStation",
                next_step="It goes on by itself once the order is there. If it has another number, correct the mapping.",
            )
        for left in (order for order in known if order not in orders):
            outcome = self._put(left, replace(wish, reference=""), document.target_key)
            if isinstance(outcome, Refused):
                return outcome
        return self._put(orders[0], wish, _key(orders, wish))

    def _put(self, order: Body, wish: Wish, key: str) -> Outcome:
        edit, url = edit_of(order, wish), order_url(order)
        if not edit.texts and not edit.full:
            return Unchanged(key, url, note="the order says so already")
        if shut := self._shut(order):
            return Unchanged(key, url, note=_left_alone(shut, wish))
        if not edit.texts:
            return Unchanged(key, url, note=f"{wish.field} is full; {HERE_ONLY}")
        try:
            after = self._save(order, changes_of(edit))
        except Rejected as refused:
            now = self._by_id(str(order["orderId"]))
            if now and (shut := self._shut(now)):
                return Unchanged(key, url, note=_left_alone(shut, wish))
            return Refused(refused)
        if not edit_of(after, wish).texts:
            return Written(key, url, _proof(after))
        if shut := self._shut(after):
            return Unchanged(key, url, note=_left_alone(shut, wish))
        raise Rejected(
            f"ShipStation did not keep what was put into {' and '.join(edit.texts)} of order {order.get('orderNumber')}.",
            next_step="Write the number on the order by hand, or choose another field in the mapping and replay.",
        )

    def _save(self, order: Body, changes: Body) -> Body:
        http = self.client.v1
        if http is None:
            return order_v2.change(self.client, order, changes)
        body = over_current(order, {"orderKey": order.get("orderKey"), **changes}, None)
        after: Body = codec.decode(written_object(http.post("/orders/createorder", json=codec.encode(body))))
        return after

    def _shut(self, order: Body) -> str:
        """Why this order may not change, in a word or two; empty where it may."""
        if (order.get("advancedOptions") or {}).get("mergedOrSplit"):
            return "split or merged"
        status = str(order.get("orderStatus"))
        return "" if status in (OPEN if self.client.v1 else OPEN_V2) else status

    # Finding the order

    def _known(self, document: Outgoing) -> list[Body]:
        """The orders that this document was linked to before, as far as they are there."""
        ids = document.target_key.partition("#")[0]
        return [order for one in ids.split(",") if one and (order := self._by_id(one))]

    def _by_id(self, order_id: str) -> Body | None:
        http = self.client.v1
        return order_by_id(http, order_id) if http else order_v2.by_id(self.client, order_id)

    def _orders(self, wish: Wish, known: list[Body]) -> list[Body]:
        """A known order stays, unless the document names another one that is there."""
        return [order for order in known if wish.names(order)] or self._meant(self._search(wish)) or known

    def _meant(self, orders: list[Body]) -> list[Body]:
        """One of several, as the class says; all of them where none may change."""
        may_change = [order for order in orders if not self._shut(order)]
        awaiting = [order for order in may_change if str(order.get("orderStatus")).startswith("awaiting")]
        newest = sorted(awaiting or may_change, key=lambda order: codec.sortable(order.get("createDate")))
        return newest[-1:] or orders

    def _search(self, wish: Wish) -> list[Body]:
        """The orders with the key, else those with the first number that there is."""
        http, found = self.client.v1, list[Body]()
        if http is None and (order := order_v2.by_key(self.client, wish.key)):
            return [order]
        for number in wish.numbers:
            orders = list(orders_by_number(http, number) if http else order_v2.by_number(self.client, number))
            if keyed := [order for order in orders if order.get("orderKey") == wish.key]:
                return keyed
            found = found or [order for order in orders if wish.numbered(order)]
            if found and not wish.keyed:
                break
        return found


def _key(orders: Sequence[Body], wish: Wish) -> str:
    """Empty where there was never a reference."""
    reference = wish.reference or wish.before[1]
    return f"{','.join(str(order['orderId']) for order in orders)}#{reference}" if reference else ""


def _left_alone(shut: str, wish: Wish) -> str:
    return f"the order is {shut}; {HERE_ONLY if wish.reference else 'the number stays on it'}"


def _proof(order: Body) -> Body:
    return {name: order.get(name) for name in ("orderStatus", "modifyDate")}
