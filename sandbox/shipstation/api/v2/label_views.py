"""V1 shipments and fulfillments as V2 shows them: labels and fulfillments."""

from __future__ import annotations

from sandbox.shipstation import clock
from sandbox.shipstation.api.v2.values import (
    carrier_id,
    dimensions,
    money,
    pacific_midnight,
    se,
    ship_to,
    weight,
)
from sandbox.shipstation.store import Document, Fulfillment, Shipment


def label_view(row: Shipment, base_url: str) -> Document:
    """A V1 shipment as a V2 label, its keys in the recorded order: no item lines, follow `shipment_id` for them."""
    document = row.open()
    return {
        **_identity(row, document),
        **_facts(row, document),
        "label_format": "pdf",
        "display_scheme": "label",
        "label_layout": "4x6",
        "trackable": True,
        "label_image_id": None,
        "carrier_code": row.carrier,
        "carrier_weight": None,
        "confirmation": "delivery",
        "tracking_status": "unknown",
        "label_download": _download(f"{base_url}/v2/downloads/10/label/label-{row.id}"),
        "form_download": None,
        "qr_code_download": None,
        "insurance_claim": None,
        "paperless_download": None,
        "packages": [_label_package(row, document)],
        "charge_event": "carrier_default",
        "alternative_identifiers": [],
        "shipping_rule_id": None,
        "tracking_url": f"https://tracking.example.com/{row.tracking}",
        "ship_to": ship_to(document),
    }


def _identity(row: Shipment, document: Document) -> Document:
    return {
        "label_id": se(row.id),
        "status": "voided" if row.voided else "completed",
        "shipment_id": se(row.order),
        "external_shipment_id": document["orderKey"],
        "external_order_id": None,
        "ship_date": pacific_midnight(row.shipped),
        "created_at": clock.zulu(row.created_at),
        "shipment_cost": money(document["shipmentCost"]),
        "insurance_cost": money(document["insuranceCost"]),
        "requested_comparison_amount": None,
        "rate_details": [],
    }


def _facts(row: Shipment, document: Document) -> Document:
    return {
        "tracking_number": row.tracking,
        "is_return_label": row.is_return,
        "rma_number": None,
        "is_international": document["shipTo"]["country"] not in (None, "US"),
        "batch_id": se(row.batch),
        "carrier_id": carrier_id(row.carrier),
        "service_code": document["serviceCode"],
        "package_code": document["packageCode"],
        "voided": row.voided is not None,
        "voided_at": clock.zulu(row.voided_at) if row.voided_at else None,
    }


def _download(link: str) -> Document:
    return {name: f"{link}.{name}" for name in ("pdf", "png", "zpl")} | {"href": f"{link}.pdf"}


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


def fulfillment_view(row: Fulfillment) -> Document:
    document = row.open()
    return {
        "fulfillment_id": se(row.id),
        "shipment_id": se(row.order),
        "shipment_number": row.number,
        "user_id": document["userId"],
        "tracking_number": document["trackingNumber"],
        "created_at": clock.zulu(row.created_at),
        "ship_date": pacific_midnight(row.shipped),
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
        "ship_to": ship_to(document),
    }
