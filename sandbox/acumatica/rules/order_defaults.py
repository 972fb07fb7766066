"""What a new sales order and its lines are filled with, from the customer and from the item."""

from __future__ import annotations

from decimal import Decimal

from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import CENTS, NO_MONEY, ZERO

ONE = Decimal("1.000000")
BACK_ORDER_ALLOWED, CANCEL_REMAINDER, SHIP_COMPLETE = "Back Order Allowed", "Cancel Remainder", "Ship Complete"
"""Values of ShippingRule; only the second is confirmed by recorded traffic."""


def new_order(customer: Record, order_type: str, number: str, now: str) -> Record:
    """An order without lines, filled from its customer. `now` is a stamp; its day is the date of the order."""
    day = now[:10]
    return {
        "OrderType": order_type,
        "OrderNbr": number,
        "Status": "Open",
        "Hold": False,
        "CreditHold": False,
        "Approved": True,
        "WillCall": False,
        "CustomerID": customer.get("CustomerID"),
        "LocationID": "MAIN",
        "Date": day,
        "RequestedOn": day,
        "EffectiveDate": day,
        "CreatedDate": now,
        "Branch": "MYSTORE",
        **_money(customer),
        "OrderedQty": ZERO,
        "ShipVia": customer.get("ShipVia"),
        "Project": "X",
        **_parties(customer),
        "ShippingSettings": _shipping_settings(customer, day),
        "FinancialSettings": {"Branch": "MYSTORE", "Terms": customer.get("Terms")},
        "Totals": {"Freight": NO_MONEY, "TaxTotal": NO_MONEY, "DiscountTotal": NO_MONEY},
        "Details": [],
        "Shipments": [],
    }


def _money(customer: Record) -> Record:
    return {
        "BaseCurrencyID": "USD",
        "CurrencyID": customer.get("CurrencyID") or "USD",
        "CurrencyRate": ONE,
        "CurrencyRateTypeID": "SPOT",
        "ReciprocalRate": ONE,
        "OrderTotal": NO_MONEY,
        "TaxTotal": NO_MONEY,
        "ControlTotal": NO_MONEY,
        "TaxCalcMode": "Tax Settings",
        "IsTaxValid": False,
    }


def _parties(customer: Record) -> Record:
    contact = customer.get("MainContact") or {}
    address = contact.get("Address") or {}
    ship_to = customer.get("ShippingContact") or contact
    return {
        "ShipToAddress": dict(ship_to.get("Address") or address),
        "ShipToContact": _doc_contact(ship_to),
        "ShipToAddressOverride": False,
        "ShipToContactOverride": False,
        "BillToAddress": dict(address),
        "BillToContact": _doc_contact(contact),
        "BillToAddressOverride": False,
        "BillToContactOverride": False,
    }


def _doc_contact(contact: Record) -> Record:
    return {
        "BusinessName": contact.get("CompanyName"),
        "Attention": contact.get("Attention"),
        "Email": contact.get("Email"),
        "Phone1": contact.get("Phone1"),
    }


def _shipping_settings(customer: Record, day: str) -> Record:
    return {
        "ShipVia": customer.get("ShipVia"),
        "ShippingTerms": customer.get("ShippingTerms"),
        "ScheduledShipmentDate": day,
        "ShippingRule": customer.get("ShippingRule") or BACK_ORDER_ALLOWED,
        "ResidentialDelivery": bool(customer.get("ResidentialDelivery")),
        "SaturdayDelivery": False,
        "Insurance": False,
        "GroundCollect": False,
        "UseCustomersAccount": False,
        "ShipSeparately": False,
        "FreightPrice": NO_MONEY,
        "FreightCost": NO_MONEY,
    }


def new_line(item: Record, order: Record, number: int, quantity: Decimal, changed: str) -> Record:
    """A line with what the item gives it."""
    price = item.get("DefaultPrice") or ZERO
    amount = (quantity * price).quantize(CENTS)
    return {
        "LineNbr": number,
        "InventoryID": item["InventoryID"],
        "LineDescription": item.get("Description"),
        "OrderQty": quantity,
        "OpenQty": quantity,
        "QtyOnShipments": ZERO,
        "UOM": item.get("SalesUOM") or "EA",
        "UnitPrice": price,
        "DiscountedUnitPrice": price,
        "DiscountPercent": ZERO,
        "DiscountAmount": NO_MONEY,
        "ExtendedPrice": amount,
        "Amount": amount,
        "UnbilledAmount": amount,
        "WarehouseID": item.get("DefaultWarehouseID"),
        "ShipOn": order["RequestedOn"],
        "RequestedOn": order["RequestedOn"],
        "SchedOrderDate": order["Date"],
        "ShippingRule": order["ShippingSettings"].get("ShippingRule"),
        "Completed": False,
        "FreeItem": False,
        "MarkForPO": False,
        "ManualPrice": False,
        "Operation": "Issue",
        "LineType": "Goods for Inventory",
        "Branch": order["Branch"],
        "TaxCategory": item.get("TaxCategory"),
        "LastModifiedDate": _month_first(changed),
    }


def _month_first(stamp: str) -> str:
    """The line's own stamp is a text, month first."""
    return f"{stamp[5:7]}/{stamp[8:10]}/{stamp[:4]} {stamp[11:19]}"
