"""V2 labels and fulfillments in the words of V1, which are the words of our mappings."""

from __future__ import annotations

from connections.vendor import Body
from connections.vendors.shipstation.orders.codec_v2 import address_to, order_from


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
        "shipTo": address_to(label.get("ship_to") or (shipment or {}).get("ship_to") or {}),
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
        "shipTo": address_to(fulfillment.get("ship_to") or {}),
        "advancedOptions": {"mergedOrSplit": False},
        "shipmentItems": order.get("items") or [],
    }
