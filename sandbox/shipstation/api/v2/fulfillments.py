"""V2 fulfillments over HTTP: shipped without a label."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v2.filters import equal, within
from sandbox.shipstation.api.v2.label_views import fulfillment_view
from sandbox.shipstation.api.v2.responses import body_of, number_of, paged
from sandbox.shipstation.api.v2.values import se
from sandbox.shipstation.rules.shipping import Shipping
from sandbox.shipstation.rules.statuses import Locked
from sandbox.shipstation.store import Account, Document


class V2Fulfillments:
    def __init__(self, context: Context, account: Account, shipping: Shipping) -> None:
        self.context = context
        self.account = account
        self.shipping = shipping

    def routes(self) -> Iterable[Rule]:
        yield Rule("/v2/fulfillments", endpoint=self.fulfillments, methods=["GET"])
        yield Rule("/v2/fulfillments", endpoint=self.create, methods=["POST"])

    def fulfillments(self, request: Request) -> Response:
        rows = list(self.account.fulfillments.values())
        rows = within(request, "create_date", rows, lambda row: row.created_at)
        fields = {
            "fulfillment_id": lambda row: se(row.id),
            "shipment_id": lambda row: se(row.order),
            "shipment_number": lambda row: row.number,
            "tracking_number": lambda row: row.tracking,
        }
        rows = equal(request, rows, fields)
        if request.args.get("sort_dir", "asc").lower() == "desc":
            rows = rows[::-1]
        return paged(request, self.context.base_url, "fulfillments", rows, fulfillment_view)

    def create(self, request: Request) -> Response:
        """Mark as shipped without a label; partial success is normal."""
        entries = body_of(request, "fulfillments")["fulfillments"]
        results = [self._create(entry) for entry in entries]
        failed = any(result["error_message"] for result in results)
        return json_response({"has_errors": failed, "fulfillments": results})

    def _create(self, entry: Document) -> Document:
        order = self.account.orders.get(number_of(entry.get("shipment_id"), "shipment_id"))
        result = {"shipment_id": entry.get("shipment_id"), "shipment_number": order and order.number}
        if order is None:
            return result | {"error_message": "Shipment not found."}
        if not entry.get("carrier_code"):
            return result | {"error_message": "'carrier_code' should not be empty."}
        day = str(entry["ship_date"])[:10] if entry.get("ship_date") else None
        try:
            self.shipping.mark_shipped(order, entry.get("tracking_number"), entry["carrier_code"], day)
        except Locked as error:
            return result | {"error_message": str(error)}
        return result | {"error_message": None}
