"""V2 documents in the words of V1, which are the words of our mappings, and back.

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
        "shipTo": _address_to(shipment.get("ship_to") or {}),
        "items": [_item_to(item) for item in shipment.get("items") or []],
        "advancedOptions": {f"customField{n}": options.get(f"custom_field{n}") for n in (1, 2, 3)},
    }
    return order


def _address_to(address: Body) -> Body:
    residential = {"yes": True, "no": False}.get(str(address.get("address_residential_indicator")))
    return _renamed(address, _turned(_ADDRESS)) | {"residential": residential}


def _item_to(item: Body) -> Body:
    empty = dict.fromkeys(("lineItemKey", "sku", "name", "quantity", "unitPrice"))
    return empty | _renamed(item, _turned(_ITEM)) | {"orderItemId": item.get("item_id")}


def parcel_from_label(label: Body, shipment: Body | None) -> Body:
    """A V2 label, and the shipment it belongs to, as a parcel; the shipment holds the lines."""
    order = order_from(shipment) if shipment else {}
    return {
        "shipmentId": label.get("label_id"),
        "orderId": label.get("shipment_id"),
        "orderKey": order.get("orderKey") or label.get("external_shipment_id") or "",
        "orderNumber": order.get("orderNumber"),
        "createDate": label.get("created_at"),
        "shipDate": label.get("ship_date"),
        "shipmentCost": (label.get("shipment_cost") or {}).get("amount"),
        "insuranceCost": (label.get("insurance_cost") or {}).get("amount"),
        "trackingNumber": label.get("tracking_number"),
        "isReturnLabel": label.get("is_return_label"),
        "batchNumber": label.get("batch_id"),
        "carrierCode": label.get("carrier_code"),
        "serviceCode": label.get("service_code"),
        "packageCode": label.get("package_code"),
        "confirmation": label.get("confirmation"),
        "voided": bool(label.get("voided")),
        "voidDate": label.get("voided_at"),
        "shipTo": _address_to(label.get("ship_to") or (shipment or {}).get("ship_to") or {}),
        "weight": label.get("carrier_weight"),
        "advancedOptions": {"mergedOrSplit": False},
        "shipmentItems": order.get("items") or [],
    }


def parcel_from_fulfillment(fulfillment: Body, shipment: Body | None) -> Body:
    """A V2 fulfillment as a parcel."""
    order = order_from(shipment) if shipment else {}
    return {
        "fulfillmentId": fulfillment.get("fulfillment_id"),
        "orderId": fulfillment.get("shipment_id"),
        "orderKey": order.get("orderKey") or "",
        "orderNumber": fulfillment.get("shipment_number") or order.get("orderNumber"),
        "createDate": fulfillment.get("created_at"),
        "shipDate": fulfillment.get("ship_date"),
        "deliveryDate": fulfillment.get("delivered_at"),
        "trackingNumber": fulfillment.get("tracking_number"),
        "carrierCode": fulfillment.get("fulfillment_carrier_friendly_name"),
        "fulfillmentProviderCode": fulfillment.get("fulfillment_provider_code"),
        "fulfillmentServiceCode": fulfillment.get("fulfillment_service_code"),
        "voided": bool(fulfillment.get("voided")),
        "voidDate": fulfillment.get("voided_at"),
        "shipTo": _address_to(fulfillment.get("ship_to") or {}),
        "advancedOptions": {"mergedOrSplit": False},
        "shipmentItems": order.get("items") or [],
    }
