"""Somebody in the office, with Visma.net: orders, receipts and invoices by hand, and a month that is closed too early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.scenarios.consistency import State
from sandbox.scenarios.fixture import Simulated
from sandbox.scenarios.visma_net_shipstation.consistency import RELEASED

CHANCES = {
    "order": 3,
    "edit": 4,
    "delete_line": 1,
    "hold": 2,
    "release": 3,
    "cancel": 1,
    "receive": 2,
    "release_receipt": 2,
    "invoice": 2,
    "period": 1,
    "race": 2,
}


@dataclass
class Office:
    visma: Simulated
    shipstation: Simulated
    dice: Random
    closed: str = ""
    """The month that is closed just now."""

    def deed(self) -> tuple[str, Callable[[], object]] | None:
        """One thing, of chance; nothing where there is no document for it."""
        deed = "period" if self.closed else self.dice.choices(list(CHANCES), list(CHANCES.values()))[0]
        match deed:
            case "order":
                return deed, lambda: self.orders(2)
            case "period":
                return deed, self._turn_period
        left = self.visma.state()
        found = self._documents(deed, left)
        if not found:
            return None
        chosen = self.dice.choice(found)
        return deed, lambda: getattr(self, f"_{deed}")(chosen)

    def _documents(self, deed: str, left: State) -> list[State]:
        if deed == "invoice":
            return [one for one in left["salesOrders"] if one["status"]["description"] == "Open"]
        if deed == "release_receipt":
            return [one for one in left["purchaseReceipts"] if one["status"] == "Balanced"]
        held = deed == "release"
        return [one for one in left["purchaseOrders"] if one["status"] == ("Hold" if held else "Open")]

    # Orders

    def orders(self, count: int) -> None:
        """One after the other: many that are made at once have stamps that go back into the past."""
        for _ in range(count):
            about = {"seed": self.dice.randrange(10**6), "lines": self.dice.randint(1, 4)}
            self.visma.do("make_orders", count=1, ugly=False, **about)

    def _edit(self, order: State) -> None:
        """Another text, and now and then more of the first line."""
        text = {"description": f"Endret {self.dice.randrange(10**6)}"}
        lines = order["lines"][:1] if self.dice.random() < 0.4 else []
        more = {str(line["lineNbr"]): line["orderQty"] + self.dice.randint(1, 4) for line in lines}
        self.visma.do("edit_order", order_nbr=order["orderNbr"], changes=text, quantities=more)

    def _delete_line(self, order: State) -> None:
        if len(order["lines"]) > 1:
            self.visma.do("delete_line", order_nbr=order["orderNbr"], line_nbr=order["lines"][-1]["lineNbr"])

    def _hold(self, order: State) -> None:
        self.visma.do("hold_order", order_nbr=order["orderNbr"])

    def _release(self, order: State) -> None:
        self.visma.do("hold_order", order_nbr=order["orderNbr"], hold=False)

    def _cancel(self, order: State) -> None:
        self.visma.do("cancel_order", order_nbr=order["orderNbr"])

    def _race(self, order: State) -> None:
        """Ship an order there and change it here before anybody has read either."""
        self.shipstation.do("ship", order_number=order["orderNbr"])
        self._edit(order)

    # Receipts, invoices, months

    def _receive(self, order: State) -> None:
        """A part of one line arrives at the door; half of such receipts are not released yet."""
        line = self.dice.choice(order["lines"])
        part = {str(line["lineNbr"]): self.dice.randint(1, 3)}
        self.visma.do("receive", order_nbr=order["orderNbr"], quantities=part, release=self.dice.random() < 0.5)

    def _release_receipt(self, receipt: State) -> None:
        self.visma.do("release", receipt_nbr=receipt["receiptNbr"])

    def _invoice(self, sale: State) -> None:
        self.visma.do("invoice", order_nbr=sale["orderId"], release=True)

    def _turn_period(self) -> None:
        """The current month is closed by mistake, and reopened the next time."""
        month, closed = self.closed or f"{dt.datetime.now(dt.UTC):%Y%m}", not self.closed
        self.visma.do("close_period", period=month, closed=closed)
        self.closed = month if closed else ""

    def tidying(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """The month is open, and no order stays on hold."""
        if self.closed:
            yield "period", self._turn_period
        for order in self.visma.state()["purchaseOrders"]:
            if order["status"] == "Hold":
                yield "release", lambda order=order: self._release(order)  # type: ignore[misc]

    def invoices(self, sales: list[dict[str, Any]]) -> int:
        """A released invoice of each of these sales orders that has none yet; answers how many were made."""
        billed = {
            line.get("soOrderNbr")
            for invoice in self.visma.state()["customerInvoices"]
            for line in invoice["invoiceLines"]
            if invoice["status"] in RELEASED
        }
        left = [sale for sale in sales if sale["orderId"] not in billed]
        for sale in left:
            self._invoice(sale)
        return len(left)
