"""What a purchase order may hold when it is sent: its enumerations, its fields, and which are stored as they are."""

from __future__ import annotations

from sandbox.visma_net.schema import CUSTOM, DAY, FLAG, NUMBER, OPERATIONS, TEXT, WHOLE, Bare, Lines, Nested

TYPES = ("RegularOrder", "DropShip", "Blanket", "StandardBlanket")
STATUSES = ("Balanced", "Cancelled", "Closed", "Hold", "Open", "PendingEmail", "PendingPrint", "Printed", "Voided")
OVER = {"Closed", "Cancelled", "Voided"}
LINE_TYPES = (
    "GoodsForInventory",
    "GoodsForSalesOrder",
    "GoodsForReplenishment",
    "GoodsForDropShip",
    "NonStockForDropShip",
    "NonStockForSalesOrder",
    "NonStock",
    "Service",
    "Freight",
    "Description",
)
NEVER_RECEIVED = {"Service", "Freight", "Description"}
_ADDRESS = dict.fromkeys(("addressLine1", "addressLine2", "addressLine3", "postalCode", "city", "countryId"), TEXT)
_CONTACT = dict.fromkeys(("name", "attention", "email", "web", "phone1", "phone2", "fax"), TEXT)
LINE_SCHEMA = CUSTOM | {
    "operation": Bare(OPERATIONS),
    "lineNumber": WHOLE,
    "branch": TEXT,
    "inventory": TEXT,
    "lineType": LINE_TYPES,
    "warehouse": TEXT,
    "lineDescription": TEXT,
    "uom": TEXT,
    "orderQty": NUMBER,
    "unitCost": NUMBER,
    "discountPercent": NUMBER,
    "alternateId": TEXT,
    "minReceipt": NUMBER,
    "maxReceipt": NUMBER,
    "completeOn": NUMBER,
    "receiptAction": ("Reject", "AcceptButWarn", "Accept"),
    "taxCategory": TEXT,
    "requested": DAY,
    "promised": DAY,
    "note": TEXT,
    "completed": FLAG,
}
SCHEMA = CUSTOM | {
    "orderType": TYPES,
    "orderNumber": TEXT,
    "hold": FLAG,
    "date": DAY,
    "promisedOn": DAY,
    "description": TEXT,
    "supplier": TEXT,
    "currency": TEXT,
    "supplierRef": TEXT,
    "branch": TEXT,
    "note": TEXT,
    "shipVia": TEXT,
    "overrideNumberSeries": FLAG,
    "changeDatesOnLines": Bare(FLAG),
    "timeStamp": Bare(TEXT),
    "shippingDestinationType": ("CompanyLocation", "Customer", "Vendor", "Site"),
    "shippingAddress": Nested(_ADDRESS | {"overrideAddress": FLAG}),
    "shippingContact": Nested(_CONTACT | {"overrideContact": FLAG}),
    "lines": Lines(LINE_SCHEMA),
}
PLAIN = ("promisedOn", "description", "supplierRef", "currency", "note", "shipVia", "shippingDestinationType", *CUSTOM)
LINE_PLAIN = (
    *("lineType", "lineDescription", "uom", "orderQty", "unitCost", "discountPercent", "alternateId", "minReceipt"),
    *("maxReceipt", "completeOn", "receiptAction", "requested", "promised", "note", *CUSTOM),
)
