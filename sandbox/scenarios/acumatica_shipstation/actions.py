"""What people do in Acumatica: orders are made, changed, held, released and cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.scenarios.action import Action
from sandbox.scenarios.simulator_client import SimulatorClient

OPEN = ("Open", "Back Order", "On Hold")
WEIGHTS = {"order": 3, "edit": 4, "hold": 2, "release": 3, "cancel": 1, "race": 2}


@dataclass
class ErpActions:
    acumatica: SimulatorClient
    shipstation: SimulatorClient
    random: Random

    def random_action(self) -> Iterator[Action]:
        """One action, of chance; none where there is no order for it."""
        name = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if name == "order":
            yield Action(name, lambda: self.acumatica.do("add_orders", count=2, lines=self.random.randint(1, 4)))
            return
        held = name == "release"
        orders = [
            order
            for order in self.acumatica.state()["orders"]
            if order["Status"] in OPEN and bool(order.get("Hold")) == held
        ]
        if orders:
            number = self.random.choice(orders)["OrderNbr"]
            yield Action(name, lambda: getattr(self, f"_{name}")(number))

    def _edit(self, number: str) -> None:
        """Another text, and now and then more of the first line."""
        changes: dict[str, Any] = {"Description": f"Changed {self.random.randrange(10**6)}"}
        if self.random.random() < 0.4:
            changes["Details"] = [{"LineNbr": 1, "OrderQty": self.random.randint(6, 9)}]
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

    def releases(self) -> Iterator[Action]:
        """Every order that is on hold."""
        for order in self.acumatica.state()["orders"]:
            if order.get("Hold"):
                yield Action("release", lambda number=order["OrderNbr"]: self._release(number))  # type: ignore[misc]
