"""V2 inventory: stock per location, and locations inside inventory warehouses (not the ship-from ones)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.shipstation import clock
from sandbox.shipstation.api.v2_responses import (
    v2_body,
    v2_missing,
    v2_paged,
    v2_refused,
    whole,
)
from sandbox.shipstation.store import Document

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator

TRANSACTIONS = ("increment", "decrement", "adjust", "modify")


class V2Inventory:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator
        self.warehouses: dict[str, Document] = {}
        self.locations: dict[str, Document] = {}
        self.stock: dict[tuple[str, str], Document] = {}

    def found(self) -> None:
        """A new account has one inventory warehouse with one location."""
        main = self._add(self.warehouses, "inventory_warehouse_id", {"name": "Main"})
        parent = {"name": "Default", "inventory_warehouse_id": main["inventory_warehouse_id"]}
        self._add(self.locations, "inventory_location_id", parent)

    def routes(self) -> Iterable[Rule]:
        yield Rule("/v2/inventory", endpoint=self.levels, methods=["GET"])
        yield Rule("/v2/inventory", endpoint=self.move, methods=["POST"])
        for kind in ("warehouses", "locations"):
            path = f"/v2/inventory_{kind}"
            yield Rule(path, endpoint=self.listed, methods=["GET"], defaults={"kind": kind})
            yield Rule(path, endpoint=self.added, methods=["POST"], defaults={"kind": kind})
            yield Rule(f"{path}/<key>", endpoint=self.one, methods=["GET"], defaults={"kind": kind})

    def _add(self, table: dict[str, Document], field: str, values: Document) -> Document:
        key, now = f"se-{self.simulator.account.number()}", clock.zulu(self.simulator.now())
        table[key] = {field: key, **values, "created_at": now, "updated_at": now}
        return table[key]

    def _table(self, kind: str) -> dict[str, Document]:
        return self.warehouses if kind == "warehouses" else self.locations

    def listed(self, request: Request, kind: str) -> Response:
        rows = list(self._table(kind).values())
        return v2_paged(request, self.simulator.base_url, f"inventory_{kind}", rows, dict)

    def added(self, request: Request, kind: str) -> Response:
        if kind == "warehouses":
            fields = v2_body(request, "name")
            return json_response(self._add(self.warehouses, "inventory_warehouse_id", {"name": fields["name"]}))
        fields = v2_body(request, "name", "inventory_warehouse_id")
        if fields["inventory_warehouse_id"] not in self.warehouses:
            raise v2_missing("Inventory warehouse")
        wanted = {name: fields[name] for name in ("name", "inventory_warehouse_id")}
        return json_response(self._add(self.locations, "inventory_location_id", wanted))

    def one(self, request: Request, kind: str, key: str) -> Response:
        if key not in self._table(kind):
            raise v2_missing(f"Inventory {kind[:-1]}")
        return json_response(self._table(kind)[key])

    def levels(self, request: Request) -> Response:
        rows = list(self.stock.values())
        for name in ("sku", "inventory_warehouse_id", "inventory_location_id"):
            if wanted := request.args.get(name):
                rows = [row for row in rows if row[name] == wanted]
        if request.args.get("group_by") == "warehouse":
            rows = _by_warehouse(rows)
        limit = whole(request, "limit", 500)
        return v2_paged(request, self.simulator.base_url, "inventory", rows[:limit], dict, limit)

    def move(self, request: Request) -> Response:
        """One SKU at one location; `adjust` sets the quantity, so that it may be sent twice. 204."""
        fields = v2_body(request, "transaction_type", "inventory_location_id", "sku", "quantity")
        kind, quantity = fields["transaction_type"], fields["quantity"]
        if kind not in TRANSACTIONS:
            raise v2_refused("invalid_field_value", "'transaction_type' is not valid.")
        if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 0:
            raise v2_refused("invalid_field_value", "'quantity' must be a whole number of 0 or more.")
        location = self.locations.get(fields["inventory_location_id"])
        if location is None:
            raise v2_missing("Inventory location")
        needs = self.simulator.switches["inventory_needs_product"]
        if needs and fields["sku"] not in self.simulator.account.products:
            raise v2_missing("SKU")
        row = self._row(location, fields["sku"])
        change = {
            "increment": quantity,
            "decrement": -quantity,
            "adjust": quantity - row["on_hand"],
        }
        if row["on_hand"] + change.get(kind, 0) < 0:
            raise v2_refused("invalid_field_value", "Quantity on hand cannot be negative.")
        row["on_hand"] += change.get(kind, 0)
        row["available"] = row["on_hand"] - row["allocated"]
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
        return self.stock.setdefault((key, sku), blank)


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
