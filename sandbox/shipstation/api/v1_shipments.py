"""V1 shipments (labels) and fulfillments (shipped elsewhere) over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.responses import json_response
from sandbox.shipstation import clock
from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.account import Account
from sandbox.shipstation.api.v1_orders import PDF
from sandbox.shipstation.api.v1_responses import (
    Query,
    exception,
    fields_of,
    not_found,
    paged,
    whole_of,
)
from sandbox.shipstation.rules.shipping import tracking_number
from sandbox.shipstation.store import Shipment

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator

# The filter, the fact it is compared with; the others need the whole document.
_EXACT: dict[str, Callable[[Any], Any]] = {
    "orderId": lambda row: row.order,
    "storeId": lambda row: row.store,
    "batchId": lambda row: row.batch,
    "fulfillmentId": lambda row: row.id,
    "orderNumber": lambda row: row.number,
    "trackingNumber": lambda row: row.tracking,
    "carrierCode": lambda row: row.carrier,
}
_DATES: dict[str, Callable[[Any], str | None]] = {
    "createDate": lambda row: row.created,
    "shipDate": lambda row: f"{row.shipped}T00:00:00.0000000",
    "voidDate": lambda row: row.voided,
}
_NUMBERS = {"orderId", "storeId", "batchId", "fulfillmentId"}
_SHIPMENT = ("orderId", "storeId", "batchId", "orderNumber", "trackingNumber", "carrierCode")
_FULFILLMENT = ("orderId", "fulfillmentId", "orderNumber", "trackingNumber")


class V1Shipments:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator

    @property
    def account(self) -> Account:
        return self.simulator.account

    def routes(self) -> Iterable[Rule]:
        yield Rule("/shipments", endpoint=self.shipments, methods=["GET"])
        yield Rule("/shipments/voidlabel", endpoint=self.void, methods=["POST"])
        yield Rule("/shipments/createlabel", endpoint=self.create_label, methods=["POST"])
        yield Rule("/shipments/getrates", endpoint=self.rates, methods=["POST"])
        yield Rule("/fulfillments", endpoint=self.fulfillments, methods=["GET"])

    def shipments(self, request: Request) -> Response:
        query = Query(request)
        rows = self.find(self._shipment_rows(query), query, _SHIPMENT, ("createDate", "shipDate", "voidDate"))
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
        query = Query(request)
        every = self.account.fulfillments.values()
        rows = self.find(every, query, _FULFILLMENT, ("createDate", "shipDate"))
        return self._page("fulfillments", query, rows, lambda row: row.raw)

    def find(self, rows: Iterable[Any], query: Query, exact: Iterable[str], dates: Iterable[str]) -> list[Any]:
        """Rows that match all filters, in the wanted order."""
        found = list(rows)
        for name in exact:
            wanted = query.whole(name) if name in _NUMBERS else query.text(name)
            if wanted is not None:
                found = [row for row in found if _EXACT[name](row) == wanted]
        exclusive = self.simulator.switches["range_ends"] == "exclusive"
        for name in dates:
            window = (query.moment(f"{name}Start"), query.moment(f"{name}End"))
            if any(window):
                found = [row for row in found if _within(_DATES[name](row), *window, exclusive)]
        if name := (query.text("recipientName") or "").lower():
            found = [row for row in found if name in (row.open()["shipTo"]["name"] or "").lower()]
        if sort := query.sort("ShipDate", "CreateDate"):
            read = _DATES["shipDate" if sort == "shipdate" else "createDate"]
            found.sort(key=lambda row: (read(row), row.id))
        return found[::-1] if query.descending else found

    def _page(self, name: str, query: Query, rows: list[Any], show: Callable[[Any], bytes]) -> Response:
        page, size = query.page()
        shown = [show(row) for row in rows[(page - 1) * size : page * size]]
        return paged(name, shown, len(rows), page, size, bool(self.simulator.switches["pages_zero"]))

    def void(self, request: Request) -> Response:
        """200 also when the carrier does not approve."""
        fields = fields_of(request, "shipmentId")
        shipment = self.account.shipments.get(whole_of(fields, "shipmentId"))
        if shipment is None:
            raise not_found("shipment")
        if not self.simulator.shipping.void(shipment):
            return json_response({"approved": False, "message": "Label has already been voided"})
        return json_response({"approved": True, "message": "Label voided successfully"})

    def create_label(self, request: Request) -> Response:
        """A label without an order; it needs an active manual store."""
        fields = fields_of(request, "carrierCode", "serviceCode", "packageCode", "shipDate", "shipTo")
        if not any(store["active"] for store in self.account.stores.values()):
            return exception(
                "Object reference not set to an instance of an object.",
                "System.NullReferenceException",
            )
        now, key = self.simulator.now(), self.account.number()
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
        if carrier not in catalogue.carrier_codes():
            return exception("Invalid carrierCode")
        abroad = fields["toCountry"] != "US"
        offers = [one for one in catalogue.services(carrier) if one["international"] == abroad]
        return json_response(
            [
                {
                    "serviceName": f"{one['name']} - Package",
                    "serviceCode": one["code"],
                    "shipmentCost": Decimal(799 + 450 * place).scaleb(-2),
                    "otherCost": Decimal("0.0"),
                }
                for place, one in enumerate(offers)
            ]
        )


def _within(value: str | None, start: str | None, end: str | None, exclusive: bool) -> bool:
    if value is None:
        return False
    if exclusive and value in (start, end):
        return False
    return (start is None or start <= value) and (end is None or value <= end)


def _shown(row: Shipment, with_items: bool) -> bytes:
    """`shipmentItems` is null unless asked for."""
    if with_items:
        return row.raw
    return exact_json.dumps(row.open() | {"shipmentItems": None}).encode()
