"""Realistic contents for the simulated tenant, the same each time."""

from __future__ import annotations

from decimal import Decimal

from sandbox.acumatica.schema import Record
from sandbox.acumatica.seed.tables import BOXES, CARRIERS, SHIP_VIAS, WAREHOUSES
from sandbox.acumatica.store import ZERO, Store


def fill(store: Store) -> None:
    """What every tenant has before anything is sold: warehouses, boxes, ship-via codes, carriers."""
    tables = store.tables
    for key, text in WAREHOUSES.items():
        record = {"WarehouseID": key, "Description": text, "Active": True, "Locations": [_location()]}
        tables["Warehouse"].add(record)
    for key, text in SHIP_VIAS.items():
        tables["ShipVia"].add(
            {"CarrierID": key, "Description": text, "CalculationMethod": "Flat Rate", "CommonCarrier": True}
        )
    for key, text in CARRIERS.items():
        tables["Carrier"].add({"CarrierID": key, "Description": text, "CarrierUnits": "US Units"})
    for key, (text, *numbers) in BOXES.items():
        sizes = zip(("Length", "Width", "Height", "BoxWeight"), map(_exact, numbers), strict=True)
        record = {"BoxID": key, "Description": text, "ActiveByDefault": key == "SMALL", **dict(sizes)}
        tables["ShippingBox"].add(record | {"LinearUOM": "INCH", "WeightUOM": "LB"})


def _location() -> Record:
    return {
        "LocationID": "R1S1",
        "Description": "Row 1",
        "Active": True,
        "SalesAllowed": True,
        "ReceiptsAllowed": True,
    }


def _exact(number: str) -> Decimal:
    return Decimal(number).quantize(ZERO)
