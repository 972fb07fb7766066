"""The documents of V1 shipments (labels) and fulfillments, and tracking numbers as carriers make them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sandbox.shipstation.catalogue import DEFAULT_WAREHOUSE, USER_ID, carrier_name
from sandbox.shipstation.rules.units import Units
from sandbox.shipstation.store import Document, Fulfillment, Shipment

FIRST_BATCH = 144000000
"""Batch ids begin here; the batch number on a shipment counts from it."""

_LINE_FIELDS = [
    "orderItemId",
    "lineItemKey",
    "sku",
    "name",
    "imageUrl",
    "weight",
    "quantity",
    "unitPrice",
    "taxAmount",
    "shippingAmount",
    "warehouseLocation",
    "options",
    "productId",
    "fulfillmentSku",
]
_DISPLAY = {"usps": "USPS", "stamps_com": "USPS"}


@dataclass(frozen=True)
class LabelOptions:
    """How a label is bought."""

    carrier: str
    service: str
    with_items: bool = True
    is_return: bool = False


def shipment_document(shipment: Shipment, order: Document, label: LabelOptions) -> Document:
    lines = _shipped_lines(order, shipment.units)
    cost = Decimal(599 + shipment.id % 1700).scaleb(-2)
    return {
        "shipmentId": shipment.id,
        "orderId": order["orderId"],
        "orderKey": order["orderKey"],
        "userId": order["userId"] or USER_ID,
        "customerEmail": order["customerEmail"],
        "orderNumber": order["orderNumber"],
        "createDate": shipment.created,
        "shipDate": shipment.shipped,
        "shipmentCost": cost,
        "insuranceCost": 0,
        "trackingNumber": shipment.tracking,
        "isReturnLabel": shipment.is_return,
        "batchNumber": str(shipment.batch - FIRST_BATCH),
        "carrierCode": shipment.carrier,
        "serviceCode": label.service,
        "packageCode": "package",
        "confirmation": "delivery",
        "warehouseId": order["advancedOptions"]["warehouseId"] or DEFAULT_WAREHOUSE,
        "voided": False,
        "voidDate": None,
        "marketplaceNotified": True,
        "notifyErrorMessage": None,
        "shipTo": order["shipTo"],
        "weight": order["weight"],
        "dimensions": order["dimensions"],
        "insuranceOptions": order["insuranceOptions"],
        "advancedOptions": None,
        "shipmentItems": lines if label.with_items else [],
        "labelData": None,
        "formData": None,
    }


def _shipped_lines(order: Document, units: Units) -> list[Document]:
    return [
        {name: line[name] for name in _LINE_FIELDS} | {"quantity": units[line["orderItemId"]]}
        for line in order["items"]
        if line["orderItemId"] in units
    ]


def fulfillment_document(row: Fulfillment, order: Document, tracking: str | None, carrier: str) -> Document:
    return {
        "fulfillmentId": row.id,
        "orderId": row.order,
        "orderNumber": row.number,
        "userId": USER_ID,
        "customerEmail": order["customerEmail"],
        "trackingNumber": tracking,
        "createDate": row.created,
        "shipDate": f"{row.shipped}T00:00:00.0000000",
        "voidDate": None,
        "deliveryDate": None,
        "carrierCode": _DISPLAY.get(carrier, carrier_name(carrier)),
        "sellerFillProviderId": None,
        "sellerFillProviderName": None,
        "fulfillmentProviderCode": None,
        "fulfillmentServiceCode": None,
        "fulfillmentFee": 0,
        "voidRequested": False,
        "voided": False,
        "marketplaceNotified": True,
        "notifyErrorMessage": None,
        "shipTo": order["shipTo"],
    }


def tracking_number(carrier: str, key: int) -> str:
    patterns = {"ups": f"1Z999AA1{key:010d}", "fedex": f"7834{key:08d}"}
    usps = f"94001118995{key:011d}"
    return patterns.get(carrier, usps if carrier == "stamps_com" else f"C1{key:013d}")
