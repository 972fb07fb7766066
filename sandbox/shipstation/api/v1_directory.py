"""V1 over HTTP, all that is not an order or a shipment: products, customers, carriers, stores, webhooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.responses import json_response
from sandbox.shipstation import clock
from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.account import PRODUCT_FIELDS, Account
from sandbox.shipstation.api.v1_responses import (
    Query,
    done,
    exception,
    fields_of,
    invalid,
    not_found,
    paged,
    whole_of,
)
from sandbox.shipstation.store import Document

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator

V1_EVENTS = {
    "ORDER_NOTIFY",
    "ITEM_ORDER_NOTIFY",
    "SHIP_NOTIFY",
    "ITEM_SHIP_NOTIFY",
    "FULFILLMENT_SHIPPED",
    "FULFILLMENT_REJECTED",
}


class V1Directory:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator

    @property
    def account(self) -> Account:
        return self.simulator.account

    def routes(self) -> Iterable[Rule]:
        reads = {
            "/products": self.products,
            "/products/<int:key>": self.product,
            "/customers": self.customers,
            "/customers/<int:key>": self.customer,
            "/carriers": lambda request: json_response(catalogue.carriers()),
            "/carriers/getcarrier": self.carrier,
            "/carriers/listservices": lambda request: self._of_carrier(request, "services"),
            "/carriers/listpackages": lambda request: self._of_carrier(request, "packages"),
            "/warehouses": lambda request: json_response(list(self.account.warehouses.values())),
            "/warehouses/<int:key>": self.warehouse,
            "/stores": self.stores,
            "/stores/<int:key>": self.store,
            "/stores/marketplaces": lambda request: json_response(catalogue.MARKETPLACES),
            "/stores/getrefreshstatus": self.refresh_status,
            "/users": lambda request: json_response(catalogue.USERS),
            "/accounts/listtags": lambda request: json_response(list(self.account.tags.values())),
            "/webhooks": self.webhooks,
        }
        for path, handler in reads.items():
            yield Rule(path, endpoint=handler, methods=["GET"])
        yield Rule("/products/<int:key>", endpoint=self.update_product, methods=["PUT"])
        yield Rule("/stores/refreshstore", endpoint=self.refresh, methods=["POST"])
        yield Rule("/webhooks/subscribe", endpoint=self.subscribe, methods=["POST"])
        yield Rule("/webhooks/<int:key>", endpoint=self.unsubscribe, methods=["DELETE"])

    # Products and customers

    def products(self, request: Request) -> Response:
        query = Query(request)
        rows = [row for row in self.account.products.values() if _is_wanted(row, query)]
        keys = {"sku": "sku", "modifydate": "modifyDate", "createdate": "createDate"}
        return self._listed(request, "products", rows, keys.get(query.sort("SKU", "ModifyDate", "CreateDate")))

    def customers(self, request: Request) -> Response:
        query = Query(request)
        rows = list(self.account.customers.values())
        for name, field in (("stateCode", "state"), ("countryCode", "countryCode")):
            if wanted := query.text(name):
                rows = [row for row in rows if row[field] == wanted]
        keys = {"name": "name", "modifydate": "modifyDate", "createdate": "createDate"}
        sort = keys.get(query.sort("Name", "ModifyDate", "CreateDate"))
        return self._listed(request, "customers", rows, sort)

    def _listed(self, request: Request, name: str, rows: list[Document], sort: str | None) -> Response:
        query = Query(request)
        if sort:
            rows = sorted(rows, key=lambda row: row[sort] or "")
        if query.descending:
            rows = rows[::-1]
        page, size = query.page()
        shown = [exact_json.dumps(row).encode() for row in rows[(page - 1) * size : page * size]]
        return paged(name, shown, len(rows), page, size, bool(self.simulator.switches["pages_zero"]))

    def product(self, request: Request, key: int) -> Response:
        return json_response(self._product(key))

    def _product(self, key: int) -> Document:
        found = next((one for one in self.account.products.values() if one["productId"] == key), None)
        if found is None:
            raise not_found("product")
        return found

    def update_product(self, request: Request, key: int) -> Response:
        """The whole resource: fields left out become empty."""
        old, fields = self._product(key), fields_of(request, "sku")
        new: Document = {name: fields.get(name) for name in PRODUCT_FIELDS}
        kept = {"productId": key, "createDate": old["createDate"]}
        modified = {"modifyDate": clock.three(self.simulator.now())}
        del self.account.products[old["sku"]]
        self.account.products[new["sku"]] = new | kept | modified
        return done("The requested product has been updated")

    def customer(self, request: Request, key: int) -> Response:
        for one in self.account.customers.values():
            if one["customerId"] == key:
                return json_response(one)
        raise not_found("customer")

    # Carriers, warehouses, stores

    def carrier(self, request: Request) -> Response:
        code = Query(request).text("carrierCode")
        return json_response(next(one for one in catalogue.carriers() if one["code"] == self._known(code)))

    def _of_carrier(self, request: Request, kind: str) -> Response:
        code = self._known(Query(request).text("carrierCode"))
        return json_response(catalogue.services(code) if kind == "services" else catalogue.packages(code))

    def _known(self, code: str | None) -> str:
        if code not in catalogue.carrier_codes():
            raise not_found("carrier")
        return code

    def warehouse(self, request: Request, key: int) -> Response:
        if key not in self.account.warehouses:
            raise not_found("warehouse")
        return json_response(self.account.warehouses[key])

    def stores(self, request: Request) -> Response:
        query = Query(request)
        rows = [row for row in self.account.stores.values() if row["active"] or query.flag("showInactive")]
        marketplace = query.whole("marketplaceId")
        return json_response([row for row in rows if marketplace in (None, row["marketplaceId"])])

    def store(self, request: Request, key: int) -> Response:
        return json_response(self._store(key))

    def _store(self, key: int | None) -> Document:
        if key not in self.account.stores:
            raise not_found("store")
        return self.account.stores[key]

    def refresh(self, request: Request) -> Response:
        store = self._store(whole_of(fields_of(request, "storeId"), "storeId"))
        store["lastRefreshAttempt"] = clock.three(self.simulator.now())
        return done(f"A store refresh has been initiated for Store ID {store['storeId']}")

    def refresh_status(self, request: Request) -> Response:
        store = self._store(Query(request).whole("storeId"))
        dates = {name: store[name] for name in ("lastRefreshAttempt", "refreshDate")}
        status = {"refreshStatusId": 2, "refreshStatus": "Updating orders"}
        return json_response({"storeId": store["storeId"], **status, **dates})

    # Webhooks

    def webhooks(self, request: Request) -> Response:
        return json_response({"webhooks": list(self.simulator.hooks.v1.values())})

    def subscribe(self, request: Request) -> Response:
        """201 as recorded; today's reference says 200 with other fields: switch `subscribe_answer`."""
        fields = fields_of(request, "target_url", "event")
        if fields["event"] not in V1_EVENTS:
            return invalid({"request.event": [f"'{fields['event']}' is not a known event."]})
        if not str(fields["target_url"]).startswith(("http://", "https://")):
            return exception("Invalid target_url")
        key = self.account.number()
        hook = _hook(key, fields)
        self.simulator.hooks.v1[key] = hook
        if str(self.simulator.switches["subscribe_answer"]) == "200":
            return json_response({name: hook[name] for name in ("WebHookID", "HookType", "Url", "Name")})
        return json_response({"id": key}, 201)

    def unsubscribe(self, request: Request, key: int) -> Response:
        if self.simulator.hooks.v1.pop(key, None) is None:
            raise not_found("webhook")
        return Response(b"", 200)


def _hook(key: int, fields: dict[str, Any]) -> Document:
    store = fields.get("store_id")
    return {
        "IsLabelAPIHook": False,
        "WebHookID": key,
        "SellerID": catalogue.SELLER_ID,
        "StoreID": None if store is None else int(store),
        "HookType": fields["event"],
        "MessageFormat": "Json",
        "Url": fields["target_url"],
        "Name": fields.get("friendly_name"),
        "BulkCopyBatchID": None,
        "BulkCopyRecordID": None,
        "Active": True,
        "WebhookLogs": [],
        "Seller": None,
        "Store": None,
    }


def _is_wanted(row: Document, query: Query) -> bool:
    for name in ("sku", "name"):
        if (wanted := query.text(name)) and wanted.lower() not in (row[name] or "").lower():
            return False
    start, end = query.moment("startDate"), query.moment("endDate")
    created = clock.normal(row["createDate"])
    if (start and created < start) or (end and created > end):
        return False
    return bool(row["active"]) or query.flag("showInactive")
