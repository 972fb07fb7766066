"""How the simulator describes an entity: its fields with their kinds, its linked and detail entities.

The field names are those of the contract Default/25.200.001. What contract 5 shows differently stands here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Record = dict[str, Any]
"""A stored record: plain values by the contract's names, linked records as dicts, details as lists of dicts."""

TEXT, FLAG, WHOLE, AMOUNT, QUANTITY, INSTANT, DAY, GUID = [
    "text",
    "flag",
    "whole",
    "amount",
    "quantity",
    "instant",
    "day",
    "guid",
]
SCALES = {AMOUNT: Decimal("0.0001"), QUANTITY: Decimal("0.000001")}
EDM = {
    TEXT: "Edm.String",
    FLAG: "Edm.Boolean",
    WHOLE: "Edm.Int32",
    AMOUNT: "Edm.Decimal",
    QUANTITY: "Edm.Decimal",
    INSTANT: "Edm.DateTimeOffset",
    DAY: "Edm.DateTimeOffset",
    GUID: "Edm.Guid",
}


class Schema:
    """An entity of the contract. `bare` parts can be expanded and are always empty here."""

    def __init__(
        self,
        name: str,
        *,
        keys: str = "",
        texts: str = "",
        flags: str = "",
        whole: str = "",
        amounts: str = "",
        quantities: str = "",
        instants: str = "",
        days: str = "",
        guids: str = "",
        linked: Mapping[str, Schema] | None = None,
        details: Mapping[str, Schema] | None = None,
        bare_linked: str = "",
        bare_details: str = "",
    ) -> None:
        self.name = name
        self.keys = tuple(keys.split())
        named = (texts, flags, whole, amounts, quantities, instants, days, guids)
        kinds = (TEXT, FLAG, WHOLE, AMOUNT, QUANTITY, INSTANT, DAY, GUID)
        self.kinds = {field: kind for fields, kind in zip(named, kinds, strict=True) for field in fields.split()}
        self.linked: dict[str, Schema] = dict(linked or {})
        self.details: dict[str, Schema] = dict(details or {})
        self.bare_linked = bare_linked.split()
        self.bare_details = bare_details.split()
        self.parts = [*self.linked, *self.details]
        self.computed = COMPUTED | COMPUTED_IN.get(name, frozenset())
        self.stamps = [field for field in STAMPS.get(name, ("LastModifiedDateTime",)) if field in self.kinds]

    def expandable(self, name: str) -> bool:
        bare = name in self.bare_linked or name in self.bare_details
        return bare or name in self.linked or name in self.details or name == "files"


STAMPS = {
    "SalesOrder": ("LastModified",),
    "StockItem": ("LastModifiedDateTime", "LastModified"),
    "SalesOrderDetail": (),
    "Contact": (),
}
COMPUTED = frozenset({"NoteID", "LastModified", "LastModifiedDateTime", "CreatedDate", "CreatedDateTime", "LineNbr"})
COMPUTED_IN = {
    "SalesOrder": frozenset(
        [
            "Status",
            "OrderedQty",
            "OrderTotal",
            "TaxTotal",
            "Approved",
            "IsTaxValid",
            "BaseCurrencyID",
            "VATExemptTotal",
            "VATTaxableTotal",
        ]
    ),
    "SalesOrderDetail": frozenset(
        ["OpenQty", "QtyOnShipments", "ExtendedPrice", "Amount", "LastModifiedDate", "Completed"]
    ),
    "Shipment": frozenset(
        [
            "Status",
            "Type",
            "Operation",
            "ShippedQty",
            "ShippedWeight",
            "ShippedVolume",
            "PackageCount",
            "PackageWeight",
            "CreateNewShipmentForEveryOrder",
        ]
    ),
    "ShipmentDetail": frozenset(
        ["OrderedQty", "OpenQty", "OriginalQty", "OrderType", "OrderNbr", "OrderLineNbr", "InventoryID"]
    ),
    "SalesInvoice": frozenset(["Status", "Amount", "Balance", "DetailTotal", "TaxTotal"]),
    "StockItem": frozenset({"AverageCost", "LastCost"}),
}
# Longer texts are cut by the database column; the lengths are those of the contract's generated classes.
LENGTHS = {
    ("SalesOrder", "CustomerOrder"): 40,
    ("SalesOrder", "ExternalRef"): 40,
    ("SalesOrder", "Description"): 256,
    ("SalesOrderDetail", "LineDescription"): 256,
    ("Shipment", "Description"): 256,
    ("ShipmentPackage", "TrackingNbr"): 60,
    ("ShipmentPackage", "Description"): 30,
    ("ShipmentPackage", "CustomRefNbr1"): 30,
    ("ShipmentPackage", "CustomRefNbr2"): 30,
}
# Fields that hold the key of another entity, and what Acumatica calls them.
LOOKUPS = {
    "ShipVia": ("ShipVia", "Ship Via"),
    "BoxID": ("ShippingBox", "Box ID"),
    "WarehouseID": ("Warehouse", "Warehouse"),
    "PreferredWarehouseID": ("Warehouse", "Preferred Warehouse ID"),
    "DefaultWarehouseID": ("Warehouse", "Default Warehouse"),
    "ToWarehouseID": ("Warehouse", "To Warehouse"),
    "InventoryID": ("StockItem", "Inventory ID"),
    "CustomerID": ("Customer", "Customer"),
}
PADDED = {*LOOKUPS, "CarrierID", "LocationID", "UOM", "BaseUOM", "SalesUOM", "OrderType"}

