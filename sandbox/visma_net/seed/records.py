"""Records of the simulated company, made of the rows of `seed_tables`."""

from __future__ import annotations

from sandbox.visma_net.store import Record, number

STREETS = ("Alnabruveien 12", "Hisingsgatan 28")
COUNTRIES = {"NO": "Norway", "SE": "Sweden", "DK": "Denmark", "FI": "Finland"}


def country_of(key: str) -> Record:
    return {"id": key, "name": COUNTRIES[key]}


def warehouse(place: int, key: str, name: str, city: str, code: str, country: str) -> Record:
    spots = [("1", "Main", True), ("MOTTAK", "Goods in", True), ("RETUR", "Returns", False)]
    same = {"inclQtyAvail": True, "isCosted": False, "salesValid": True, "transfersValid": True, "assemblyValid": True}
    return {
        "warehouseID": key,
        "branch": {"number": "1", "name": "Oslo"},
        "active": True,
        "description": name,
        "locationEntry": "Validate",
        "receiptLocation": {"id": "1", "description": "Main"},
        "shipLocation": {"id": "1", "description": "Main"},
        "address": {
            "addressId": 300 + place,
            "addressLine1": STREETS[place],
            "postalCode": code,
            "city": city,
            "country": country_of(country),
        },
        "locations": [
            {"locationId": spot, "description": text, "active": True, "receiptsValid": takes, **same}
            for spot, text, takes in spots
        ],
    }


def supplier(place: int, name: str, street: str, code: str, city: str, country: str, currency: str) -> Record:
    lines = {"addressLine1": street, "postalCode": code, "city": city, "country": country_of(country)}
    address = {"addressId": 400 + place, **lines}
    return {
        "internalId": 7731 + place,
        "number": str(50000 + place),
        "name": name,
        "status": "Active",
        "mainAddress": address,
        "mainContact": {"contactId": 500 + place, "name": name, "email": f"ordre{place}@example.no"},
        "supplierClass": {"id": "1", "description": "Standard"},
        "creditTerms": {"id": "30", "description": "30 days"},
        "currencyId": currency,
        "corporateId": f"{910000000 + place * 1117}",
        "location": {"countryId": country, "id": "Main", "name": "Primary location"},
    }


def customer(place: int, name: str, street: str, code: str, city: str, country: str) -> Record:
    return {
        "internalId": 8800 + place,
        "number": str(10000 + place),
        "name": name,
        "address": {
            "id": 600 + place,
            "line1": street,
            "postalCode": code,
            "city": city,
            "country": country_of(country),
            "overridesDefault": False,
        },
        "contact": {"id": 700 + place, "name": name, "email": f"kunde{place}@example.no", "overridesDefault": False},
    }


def item(place: int, key: str, text: str, unit: str, cost: str, price: str, kind: str) -> Record:
    stock = kind in {"stock", "lot"}
    types = {
        "stock": "FinishedGoodItem",
        "lot": "FinishedGoodItem",
        "service": "ServiceItem",
        "freight": "NonStockItem",
    }
    on_hand = number(5 + place * 7 % 60)
    made: Record = {
        "inventoryId": 2100 + place,
        "inventoryNumber": key,
        "status": "Active",
        "type": types[kind],
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
            {"alternateType": "Barcode", "alternateID": f"70{place:011d}", "uom": unit, "description": ""}
        ],
        "attachments": [],
        "attributes": [],
        "warehouseDetails": [
            {
                "isDefault": warehouse == "1",
                "warehouse": warehouse,
                "quantityOnHand": on_hand,
                "available": on_hand,
                "availableForShipment": on_hand,
                "lastModifiedDateTime": "2026-01-02T08:00:00",
            }
            for warehouse in ("1", "2")
            if stock
        ],
        "inventoryUnits": [],
        "supplierDetails": [],
        "salesCategories": [],
        "packaging": {"baseItemWeight": number("0.25"), "weightUOM": "KG"},
        "defaultWarehouse": {"id": "1", "description": "Hovedlager Oslo"},
        "note": "",
    }
    return made | ({"lotSerialClass": {"id": "LOT", "description": "Lots"}} if kind == "lot" else {})
