"""What a tenant holds, unwrapped, for comparing two systems' contents."""

from __future__ import annotations

from typing import Any

from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import Store

ORDER = [
    "OrderType",
    "OrderNbr",
    "Status",
    "Hold",
    "WillCall",
    "CustomerID",
    "CustomerOrder",
    "Date",
    "Description",
    "ShipVia",
    "OrderTotal",
    "LastModified",
]
LINE = [
    "LineNbr",
    "InventoryID",
    "OrderQty",
    "OpenQty",
    "QtyOnShipments",
    "UOM",
    "UnitPrice",
    "WarehouseID",
    "Completed",
]
SHIPMENT = [
    "ShipmentNbr",
    "Status",
    "ShipVia",
    "ShipmentDate",
    "CustomerID",
    "WarehouseID",
    "ShippedQty",
    "FreightCost",
    "PackageCount",
]
SHIPPED = ["LineNbr", "OrderType", "OrderNbr", "OrderLineNbr", "InventoryID", "ShippedQty"]
PACKAGE = ["LineNbr", "TrackingNbr", "CustomRefNbr1", "CustomRefNbr2", "BoxID", "Weight", "UOM", "Confirmed"]


def contents(store: Store) -> dict[str, Any]:
    return {
        "orders": [_order(row.read()) for row in store.orders],
        "shipments": [_shipment(row.read()) for row in store.shipments],
        "customers": [_picked(row.read(), ["CustomerID", "CustomerName", "Status"]) for row in store.customers],
        "items": [_item(row.read()) for row in store.items],
        "invoices": [_picked(row.read(), ["Type", "ReferenceNbr", "Status", "Amount"]) for row in store.invoices],
    }


def _order(order: Record) -> Record:
    address = {**(order.get("ShipToAddress") or {}), **(order.get("ShipToContact") or {})}
    return _picked(order, ORDER) | {
        "lines": [_picked(line, LINE) for line in order["Details"]],
        "shipments": [link["ShipmentNbr"] for link in order["Shipments"]],
        "shipTo": {name: value for name, value in address.items() if value is not None},
    }


def _shipment(shipment: Record) -> Record:
    return _picked(shipment, SHIPMENT) | {
        "lines": [_picked(line, SHIPPED) for line in shipment["Details"]],
        "packages": [_picked(package, PACKAGE) for package in shipment["Packages"]],
    }


def _item(item: Record) -> Record:
    warehouses = {detail["WarehouseID"]: detail["QtyOnHand"] for detail in item.get("WarehouseDetails") or []}
    return _picked(item, ["InventoryID", "Description", "ItemStatus"]) | {"on_hand": warehouses}


def _picked(record: Record, names: list[str]) -> Record:
    return {name: record.get(name) for name in names}
