"""Creating and changing V2 shipments: V2's words turned into the order that the account keeps.

Unlike V1 this is no upsert: a known `external_shipment_id` or `shipment_number` is refused.
"""

from __future__ import annotations

from typing import Any

from sandbox.kit.context import Context
from sandbox.shipstation import clock
from sandbox.shipstation.api.v2.values import ADDRESS, UNITS
from sandbox.shipstation.rules.documents import Invalid, read_order
from sandbox.shipstation.rules.imports import Imports
from sandbox.shipstation.rules.readers import Unreadable
from sandbox.shipstation.store import Account, Document, Order, Orders

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
_UNITS = {new: old for old, new in UNITS.items()}
_RESIDENTIAL = {"yes": True, "no": False}


def _order_fields(entry: Document) -> Document:
    """The fields of a V1 order that a V2 entry speaks of; the others are absent."""
    fields: Document = {old: entry[new] for new, old in _TEXTS.items() if new in entry}
    fields |= {old: (entry[new] or {}).get("amount") for new, old in _AMOUNTS.items() if new in entry}
    if "ship_to" in entry:
        fields["shipTo"] = _address(entry["ship_to"] or {})
        fields["customerEmail"] = (entry["ship_to"] or {}).get("email")
    if "items" in entry:
        fields["items"] = [_line(line) for line in entry["items"] or []]
    if entry.get("packages"):
        fields["weight"] = _weight(entry["packages"][0].get("weight"))
    advanced = dict(entry.get("advanced_options") or {})
    options = {f"customField{place}": advanced.get(f"custom_field{place}") for place in (1, 2, 3)}
    options |= {"storeId": _number(entry.get("store_id"))}
    options |= {"warehouseId": _number(entry.get("warehouse_id"))}
    fields["advancedOptions"] = {name: value for name, value in options.items() if value is not None}
    return fields


def _address(v2: Document) -> Document:
    residential = _RESIDENTIAL.get(v2.get("address_residential_indicator") or "")
    return {old: v2.get(new) for new, old in ADDRESS.items()} | {"residential": residential}


def _line(v2: Document) -> Document:
    line = {old: v2.get(new) for new, old in _LINES.items()}
    options = [{name: option.get(name) for name in ("name", "value")} for option in v2.get("options") or []]
    return line | {"options": options, "weight": _weight(v2.get("weight"))}


def _weight(v2: Any) -> Document | None:
    return {"value": v2["value"], "units": _UNITS.get(v2["unit"], "ounces")} if v2 else None


def _number(text: Any) -> int | None:
    digits = str(text or "").removeprefix("se-")
    return int(digits) if digits.isdigit() else None


class ShipmentWrites:
    def __init__(self, context: Context, account: Account, imports: Imports) -> None:
        self.context = context
        self.account = account
        self.imports = imports

    def create(self, entry: Any, batch: str) -> tuple[Order | None, list[str]]:
        """Make one shipment; or none, and why."""
        if not isinstance(entry, dict):
            return None, ["Shipment cannot be null."]
        if conflict := _conflict(self.account.orders, entry):
            return None, [conflict]
        if not entry.get("ship_to"):
            return None, ["'ship_to' should not be empty."]
        fields = _order_fields(entry)
        fields["orderNumber"] = entry.get("shipment_number") or f"SE-{self.account.next_number()}"
        fields |= {"orderStatus": "awaiting_shipment", "billTo": fields["shipTo"]}
        fields["orderDate"] = clock.zulu(self.context.now())
        try:
            order, _, _ = self.imports.upsert(read_order(fields, "shipment"), batch)
        except (Invalid, Unreadable) as error:
            return None, [str(error)]
        return order, []

    def update(self, order: Order, entry: Document) -> None:
        """Change the fields that were sent. Raises `Unreadable`."""
        fields = _order_fields(entry)
        advanced = fields.pop("advancedOptions")
        fields.pop("orderKey", None)
        document = order.open()
        posted = read_order(document | fields, "shipment")
        self._keep_lines(document, posted)
        if "shipTo" in fields:
            verified = document["shipTo"]["addressVerified"]
            same = posted["shipTo"] == document["shipTo"] | {"addressVerified": None}
            posted["shipTo"]["addressVerified"] = verified if same else "Address not yet validated"
        for name in fields:
            document[name] = posted[name]
        document["advancedOptions"] |= {key: value for key, value in advanced.items() if key != "storeId"}
        self.account.save(order, document)

    def _keep_lines(self, document: Document, posted: Document) -> None:
        """Lines keep their ids by position; new ones get theirs."""
        old = {line["orderItemId"]: line for line in document["items"]}
        for line, known in zip(posted["items"], old.values(), strict=False):
            for name in ("orderItemId", "createDate", "modifyDate"):
                line[name] = known[name]
            line["productId"] = known["productId"] if line["sku"] == known["sku"] else None
        for line in posted["items"]:
            line["orderItemId"] = line["orderItemId"] or self.account.next_number()


def _conflict(orders: Orders, entry: Document) -> str:
    """Why this shipment may not be made beside those that there are; or empty."""
    if (key := entry.get("external_shipment_id")) and orders.of_key(key):
        return f"external_shipment_id '{key}' already exists."
    number = entry.get("shipment_number")
    if number and any(not orders.rows[order_id].deleted for order_id in orders.by_number.between(number, number)):
        return f"shipment_number '{number}' already exists."
    return ""
