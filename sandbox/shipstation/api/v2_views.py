"""The same account in V2's words: a V1 order is a shipment here, a V1 shipment is a label.

Shapes follow recorded V2 answers, which carry nulls that the published schema does not mention.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.shipstation import clock
from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.store import (
    Document,
    Fulfillment,
    Order,
    Shipment,
)

if TYPE_CHECKING:
    from sandbox.shipstation.account import Account

STATUS = {
    "shipped": "label_purchased",
    "cancelled": "cancelled",
    "rejected_fulfillment": "cancelled",
    "pending_fulfillment": "processing",
}
ADDRESS = {
    "name": "name",
    "phone": "phone",
    "company_name": "company",
    "address_line1": "street1",
    "address_line2": "street2",
    "address_line3": "street3",
    "city_locality": "city",
    "state_province": "state",
    "postal_code": "postalCode",
    "country_code": "country",
}
UNITS = {"pounds": "pound", "ounces": "ounce", "grams": "gram"}
_RESIDENTIAL = {True: "yes", False: "no", None: "unknown"}


def status_of(order: Order) -> str:
    return STATUS.get(order.status, "pending")


def se(key: int | None) -> str | None:
    return None if key is None else f"se-{key}"


def money(amount: Any) -> dict[str, Any]:
    return {"currency": "usd", "amount": amount or Decimal("0.0")}


def address(found: Document | None, email: str | None = None) -> Document:
    found = found or {}
    texts = {name: found.get(old) for name, old in ADDRESS.items()}
    residential = _RESIDENTIAL[found.get("residential")]
    return texts | {"email": email, "address_residential_indicator": residential}


def _ship_to(document: Document) -> Document:
    return address(document["shipTo"], document["customerEmail"]) | {
        "geolocation": None,
        "instructions": None,
    }


def weight(found: Document | None) -> Document:
    found = found or {"value": 0, "units": "ounces"}
    return {"value": found["value"], "unit": UNITS.get(found["units"], "ounce")}


def dimensions(found: Document | None) -> Document:
    found = found or {"units": "inches", "length": 0, "width": 0, "height": 0}
    unit = "centimeter" if found["units"] == "centimeters" else "inch"
    return {"unit": unit} | {name: found[name] for name in ("length", "width", "height")}


def carrier_id(code: str | None) -> str | None:
    known = {one["code"]: one["shippingProviderId"] for one in catalogue.carriers()}
    return se(known.get(code))


def _date(day: str | None) -> str | None:
    """A calendar date in disguise: UTC midnight on shipments."""
    return f"{day[:10]}T00:00:00Z" if day else None


def _pacific_midnight(day: str) -> str:
    """Labels and fulfillments wear the same date as Pacific midnight."""
    return (clock.zulu_of_naive(f"{day[:10]}T00:00:00") or "").replace(".000Z", "Z")


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


def shipment(order: Order, account: Account) -> Document:
    """A V1 order as a V2 shipment."""
    document, tags = order.open(), account.tags
    advanced = document["advancedOptions"]
    place = account.warehouses.get(advanced["warehouseId"]) or account.warehouses[catalogue.DEFAULT_WAREHOUSE]
    names = ("custom_field1", "custom_field2", "custom_field3")
    return {
        "shipment_id": se(order.id),
        "carrier_id": carrier_id(document["carrierCode"]),
        "service_code": document["serviceCode"],
        "requested_shipment_service": document["requestedShippingService"],
        "external_shipment_id": order.key,
        "shipment_number": order.number,
        "hold_until_date": _date(document["holdUntilDate"]),
        "ship_date": _date(document["shipDate"]),
        "ship_by_date": _date(document["shipByDate"]),
        "created_at": clock.zulu(order.created_at),
        "modified_at": clock.zulu(order.modified_at),
        "shipment_status": status_of(order),
        "ship_to": _ship_to(document),
        "warehouse_id": se(advanced["warehouseId"]),
        "ship_from": address(place["originAddress"]),
        "return_to": address(place["returnAddress"]),
        "is_return": False,
        "confirmation": document["confirmation"] or "none",
        "customs": None,
        "advanced_options": {
            **{name: advanced[name.replace("_f", "F")] for name in names},
            "saturday_delivery": advanced["saturdayDelivery"],
            "contains_alcohol": advanced["containsAlcohol"],
            "non_machinable": advanced["nonMachinable"],
        },
        "external_order_id": None,
        "order_source_code": None,
        "insurance_provider": "none",
        "tags": [{"name": tags[tag]["name"]} for tag in document["tagIds"] or []],
        "store_id": se(order.store),
        "packages": [_package(document)],
        "total_weight": weight(document["weight"]),
        "items": [_item(line) for line in document["items"]],
        "notes_from_buyer": document["customerNotes"],
        "internal_notes": document["internalNotes"],
        "notes_for_gift": document["giftMessage"],
        "is_gift": bool(document["gift"]),
        "assigned_user": document["userId"],
        "amount_paid": money(document["amountPaid"]),
        "shipping_paid": money(document["shippingAmount"]),
        "tax_paid": money(document["taxAmount"]),
        "zone": None,
    }


def label(row: Shipment, base_url: str) -> Document:
    """A V1 shipment as a V2 label: no item lines, follow `shipment_id` for them."""
    document = row.open()
    voided = clock.zulu(row.voided_at) if row.voided_at else None
    link = f"{base_url}/v2/downloads/10/label/label-{row.id}"
    return {
        "label_id": se(row.id),
        "status": "voided" if row.voided else "completed",
        "shipment_id": se(row.order),
        "external_shipment_id": document["orderKey"],
        "external_order_id": None,
        "ship_date": _pacific_midnight(row.shipped),
        "created_at": clock.zulu(row.created_at),
        "shipment_cost": money(document["shipmentCost"]),
        "insurance_cost": money(document["insuranceCost"]),
        "requested_comparison_amount": None,
        "rate_details": [],
        "tracking_number": row.tracking,
        "is_return_label": row.is_return,
        "rma_number": None,
        "is_international": document["shipTo"]["country"] not in (None, "US"),
        "batch_id": se(row.batch),
        "carrier_id": carrier_id(row.carrier),
        "service_code": document["serviceCode"],
        "package_code": document["packageCode"],
        "voided": row.voided is not None,
        "voided_at": voided,
        "label_format": "pdf",
        "display_scheme": "label",
        "label_layout": "4x6",
        "trackable": True,
        "label_image_id": None,
        "carrier_code": row.carrier,
        "carrier_weight": None,
        "confirmation": "delivery",
        "tracking_status": "unknown",
        "label_download": {name: f"{link}.{name}" for name in ("pdf", "png", "zpl")} | {"href": f"{link}.pdf"},
        "form_download": None,
        "qr_code_download": None,
        "insurance_claim": None,
        "paperless_download": None,
        "packages": [_label_package(row, document)],
        "charge_event": "carrier_default",
        "alternative_identifiers": [],
        "shipping_rule_id": None,
        "tracking_url": f"https://tracking.example.com/{row.tracking}",
        "ship_to": _ship_to(document),
    }


def _label_package(row: Shipment, document: Document) -> Document:
    return {
        "package_id": row.id % 2147483647,
        "package_code": "package",
        "weight": weight(document["weight"]),
        "dimensions": dimensions(document["dimensions"]),
        "insured_value": money(0),
        "tracking_number": row.tracking,
        "label_messages": {"reference1": None, "reference2": None, "reference3": None},
        "external_package_id": None,
        "content_description": None,
        "sequence": 1,
        "alternative_identifiers": None,
    }


def fulfillment(row: Fulfillment) -> Document:
    document = row.open()
    return {
        "fulfillment_id": se(row.id),
        "shipment_id": se(row.order),
        "shipment_number": row.number,
        "user_id": document["userId"],
        "tracking_number": document["trackingNumber"],
        "created_at": clock.zulu(row.created_at),
        "ship_date": _pacific_midnight(row.shipped),
        "voided_at": None,
        "delivered_at": None,
        "fulfillment_carrier_friendly_name": document["carrierCode"],
        "fulfillment_provider_id": None,
        "fulfillment_provider_friendly_name": None,
        "fulfillment_provider_code": "external",
        "fulfillment_service_code": "ext",
        "fulfillment_fee": money(0),
        "void_requested": False,
        "voided": False,
        "order_source_notified": True,
        "notification_error_message": None,
        "ship_to": _ship_to(document),
    }
