"""Stock on hand, by V2 only: V1 has no stock quantity anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from connections.errors import Rejected
from connections.http import Http
from connections.vendor import Body, Found, Outcome, Outgoing, Resource, Written
from connections.vendors.shipstation.client import ShipStationClient, read_object, read_rows
from connections.writing import nothing_written, one_by_one

_OPTIONAL = ("reason", "notes", "condition", "cost")


class Inventory(Resource):
    """Sets the quantity on hand of one SKU at one inventory location, absolutely, so that a repetition is harmless."""

    slug = "inventory"
    label = "Inventory"
    document = "stock"
    fields = frozenset({"sku", "quantity", "inventory_location_id", "reason", "notes", "condition"})
    batch_size = 50
    upsert = True

    client: ShipStationClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        http = self.client.need_v2()
        return one_by_one(documents, nothing_written()(lambda document: _adjust(http, document.payload)))

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        http = self.client.need_v2()
        matches = {}
        for document in documents:
            row = _row(http, document.payload)
            if row:
                complete = row.get("on_hand") == document.payload.get("quantity")
                proof = {"on_hand": row.get("on_hand")}
                matches[document.natural_key] = Found(_key(document.payload), "", complete, proof)
        return matches


def _adjust(http: Http, payload: Body) -> Outcome:
    missing = [name for name in ("sku", "inventory_location_id") if not payload.get(name)]
    if missing:
        raise Rejected(
            "A stock quantity needs a SKU and an inventory location.",
            fields=dict.fromkeys(missing, "is empty"),
            next_step="Complete the mapping, or the table that leads warehouses to inventory locations.",
        )
    adjustment = {
        "transaction_type": "adjust",
        "sku": payload["sku"],
        "inventory_location_id": payload["inventory_location_id"],
        "quantity": _whole(payload.get("quantity")),
    }
    http.post("/v2/inventory", json=adjustment | {name: payload[name] for name in _OPTIONAL if payload.get(name)})
    return Written(_key(payload))


def _whole(quantity: Any) -> int:
    """ShipStation counts whole pieces; part of a piece cannot be promised, and a debt is an empty shelf."""
    try:
        return max(0, int(Decimal(quantity)))
    except (ArithmeticError, TypeError, ValueError):
        raise Rejected("The stock quantity is not a number.", fields={"quantity": "is not a number"}) from None


def _row(http: Http, payload: Body) -> Body | None:
    params = {
        "sku": str(payload.get("sku") or ""),
        "inventory_location_id": str(payload.get("inventory_location_id") or ""),
    }
    rows = read_rows(read_object(http.get("/v2/inventory", params=params)), "inventory")
    match = (
        row
        for row in rows
        if row.get("sku") == payload.get("sku")
        and row.get("inventory_location_id") in {None, payload.get("inventory_location_id")}
    )
    return next(match, None)


def _key(payload: Body) -> str:
    return f"{payload['inventory_location_id']}/{payload['sku']}"
