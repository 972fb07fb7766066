"""A simulated Acumatica, a client of ours that is signed in to it, and a person at a desk who works in it too."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from connections.vendors.acumatica import codec
from connections.vendors.acumatica.client import AcumaticaClient
from sandbox.acumatica.app import AcumaticaSimulator
from sandbox.kit.faults import Fault
from sandbox.kit.server import Running
from tests.connections.vendors.acumatica.accounts import client

Answer = TypeVar("Answer")


class Desk:
    def __init__(self) -> None:
        self.begun = datetime.now(UTC) - timedelta(minutes=1)
        self.simulator = AcumaticaSimulator()
        self.running = Running(self.simulator)
        self.simulator.actions.do_seed(customers=2, items=8, orders=0)
        self.client = self._signed_in()
        self.person = self._signed_in()

    def _signed_in(self) -> AcumaticaClient:
        opened = client(self.running.base_url, session=None)
        opened.session.current()
        return opened

    def close(self) -> None:
        self.client.close()
        self.person.close()
        self.running.stop()

    def fault(self, kind: str, path: str = "/", method: str = "", **options: Any) -> None:
        self.simulator.faults.append(Fault(kind, path, method, **options))

    def switch(self, **switches: Any) -> None:
        self.simulator.switches.update(switches)

    # What a person does

    def order(self, *lines: tuple[str, int, str], **quantities: int) -> str:
        """A new order with lines (item, quantity, warehouse), or by item from the main warehouse; its number."""
        goods = [*lines, *((item, quantity, "WHOLESALE") for item, quantity in quantities.items())]
        details = [
            {"InventoryID": item.replace("_", " "), "OrderQty": Decimal(quantity), "WarehouseID": warehouse}
            for item, quantity, warehouse in goods
        ]
        made = self.simulator.actions.do_add_order(Details=details)
        return str(made["OrderNbr"])

    def ship(self, order: str) -> str:
        """An open shipment of the whole order, made by a person."""
        record = self.person.put("Shipment", {"Details": [{"OrderType": "SO", "OrderNbr": order}]}, new=True)
        return codec.text(record, "ShipmentNbr")

    def put(self, entity: str, **body: Any) -> None:
        self.person.put(entity, body)

    def cancel(self, order: str) -> None:
        self.simulator.actions.do_cancel(order)

    def invoice(self, order: str) -> None:
        for shipment in self.shipments(order):
            self.simulator.actions.do_invoice(shipment["ShipmentNbr"])

    # What is there

    def state(self) -> dict[str, Any]:
        with self.simulator.lock:
            return self.simulator.state()

    def status(self, number: str) -> str:
        return next(str(order["Status"]) for order in self.state()["orders"] if order["OrderNbr"] == number)

    def shipments(self, order: str) -> list[dict[str, Any]]:
        return [
            shipment
            for shipment in self.state()["shipments"]
            if any(line["OrderNbr"] == order for line in shipment["lines"])
        ]

    def quantities(self, order: str) -> list[dict[int, Decimal]]:
        """Shipped quantity by line of the order, for each of its shipments."""
        return [
            {line["OrderLineNbr"]: line["ShippedQty"] for line in shipment["lines"]}
            for shipment in self.shipments(order)
        ]

    def wait(self, look: Callable[[], Answer], until: Callable[[Answer], bool], seconds: float = 5.0) -> Answer:
        deadline = time.monotonic() + seconds
        while not until(answer := look()) and time.monotonic() < deadline:
            time.sleep(0.05)  # between two looks at another thread's work
        return answer
