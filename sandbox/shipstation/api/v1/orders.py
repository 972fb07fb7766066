"""V1 calls that change one order by its id: labels, marks, holds, tags, users."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v1.responses import (
    PDF,
    done,
    exception,
    fields_of,
    invalid,
    locked,
    not_found,
    unreadable,
    whole_of,
)
from sandbox.shipstation.catalogue import USERS, carrier_codes
from sandbox.shipstation.rules.readers import Unreadable, moment
from sandbox.shipstation.rules.shipping import Shipping
from sandbox.shipstation.rules.statuses import Locked, Statuses
from sandbox.shipstation.store import Account, Document, Order


class V1Orders:
    def __init__(self, account: Account, statuses: Statuses, shipping: Shipping) -> None:
        self.account = account
        self.statuses = statuses
        self.shipping = shipping

    def routes(self) -> Iterable[Rule]:
        handlers = {
            "createlabelfororder": self.create_label,
            "markasshipped": self.mark_shipped,
            "holduntil": self.hold,
            "restorefromhold": self.restore,
            "addtag": lambda request: self.tag(request, present=True),
            "removetag": lambda request: self.tag(request, present=False),
            "assignuser": lambda request: self.assign(request, assigned=True),
            "unassignuser": lambda request: self.assign(request, assigned=False),
        }
        for name, handler in handlers.items():
            yield Rule(f"/orders/{name}", endpoint=handler, methods=["POST"])

    def _order(self, key: int) -> Order:
        order = self.account.orders.get(key)
        if order is None:
            raise not_found("order")
        return order

    def create_label(self, request: Request) -> Response:
        names = ("orderId", "carrierCode", "serviceCode", "confirmation", "shipDate", "testLabel")
        fields = fields_of(request, *names)
        if not isinstance(fields["testLabel"], bool):
            return invalid({"request.testLabel": ["Could not convert to boolean. Path 'testLabel'."]})
        order = self._order(whole_of(fields, "orderId"))
        carrier = fields["carrierCode"]
        if carrier not in carrier_codes():
            return exception("Invalid carrierCode")
        try:
            shipment = self.shipping.ship(order, None, 1, carrier, fields["serviceCode"])[0]
        except Locked as error:
            return locked(error)
        label = shipment.open()
        shown = ("shipmentId", "shipmentCost", "insuranceCost", "trackingNumber")
        return json_response({name: label[name] for name in shown} | {"labelData": PDF, "formData": None})

    def mark_shipped(self, request: Request) -> Response:
        fields = fields_of(request, "orderId", "carrierCode")
        order = self._order(whole_of(fields, "orderId"))
        try:
            shipped = moment(fields.get("shipDate"), "shipDate")
            day = shipped[:10] if shipped else None
            self.shipping.mark_shipped(order, fields.get("trackingNumber"), fields["carrierCode"], day)
        except Unreadable as error:
            return unreadable(error)
        except Locked as error:
            return locked(error)
        return json_response({"orderId": order.id, "orderNumber": order.number})

    def hold(self, request: Request) -> Response:
        fields = fields_of(request, "orderId", "holdUntilDate")
        try:
            until = moment(fields["holdUntilDate"], "holdUntilDate") or ""
        except Unreadable as error:
            return unreadable(error)
        return self._change(fields, lambda order: self.statuses.hold(order, until[:10]), "Order held successfully.")

    def restore(self, request: Request) -> Response:
        fields = fields_of(request, "orderId")
        order = self._order(whole_of(fields, "orderId"))
        if order.status == "on_hold":
            self.statuses.set(order, "awaiting_shipment")
        return done("The requested order has been restored")

    def tag(self, request: Request, present: bool) -> Response:
        fields = fields_of(request, "orderId", "tagId")
        tag = whole_of(fields, "tagId")
        if present and tag not in self.account.tags:
            return exception("The tag does not exist.")
        message = f"Tag {'added' if present else 'removed'} successfully."
        return self._change(fields, lambda order: self.statuses.tag(order, tag, present), message)

    def assign(self, request: Request, assigned: bool) -> Response:
        """All or nothing."""
        fields = fields_of(request, "orderIds", *(("userId",) if assigned else ()))
        orders = [self._order(int(key)) for key in fields["orderIds"]]
        user = fields["userId"] if assigned else None
        if user is not None and user not in {known["userId"] for known in USERS}:
            raise not_found("user")
        for order in orders:
            self.account.save(order, order.open() | {"userId": user})
        return done(f"User {'assigned' if assigned else 'unassigned'} successfully.")

    def _change(self, fields: Document, work: Callable[[Order], None], message: str) -> Response:
        try:
            work(self._order(whole_of(fields, "orderId")))
        except Locked as error:
            return locked(error)
        return done(message)
