"""A simulated Visma.net, a client of ours at it, and short words for what the tests do often."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connections.auth import MemorySessions
from connections.errors import NotReady, VendorError
from connections.vendor import Body, Found, Outcome, Outgoing, Refused
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.receipts.resource import PurchaseReceipts
from sandbox.kit.faults import Fault
from sandbox.kit.server import Running
from sandbox.visma_net.app import VismaNetSimulator
from tests.connections.vendors.visma_net.accounts import account

MARK = "shipstation:88213"
SECOND = "shipstation:88214"
RECEIPTS, ORDERS = "/erp/v1/PurchaseReceipt", "/erp/v1/purchaseorder"


class Desk:
    def __init__(self, running: Running | None = None) -> None:
        self.begun = datetime.now(UTC) - timedelta(minutes=1)
        self.running = running or Running(VismaNetSimulator())
        assert isinstance(self.running.simulator, VismaNetSimulator)
        self.simulator = self.running.simulator
        self.client = self.open()

    def open(
        self, sessions: MemorySessions | None = None, secrets: dict[str, str] | None = None, **settings: Any
    ) -> VismaClient:
        root = self.running.root_url
        hosts = {
            "base_url": f"{root}/erp",
            "salesorder_url": f"{root}/salesorder/api/v3",
            "connect_url": f"{root}/connect-host",
        }
        return VismaClient(account(secrets, sessions, **{**hosts, **settings}))

    def close(self) -> None:
        self.client.close()
        self.running.stop()

    def fault(self, kind: str, path: str = "/erp", method: str = "", **options: Any) -> None:
        self.simulator.faults.append(Fault(kind, path, method, **options))

    def switch(self, **switches: Any) -> None:
        self.simulator.switches.update(switches)

    def calls(self, part: str) -> int:
        return sum(count for name, count in self.simulator.calls.items() if part in name)

    # What a person does

    def order(self, *lines: dict[str, Any], **items: int) -> str:
        """A new order with these lines, or by item and quantity; its number."""
        order_lines = [
            *lines,
            *({"inventory": item.replace("_", "-"), "orderQty": count} for item, count in items.items()),
        ]
        return str(self.simulator.actions.do_make_order(lines=order_lines)["orderNbr"])

    # What is there

    def state(self) -> dict[str, Any]:
        with self.simulator.lock:
            return self.simulator.state()

    def order_state(self, number: str) -> dict[str, Any]:
        return next(order for order in self.state()["purchaseOrders"] if order["orderNbr"] == number)

    def receipts(self, mark: str = MARK) -> list[dict[str, Any]]:
        return [receipt for receipt in self.state()["purchaseReceipts"] if receipt.get("customStr1") == mark]

    def live(self, mark: str = MARK) -> list[dict[str, Any]]:
        return [receipt for receipt in self.receipts(mark) if receipt["status"] != "Cancelled"]

    def quantities(self, mark: str = MARK) -> dict[Any, Decimal]:
        """Received quantity by line of the order on the one receipt of a shipment."""
        (receipt,) = self.live(mark)
        return {line.get("poOrderLineNbr"): line["receiptQty"] for line in receipt["lines"]}

    # What our side does

    def write(self, document: Outgoing) -> Outcome:
        (outcome,) = PurchaseReceipts(self.client).write([document])
        return outcome

    def settled(self, document: Outgoing, most: int = 8) -> Outcome:
        """Write until there is an outcome, looking it up after each doubt, as the engine does."""
        for _ in range(most):
            try:
                outcome = self.write(document)
            except VendorError:
                with contextlib.suppress(VendorError):
                    self.find(document)
                continue
            if isinstance(outcome, Refused) and isinstance(outcome.error, NotReady):
                continue
            return outcome
        raise AssertionError("no outcome")

    def find(self, document: Outgoing) -> Found | None:
        found = PurchaseReceipts(self.client).find([document], self.begun)
        return found.get(document.natural_key)


def goods(*lines: tuple[Any, Any], **fields: Any) -> list[Body]:
    """Payload lines by number of the order's line and quantity."""
    return [{"lineNbr": line, "quantity": Decimal(str(quantity)), **fields} for line, quantity in lines]


def shipment(
    order: str,
    lines: Sequence[Body] = (),
    mark: str = MARK,
    target: str = "",
    sent: Body | None = None,
    **payload: Any,
) -> Outgoing:
    body = {
        "orderNbr": order,
        "orderType": "RegularOrder",
        "date": datetime.now(UTC).date().isoformat(),
        "supplierRef": "ASN-7781",
        "lines": list(lines),
    }
    return Outgoing(mark, body | payload, target, sent)


def again(document: Outgoing, target: str, **changed: Any) -> Outgoing:
    """The same shipment, once it was synced, with a payload that has changed in this."""
    return Outgoing(document.natural_key, document.payload | changed, target, document.payload)


def refusal(outcome: Outcome) -> VendorError:
    assert isinstance(outcome, Refused), outcome
    return outcome.error
