"""Products and customers. Neither can be created by API: both appear with the first order that names them.

V1 has `GET /customers`, `GET /products` and `PUT /products/{id}` only (source: V1 reference).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.errors import NotReady, Rejected
from connections.vendor import Body, Found, Outcome, Outgoing, Refused, Resource, Unchanged, Written
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.bodies import agrees, merged
from connections.vendors.shipstation.client import ShipStationClient, read_object, written_object
from connections.vendors.shipstation.listing import Listing, all_rows
from connections.writing import nothing_written, one_by_one

FEW = 5
CUSTOMERS = Listing(
    path="/customers",
    plural="customers",
    stamp="modifyDate",
    start="",
    end="",
    sort={"sortBy": "CreateDate", "sortDir": "ASC"},
)
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


class Customers(Resource):
    """Links customers: what we know is found there by e-mail, then by user name. Nothing is written."""

    slug = "customers"
    label = "Customers"
    document = "customer"
    fields = frozenset({"email", "username", "name", "company", "phone"})
    batch_size = 100
    upsert = True

    client: ShipStationClient

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._index: dict[tuple[str, str], str] | None = None

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """`Unchanged` with the customer's key, or waiting for the first order that brings the customer."""
        return one_by_one(documents, nothing_written()(self._link))

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        keys = {document.natural_key: self._key(document.payload) for document in documents}
        return {natural_key: Found(key) for natural_key, key in keys.items() if key}

    def _link(self, document: Outgoing) -> Outcome:
        key = self._key(document.payload)
        if key:
            return Unchanged(key, note="known to ShipStation")
        name = document.natural_key
        return Refused(
            NotReady(
                f"ShipStation does not know customer {name} yet; it learns customers from orders.",
                waits_for=f"first order of customer {name}",
                next_step="Nothing to do: the link is made once an order of this customer has been sent.",
            )
        )

    def _key(self, payload: Body) -> str:
        index = self._known()
        ways = [(name, _folded(payload.get(name))) for name in ("email", "username")]
        return next((index[way] for way in ways if way[1] and way in index), "")

    def _known(self) -> dict[tuple[str, str], str]:
        """All customers of the account by e-mail and by user name, read once; the oldest of equals wins."""
        if self._index is None:
            index: dict[tuple[str, str], str] = {}
            for row in all_rows(self.client.need_v1(), CUSTOMERS, CUSTOMERS.sort):
                names = [user.get("username") for user in row.get("marketplaceUsernames") or []]
                ways = [("email", row.get("email")), *(("username", name) for name in names)]
                for way, text in ways:
                    index.setdefault((way, _folded(text)), str(row["customerId"]))
            self._index = index
        return self._index


def _folded(text: Any) -> str:
    return str(text or "").strip().casefold()


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
