"""The shape of a V1 order: how ShipStation reads what was posted, and the full document it stores.

ShipStation V1 is an ASP.NET service: a value of the wrong type refuses the whole request with a ModelState that
names the parameter, while a missing business value is a fault of that one order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.shipstation import clock

Document = dict[str, Any]
Reader = Callable[[Any, str], Any]

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


class Unreadable(ValueError):
    """A posted value has the wrong type; `path` is the ModelState key."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


class Invalid(ValueError):
    """An order that can be read but not accepted; the text is ShipStation's message."""


def text(value: Any, path: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    raise Unreadable(path, f"Error reading string. Unexpected token. Path '{path}'.")


def flag(value: Any, path: str) -> bool | None:
    """Strict: numbers are refused where a boolean belongs."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise Unreadable(path, f"Could not convert to boolean: {value}. Path '{path}'.")


def number(value: Any, path: str) -> int | Decimal | None:
    if value is None or (isinstance(value, (int, Decimal)) and not isinstance(value, bool)):
        return value
    if isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            pass
    raise Unreadable(path, f"Could not convert string to decimal: {value}. Path '{path}'.")


def whole(value: Any, path: str) -> int | None:
    read = number(value, path)
    if read is not None and read != int(read):
        raise Unreadable(path, f"Input string '{value}' is not a valid integer. Path '{path}'.")
    return None if read is None else int(read)


def moment(value: Any, path: str) -> str | None:
    if value is None or value == "":
        return None
    try:
        return clock.normal(value)
    except (ValueError, TypeError, AttributeError):
        message = f"Could not convert string to DateTime: {value}. Path '{path}'."
        raise Unreadable(path, message) from None


def day(value: Any, path: str) -> str | None:
    read = moment(value, path)
    return None if read is None else read[:10]


def record(fields: dict[str, Reader], **defaults: Any) -> Reader:
    """A reader of objects: every field is present in the result, in this order."""
    blank = dict.fromkeys(fields) | defaults

    def read(value: Any, path: str) -> Document | None:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Unreadable(path, f"Cannot deserialize the value into an object. Path '{path}'.")
        found = blank.copy()
        for name, reader in fields.items():
            if name in value and (one := reader(value[name], f"{path}.{name}")) is not None:
                found[name] = one
        return found

    return read


def listing(reader: Reader) -> Reader:
    def read(value: Any, path: str) -> list[Any] | None:
        if value is None:
            return None
        if not isinstance(value, list):
            raise Unreadable(
                path,
                f"Cannot deserialize the current JSON value into type 'List'. Path '{path}'.",
            )
        return [reader(one, f"{path}[{place}]") for place, one in enumerate(value)]

    return read


_UNITS = {"pounds": 0, "ounces": 1, "grams": 2}
_weight = record({"value": number, "units": text}, value=0, units="ounces")


def weight(value: Any, path: str) -> Document | None:
    read: Document | None = _weight(value, path)
    return None if read is None else read | {"WeightUnits": _UNITS.get(read["units"], 1)}


_ADDRESS_TEXTS = "name company street1 street2 street3 city state postalCode country phone residential"
address = record(
    {name: flag if name == "residential" else text for name in _ADDRESS_TEXTS.split()}
    | {"addressVerified": lambda value, path: None}
)
item = record(
    {
        "orderItemId": lambda value, path: None,
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
        "productId": lambda value, path: None,
        "fulfillmentSku": text,
        "adjustment": flag,
        "upc": text,
        "createDate": lambda value, path: None,
        "modifyDate": lambda value, path: None,
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
        "mergedOrSplit": lambda value, path: None,
        "mergedIds": lambda value, path: None,
        "parentId": lambda value, path: None,
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


def _kept(value: Any, path: str) -> None:
    """Read-only: what is sent is ignored."""


_ORDER: dict[str, Reader] = {
    "orderId": whole,
    "orderNumber": text,
    "orderKey": text,
    "orderDate": moment,
    "createDate": _kept,
    "modifyDate": _kept,
    "paymentDate": moment,
    "shipByDate": moment,
    "orderStatus": text,
    "customerId": _kept,
    "customerUsername": text,
    "customerEmail": text,
    "billTo": address,
    "shipTo": address,
    "items": listing(item),
    "orderTotal": _kept,
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
    "holdUntilDate": _kept,
    "weight": weight,
    "dimensions": dimensions,
    "insuranceOptions": _insurance,
    "internationalOptions": _international,
    "advancedOptions": _advanced,
    "tagIds": listing(whole),
    "userId": _kept,
    "externallyFulfilled": _kept,
    "externallyFulfilledBy": _kept,
    "externallyFulfilledById": _kept,
    "externallyFulfilledByName": _kept,
    "labelMessages": _kept,
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


def total(order: Document) -> Decimal:
    """What the customer owes: lines, tax and freight; adjustments count with their sign."""
    lines: Iterable[Decimal] = (Decimal(line["quantity"]) * Decimal(line["unitPrice"] or 0) for line in order["items"])
    extras = Decimal(order["taxAmount"] or 0) + Decimal(order["shippingAmount"] or 0)
    return (sum(lines, Decimal(0)) + extras).quantize(Decimal("0.01"))
