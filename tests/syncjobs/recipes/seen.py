"""What stands in the two systems, and the hands of the people who ship."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from syncjobs.models import SyncRecord
from tests.world import World


def there(world: World) -> dict[str, dict[str, Any]]:
    """Orders in ShipStation by their key."""
    return {one["orderKey"]: one for one in world.shipstation.state()["orders"]}


def here(world: World, number: str) -> dict[str, Any]:
    """An order in Acumatica."""
    return next(one for one in world.acumatica.state()["orders"] if one["OrderNbr"] == number)


def open_keys(world: World) -> set[str]:
    orders = [one for one in world.acumatica.state()["orders"] if one["Status"] in ("Open", "Back Order")]
    return {one["OrderNbr"] if one["OrderType"] == "SO" else f"{one['OrderType']}-{one['OrderNbr']}" for one in orders}


def first(world: World, **filters: Any) -> SyncRecord:
    record_or_none = world.records("orders").filter(state="synced", **filters).order_by("pk").first()
    assert record_or_none is not None
    record: SyncRecord = record_or_none
    return record


def number_of(record: SyncRecord) -> str:
    return record.source_key.split("/")[1]


def ship(world: World, record: SyncRecord, **options: Any) -> Any:
    done = world.shipstation.actions.do_ship(order_number=record.source_label, **options)
    world.run_tasks()
    world.run_rounds(2)
    return done


def packages(world: World) -> list[dict[str, Any]]:
    return [package for shipment in world.acumatica.state()["shipments"] for package in shipment["packages"]]


def shipped(world: World, number: str) -> dict[str, Decimal]:
    """Units by item that stand on the order's shipments in Acumatica."""
    units: dict[str, Decimal] = {}
    for shipment in world.acumatica.state()["shipments"]:
        for line in shipment["lines"]:
            if line["OrderNbr"] == number:
                units[line["InventoryID"]] = units.get(line["InventoryID"], Decimal(0)) + Decimal(line["ShippedQty"])
    return units


def of_two(world: World) -> tuple[SyncRecord, str]:
    """An order of which an item was ordered at least twice, and that item."""
    for record in world.records("orders").filter(state="synced"):
        for line in here(world, number_of(record))["lines"]:
            if Decimal(line["OrderQty"]) >= 2:
                return record, line["InventoryID"]
    raise AssertionError("the seed has no such order")
