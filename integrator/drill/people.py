"""What people do meanwhile: orders are made, changed, held, released and cancelled; parcels leave, and come back.

Everything goes through the simulators' own screens. What an order does not allow is refused there, as on the screen,
and is simply not done.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from integrator.stage import Simulated

OPEN = ("Open", "Back Order", "On Hold")


@dataclass
class People:
    """Somebody in the office with Acumatica, and somebody in the warehouse with ShipStation."""

    acumatica: Simulated
    shipstation: Simulated
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)

    def act(self) -> None:
        """One thing each."""
        left, right = self.acumatica.state(), self.shipstation.state()
        self._try(self._in_the_office(left))
        self._try(self._in_the_warehouse(right))

    def _try(self, deed: tuple[str, Callable[[], Any]] | None) -> None:
        if deed is None:
            return
        name, work = deed
        try:
            work()
        except requests.HTTPError:
            self.done[f"{name} refused"] += 1
        else:
            self.done[name] += 1

    # Acumatica

    def _in_the_office(self, left: dict[str, Any]) -> tuple[str, Callable[[], Any]] | None:
        deed = self.dice.choices(("order", "edit", "hold", "release", "cancel", "race"), (3, 4, 2, 3, 1, 2))[0]
        if deed == "order":
            return deed, lambda: self.acumatica.do("add_orders", count=2, lines=self.dice.randint(1, 4))
        held = deed == "release"
        orders = [one for one in left["orders"] if one["Status"] in OPEN and bool(one.get("Hold")) == held]
        if not orders:
            return None
        number = self.dice.choice(orders)["OrderNbr"]
        return deed, lambda: getattr(self, f"_{deed}")(number)

    def _edit(self, number: str) -> None:
        """Another text, and now and then more of the first line."""
        changes: dict[str, Any] = {"Description": f"Changed {self.dice.randrange(10**6)}"}
        if self.dice.random() < 0.4:
            changes["Details"] = [{"LineNbr": 1, "OrderQty": self.dice.randint(6, 9)}]
        self.acumatica.do("edit_order", order_nbr=number, changes=changes)

    def _hold(self, number: str) -> None:
        self.acumatica.do("hold", order_nbr=number)

    def _release(self, number: str) -> None:
        self.acumatica.do("release", order_nbr=number)

    def _cancel(self, number: str) -> None:
        self.acumatica.do("cancel", order_nbr=number)

    def _race(self, number: str) -> None:
        """Ship an order there and change it here before anybody has read either."""
        self.shipstation.do("ship", order_number=number)
        self._edit(number)

    def release_all(self) -> None:
        """Nobody leaves for the day with an order on hold that has a parcel waiting for it."""
        for order in self.acumatica.state()["orders"]:
            if order.get("Hold"):
                self._try(("release", lambda number=order["OrderNbr"]: self._release(number)))  # type: ignore[misc]

    # ShipStation

    def _in_the_warehouse(self, right: dict[str, Any]) -> tuple[str, Callable[[], Any]] | None:
        deeds = {
            "ship": 5,
            "ship_partly": 4,
            "parcels": 2,
            "void": 2,
            "mark_shipped": 1,
            "edit_there": 1,
            "return_label": 1,
        }
        deed = self.dice.choices(list(deeds), list(deeds.values()))[0]
        if deed == "void":
            return deed, self._void(right)
        waiting = [one for one in right["orders"] if one["orderStatus"] == "awaiting_shipment" and not one["deleted"]]
        shipped = [one for one in right["orders"] if one["orderStatus"] == "shipped"]
        orders = shipped if deed == "return_label" else waiting
        if not orders:
            return None
        order = self.dice.choice(orders)
        return deed, lambda: getattr(self, f"_{deed}")(order)

    def _ship(self, order: dict[str, Any]) -> None:
        self.shipstation.do("ship", order_id=order["orderId"])

    def _ship_partly(self, order: dict[str, Any]) -> None:
        line = self.dice.choice(order["items"])
        units = max(1, int(line["quantity"]) // 2)
        self.shipstation.do(
            "ship", order_id=order["orderId"], items=[{"orderItemId": line["orderItemId"], "quantity": units}]
        )

    def _parcels(self, order: dict[str, Any]) -> None:
        self.shipstation.do("ship", order_id=order["orderId"], parcels=3)

    def _mark_shipped(self, order: dict[str, Any]) -> None:
        self.shipstation.do("mark_shipped", order_id=order["orderId"], tracking=f"EXT{order['orderId']}")

    def _edit_there(self, order: dict[str, Any]) -> None:
        changes = {"shipTo": {"city": "Elsewhere"}, "internalNotes": "By hand"}
        self.shipstation.do("edit", order_id=order["orderId"], changes=changes)

    def _return_label(self, order: dict[str, Any]) -> None:
        self.shipstation.do("return_label", order_id=order["orderId"])

    def _void(self, right: dict[str, Any]) -> Callable[[], Any]:
        labels = [one for one in right["shipments"] if not one["voided"] and not one["isReturnLabel"]]

        def void() -> None:
            if labels:
                self.shipstation.do("void", shipment_id=self.dice.choice(labels)["shipmentId"])

        return void
