"""What people do in Visma.net: orders, receipts and invoices by hand, and a month that is closed too early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.scenarios.action import Action
from sandbox.scenarios.consistency import State
from sandbox.scenarios.simulator_client import SimulatorClient
from sandbox.scenarios.visma_net_shipstation.consistency import RELEASED

WEIGHTS = {
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
class ErpActions:
    visma: SimulatorClient
    shipstation: SimulatorClient
    random: Random
    closed_month: str = ""
    """The month that is closed just now."""

    def random_action(self) -> Iterator[Action]:
        """One action, of chance; none where there is no document for it."""
        name = "period" if self.closed_month else self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if name == "order":
            yield Action(name, lambda: self.make_orders(2))
        elif name == "period":
            yield Action(name, self._toggle_period)
        elif documents := self._documents(name, self.visma.state()):
            document = self.random.choice(documents)
            yield Action(name, lambda: getattr(self, f"_{name}")(document))

    def _documents(self, action: str, left: State) -> list[State]:
        """Those that the action can be done with."""
        if action == "invoice":
            return [sale for sale in left["salesOrders"] if sale["status"]["description"] == "Open"]
        if action == "release_receipt":
            return [receipt for receipt in left["purchaseReceipts"] if receipt["status"] == "Balanced"]
        status = "Hold" if action == "release" else "Open"
        return [order for order in left["purchaseOrders"] if order["status"] == status]

    # Orders

    def make_orders(self, count: int) -> None:
        """One after the other: many that are made at once have stamps that go back into the past."""
        for _ in range(count):
            seed, lines = self.random.randrange(10**6), self.random.randint(1, 4)
            self.visma.do("make_orders", count=1, ugly=False, seed=seed, lines=lines)

    def _edit(self, order: State) -> None:
        """Another text, and now and then more of the first line."""
        text = {"description": f"Endret {self.random.randrange(10**6)}"}
        lines = order["lines"][:1] if self.random.random() < 0.4 else []
        more = {str(line["lineNbr"]): line["orderQty"] + self.random.randint(1, 4) for line in lines}
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
        """A part of one line is received by hand; half of such receipts are not released yet."""
        line = self.random.choice(order["lines"])
        part = {str(line["lineNbr"]): self.random.randint(1, 3)}
        self.visma.do("receive", order_nbr=order["orderNbr"], quantities=part, release=self.random.random() < 0.5)

    def _release_receipt(self, receipt: State) -> None:
        self.visma.do("release", receipt_nbr=receipt["receiptNbr"])

    def _invoice(self, sale: State) -> None:
        self.visma.do("invoice", order_nbr=sale["orderId"], release=True)

    def _toggle_period(self) -> None:
        """The current month is closed by mistake, and reopened the next time."""
        month, closed = self.closed_month or f"{dt.datetime.now(dt.UTC):%Y%m}", not self.closed_month
        self.visma.do("close_period", period=month, closed=closed)
        self.closed_month = month if closed else ""

    def final_actions(self) -> Iterator[Action]:
        """The month is open, and no order stays on hold."""
        if self.closed_month:
            yield Action("period", self._toggle_period)
        for order in self.visma.state()["purchaseOrders"]:
            if order["status"] == "Hold":
                yield Action("release", lambda order=order: self._release(order))  # type: ignore[misc]

    def make_invoices(self, sales: list[dict[str, Any]]) -> int:
        """A released invoice of each of these sales orders that has none yet; returns how many were made."""
        billed = {
            line.get("soOrderNbr")
            for invoice in self.visma.state()["customerInvoices"]
            for line in invoice["invoiceLines"]
            if invoice["status"] in RELEASED
        }
        unbilled = [sale for sale in sales if sale["orderId"] not in billed]
        for sale in unbilled:
            self._invoice(sale)
        return len(unbilled)
