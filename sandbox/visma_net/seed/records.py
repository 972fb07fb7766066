"""Records of the simulated company, made of the rows of `tables`."""

from __future__ import annotations

from sandbox.visma_net.store import Record, number

STREETS = ("Alnabruveien 12", "Hisingsgatan 28")
COUNTRIES = {"NO": "Norway", "SE": "Sweden", "DK": "Denmark", "FI": "Finland"}


def country_of(key: str) -> Record:
    return {"id": key, "name": COUNTRIES[key]}


def warehouse(index: int, key: str, name: str, city: str, code: str, country: str) -> Record:
    locations = [("1", "Main", True), ("MOTTAK", "Goods in", True), ("RETUR", "Returns", False)]
    flags = {"inclQtyAvail": True, "isCosted": False, "salesValid": True, "transfersValid": True, "assemblyValid": True}
    return {
        "warehouseID": key,
        "branch": {"number": "1", "name": "Oslo"},
        "active": True,
        "description": name,
        "locationEntry": "Validate",
        "receiptLocation": {"id": "1", "description": "Main"},
        "shipLocation": {"id": "1", "description": "Main"},
        "address": {
            "addressId": 300 + index,
            "addressLine1": STREETS[index],
            "postalCode": code,
            "city": city,
            "country": country_of(country),
        },
        "locations": [
            {"locationId": location, "description": text, "active": True, "receiptsValid": receives, **flags}
            for location, text, receives in locations
        ],
    }


def supplier(index: int, name: str, street: str, code: str, city: str, country: str, currency: str) -> Record:
    address = {"addressLine1": street, "postalCode": code, "city": city, "country": country_of(country)}
    return {
        "internalId": 7731 + index,
        "number": str(50000 + index),
        "name": name,
        "status": "Active",
        "mainAddress": {"addressId": 400 + index, **address},
        "mainContact": {"contactId": 500 + index, "name": name, "email": f"ordre{index}@example.no"},
        "supplierClass": {"id": "1", "description": "Standard"},
        "creditTerms": {"id": "30", "description": "30 days"},
        "currencyId": currency,
        "corporateId": f"{910000000 + index * 1117}",
        "location": {"countryId": country, "id": "Main", "name": "Primary location"},
    }


def customer(index: int, name: str, street: str, code: str, city: str, country: str) -> Record:
    return {
        "internalId": 8800 + index,
        "number": str(10000 + index),
        "name": name,
        "address": {
            "id": 600 + index,
            "line1": street,
            "postalCode": code,
            "city": city,
            "country": country_of(country),
            "overridesDefault": False,
        },
        "contact": {"id": 700 + index, "name": name, "email": f"kunde{index}@example.no", "overridesDefault": False},
    }


TYPES = {"stock": "FinishedGoodItem", "lot": "FinishedGoodItem", "service": "ServiceItem", "freight": "NonStockItem"}


def item(index: int, key: str, text: str, unit: str, cost: str, price: str, kind: str) -> Record:
    """`kind`: stock, lot (stock with lot numbers), service or freight."""
    stock = kind in {"stock", "lot"}
    record: Record = {
        "inventoryId": 2100 + index,
        "inventoryNumber": key,
        "status": "Active",
        "type": TYPES[kind],
        "description": text,
        "body": f"<p>{text}</p>",
        "itemClass": {"id": "STOCK" if stock else "NONSTOCK", "description": "Goods" if stock else "Services"},
        "vatCode": {"id": "03", "description": "Standard"},
        "defaultPrice": number(price),
        "recommendedPrice": number(price),
        "currentCost": number(cost),
        "lastCost": number(cost),
        "baseUnit": unit,
        "salesUnit": unit,
        "purchaseUnit": unit,
        "stockItem": stock,
        "kitItem": False,
        "crossReferences": [
            {"alternateType": "Barcode", "alternateID": f"70{index:011d}", "uom": unit, "description": ""}
        ],
        "warehouseDetails": _warehouse_details(index) if stock else [],
        **{name: [] for name in ("attachments", "attributes", "inventoryUnits", "supplierDetails", "salesCategories")},
        "packaging": {"baseItemWeight": number("0.25"), "weightUOM": "KG"},
        "defaultWarehouse": {"id": "1", "description": "Hovedlager Oslo"},
        "note": "",
    }
    return record | ({"lotSerialClass": {"id": "LOT", "description": "Lots"}} if kind == "lot" else {})


def _warehouse_details(index: int) -> list[Record]:
    on_hand = number(5 + index * 7 % 60)
    return [
        {
            "isDefault": warehouse == "1",
            "warehouse": warehouse,
            "quantityOnHand": on_hand,
            "available": on_hand,
            "availableForShipment": on_hand,
            "lastModifiedDateTime": "2026-01-02T08:00:00",
        }
        for warehouse in ("1", "2")
    ]
