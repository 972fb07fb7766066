"""Products. V1 cannot create them: they appear with the first order that names them (source: V1 reference).

It has `GET /products` and `PUT /products/{id}` only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connections.errors import NotReady, Rejected
from connections.vendor import Body, Found, Outcome, Outgoing, Refused, Resource, Unchanged, Written
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import ShipStationClient, read_object, written_object
from connections.vendors.shipstation.codec import agrees, merged
from connections.vendors.shipstation.reader import Listing, all_rows
from connections.writing import nothing_written, one_by_one

FEW = 5
PRODUCTS = Listing(
    path="/products",
    plural="products",
    stamp="modifyDate",
    start="",
    end="",
    sort={"sortBy": "CreateDate", "sortDir": "ASC"},
    extra={"showInactive": "true"},
)
PRODUCT_FIELDS = frozenset(
    [
        "sku",
        "name",
        "price",
        "defaultCost",
        "length",
        "width",
        "height",
        "weightOz",
        "internalNotes",
        "fulfillmentSku",
        "active",
        "upc",
        "warehouseLocation",
        "defaultCarrierCode",
        "defaultServiceCode",
        "defaultPackageCode",
        "defaultIntlCarrierCode",
        "defaultIntlServiceCode",
        "defaultIntlPackageCode",
        "defaultConfirmation",
        "defaultIntlConfirmation",
        "customsDescription",
        "customsValue",
        "customsTariffNo",
        "customsCountryCode",
        "noCustoms",
    ]
)


class Products(Resource):
    """Updates products that ShipStation knows, found by exact SKU."""

    slug = "products"
    label = "Products"
    document = "product"
    fields = PRODUCT_FIELDS
    batch_size = 100
    upsert = True

    client: ShipStationClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Read, merge and put what differs. An unknown SKU waits for its first order."""
        with nothing_written():
            known = self._known([document.payload for document in documents])
        return one_by_one(documents, nothing_written()(lambda document: self._update(document, known)))

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        known = self._known([document.payload for document in documents])
        matches = {}
        for document in documents:
            product = known.get(str(document.payload.get("sku") or ""))
            if product:
                proof = {name: product.get(name) for name in ("sku", "modifyDate")}
                complete = agrees(product, document.payload)
                matches[document.natural_key] = Found(str(product["productId"]), "", complete, proof)
        return matches

    def _known(self, payloads: Sequence[Body]) -> dict[str, Body]:
        """The products asked for, by exact SKU; the vendor's filter may match more."""
        http, skus = self.client.need_v1(), {str(payload.get("sku") or "") for payload in payloads}
        filters = [{"sku": sku} for sku in sorted(skus - {""})] if len(skus) <= FEW else [PRODUCTS.sort]
        known: dict[str, Body] = {}
        for asked in filters:
            for row in all_rows(http, PRODUCTS, asked | PRODUCTS.extra):
                if row.get("sku") in skus:
                    known.setdefault(row["sku"], row)
        return known

    def _update(self, document: Outgoing, known: Mapping[str, Body]) -> Outcome:
        sku = str(document.payload.get("sku") or "")
        if not sku:
            raise Rejected("A product without a SKU cannot be found.", fields={"sku": "is empty"})
        listed = known.get(sku)
        if listed is None:
            return Refused(_unknown(sku))
        key = str(listed["productId"])
        if agrees(listed, document.payload):
            return Unchanged(key)
        http = self.client.need_v1()
        answer = http.get(f"/products/{key}")
        # One product alone is answered with fewer fields than in the list, and a PUT empties what it leaves out.
        now = codec.decode(read_object(answer), codec.received_at(answer))
        whole = merged({**listed, **now}, document.payload)
        result = written_object(http.put(f"/products/{key}", json=codec.encode(whole)))
        if result.get("success") is False:
            raise Rejected(f"ShipStation refused the product {sku}.", words=str(result.get("message") or ""))
        return Written(key)


def _unknown(sku: str) -> NotReady:
    return NotReady(
        f"ShipStation does not know SKU {sku} yet; it learns products from orders.",
        waits_for=f"first order with SKU {sku}",
        next_step="Nothing to do: it is updated after the first order, or after a CSV import in ShipStation.",
    )
