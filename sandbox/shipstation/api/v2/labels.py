"""V2 labels (V1: shipments) over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v2.filters import equal, ordered, within
from sandbox.shipstation.api.v2.label_views import label_view
from sandbox.shipstation.api.v2.responses import missing, number_of, paged, refused
from sandbox.shipstation.api.v2.values import carrier_id, se
from sandbox.shipstation.catalogue import carrier_codes
from sandbox.shipstation.rules.shipping import Shipping
from sandbox.shipstation.rules.statuses import Locked
from sandbox.shipstation.store import Account, Document, Shipment


class V2Labels:
    def __init__(self, context: Context, account: Account, shipping: Shipping) -> None:
        self.context = context
        self.account = account
        self.shipping = shipping

    def routes(self) -> Iterable[Rule]:
        rules = [
            ("GET", "", self.labels),
            ("GET", "/<key>", self.label),
            ("POST", "/shipment/<key>", self.buy),
            ("POST", "/<key>/return", self.return_label),
            ("PUT", "/<key>/void", self.void),
            ("GET", "/<key>/track", self.track),
        ]
        for method, path, handler in rules:
            yield Rule(f"/v2/labels{path}", endpoint=handler, methods=[method])

    def _label(self, key: str) -> Shipment:
        row = self.account.shipments.get(number_of(key, "label_id"))
        if row is None:
            raise missing("Label")
        return row

    def _view(self, row: Shipment) -> Document:
        return label_view(row, self.context.base_url)

    def labels(self, request: Request) -> Response:
        rows = within(request, "created_at", self._candidates(request), lambda row: row.created_at)
        fields = {
            "batch_id": lambda row: se(row.batch),
            "shipment_id": lambda row: se(row.order),
            "tracking_number": lambda row: row.tracking,
            "carrier_id": lambda row: carrier_id(row.carrier),
            "label_status": lambda row: "voided" if row.voided else "completed",
            "service_code": lambda row: row.open()["serviceCode"],
            "warehouse_id": lambda row: se(row.open()["warehouseId"]),
        }
        rows = ordered(request, equal(request, rows, fields))
        return paged(request, self.context.base_url, "labels", rows, self._view)

    def _candidates(self, request: Request) -> list[Shipment]:
        if not (key := request.args.get("shipment_id")):
            return list(self.account.shipments.values())
        order = self.account.orders.rows.get(number_of(key, "shipment_id"))
        return [self.account.shipments[label] for label in order.shipments] if order else []

    def label(self, request: Request, key: str) -> Response:
        return json_response(self._view(self._label(key)))

    def buy(self, request: Request, key: str) -> Response:
        order = self.account.orders.get(number_of(key, "shipment_id"))
        if order is None:
            raise missing("Shipment")
        document = order.open()
        known = document["carrierCode"] in carrier_codes()
        carrier, service = (document["carrierCode"], document["serviceCode"]) if known else ("ups", None)
        try:
            label = self.shipping.ship(order, None, 1, carrier, service)[0]
        except Locked as error:
            raise refused("invalid_status", str(error)) from None
        return json_response(self._view(label))

    def return_label(self, request: Request, key: str) -> Response:
        row = self._label(key)
        order = self.account.orders.rows[row.order]
        return json_response(self._view(self.shipping.return_label(order, row.carrier)))

    def void(self, request: Request, key: str) -> Response:
        if self.shipping.void(self._label(key)):
            return json_response({"approved": True, "message": "Label voided successfully", "reason_code": None})
        message = "This label has already been voided."
        return json_response({"approved": False, "message": message, "reason_code": "label_already_voided"})

    def track(self, request: Request, key: str) -> Response:
        row = self._label(key)
        return json_response(
            {
                "tracking_number": row.tracking,
                "tracking_url": f"https://tracking.example.com/{row.tracking}",
                "status_code": "NY",
                "carrier_status_code": "NY",
                "status_description": "Not Yet In System",
                "carrier_code": row.carrier,
                "carrier_id": carrier_id(row.carrier),
                "ship_date": None,
                "estimated_delivery_date": None,
                "actual_delivery_date": None,
                "exception_description": None,
                "events": [],
            }
        )
