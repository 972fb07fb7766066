"""The orders that references belong to: found among many, and given the reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connections.errors import NotReady, Rejected, VendorError
from connections.vendor import Body, Found, Outcome, Outgoing, Refused, Unchanged, Written
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.orders.access import OrderAccess
from connections.vendors.shipstation.orders.lookup import order_url
from connections.vendors.shipstation.orders.reference_texts import Placement, changes_of, placement_of, text_edit_of
from connections.vendors.shipstation.orders.search import OrderRef
from connections.vendors.shipstation.orders.v1 import Edit, Saved

HERE_ONLY = "the link is kept here only"


@dataclass(frozen=True)
class OrderPlacement:
    """A placement on one order that was found for it, and the target key that the document gets."""

    order_id: str
    placement: Placement
    key: str


class ReferenceOrders:
    """Orders as they are now, after what was placed on them."""

    def __init__(self, access: OrderAccess) -> None:
        self.access = access
        self.current: dict[str, Body] = {}

    # Finding

    def read(self, documents: Sequence[Outgoing]) -> None:
        """Read the orders of many documents: by the first number of each, then by the next where there was none."""
        left = [ref for document in documents for ref in _refs(document)]
        while left:
            self.access.read(numbers[0] for numbers in left)
            left = [numbers[1:] for numbers in left if len(numbers) > 1 and self.access.absent(numbers[0])]

    def known(self, document: Outgoing) -> list[Body]:
        """The orders that this document was linked to before, as far as they are there."""
        return [order for order_id in _ids(document) if (order := self.access.by_id(order_id))]

    def _orders(self, placement: Placement, known: list[Body]) -> list[Body]:
        """A known order stays, unless the document names another one that is there."""
        named = [order for order in known if placement.names(order)]
        orders = named or self._meant(self._search(placement)) or known
        self.current |= {str(order["orderId"]): order for order in (*known, *orders)}
        return orders

    def _meant(self, orders: list[Body]) -> list[Body]:
        """One of several, as the resource says; all of them where none may change."""
        may_change = [order for order in orders if not self._shut(order)]
        awaiting = [order for order in may_change if str(order.get("orderStatus")).startswith("awaiting")]
        newest = sorted(awaiting or may_change, key=lambda order: codec.sortable(order.get("createDate")))
        return newest[-1:] or orders

    def _search(self, placement: Placement) -> list[Body]:
        """The orders with the key, else those with the first number that there is."""
        if order := self.access.by_key(placement.key):
            return [order]
        orders = self._numbered(placement)
        return orders or (self._numbered(placement) if self.access.recheck(placement.numbers) else [])

    def _numbered(self, placement: Placement) -> list[Body]:
        first: list[Body] = []
        for number in placement.numbers:
            orders = self.access.by_number(number)
            if keyed := [order for order in orders if order.get("orderKey") == placement.key]:
                return keyed
            first = first or [order for order in orders if placement.numbered(order)]
            if first and not placement.keyed:
                break
        return first

    def _shut(self, order: Body) -> str:
        """Why this order may not change, in a word or two; empty where it may."""
        if (order.get("advancedOptions") or {}).get("mergedOrSplit"):
            return "split or merged"
        status = str(order.get("orderStatus"))
        return "" if status in self.access.open_statuses else status

    def find(self, placement: Placement, known: list[Body]) -> Found | None:
        """The order of a placement, if there is one and it was given a reference."""
        orders = self._orders(placement, known)
        key = _key(orders, placement)
        if not orders or not key:
            return None
        complete = bool(self._shut(orders[0])) or not text_edit_of(orders[0], placement).texts
        return Found(key, order_url(orders[0]), complete, _proof(orders[0]))

    # Placing

    def plan(self, document: Outgoing) -> Outcome | list[OrderPlacement]:
        """What has to be done for a document, step by step. Raises `NotReady` where its order is not there."""
        placement = placement_of(document)
        if not placement.reference and not document.target_key:
            return Unchanged(note="there is no reference to put on an order")
        known = self.known(document)
        orders = self._orders(placement, known)
        if not orders and document.target_key:
            return _gone(document.target_key)
        if not orders:
            raise NotReady(
                "The order that this belongs to is not in ShipStation.",
                waits_for=f"order {' or '.join(placement.numbers)} in ShipStation",
                next_step="It goes on by itself once the order is there. If it has another number, correct the mapping.",
            )
        removal = replace(placement, reference="")
        left = [
            OrderPlacement(str(order["orderId"]), removal, document.target_key)
            for order in known
            if order not in orders
        ]
        return [*left, OrderPlacement(str(orders[0]["orderId"]), placement, _key(orders, placement))]

    def place(self, steps: Sequence[OrderPlacement]) -> list[Outcome]:
        """Take one step on each of as many different orders. Raises nothing."""
        prepared = [self._prepared(step) for step in steps]
        results = iter(self.access.save([edit for edit in prepared if isinstance(edit, Edit)]))
        return [
            self._outcome(step, edit, next(results)) if isinstance(edit, Edit) else edit
            for step, edit in zip(steps, prepared, strict=True)
        ]

    def _prepared(self, step: OrderPlacement) -> Outcome | Edit:
        try:
            order = self.current.get(step.order_id) or self.access.by_id(step.order_id)
        except VendorError as error:
            return Refused(error)
        if order is None:
            return _gone(step.key)
        edit, url = text_edit_of(order, step.placement), order_url(order)
        if not edit.texts and not edit.full:
            return Unchanged(step.key, url, note="the order says so already")
        if shut := self._shut(order):
            return Unchanged(step.key, url, note=_left_alone(shut, step.placement))
        if not edit.texts:
            return Unchanged(step.key, url, note=f"{step.placement.field} is full; {HERE_ONLY}")
        return Edit(order, changes_of(edit))

    def _outcome(self, step: OrderPlacement, edit: Edit, saved: Saved) -> Outcome:
        after, url = saved.order, order_url(edit.order)
        self.current.pop(step.order_id, None)
        if after:
            self.current[step.order_id] = after
            if not saved.error and not text_edit_of(after, step.placement).texts:
                return Written(step.key, url, _proof(after))
            if shut := self._shut(after):
                return Unchanged(step.key, url, note=_left_alone(shut, step.placement))
        return Refused(saved.error or _not_kept(edit))


def _ids(document: Outgoing) -> list[str]:
    return [order_id for order_id in document.target_key.partition("#")[0].split(",") if order_id]


def _refs(document: Outgoing) -> Iterator[list[OrderRef]]:
    """Each order of a document under all the numbers that it may have."""
    try:
        numbers = placement_of(document).numbers
    except Rejected:
        return  # writing it says so
    for order_id in _ids(document) or [""]:
        yield [OrderRef(number, order_id) for number in numbers]


def _key(orders: Sequence[Body], placement: Placement) -> str:
    """Empty where there was never a reference."""
    reference = placement.reference or placement.before[1]
    return f"{','.join(str(order['orderId']) for order in orders)}#{reference}" if reference else ""


def _gone(key: str) -> Unchanged:
    return Unchanged(key, note=f"the order is no longer in ShipStation; {HERE_ONLY}")


def _left_alone(shut: str, placement: Placement) -> str:
    return f"the order is {shut}; {HERE_ONLY if placement.reference else 'the number stays on it'}"


def _not_kept(edit: Edit) -> Rejected:
    names = [*(edit.changes.get("advancedOptions") or {}), *(name for name in edit.changes if name == "internalNotes")]
    return Rejected(
        f"ShipStation did not keep what was put into {' and '.join(names)} of order {edit.order.get('orderNumber')}.",
        next_step="Write the number on the order by hand, or choose another field in the mapping and replay.",
    )


def _proof(order: Body) -> Body:
    return {name: order.get(name) for name in ("orderStatus", "modifyDate")}
