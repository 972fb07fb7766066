"""The fields of an outgoing order: which may be filled, which carry our keys, which are ShipStation's own."""

from __future__ import annotations

from typing import Any

from connections.vendor import Body
from connections.vendors.shipstation.codec import agrees, merged

_ADDRESS = (
    "name",
    "company",
    "street1",
    "street2",
    "street3",
    "city",
    "state",
    "postalCode",
    "country",
    "phone",
    "residential",
)
_ORDER = (
    "orderNumber orderDate paymentDate shipByDate orderStatus customerUsername customerEmail amountPaid taxAmount "
    "shippingAmount customerNotes internalNotes gift giftMessage paymentMethod requestedShippingService carrierCode "
    "serviceCode packageCode confirmation shipDate tagIds"
)
_ITEM = (
    "lineItemKey sku name imageUrl quantity unitPrice taxAmount shippingAmount warehouseLocation options "
    "productId fulfillmentSku adjustment upc weight.value weight.units"
)
_ADVANCED = (
    "warehouseId nonMachinable saturdayDelivery containsAlcohol storeId customField1 customField2 customField3 "
    "source billToParty billToAccount billToPostalCode billToCountryCode billToMyOtherAccount"
)
_GROUPS = {
    "": _ORDER.split(),
    "billTo.": _ADDRESS,
    "shipTo.": _ADDRESS,
    "items[].": _ITEM.split(),
    "weight.": ("value", "units"),
    "dimensions.": ("length", "width", "height", "units"),
    "insuranceOptions.": ("provider", "insureShipment", "insuredValue"),
    "internationalOptions.": ("contents", "nonDelivery", "customsItems"),
    "internationalOptions.customsItems[].": (
        "description",
        "quantity",
        "value",
        "harmonizedTariffCode",
        "countryOfOrigin",
    ),
    "advancedOptions.": _ADVANCED.split(),
}
ORDER_FIELDS = frozenset(
    {"items[]", "internationalOptions.customsItems[]"}
    | {group + name for group, names in _GROUPS.items() for name in names}
)

_THEIRS = frozenset(
    [
        "createDate",
        "modifyDate",
        "customerId",
        "orderTotal",
        "holdUntilDate",
        "userId",
        "externallyFulfilled",
        "externallyFulfilledBy",
        "externallyFulfilledById",
        "externallyFulfilledByName",
        "labelMessages",
    ]
)


def line_key(order_key: str, line: Any) -> str:
    """The `lineItemKey` of a line of ours: the order's key, a slash, and the line's own number."""
    text = str(line)
    return text if text.startswith(f"{order_key}/") else f"{order_key}/{text}"


def with_our_keys(payload: Body, order_key: str) -> Body:
    """The payload with `orderKey` and with every `lineItemKey` made ours, so that shipments can be led back."""
    items = [
        {**item, "lineItemKey": line_key(order_key, item["lineItemKey"])}
        if item.get("lineItemKey") not in (None, "")
        else item
        for item in payload.get("items") or []
    ]
    keyed = {**payload, "orderKey": order_key}
    return keyed | {"items": items} if "items" in payload else keyed


def over_current(current: Body, payload: Body, sent: Body | None) -> Body:
    """Our payload over the order as it is now, whole: V1 empties every field that an update leaves out.

    A line of ours takes over what a person set on the same line. Lines without a key that stand beside lines that we
    sent with keys were added by a person, and stay.
    """
    ours: Body = merged({name: value for name, value in current.items() if name not in _THEIRS}, payload)
    ours["orderId"] = current["orderId"]
    ours["orderKey"] = current.get("orderKey") or payload["orderKey"]
    if (current.get("advancedOptions") or {}).get("mergedOrSplit"):
        ours["items"] = [_kept(line) for line in current.get("items") or []]
    elif "items" in payload:
        ours["items"] = _lines(current.get("items") or [], payload["items"] or [], sent)
    return ours


def may_take(current: Body, payload: Body, sent: Body | None) -> bool:
    """Whether an update is safe: lines that were split or merged in ShipStation can only stay as they are."""
    options = current.get("advancedOptions") or {}
    if not options.get("mergedOrSplit") or "items" not in payload:
        return True
    return bool(sent) and agrees((sent or {}).get("items"), payload["items"])


def _lines(current: list[Body], mapped: list[Body], sent: Body | None) -> list[Body]:
    by_key = {line.get("lineItemKey"): line for line in current if line.get("lineItemKey")}
    lines = [merged(_kept(by_key.get(line.get("lineItemKey"))), line) for line in mapped]
    before = (sent or {}).get("items") or []
    keyed = [line.get("lineItemKey") for line in [*mapped, *before]]
    if before and all(keyed):
        lines += [_kept(line) for line in current if not line.get("lineItemKey")]
    return lines


def _kept(line: Body | None) -> Body:
    return {name: value for name, value in (line or {}).items() if name not in _THEIRS}
