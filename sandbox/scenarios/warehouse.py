"""Somebody in the warehouse, with ShipStation: ships orders in every way, and takes labels back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.scenarios.consistency import State
from sandbox.scenarios.fixture import Simulated
from sandbox.scenarios.shipstation import STILL_TO_SHIP

CHANCES = {
    "ship": 5,
    "ship_partly": 4,
    "parcels": 2,
    "void": 2,
    "mark_shipped": 1,
    "edit_there": 1,
    "return_label": 1,
}


@dataclass
class Warehouse:
    shipstation: Simulated
    dice: Random
    carriers: Sequence[str] = ("ups",)

    def deed(self) -> tuple[str, Callable[[], object]] | None:
        """One thing, of chance; nothing where there is no order for it."""
        right = self.shipstation.state()
        deed = self.dice.choices(list(CHANCES), list(CHANCES.values()))[0]
        if deed == "void":
            return deed, lambda: self._void(right)
        waiting = [one for one in right["orders"] if one["orderStatus"] == "awaiting_shipment" and not one["deleted"]]
        shipped = [one for one in right["orders"] if one["orderStatus"] == "shipped"]
        orders = shipped if deed == "return_label" else waiting
        if not orders:
            return None
        order = self.dice.choice(orders)
        return deed, lambda: getattr(self, f"_{deed}")(order)

    def _ship(self, order: dict[str, Any]) -> None:
        self._label(order)

    def _ship_partly(self, order: dict[str, Any]) -> None:
        line = self.dice.choice(order["items"])
        units = max(1, int(line["quantity"]) // 2)
        self._label(order, items=[{"orderItemId": line["orderItemId"], "quantity": units}])

    def _parcels(self, order: dict[str, Any]) -> None:
        self._label(order, parcels=3)

    def _label(self, order: dict[str, Any], **how: Any) -> None:
        self.shipstation.do("ship", order_id=order["orderId"], carrier=self.dice.choice(self.carriers), **how)

    def _mark_shipped(self, order: dict[str, Any]) -> None:
        self.shipstation.do("mark_shipped", order_id=order["orderId"], tracking=f"EXT{order['orderId']}")

    def _edit_there(self, order: dict[str, Any]) -> None:
        changes = {"shipTo": {"city": "Elsewhere"}, "internalNotes": "By hand"}
        self.shipstation.do("edit", order_id=order["orderId"], changes=changes)

    def _return_label(self, order: dict[str, Any]) -> None:
        self.shipstation.do("return_label", order_id=order["orderId"])

    def _void(self, right: State) -> None:
        labels = [one for one in right["shipments"] if not one["voided"] and not one["isReturnLabel"]]
        if labels:
            self.shipstation.do("void", shipment_id=self.dice.choice(labels)["shipmentId"])


# In the demos


def ship_all(shipstation: Simulated) -> str:
    counts: dict[str, int] = shipstation.do("ship_all")
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def ship_over_time(shipstation: Simulated) -> str:
    shipstation.do("autoship", every=6.0, chance=0.08)
    return "ShipStation ships some orders every few seconds: whole, in part, in several parcels, or by hand."


def untouched(right: State) -> list[str]:
    """Numbers of orders that wait, and of which nothing was shipped."""
    begun = {parcel["orderId"] for parcel in right["shipments"]}
    waiting = [order for order in right["orders"] if order["orderStatus"] in STILL_TO_SHIP]
    return [order["orderNumber"] for order in waiting if order["orderId"] not in begun]
