"""Somebody in the office, with Acumatica: orders are made, changed, held, released and cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.scenarios.fixture import Simulated

OPEN = ("Open", "Back Order", "On Hold")


@dataclass
class Office:
    acumatica: Simulated
    shipstation: Simulated
    dice: Random

    def deed(self) -> tuple[str, Callable[[], object]] | None:
        deed = self.dice.choices(("order", "edit", "hold", "release", "cancel", "race"), (3, 4, 2, 3, 1, 2))[0]
        if deed == "order":
            return deed, lambda: self.acumatica.do("add_orders", count=2, lines=self.dice.randint(1, 4))
        held = deed == "release"
        found = self.acumatica.state()["orders"]
        orders = [one for one in found if one["Status"] in OPEN and bool(one.get("Hold")) == held]
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

    def releases(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Every order that is on hold."""
        for order in self.acumatica.state()["orders"]:
            if order.get("Hold"):
                yield "release", lambda number=order["OrderNbr"]: self._release(number)  # type: ignore[misc]
