"""What a new shipment and its lines are filled with, from the orders whose lines were picked."""

from __future__ import annotations

from copy import deepcopy

from sandbox.acumatica.rules.picking import Pick
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import NO_MONEY, ZERO, Store


def new_shipment(store: Store, picks: list[Pick], now: str) -> Record:
    """A shipment of these lines, filled from the first order."""
    order = picks[0].order.read()
    settings = order["ShippingSettings"]
    return {
        "ShipmentNbr": "<NEW>",
        "Type": "Shipment",
        "Operation": "Issue",
        "Status": "Open",
        "Hold": False,
        "ShipmentDate": now[:10],
        "CustomerID": order["CustomerID"],
        "LocationID": order["LocationID"],
        "WarehouseID": picks[0].line["WarehouseID"],
        "ShipVia": order.get("ShipVia"),
        "ShippingTerms": settings.get("ShippingTerms"),
        **_freight(order),
        "ControlQty": ZERO,
        "Picked": False,
        "UseCustomersAccount": False,
        "ResidentialDelivery": settings.get("ResidentialDelivery", False),
        "SaturdayDelivery": False,
        "Insurance": False,
        "GroundCollect": False,
        "UnlimitedPackages": True,
        "CreatedDateTime": now,
        "ShippingSettings": _ship_to(order),
        "Details": [new_shipment_line(store, pick, number) for number, pick in enumerate(picks, 1)],
        "Packages": [],
        "Orders": [],
    }


def _freight(order: Record) -> Record:
    return {
        "FreightCost": NO_MONEY,
        "FreightPrice": NO_MONEY,
        "OverrideFreightPrice": False,
        "FreightCurrencyID": order["CurrencyID"],
        "BaseCurrencyID": order["BaseCurrencyID"],
    }


def _ship_to(order: Record) -> Record:
    return {
        "ShipToAddress": deepcopy(order["ShipToAddress"]),
        "ShipToContact": deepcopy(order["ShipToContact"]),
        "ShipToAddressOverride": False,
        "ShipToContactOverride": False,
        "Validated": False,
    }


def new_shipment_line(store: Store, pick: Pick, number: int) -> Record:
    line, order = pick.line, pick.order.read()
    item = store.items.get(line["InventoryID"])
    return {
        "LineNbr": number,
        "OrderType": order["OrderType"],
        "OrderNbr": order["OrderNbr"],
        "OrderLineNbr": line["LineNbr"],
        "InventoryID": line["InventoryID"],
        "Description": line.get("LineDescription"),
        "OrderedQty": line["OrderQty"],
        "OriginalQty": line["OrderQty"],
        "ShippedQty": pick.quantity,
        "OpenQty": line["OrderQty"] - line["QtyOnShipments"] - pick.quantity,
        "UOM": line["UOM"],
        "WarehouseID": line["WarehouseID"],
        "LocationID": (item.read().get("DefaultIssueLocationID") if item else None) or "MAIN",
        "FreeItem": line["FreeItem"],
    }
