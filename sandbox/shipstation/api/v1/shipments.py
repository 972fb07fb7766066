"""V1 shipments (labels) and fulfillments (shipped elsewhere) over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation import clock
from sandbox.shipstation.api.v1.query import Query
from sandbox.shipstation.api.v1.responses import PDF, exception, fields_of, not_found, null_reference, paged, whole_of
from sandbox.shipstation.api.v1.shipment_filters import matching
from sandbox.shipstation.catalogue import carrier_codes, services
from sandbox.shipstation.rules.shipment_documents import tracking_number
from sandbox.shipstation.rules.shipping import Shipping
from sandbox.shipstation.store import Account, Shipment

_SHIPMENT = ("orderId", "storeId", "batchId", "orderNumber", "trackingNumber", "carrierCode")
_FULFILLMENT = ("orderId", "fulfillmentId", "orderNumber", "trackingNumber")


class V1Shipments:
    def __init__(self, context: Context, account: Account, shipping: Shipping) -> None:
        self.context = context
        self.account = account
        self.shipping = shipping

    def routes(self) -> Iterable[Rule]:
        yield Rule("/shipments", endpoint=self.shipments, methods=["GET"])
        yield Rule("/shipments/voidlabel", endpoint=self.void, methods=["POST"])
        yield Rule("/shipments/createlabel", endpoint=self.create_label, methods=["POST"])
        yield Rule("/shipments/getrates", endpoint=self.rates, methods=["POST"])
        yield Rule("/fulfillments", endpoint=self.fulfillments, methods=["GET"])

    def shipments(self, request: Request) -> Response:
        query, dates = Query(request), ("createDate", "shipDate", "voidDate")
        rows = matching(self._shipment_rows(query), query, _SHIPMENT, dates, self._exclusive)
        if service := query.text("serviceCode"):
            rows = [row for row in rows if row.open()["serviceCode"] == service]
        if country := query.text("recipientCountryCode"):
            rows = [row for row in rows if row.open()["shipTo"]["country"] == country]
        with_items = query.flag("includeShipmentItems")
        return self._page("shipments", query, rows, lambda row: _shown(row, with_items))

    def _shipment_rows(self, query: Query) -> Iterable[Shipment]:
        if (order := query.whole("orderId")) is not None and order in self.account.orders.rows:
            return [self.account.shipments[key] for key in self.account.orders.rows[order].shipments]
        return self.account.shipments.values()

    def fulfillments(self, request: Request) -> Response:
        query, dates = Query(request), ("createDate", "shipDate")
        rows = matching(self.account.fulfillments.values(), query, _FULFILLMENT, dates, self._exclusive)
        return self._page("fulfillments", query, rows, lambda row: row.raw)

    @property
    def _exclusive(self) -> bool:
        return bool(self.context.switches["range_ends"] == "exclusive")

    def _page(self, name: str, query: Query, rows: list[Any], show: Callable[[Any], bytes]) -> Response:
        page, size = query.page()
        shown = [show(row) for row in rows[(page - 1) * size : page * size]]
        return paged(name, shown, len(rows), page, size, bool(self.context.switches["pages_zero"]))

    def void(self, request: Request) -> Response:
        """200 also when the carrier does not approve."""
        fields = fields_of(request, "shipmentId")
        shipment = self.account.shipments.get(whole_of(fields, "shipmentId"))
        if shipment is None:
            raise not_found("shipment")
        if not self.shipping.void(shipment):
            return json_response({"approved": False, "message": "Label has already been voided"})
        return json_response({"approved": True, "message": "Label voided successfully"})

    def create_label(self, request: Request) -> Response:
        """A label without an order; it needs an active manual store."""
        fields = fields_of(request, "carrierCode", "serviceCode", "packageCode", "shipDate", "shipTo")
        if not any(store["active"] for store in self.account.stores.values()):
            return null_reference()
        now, key = self.context.now(), self.account.next_number()
        names = ("carrierCode", "serviceCode", "packageCode", "confirmation", "shipDate", "shipTo")
        return json_response(
            {
                "shipmentId": key,
                "orderId": None,
                "createDate": clock.seven(now),
                "shipmentCost": Decimal("9.06"),
                "insuranceCost": 0,
                "trackingNumber": tracking_number(fields["carrierCode"], key),
                "isReturnLabel": False,
                **{name: fields.get(name) for name in names},
                "voided": False,
                "voidDate": None,
                "marketplaceNotified": False,
                "labelData": PDF,
                "formData": None,
            }
        )

    def rates(self, request: Request) -> Response:
        fields = fields_of(request, "carrierCode", "fromPostalCode", "toCountry", "weight")
        carrier = fields["carrierCode"]
        if carrier not in carrier_codes():
            return exception("Invalid carrierCode")
        abroad = fields["toCountry"] != "US"
        offers = [service for service in services(carrier) if service["international"] == abroad]
        return json_response(
            [
                {
                    "serviceName": f"{service['name']} - Package",
                    "serviceCode": service["code"],
                    "shipmentCost": Decimal(799 + 450 * place).scaleb(-2),
                    "otherCost": Decimal("0.0"),
                }
                for place, service in enumerate(offers)
            ]
        )


def _shown(row: Shipment, with_items: bool) -> bytes:
    """`shipmentItems` is null unless asked for."""
    if with_items:
        return row.raw
    return exact_json.dumps(row.open() | {"shipmentItems": None}).encode()
