"""All that the account holds, as the control API shows it."""

from __future__ import annotations

from sandbox.shipstation.store import Account, Document, Order
from sandbox.shipstation.webhooks import Webhooks

_ORDER_FIELDS = [
    "orderId",
    "orderNumber",
    "orderKey",
    "orderStatus",
    "orderDate",
    "createDate",
    "modifyDate",
    "customerId",
    "customerUsername",
    "customerEmail",
    "shipTo",
    "orderTotal",
    "amountPaid",
    "taxAmount",
    "shippingAmount",
    "internalNotes",
    "requestedShippingService",
    "carrierCode",
    "serviceCode",
    "shipDate",
    "holdUntilDate",
    "tagIds",
    "externallyFulfilled",
]
_LINE_FIELDS = ["orderItemId", "lineItemKey", "sku", "name", "quantity", "unitPrice", "productId", "adjustment"]
_ADVANCED_FIELDS = [
    "storeId",
    "warehouseId",
    "mergedOrSplit",
    "mergedIds",
    "parentId",
    "customField1",
    "customField2",
    "customField3",
    "source",
]


def contents(account: Account, webhooks: Webhooks) -> Document:
    """All orders with their deleted ones, shipments, fulfillments and what ShipStation made of them."""
    return {
        "orders": [_order(order) for order in account.orders],
        "shipments": [row.open() for row in account.shipments.values()],
        "fulfillments": [row.open() for row in account.fulfillments.values()],
        "customers": list(account.customers.values()),
        "products": list(account.products.values()),
        "inventory": list(account.stock.values()),
        "webhooks": [*webhooks.v1.values(), *webhooks.v2.values()],
        "deliveries": {**webhooks.outcomes, "waiting": len(webhooks.waiting)},
    }


def _order(order: Order) -> Document:
    document = order.open()
    shown = {name: document[name] for name in _ORDER_FIELDS}
    lines = [{name: line[name] for name in _LINE_FIELDS} for line in document["items"]]
    advanced = {name: document["advancedOptions"][name] for name in _ADVANCED_FIELDS}
    return shown | {"items": lines, "advancedOptions": advanced, "deleted": order.deleted}
