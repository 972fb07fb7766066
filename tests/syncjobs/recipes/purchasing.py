"""A company that buys in Visma.net and ships in ShipStation, and short words for what the tests do often."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connections.models import Connection
from sandbox.kit.server import Running
from syncjobs.models import SyncRecord
from tests.world import World

ITEMS = ("STOL-101", "LAMPE-7", "BORD-140", "TAU-M")
SEND = "POST /orders/createorders"
RECEIPT = "/erp/v1/PurchaseReceipt"
SHIP_FROM = "511543"
"""A ship-from location that the simulated ShipStation has."""


class Purchasing(World):
    """The integration is active, tested, and has no documents yet; notifications are left to the tests of them."""

    def __init__(self, visma: Running, shipstation: Running) -> None:
        super().__init__(visma, shipstation, "visma_net_shipstation")
        self.visma.actions.do_clear()
        self.shipstation.switches["webhook_mode"] = "dropped"
        self.map_value("warehouses", "1", SHIP_FROM)

    def begin(self, *flows: str) -> None:
        """Activate, with these flows alone where some are named. Nothing is tested first: that takes a dozen calls."""
        if flows:
            self.only(*flows)
        Connection.objects.update(state=Connection.State.READY)
        self.activate()
        self.run_tasks()

    # What people do in Visma.net

    def buy(self, *quantities: Any, fields: dict[str, Any] | None = None, **line: Any) -> str:
        """A purchase order with a line for each quantity; it goes out at the next round. Returns its number."""
        lines = [{"inventory": ITEMS[at], "orderQty": quantity, **line} for at, quantity in enumerate(quantities)]
        return str(self.visma.actions.do_make_order(lines=lines, fields=fields)["orderNbr"])

    def bought(self, *quantities: Any, fields: dict[str, Any] | None = None, **line: Any) -> str:
        """The same, and it is in ShipStation."""
        number = self.buy(*quantities, fields=fields, **line)
        self.run_rounds(1)
        return number

    def released(self) -> None:
        """Receipts are released from now on."""
        self.choose("receipts", "release", "`true`")

    # What people do in ShipStation

    def ship(self, number: str, rounds: int = 1, **units: int) -> list[dict[str, Any]]:
        """A label for all that is left of an order, or for units by line (`_1=4`); returns the new labels."""
        items = [{"lineItemKey": f"{number}{line.replace('_', '/')}", "quantity": n} for line, n in units.items()]
        made = self.shipstation.actions.do_ship(order_number=number, **({"items": items} if items else {}))
        self.run_rounds(rounds)
        return list(made["shipments"])

    # What stands there

    def order(self, number: str) -> dict[str, Any]:
        """A purchase order in Visma.net."""
        return self._row("purchaseOrders", orderNbr=number)

    def line(self, number: str, line: int = 1) -> dict[str, Any]:
        row: dict[str, Any] = next(row for row in self.order(number)["lines"] if row["lineNbr"] == line)
        return row

    def receipts(self, ours: bool = True) -> list[dict[str, Any]]:
        """Receipts that are not cancelled, ours or those of people."""
        with self.visma.lock:
            receipts = self.visma.state()["purchaseReceipts"]
        return [
            receipt
            for receipt in receipts
            if receipt["status"] != "Cancelled"
            and str(receipt.get("customStr1", "")).startswith("shipstation:") is ours
        ]

    def received(self) -> list[dict[int, Decimal]]:
        """Quantity by line of the order on each receipt of ours."""
        return [
            {line["poOrderLineNbr"]: line["receiptQty"] for line in receipt["lines"] if "poOrderLineNbr" in line}
            for receipt in self.receipts()
        ]

    def sent_order(self, number: str) -> dict[str, Any]:
        """The order in ShipStation that a purchase order was sent as."""
        with self.shipstation.lock:
            orders = self.shipstation.state()["orders"]
        (order,) = (order for order in orders if order["orderKey"] == number)
        return dict(order)

    def units(self, number: str) -> dict[str, int]:
        """Units by item of the order in ShipStation."""
        return {item["sku"]: item["quantity"] for item in self.sent_order(number)["items"]}

    def sends(self) -> int:
        """Calls that wrote orders to ShipStation."""
        return int(self.shipstation.calls[SEND])

    def visma_writes(self) -> int:
        """Calls that changed something in Visma.net."""
        return sum(n for call, n in self.visma.calls.items() if call.startswith(("POST /erp", "PUT /erp")))

    def _row(self, table: str, **fields: Any) -> dict[str, Any]:
        with self.visma.lock:
            rows = self.visma.state()[table]
        (row,) = (row for row in rows if all(row[name] == value for name, value in fields.items()))
        return dict(row)

    # What our records say

    def only_receipt(self) -> SyncRecord:
        return self.record("receipts")

    def explanation(self, slug: str, **filters: Any) -> str:
        """State, cause and next step of the only record of a flow."""
        record = self.record(slug, **filters)
        return f"{record.state}: {record.cause} -> {record.next_step}"
