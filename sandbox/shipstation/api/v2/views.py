"""A V1 order as V2 shows it: a shipment.

Shapes follow recorded V2 responses, which carry nulls that the published schema does not mention.
"""

from __future__ import annotations

from sandbox.shipstation import clock
from sandbox.shipstation.api.v2.values import (
    address,
    carrier_id,
    date_of,
    dimensions,
    money,
    se,
    ship_to,
    status_of,
    weight,
)
from sandbox.shipstation.catalogue import DEFAULT_WAREHOUSE
from sandbox.shipstation.store import Account, Document, Order


def shipment_view(order: Order, account: Account) -> Document:
    """A V1 order as a V2 shipment."""
    document = order.open()
    return {
        **_identity(order, document),
        "ship_to": ship_to(document),
        **_origin(document, account),
        "is_return": False,
        "confirmation": document["confirmation"] or "none",
        "customs": None,
        "advanced_options": _advanced_options(document["advancedOptions"]),
        "external_order_id": None,
        "order_source_code": None,
        "insurance_provider": "none",
        "tags": [{"name": account.tags[tag]["name"]} for tag in document["tagIds"] or []],
        "store_id": se(order.store),
        "packages": [_package(document)],
        "total_weight": weight(document["weight"]),
        "items": [_item(line) for line in document["items"]],
        **_notes_and_amounts(document),
        "zone": None,
    }


def _identity(order: Order, document: Document) -> Document:
    return {
        "shipment_id": se(order.id),
        "carrier_id": carrier_id(document["carrierCode"]),
        "service_code": document["serviceCode"],
        "requested_shipment_service": document["requestedShippingService"],
        "external_shipment_id": order.key,
        "shipment_number": order.number,
        "hold_until_date": date_of(document["holdUntilDate"]),
        "ship_date": date_of(document["shipDate"]),
        "ship_by_date": date_of(document["shipByDate"]),
        "created_at": clock.zulu(order.created_at),
        "modified_at": clock.zulu(order.modified_at),
        "shipment_status": status_of(order),
    }


def _origin(document: Document, account: Account) -> Document:
    key = document["advancedOptions"]["warehouseId"]
    warehouse = account.warehouses.get(key) or account.warehouses[DEFAULT_WAREHOUSE]
    return {
        "warehouse_id": se(key),
        "ship_from": address(warehouse["originAddress"]),
        "return_to": address(warehouse["returnAddress"]),
    }


def _advanced_options(advanced: Document) -> Document:
    return {
        **{f"custom_field{place}": advanced[f"customField{place}"] for place in (1, 2, 3)},
        "saturday_delivery": advanced["saturdayDelivery"],
        "contains_alcohol": advanced["containsAlcohol"],
        "non_machinable": advanced["nonMachinable"],
    }


def _notes_and_amounts(document: Document) -> Document:
    return {
        "notes_from_buyer": document["customerNotes"],
        "internal_notes": document["internalNotes"],
        "notes_for_gift": document["giftMessage"],
        "is_gift": bool(document["gift"]),
        "assigned_user": document["userId"],
        "amount_paid": money(document["amountPaid"]),
        "shipping_paid": money(document["shippingAmount"]),
        "tax_paid": money(document["taxAmount"]),
    }


def _item(line: Document) -> Document:
    return {
        "sales_order_id": None,
        "sales_order_item_id": None,
        "quantity": line["quantity"],
        "name": line["name"],
        "sku": line["sku"],
        "bundle_sku": None,
        "external_order_id": None,
        "external_order_item_id": line["lineItemKey"],
        "asin": None,
        "order_source_code": None,
        "item_id": str(line["orderItemId"]),
        "allocation_status": None,
        "image_url": line["imageUrl"],
        "weight": weight(line["weight"]) if line["weight"]["value"] else None,
        "unit_price": line["unitPrice"],
        "tax_amount": line["taxAmount"],
        "shipping_amount": line["shippingAmount"],
        "inventory_location": line["warehouseLocation"],
        "options": line["options"],
        "product_id": str(line["productId"]) if line["productId"] else None,
        # The vendor spells it so.
        "fullfilment_sku": line["fulfillmentSku"],
        "upc": line["upc"],
    }


def _package(document: Document) -> Document:
    return {
        "shipment_package_id": se(document["orderId"]),
        "package_id": "se-3",
        "package_code": document["packageCode"] or "package",
        "package_name": "Package",
        "weight": weight(document["weight"]),
        "dimensions": dimensions(document["dimensions"]),
        "insured_value": money(document["insuranceOptions"]["insuredValue"]),
        "label_messages": {"reference1": None, "reference2": None, "reference3": None},
        "external_package_id": None,
        "content_description": None,
        "products": None,
    }
