"""A number of the other system, such as that of an invoice, on an order that is in ShipStation already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connections.errors import Rejected
from connections.vendor import Found, Outcome, Outgoing, Refused, Resource
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.access import orders_of
from connections.vendors.shipstation.orders.reference_orders import OrderPlacement, ReferenceOrders
from connections.vendors.shipstation.orders.reference_texts import placement_of
from connections.writing import nothing_written, one_by_one


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
    batch_size = 100
    upsert = True

    client: ShipStationClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Read the orders, change the one field, and check what it says afterwards. What is done is left alone.

        Documents that go on one order take turns, and one that moves to another order leaves the first one before.
        """
        orders = ReferenceOrders(orders_of(self.client))
        orders.read(documents)
        plans = one_by_one(documents, nothing_written()(orders.plan))
        outcomes = {place: plan for place, plan in enumerate(plans) if not isinstance(plan, list)}
        steps = {place: plan for place, plan in enumerate(plans) if isinstance(plan, list)}
        while steps:
            places = _turns(steps)
            for place, outcome in zip(places, orders.place([steps[place].pop(0) for place in places]), strict=True):
                outcomes[place] = outcome
                if isinstance(outcome, Refused) or not steps[place]:
                    del steps[place]
        return [outcomes[place] for place in range(len(documents))]

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """The order; not complete while it may change and does not say what was asked for."""
        orders = ReferenceOrders(orders_of(self.client))
        orders.read(documents)
        matches: dict[str, Found] = {}
        for document in documents:
            try:
                placement = placement_of(document)
            except Rejected:
                continue  # writing it says so
            if match := orders.find(placement, orders.known(document)):
                matches[document.natural_key] = match
        return matches


def _turns(steps: Mapping[int, Sequence[OrderPlacement]]) -> list[int]:
    """The documents whose next steps concern as many different orders, the first come first."""
    by_order: dict[str, int] = {}
    for place, (step, *_) in steps.items():
        by_order.setdefault(step.order_id, place)
    return list(by_order.values())
