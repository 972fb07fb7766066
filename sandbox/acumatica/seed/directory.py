"""Customers and items for the simulated tenant."""

from __future__ import annotations

from decimal import Decimal

from sandbox.acumatica.rules.plain_records import defaults
from sandbox.acumatica.schema import Record
from sandbox.acumatica.seed.tables import GOODS, PEOPLE, SHIP_VIAS
from sandbox.acumatica.store import ZERO, Store

SCARCE = "SCARCE-1"
"""An item that is always sold out."""
PLENTY = Decimal("1000000.000000")


def add_customers(store: Store, count: int) -> list[str]:
    """Returns their keys."""
    keys = []
    for _ in range(count):
        index = len(store.customers)
        contact = _contact(index)
        record = defaults(store, "Customer") | {
            "CustomerID": store.number(store.customers, "C", 4),
            "CustomerName": contact["CompanyName"],
            "Email": contact["Email"],
            "ShipVia": list(SHIP_VIAS)[index % 10],
            "ShippingRule": "Back Order Allowed",
            "MainContact": contact,
            "ShippingContact": _contact(index),
            "ResidentialDelivery": index % 4 == 1,
        }
        store.customers.add(record)
        keys.append(record["CustomerID"])
    return keys


def add_items(store: Store, count: int) -> list[str]:
    """Returns their keys. One item is always sold out."""
    keys = []
    for _ in range(count):
        index = len(store.items)
        key, text, price, weight, unit = GOODS[index % len(GOODS)]
        turn = index // len(GOODS)
        key = f"{key}/{turn}".replace("/", "-") if turn else key
        keys.append(_add_item(store, key, (text, price, weight, unit), PLENTY, index))
    if not store.items.get(SCARCE):
        keys.append(_add_item(store, SCARCE, ("Always sold out", "9.99", "1.00", "EA"), ZERO, 0))
    return keys


def _add_item(store: Store, key: str, goods: tuple[str, str, str, str], stock: Decimal, index: int) -> str:
    text, price, weight, unit = goods
    record = defaults(store, "StockItem") | {
        "InventoryID": key,
        "Description": text,
        "ItemClass": "ALL",
        "BaseUOM": unit,
        "SalesUOM": unit,
        "PurchaseUOM": unit,
        "DefaultPrice": Decimal(price).quantize(ZERO),
        "DimensionWeight": Decimal(weight).quantize(ZERO),
        "WeightUOM": "LB" if index % 5 else None,
        "DefaultIssueLocationID": "R1S1",
    }
    for detail in record["WarehouseDetails"]:
        detail["QtyOnHand"] = stock
    record["CrossReferences"] = [{"AlternateType": "Barcode", "AlternateID": f"{4000000000000 + index}", "UOM": unit}]
    store.items.add(record)
    return key


def _contact(index: int) -> Record:
    name, person, line1, line2, city, state, code, country = PEOPLE[index % len(PEOPLE)]
    turn = index // len(PEOPLE)
    return {
        "CompanyName": f"{name} {turn + 1}" if turn else name,
        "Attention": person,
        "FirstName": person.split()[0],
        "LastName": person.split()[-1],
        "Email": f"dock{index + 1}@example.com",
        "Phone1": f"+1 425 555 {index % 10000:04d}",
        "Active": True,
        "Address": {
            "AddressLine1": line1,
            "AddressLine2": line2 or None,
            "City": city,
            "State": state or None,
            "PostalCode": code,
            "Country": country,
            "Validated": country == "US",
        },
    }
