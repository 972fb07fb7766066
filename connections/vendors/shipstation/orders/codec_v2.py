"""V2 shipments in the words of V1, where they are orders, and back: the words of V1 are those of our mappings.

V2 says shipment where V1 says order, and label where V1 says shipment. Its times are UTC already. Money totals are
not sent: V2 wants a currency with each, and an order in the words of V1 names none.
"""

from __future__ import annotations

from typing import Any

from connections.vendor import Body

_ADDRESS = {
    "name": "name",
    "company": "company_name",
    "street1": "address_line1",
    "street2": "address_line2",
    "street3": "address_line3",
    "city": "city_locality",
    "state": "state_province",
    "postalCode": "postal_code",
    "country": "country_code",
    "phone": "phone",
}
_REQUIRED = ("name", "phone", "address_line1", "city_locality", "state_province", "postal_code")
_ORDER = {
    "orderNumber": "shipment_number",
    "shipByDate": "ship_by_date",
    "customerNotes": "notes_from_buyer",
    "internalNotes": "internal_notes",
    "gift": "is_gift",
    "giftMessage": "notes_for_gift",
    "requestedShippingService": "requested_shipment_service",
    "serviceCode": "service_code",
    "confirmation": "confirmation",
}
_ITEM = {
    "lineItemKey": "external_order_item_id",
    "sku": "sku",
    "name": "name",
    "quantity": "quantity",
    "unitPrice": "unit_price",
    "taxAmount": "tax_amount",
    "shippingAmount": "shipping_amount",
    "warehouseLocation": "inventory_location",
    "imageUrl": "image_url",
    "upc": "upc",
}
_UNITS = {"pounds": "pound", "ounces": "ounce", "grams": "gram"}
_STATUSES = {
    "pending": "awaiting_shipment",
    "processing": "pending_fulfillment",
    "label_purchased": "shipped",
    "cancelled": "cancelled",
}


def _renamed(body: Body, names: dict[str, str]) -> Body:
    return {new: body[old] for old, new in names.items() if body.get(old) is not None}


def _turned(names: dict[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


def shipment_from(payload: Body, store_id: Any) -> Body:
    """An outgoing order as an entry of `POST /v2/shipments`."""
    options = payload.get("advancedOptions") or {}
    shipment = _renamed(payload, _ORDER) | {"external_shipment_id": payload["orderKey"]}
    if payload.get("shipTo"):
        shipment["ship_to"] = _address_from(payload["shipTo"])
    if "items" in payload:
        shipment["items"] = [
            _renamed(item, _ITEM) | {"external_order_id": payload["orderKey"]}
            for item in payload["items"] or []
            if not item.get("adjustment")
        ]
    if (payload.get("weight") or {}).get("value") is not None:
        shipment["packages"] = [{"weight": _weight_from(payload["weight"])}]
    custom = {f"custom_field{n}": options[f"customField{n}"] for n in (1, 2, 3) if options.get(f"customField{n}")}
    if custom:
        shipment["advanced_options"] = custom
    if options.get("warehouseId"):
        shipment["warehouse_id"] = f"se-{options['warehouseId']}"
    if store_id:
        shipment["store_id"] = str(int(store_id))
    return shipment


def _address_from(address: Body) -> Body:
    residential = {True: "yes", False: "no"}.get(address.get("residential"), "unknown")  # type: ignore[arg-type]
    filled = dict.fromkeys(_REQUIRED, "") | {"country_code": address.get("country") or ""}
    return filled | _renamed(address, _ADDRESS) | {"address_residential_indicator": residential}


def _weight_from(weight: Body) -> Body:
    units = str(weight.get("units") or "ounces")
    return {"value": weight["value"], "unit": _UNITS.get(units, units)}


def order_from(shipment: Body) -> Body:
    """A V2 shipment as an order."""
    order = _renamed(shipment, _turned(_ORDER))
    options = shipment.get("advanced_options") or {}
    order |= {
        "orderId": shipment.get("shipment_id"),
        "orderKey": shipment.get("external_shipment_id") or "",
        "createDate": shipment.get("created_at"),
        "modifyDate": shipment.get("modified_at"),
        "orderStatus": _STATUSES.get(str(shipment.get("shipment_status")), shipment.get("shipment_status")),
        "shipTo": address_to(shipment.get("ship_to") or {}),
        "items": [_item_to(item) for item in shipment.get("items") or []],
        "advancedOptions": {f"customField{n}": options.get(f"custom_field{n}") for n in (1, 2, 3)},
    }
    return order


def address_to(address: Body) -> Body:
    residential = {"yes": True, "no": False}.get(str(address.get("address_residential_indicator")))
    return _renamed(address, _turned(_ADDRESS)) | {"residential": residential}


def _item_to(item: Body) -> Body:
    empty = dict.fromkeys(("lineItemKey", "sku", "name", "quantity", "unitPrice"))
    return empty | _renamed(item, _turned(_ITEM)) | {"orderItemId": item.get("item_id")}
