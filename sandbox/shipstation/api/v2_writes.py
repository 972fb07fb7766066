"""Creating and changing V2 shipments: V2's words turned into the order that the account keeps.

Unlike V1 this is no upsert: a known `external_shipment_id` or `shipment_number` is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shipstation.api import v2_views as views
from sandbox.shipstation.clock import zulu
from sandbox.shipstation.rules.documents import (
    Invalid,
    Unreadable,
    read_order,
)
from sandbox.shipstation.store import Document, Order

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator

_TEXTS = {
    "shipment_number": "orderNumber",
    "external_shipment_id": "orderKey",
    "service_code": "serviceCode",
    "requested_shipment_service": "requestedShippingService",
    "confirmation": "confirmation",
    "notes_from_buyer": "customerNotes",
    "internal_notes": "internalNotes",
    "notes_for_gift": "giftMessage",
    "is_gift": "gift",
    "ship_date": "shipDate",
    "ship_by_date": "shipByDate",
}
_AMOUNTS = {
    "amount_paid": "amountPaid",
    "shipping_paid": "shippingAmount",
    "tax_paid": "taxAmount",
}
_LINES = {
    "external_order_item_id": "lineItemKey",
    "sku": "sku",
    "name": "name",
    "quantity": "quantity",
    "unit_price": "unitPrice",
    "tax_amount": "taxAmount",
    "shipping_amount": "shippingAmount",
    "inventory_location": "warehouseLocation",
    "image_url": "imageUrl",
    "upc": "upc",
}
_UNITS = {new: old for old, new in views.UNITS.items()}
_RESIDENTIAL = {"yes": True, "no": False}


def order_fields(entry: Document) -> Document:
    """The fields of a V1 order that a V2 entry speaks of; the others are absent."""
    found: Document = {old: entry[new] for new, old in _TEXTS.items() if new in entry}
    found |= {old: (entry[new] or {}).get("amount") for new, old in _AMOUNTS.items() if new in entry}
    if "ship_to" in entry:
        found["shipTo"] = _address(entry["ship_to"] or {})
        found["customerEmail"] = (entry["ship_to"] or {}).get("email")
    if "items" in entry:
        found["items"] = [_line(line) for line in entry["items"] or []]
    if entry.get("packages"):
        found["weight"] = _weight(entry["packages"][0].get("weight"))
    advanced = dict(entry.get("advanced_options") or {})
    options = {f"customField{place}": advanced.get(f"custom_field{place}") for place in (1, 2, 3)}
    options |= {"storeId": _number(entry.get("store_id"))}
    options |= {"warehouseId": _number(entry.get("warehouse_id"))}
    found["advancedOptions"] = {name: value for name, value in options.items() if value is not None}
    return found


def _address(found: Document) -> Document:
    residential = _RESIDENTIAL.get(found.get("address_residential_indicator") or "")
    return {old: found.get(new) for new, old in views.ADDRESS.items()} | {"residential": residential}


def _line(found: Document) -> Document:
    line = {old: found.get(new) for new, old in _LINES.items()}
    options = [{name: one.get(name) for name in ("name", "value")} for one in found.get("options") or []]
    return line | {"options": options, "weight": _weight(found.get("weight"))}


def _weight(found: Any) -> Document | None:
    return {"value": found["value"], "units": _UNITS.get(found["unit"], "ounces")} if found else None


def _number(text: Any) -> int | None:
    digits = str(text or "").removeprefix("se-")
    return int(digits) if digits.isdigit() else None


def create(simulator: ShipStationSimulator, entry: Any, batch: str) -> tuple[Order | None, list[str]]:
    """Make one shipment; or none, and why."""
    if not isinstance(entry, dict):
        return None, ["Shipment cannot be null."]
    orders = simulator.account.orders
    if (key := entry.get("external_shipment_id")) and orders.of_key(key):
        return None, [f"external_shipment_id '{key}' already exists."]
    number = entry.get("shipment_number")
    if number and any(not orders.rows[one].deleted for one in orders.by_number.between(number, number)):
        return None, [f"shipment_number '{number}' already exists."]
    if not entry.get("ship_to"):
        return None, ["'ship_to' should not be empty."]
    fields = order_fields(entry)
    fields["orderNumber"] = number or f"SE-{simulator.account.number()}"
    fields |= {"orderStatus": "awaiting_shipment", "billTo": fields["shipTo"]}
    fields["orderDate"] = zulu(simulator.now())
    try:
        order, _, _ = simulator.account.upsert(read_order(fields, "shipment"), batch)
    except (Invalid, Unreadable) as fault:
        return None, [str(fault)]
    return order, []


def update(simulator: ShipStationSimulator, order: Order, entry: Document) -> None:
    """Change the fields that were sent. Raises Unreadable."""
    fields = order_fields(entry)
    advanced = fields.pop("advancedOptions")
    fields.pop("orderKey", None)
    document = order.open()
    sent = read_order(document | fields, "shipment")
    old = {line["orderItemId"]: line for line in document["items"]}
    for line, known in zip(sent["items"], old.values(), strict=False):
        for name in ("orderItemId", "createDate", "modifyDate"):
            line[name] = known[name]
        line["productId"] = known["productId"] if line["sku"] == known["sku"] else None
    for line in sent["items"]:
        line["orderItemId"] = line["orderItemId"] or simulator.account.number()
    if "shipTo" in fields:
        verified = document["shipTo"]["addressVerified"]
        same = sent["shipTo"] == document["shipTo"] | {"addressVerified": None}
        sent["shipTo"]["addressVerified"] = verified if same else "Address not yet validated"
    for name in fields:
        document[name] = sent[name]
    document["advancedOptions"] |= {key: value for key, value in advanced.items() if key != "storeId"}
    simulator.account.save(order, document)
