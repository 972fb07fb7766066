"""What ShipStation does on its own some seconds after an import: customer, products, address."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.kit.context import Context
from sandbox.shipstation import clock
from sandbox.shipstation.rules.address_validation import rewrite
from sandbox.shipstation.rules.documents import OPEN
from sandbox.shipstation.store import Account, Document, Order

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


class SideEffects:
    def __init__(self, context: Context, account: Account) -> None:
        self.context = context
        self.account = account

    def schedule(self, keys: Iterable[int]) -> None:
        """For these orders, after the seconds of the switch `side_effect_delay`; at once when it is 0."""
        orders = list(keys)
        if not orders:
            return
        delay = float(self.context.switches["side_effect_delay"])
        if delay > 0:
            self.context.later(delay, lambda: self.apply(orders))
        else:
            self.apply(orders)

    def apply(self, keys: Iterable[int]) -> None:
        for key in keys:
            order = self.account.orders.get(key)
            if order is not None and order.status in OPEN:
                self._apply(order)

    def _apply(self, order: Order) -> None:
        document = order.open()
        if document["customerUsername"]:
            document["customerId"] = self._customer(document)["customerId"]
        for line in document["items"]:
            if line["sku"] and not line["adjustment"]:
                line["productId"] = self._product(line)["productId"]
        if self.context.switches["address_validation"] and rewrite(document):
            self.account.save(order, document)
        else:
            self.account.orders.save(order, document)

    def _customer(self, order: Document) -> Document:
        customers, username = self.account.customers, order["customerUsername"]
        if username not in customers:
            customers[username] = self._new_customer(username, order)
        return customers[username]

    def _new_customer(self, username: str, order: Document) -> Document:
        key, now, address = self.account.next_number(), clock.seven(self.context.now()), order["shipTo"]
        dates = {"createDate": now, "modifyDate": now}
        names = ("name", "company", "street1", "street2", "city", "state", "postalCode")
        market = {"marketplaceId": 0, "marketplace": "ShipStation", "username": username}
        username_entry = {"customerUserId": self.account.next_number(), "customerId": key, **dates, **market}
        return {
            "customerId": key,
            **dates,
            **{name: address[name] for name in names},
            "countryCode": address["country"],
            "phone": address["phone"],
            "email": order["customerEmail"],
            "addressVerified": "Unverified",
            "marketplaceUsernames": [username_entry],
            "tags": None,
        }

    def _product(self, line: Document) -> Document:
        products, sku = self.account.products, line["sku"]
        if sku not in products:
            blank: dict[str, Any] = dict.fromkeys(PRODUCT_FIELDS)
            products[sku] = blank | {
                "productId": self.account.next_number(),
                "sku": sku,
                "name": line["name"],
                "price": line["unitPrice"] or Decimal(0),
                "createDate": clock.three(self.context.now()),
                "active": True,
            }
        return products[sku]
