"""The shape of a V1 order: what may be posted, and the full document that ShipStation stores.

A missing business value is a fault of that one order, other than a value of the wrong type (`readers.py`).
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.shipstation.rules.readers import (
    Reader,
    Unreadable,
    day,
    flag,
    ignored,
    listing,
    moment,
    number,
    record,
    text,
    whole,
)
from sandbox.shipstation.store import Document

STATUSES = {
    "awaiting_payment",
    "awaiting_shipment",
    "pending_fulfillment",
    "shipped",
    "on_hold",
    "cancelled",
    "rejected_fulfillment",
}
OPEN = {"awaiting_payment", "awaiting_shipment", "on_hold", "pending_fulfillment"}


class Invalid(ValueError):
    """An order that can be read but not accepted; the text is ShipStation's message."""


_UNITS = {"pounds": 0, "ounces": 1, "grams": 2}
_weight = record({"value": number, "units": text}, value=0, units="ounces")


def weight(value: Any, path: str) -> Document | None:
    read: Document | None = _weight(value, path)
    return None if read is None else read | {"WeightUnits": _UNITS.get(read["units"], 1)}


_ADDRESS_TEXTS = "name company street1 street2 street3 city state postalCode country phone residential"
address = record(
    {name: flag if name == "residential" else text for name in _ADDRESS_TEXTS.split()} | {"addressVerified": ignored}
)
item = record(
    {
        "orderItemId": ignored,
        "lineItemKey": text,
        "sku": text,
        "name": text,
        "imageUrl": text,
        "weight": weight,
        "quantity": whole,
        "unitPrice": number,
        "taxAmount": number,
        "shippingAmount": number,
        "warehouseLocation": text,
        "options": listing(record({"name": text, "value": text})),
        "productId": ignored,
        "fulfillmentSku": text,
        "adjustment": flag,
        "upc": text,
        "createDate": ignored,
        "modifyDate": ignored,
    },
    quantity=0,
    adjustment=False,
)
dimensions = record({"units": text, "length": number, "width": number, "height": number})
_insurance = record(
    {"provider": text, "insureShipment": flag, "insuredValue": number},
    insureShipment=False,
    insuredValue=0,
)
_customs_item = record(
    {
        "customsItemId": whole,
        "description": text,
        "quantity": number,
        "value": number,
        "harmonizedTariffCode": text,
        "countryOfOrigin": text,
    }
)
_international = record({"contents": text, "customsItems": listing(_customs_item), "nonDelivery": text})
_advanced = record(
    {
        "warehouseId": whole,
        "nonMachinable": flag,
        "saturdayDelivery": flag,
        "containsAlcohol": flag,
        "mergedOrSplit": ignored,
        "mergedIds": ignored,
        "parentId": ignored,
        "storeId": whole,
        "customField1": text,
        "customField2": text,
        "customField3": text,
        "source": text,
        "billToParty": text,
        "billToAccount": text,
        "billToPostalCode": text,
        "billToCountryCode": text,
        "billToMyOtherAccount": whole,
    },
    nonMachinable=False,
    saturdayDelivery=False,
    containsAlcohol=False,
    mergedOrSplit=False,
)


_ORDER: dict[str, Reader] = {
    "orderId": whole,
    "orderNumber": text,
    "orderKey": text,
    "orderDate": moment,
    "createDate": ignored,
    "modifyDate": ignored,
    "paymentDate": moment,
    "shipByDate": moment,
    "orderStatus": text,
    "customerId": ignored,
    "customerUsername": text,
    "customerEmail": text,
    "billTo": address,
    "shipTo": address,
    "items": listing(item),
    "orderTotal": ignored,
    "amountPaid": number,
    "taxAmount": number,
    "shippingAmount": number,
    "customerNotes": text,
    "internalNotes": text,
    "gift": flag,
    "giftMessage": text,
    "paymentMethod": text,
    "requestedShippingService": text,
    "carrierCode": text,
    "serviceCode": text,
    "packageCode": text,
    "confirmation": text,
    "shipDate": day,
    "holdUntilDate": ignored,
    "weight": weight,
    "dimensions": dimensions,
    "insuranceOptions": _insurance,
    "internationalOptions": _international,
    "advancedOptions": _advanced,
    "tagIds": listing(whole),
    "userId": ignored,
    "externallyFulfilled": ignored,
    "externallyFulfilledBy": ignored,
    "externallyFulfilledById": ignored,
    "externallyFulfilledByName": ignored,
    "labelMessages": ignored,
}
_order = record(
    _ORDER,
    amountPaid=0,
    taxAmount=0,
    shippingAmount=0,
    gift=False,
    confirmation="none",
    externallyFulfilled=False,
)


def read_order(value: Any, path: str) -> Document:
    """Every field of an order, those left out being empty. Raises Unreadable."""
    if not isinstance(value, dict):
        kind = "array (e.g. [1,2,3])" if isinstance(value, list) else "value"
        raise Unreadable(
            path,
            f"Cannot deserialize the current JSON {kind} into type 'ApiOrder' because the type requires"
            ' a JSON object (e.g. {"name":"value"}) to deserialize correctly.',
        )
    order: Document = _order(value, path)
    order["items"] = order["items"] or []
    for line in order["items"]:
        line["options"] = line["options"] or []
        line["weight"] = line["weight"] or weight({}, path)
    order["weight"] = order["weight"] or weight({}, path)
    order["insuranceOptions"] = order["insuranceOptions"] or _insurance({}, path)
    order["internationalOptions"] = order["internationalOptions"] or _international({}, path)
    order["advancedOptions"] = order["advancedOptions"] or _advanced({}, path)
    order["advancedOptions"]["mergedIds"] = []
    return order


def check_order(order: Document) -> None:
    """Business rules of one order. Raises Invalid with a message that users of the service report."""
    if not order["orderNumber"]:
        raise Invalid("'Order Number' must not be empty.")
    if len(order["orderNumber"]) > 50:
        raise Invalid("'Order Number' must be between 1 and 50 characters.")
    if not order["orderDate"]:
        raise Invalid("'Order Date' must not be empty.")
    if order["orderStatus"] not in STATUSES:
        raise Invalid("'Order Status' is not valid.")
    for field, label in (("billTo", "Bill"), ("shipTo", "Ship")):
        if not (order[field] and order[field]["name"]):
            raise Invalid(f"'{label} Name' must not be empty.")
        country = order[field]["country"]
        if country and not re.fullmatch("[A-Za-z]{2}", country):
            raise Invalid("Please use a 2 character country code")
    if any(not line["name"] for line in order["items"]):
        raise Invalid("'Item Name' must not be empty.")
