"""One simulated ShipStation account: what it holds and how an order lives in it, apart from shipping.

Nothing here knows HTTP. V1, V2 and the operator page are three views of this state.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from sandbox.shipstation import clock
from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.rules.address_validation import rewrite
from sandbox.shipstation.rules.documents import OPEN, Invalid, check_order, total
from sandbox.shipstation.store import (
    Document,
    Fulfillment,
    Order,
    Orders,
    Shipment,
)

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator


class Locked(ValueError):
    """The order is shipped, cancelled or merged away and may no longer be changed."""


class Account:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator
        self.orders = Orders()
        self.shipments: dict[int, Shipment] = {}
        self.fulfillments: dict[int, Fulfillment] = {}
        self.customers: dict[str, Document] = {}
        self.products: dict[str, Document] = {}
        self.held: dict[int, str] = {}
        self.poisoned: set[int] = set()
        self.numbers = count(21466104)
        self.tags: dict[int, Document] = {tag["tagId"]: dict(tag) for tag in catalogue.TAGS}
        self.stores: dict[int, Document] = {}
        self.warehouses: dict[int, Document] = {}

    def found(self) -> None:
        """Fill a new account with its stores and warehouses."""
        born = self.simulator.now()
        self.stores = {one["storeId"]: one for one in catalogue.stores(clock.three(born))}
        places = catalogue.warehouses(clock.seven(born))
        self.warehouses = {one["warehouseId"]: one for one in places}

    def number(self) -> int:
        return next(self.numbers)

    def guid(self) -> str:
        return str(uuid.UUID(int=self.simulator.random.getrandbits(128), version=4))

    def save(self, order: Order, document: Document) -> None:
        """Store a change that moves `modifyDate`."""
        order.modified_at = self.simulator.now()
        document["modifyDate"] = clock.seven(order.modified_at)
        document["orderTotal"] = total(document)
        self.orders.save(order, document)

    # Orders arriving by API

    def upsert(self, sent: Document, batch: str) -> tuple[Order, Document, bool]:
        """Create or replace by `orderId`, else by `orderKey`; true when it counts as imported.

        Raises Invalid or Locked; then nothing has changed.
        """
        check_order(sent)
        known = self.orders.get(sent["orderId"] or 0) or self.orders.of_key(sent["orderKey"] or "")
        if known is None:
            return self._create(sent, batch)
        if known.status not in OPEN or known.merged_into is not None:
            raise Locked(f"This order is {known.status} and can no longer be updated.")
        return self._replace(known, sent, batch)

    def _create(self, sent: Document, batch: str) -> tuple[Order, Document, bool]:
        store = sent["advancedOptions"]["storeId"] or catalogue.DEFAULT_STORE
        if store not in self.stores:
            raise Invalid("The requested store was not found.")
        now = self.simulator.now()
        order = Order(self.number(), now, now, clock.seven(now), key=sent["orderKey"] or self.guid())
        sent["orderId"], sent["orderKey"] = order.id, order.key
        sent["createDate"] = sent["modifyDate"] = order.created
        sent["advancedOptions"]["storeId"] = store
        self._complete(sent, [], now)
        self.orders.add(order, sent)
        imported = order.status != "awaiting_payment"
        if imported:
            self.orders.imported(order, batch)
        return order, sent, imported

    def _replace(self, order: Order, sent: Document, batch: str) -> tuple[Order, Document, bool]:
        old, was = order.open(), order.status
        for name in ("orderId", "orderKey", "createDate", "customerId", "userId", "holdUntilDate"):
            sent[name] = old[name]
        for name in ("storeId", "mergedOrSplit", "mergedIds", "parentId"):
            sent["advancedOptions"][name] = old["advancedOptions"][name]
        if sent["customerUsername"] != old["customerUsername"]:
            sent["customerId"] = None
        self._complete(sent, old["items"], self.simulator.now())
        if sent["orderStatus"] != "on_hold":
            self._release(order, sent)
        self.save(order, sent)
        imported = was == "awaiting_payment" and order.status not in (
            "awaiting_payment",
            "cancelled",
        )
        if imported:
            self.orders.imported(order, batch)
        return order, sent, imported

    def _complete(self, sent: Document, old_lines: list[Document], now: float) -> None:
        """Fill what ShipStation knows better than the sender: ids, totals, the customer, tags."""
        moment = clock.two_or_three(now)
        left = list(old_lines)
        for line in sent["items"]:
            same = next((one for one in left if _same_line(one, line)), None)
            if same is not None:
                left.remove(same)
            line["orderItemId"] = same["orderItemId"] if same else self.number()
            line["createDate"] = same["createDate"] if same else moment
            line["modifyDate"] = moment
            product = None if line["adjustment"] else self.products.get(line["sku"])
            line["productId"] = product["productId"] if product else None
        for name in ("shipTo", "billTo"):
            sent[name]["addressVerified"] = None
        sent["shipTo"]["addressVerified"] = "Address not yet validated"
        customer = self.customers.get(sent["customerUsername"])
        if customer is not None:
            sent["customerId"] = customer["customerId"]
        known = [tag for tag in sent["tagIds"] or [] if tag in self.tags]
        sent["tagIds"] = known or None
        sent["orderTotal"] = total(sent)

    def side_effects(self, keys: Iterable[int]) -> None:
        """What ShipStation does on its own some seconds later: customer, products, address."""
        for key in keys:
            order = self.orders.get(key)
            if order is not None and order.status in OPEN:
                self._side_effect(order)

    def _side_effect(self, order: Order) -> None:
        document = order.open()
        if document["customerUsername"]:
            document["customerId"] = self._customer(document)["customerId"]
        for line in document["items"]:
            if line["sku"] and not line["adjustment"]:
                line["productId"] = self._product(line)["productId"]
        if self.simulator.switches["address_validation"] and rewrite(document):
            self.save(order, document)
        else:
            self.orders.save(order, document)

    def _customer(self, order: Document) -> Document:
        username = order["customerUsername"]
        if username not in self.customers:
            self.customers[username] = self._new_customer(username, order)
        return self.customers[username]

    def _new_customer(self, username: str, order: Document) -> Document:
        key, moment, address = self.number(), clock.seven(self.simulator.now()), order["shipTo"]
        dates = {"createDate": moment, "modifyDate": moment}
        names = ("name", "company", "street1", "street2", "city", "state", "postalCode")
        market = {"marketplaceId": 0, "marketplace": "ShipStation", "username": username}
        account = {"customerUserId": self.number(), "customerId": key, **dates, **market}
        return {
            "customerId": key,
            **dates,
            **{name: address[name] for name in names},
            "countryCode": address["country"],
            "phone": address["phone"],
            "email": order["customerEmail"],
            "addressVerified": "Unverified",
            "marketplaceUsernames": [account],
            "tags": None,
        }

    def _product(self, line: Document) -> Document:
        sku = line["sku"]
        if sku not in self.products:
            blank: dict[str, Any] = dict.fromkeys(PRODUCT_FIELDS)
            self.products[sku] = blank | {
                "productId": self.number(),
                "sku": sku,
                "name": line["name"],
                "price": line["unitPrice"] or Decimal(0),
                "createDate": clock.three(self.simulator.now()),
                "active": True,
            }
        return self.products[sku]

    # What a person or a client does to one order

    def set_status(self, order: Order, status: str, **changes: Any) -> None:
        """Move the order, and those merged into it, to another status."""
        document = order.open() | changes | {"orderStatus": status}
        if status != "on_hold":
            self._release(order, document)
        self.save(order, document)
        for key in order.merged:
            other = self.orders.rows[key]
            self.save(other, other.open() | {"orderStatus": status})

    def _release(self, order: Order, document: Document) -> None:
        self.held.pop(order.id, None)
        document["holdUntilDate"] = None

    def hold(self, order: Order, until: str | None = None) -> None:
        self._must_be_open(order)
        if until:
            self.held[order.id] = until
        self.set_status(order, "on_hold", holdUntilDate=until)

    def end_holds(self) -> None:
        """Orders held until today go back to awaiting shipment."""
        if not self.held:
            return
        today = clock.day(self.simulator.now())
        for key in [key for key, until in self.held.items() if until <= today]:
            self.set_status(self.orders.rows[key], "awaiting_shipment")

    def cancel(self, order: Order) -> None:
        self._must_be_open(order)
        self.set_status(order, "cancelled")

    def tag(self, order: Order, tag: int, wanted: bool) -> None:
        document = order.open()
        tags = [one for one in document["tagIds"] or [] if one != tag]
        document["tagIds"] = ([*tags, tag] if wanted else tags) or None
        self.save(order, document)

    def _must_be_open(self, order: Order) -> None:
        if order.status not in OPEN or order.merged_into is not None:
            raise Locked(f"This order is {order.status} and can no longer be changed.")


def _same_line(old: Document, new: Document) -> bool:
    if new["lineItemKey"] is not None:
        return bool(old["lineItemKey"] == new["lineItemKey"])
    return bool(old["lineItemKey"] is None and old["sku"] == new["sku"])


PRODUCT_FIELDS = [
    "aliases",
    "productId",
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
    "createDate",
    "modifyDate",
    "active",
    "productCategory",
    "productType",
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
    "tags",
]
