"""V1 products and customers over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation import clock
from sandbox.shipstation.api.v1.query import Query
from sandbox.shipstation.api.v1.responses import done, fields_of, not_found, paged
from sandbox.shipstation.rules.side_effects import PRODUCT_FIELDS
from sandbox.shipstation.store import Account, Document


class V1Products:
    def __init__(self, context: Context, account: Account) -> None:
        self.context = context
        self.account = account

    def routes(self) -> Iterable[Rule]:
        yield Rule("/products", endpoint=self.products, methods=["GET"])
        yield Rule("/products/<int:key>", endpoint=self.product, methods=["GET"])
        yield Rule("/products/<int:key>", endpoint=self.update_product, methods=["PUT"])
        yield Rule("/customers", endpoint=self.customers, methods=["GET"])
        yield Rule("/customers/<int:key>", endpoint=self.customer, methods=["GET"])

    def products(self, request: Request) -> Response:
        query = Query(request)
        rows = [row for row in self.account.products.values() if _is_wanted(row, query)]
        fields = {"sku": "sku", "modifydate": "modifyDate", "createdate": "createDate"}
        return self._page(query, "products", rows, fields.get(query.sort("SKU", "ModifyDate", "CreateDate")))

    def customers(self, request: Request) -> Response:
        query = Query(request)
        rows = list(self.account.customers.values())
        for name, field in (("stateCode", "state"), ("countryCode", "countryCode")):
            if value := query.text(name):
                rows = [row for row in rows if row[field] == value]
        fields = {"name": "name", "modifydate": "modifyDate", "createdate": "createDate"}
        return self._page(query, "customers", rows, fields.get(query.sort("Name", "ModifyDate", "CreateDate")))

    def _page(self, query: Query, name: str, rows: list[Document], sort: str | None) -> Response:
        if sort:
            rows = sorted(rows, key=lambda row: row[sort] or "")
        if query.descending:
            rows = rows[::-1]
        page, size = query.page()
        shown = [exact_json.dumps(row).encode() for row in rows[(page - 1) * size : page * size]]
        return paged(name, shown, len(rows), page, size, bool(self.context.switches["pages_zero"]))

    def product(self, request: Request, key: int) -> Response:
        return json_response(self._product(key))

    def _product(self, key: int) -> Document:
        for row in self.account.products.values():
            if row["productId"] == key:
                return row
        raise not_found("product")

    def update_product(self, request: Request, key: int) -> Response:
        """The whole resource: fields left out become empty."""
        old, fields = self._product(key), fields_of(request, "sku")
        new: Document = {name: fields.get(name) for name in PRODUCT_FIELDS}
        kept = {"productId": key, "createDate": old["createDate"]}
        modified = {"modifyDate": clock.three(self.context.now())}
        del self.account.products[old["sku"]]
        self.account.products[new["sku"]] = new | kept | modified
        return done("The requested product has been updated")

    def customer(self, request: Request, key: int) -> Response:
        for row in self.account.customers.values():
            if row["customerId"] == key:
                return json_response(row)
        raise not_found("customer")


def _is_wanted(row: Document, query: Query) -> bool:
    for name in ("sku", "name"):
        if (value := query.text(name)) and value.lower() not in (row[name] or "").lower():
            return False
    start, end = query.moment("startDate"), query.moment("endDate")
    created = clock.normal(row["createDate"])
    if (start and created < start) or (end and created > end):
        return False
    return bool(row["active"]) or query.flag("showInactive")
