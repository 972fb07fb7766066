"""V2 inventory: stock per location, and locations inside inventory warehouses (not the ship-from ones)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v2.responses import body_of, missing, paged, refused, whole
from sandbox.shipstation.store import Account, Document

TRANSACTIONS = ("increment", "decrement", "adjust", "modify")


class V2Inventory:
    def __init__(self, context: Context, account: Account) -> None:
        self.context = context
        self.account = account

    def routes(self) -> Iterable[Rule]:
        yield Rule("/v2/inventory", endpoint=self.levels, methods=["GET"])
        yield Rule("/v2/inventory", endpoint=self.move, methods=["POST"])
        warehouses, locations = "/v2/inventory_warehouses", "/v2/inventory_locations"
        yield Rule(warehouses, endpoint=self.warehouses, methods=["GET"])
        yield Rule(warehouses, endpoint=self.add_warehouse, methods=["POST"])
        yield Rule(f"{warehouses}/<key>", endpoint=self.warehouse, methods=["GET"])
        yield Rule(locations, endpoint=self.locations, methods=["GET"])
        yield Rule(locations, endpoint=self.add_location, methods=["POST"])
        yield Rule(f"{locations}/<key>", endpoint=self.location, methods=["GET"])

    # Warehouses and locations

    def warehouses(self, request: Request) -> Response:
        rows = list(self.account.inventory_warehouses.values())
        return paged(request, self.context.base_url, "inventory_warehouses", rows, dict)

    def locations(self, request: Request) -> Response:
        rows = list(self.account.inventory_locations.values())
        return paged(request, self.context.base_url, "inventory_locations", rows, dict)

    def add_warehouse(self, request: Request) -> Response:
        return json_response(self.account.add_inventory_warehouse(body_of(request, "name")["name"]))

    def add_location(self, request: Request) -> Response:
        fields = body_of(request, "name", "inventory_warehouse_id")
        if fields["inventory_warehouse_id"] not in self.account.inventory_warehouses:
            raise missing("Inventory warehouse")
        return json_response(self.account.add_inventory_location(fields["name"], fields["inventory_warehouse_id"]))

    def warehouse(self, request: Request, key: str) -> Response:
        if key not in self.account.inventory_warehouses:
            raise missing("Inventory warehouse")
        return json_response(self.account.inventory_warehouses[key])

    def location(self, request: Request, key: str) -> Response:
        if key not in self.account.inventory_locations:
            raise missing("Inventory location")
        return json_response(self.account.inventory_locations[key])

    # Stock

    def levels(self, request: Request) -> Response:
        rows = list(self.account.stock.values())
        for name in ("sku", "inventory_warehouse_id", "inventory_location_id"):
            if value := request.args.get(name):
                rows = [row for row in rows if row[name] == value]
        if request.args.get("group_by") == "warehouse":
            rows = _by_warehouse(rows)
        limit = whole(request, "limit", 500)
        return paged(request, self.context.base_url, "inventory", rows[:limit], dict, limit)

    def move(self, request: Request) -> Response:
        """One SKU at one location; `adjust` sets the quantity, so that it may be sent twice. 204."""
        fields = body_of(request, "transaction_type", "inventory_location_id", "sku", "quantity")
        _check(fields["transaction_type"], fields["quantity"])
        location = self.account.inventory_locations.get(fields["inventory_location_id"])
        if location is None:
            raise missing("Inventory location")
        if self.context.switches["inventory_needs_product"] and fields["sku"] not in self.account.products:
            raise missing("SKU")
        row = self._row(location, fields["sku"])
        on_hand = row["on_hand"] + _change(row, fields["transaction_type"], fields["quantity"])
        if on_hand < 0:
            raise refused("invalid_field_value", "Quantity on hand cannot be negative.")
        row["on_hand"] = on_hand
        row["available"] = on_hand - row["allocated"]
        row["average_cost"] = fields.get("cost") or row["average_cost"]
        return Response(b"", 204)

    def _row(self, location: Document, sku: str) -> Document:
        key = location["inventory_location_id"]
        blank: dict[str, Any] = {
            "sku": sku,
            "on_hand": 0,
            "allocated": 0,
            "available": 0,
            "average_cost": {"amount": 0, "currency": "usd"},
            "inventory_warehouse_id": location["inventory_warehouse_id"],
            "inventory_location_id": key,
        }
        return self.account.stock.setdefault((key, sku), blank)


def _check(kind: Any, quantity: Any) -> None:
    if kind not in TRANSACTIONS:
        raise refused("invalid_field_value", "'transaction_type' is not valid.")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 0:
        raise refused("invalid_field_value", "'quantity' must be a whole number of 0 or more.")


def _change(row: Document, kind: str, quantity: int) -> int:
    """What the transaction adds to the quantity on hand."""
    match kind:
        case "increment":
            return quantity
        case "decrement":
            return -quantity
        case "adjust":
            return quantity - int(row["on_hand"])
    return 0


def _by_warehouse(rows: list[Document]) -> list[Document]:
    grouped: dict[tuple[str, str], Document] = {}
    for row in rows:
        key = (row["sku"], row["inventory_warehouse_id"])
        plain = {name: value for name, value in row.items() if name != "inventory_location_id"}
        if key not in grouped:
            grouped[key] = plain
            continue
        for name in ("on_hand", "allocated", "available"):
            grouped[key][name] += row[name]
    return list(grouped.values())
