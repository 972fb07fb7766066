"""What the warehouse does with ShipStation: it ships orders in every way, and voids labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.scenarios.action import Action
from sandbox.scenarios.consistency import State
from sandbox.scenarios.shipstation import STILL_TO_SHIP
from sandbox.scenarios.simulator_client import SimulatorClient

WEIGHTS = {
    "ship": 5,
    "ship_partly": 4,
    "parcels": 2,
    "void": 2,
    "mark_shipped": 1,
    "edit_there": 1,
    "return_label": 1,
}
WAYS = {
    "whole": "whole",
    "partial": "in part",
    "parcels": "in several parcels",
    "marked": "marked as shipped by hand",
    "rest": "with what was left of them",
}
"""How the simulator's `ship_all` ships an order."""


@dataclass
class WarehouseActions:
    shipstation: SimulatorClient
    random: Random
    carriers: Sequence[str] = ("ups",)

    def random_action(self) -> Iterator[Action]:
        """One action, of chance; none where there is no order for it."""
        right = self.shipstation.state()
        name = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if name == "void":
            yield Action(name, lambda: self._void(right))
            return
        open_orders = [
            order for order in right["orders"] if order["orderStatus"] == "awaiting_shipment" and not order["deleted"]
        ]
        shipped = [order for order in right["orders"] if order["orderStatus"] == "shipped"]
        if orders := shipped if name == "return_label" else open_orders:
            order = self.random.choice(orders)
            yield Action(name, lambda: getattr(self, f"_{name}")(order))

    def _ship(self, order: dict[str, Any]) -> None:
        self._label(order)

    def _ship_partly(self, order: dict[str, Any]) -> None:
        line = self.random.choice(order["items"])
        units = max(1, int(line["quantity"]) // 2)
        self._label(order, items=[{"orderItemId": line["orderItemId"], "quantity": units}])

    def _parcels(self, order: dict[str, Any]) -> None:
        self._label(order, parcels=3)

    def _label(self, order: dict[str, Any], **arguments: Any) -> None:
        carrier = self.random.choice(self.carriers)
        self.shipstation.do("ship", order_id=order["orderId"], carrier=carrier, **arguments)

    def _mark_shipped(self, order: dict[str, Any]) -> None:
        self.shipstation.do("mark_shipped", order_id=order["orderId"], tracking=f"EXT{order['orderId']}")

    def _edit_there(self, order: dict[str, Any]) -> None:
        changes = {"shipTo": {"city": "Elsewhere"}, "internalNotes": "By hand"}
        self.shipstation.do("edit", order_id=order["orderId"], changes=changes)

    def _return_label(self, order: dict[str, Any]) -> None:
        self.shipstation.do("return_label", order_id=order["orderId"])

    def _void(self, right: State) -> None:
        labels = [label for label in right["shipments"] if not label["voided"] and not label["isReturnLabel"]]
        if labels:
            self.shipstation.do("void", shipment_id=self.random.choice(labels)["shipmentId"])


# In the demos


def ship_all(shipstation: SimulatorClient) -> str:
    """Every order that waits, each in one of the ways; returns a sentence about it."""
    counts: dict[str, int] = shipstation.do("ship_all")
    ways = [f"{counts[way]} {words}" for way, words in WAYS.items() if way in counts]
    return f"{counts['orders']} orders are shipped in ShipStation: {', '.join(ways)}"


def ship_over_time(shipstation: SimulatorClient) -> str:
    shipstation.do("autoship", every=6.0, chance=0.08)
    return "ShipStation ships some orders every few seconds: whole, in part, in several parcels, or by hand."


def untouched(right: State) -> list[str]:
    """Numbers of orders that wait, and of which nothing was shipped."""
    touched = {parcel["orderId"] for parcel in right["shipments"]}
    waiting = [order for order in right["orders"] if order["orderStatus"] in STILL_TO_SHIP]
    return [order["orderNumber"] for order in waiting if order["orderId"] not in touched]