# Contract 5 (endpoint 26.200.001): drop-downs as objects, some stamps under another name.
DROP_DOWNS = {
    "SalesOrder": {"Status", "OrderType"},
    "SalesOrderDetail": {"LineType", "InvoiceType"},
    "SalesOrderShipment": {"Status", "ShipmentType", "InvoiceType", "InventoryDocType"},
    "Shipment": {"Status", "Type"},
    "ShipmentDetail": {"OrderType"},
    "ShipmentOrderDetail": {"OrderType", "ShipmentType", "InvoiceType", "InventoryDocType"},
    "ShipmentPackage": {"Type"},
    "ShipmentPackageDetail": {"OrigOrderType"},
}
RENAMED = {
    "SalesOrder": {"LastModified": "LastModifiedDateTime"},
    "SalesOrderDetail": {"LastModifiedDate": "LastModifiedDateTime"},
}
# Whether an id is the code or the label is not documented; codes are those of the order workflow.
CODES = {
    "Open": "N",
    "On Hold": "H",
    "Pending Approval": "P",
    "Rejected": "V",
    "Pending Processing": "E",
    "Awaiting Payment": "A",
    "Credit Hold": "R",
    "Completed": "C",
    "Canceled": "L",
    "Back Order": "B",
    "Shipping": "S",
    "Invoiced": "I",
    "Confirmed": "F",
    "Issue": "I",
    "Shipment": "I",
    "Goods for Inventory": "GI",
    "Manual": "M",
    "Invoice": "INV",
}

PLACEHOLDER = "~session~id~"
"""Stands for the last twelve digits of a detail's id until a response is sent: they differ in every session."""
TOP_TAIL = "ea11-b82d-00155d408001"
_IDENTITY = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})")


def identity(serial: int, code: int) -> str:
    """The id of a top-level record, which stays the same in every session."""
    return f"{serial:08x}-{code:04x}-{TOP_TAIL}"


def serial_of(record_id: str, code: int) -> int | None:
    """The serial number in the id of a top-level record of this code; None for any other id."""
    match = _IDENTITY.fullmatch(record_id.lower())
    if not match or not record_id.lower().endswith(TOP_TAIL) or int(match[2], 16) != code:
        return None
    return int(match[1], 16)


def detail_identity(parent: int, part: int, number: int) -> str:
    """The id of a detail or linked record: by parent, the part's place in it, and its line number."""
    return f"{parent:08x}-{number:04x}-11f0-a{part:03x}-{PLACEHOLDER}"


def line_of(detail: Record, number: int) -> int:
    """What tells a detail from its siblings: its line number, or its place where it has none."""
    line = detail.get("LineNbr")
    return int(line) if line is not None else number


def fold(text: str) -> str:
    """Texts as the database compares them: without regard to case and trailing blanks."""
    return text.rstrip().upper()
