"""A purchase order's whole way, with simulators, web and workers as processes: `python -m tests.journeys.purchasing_trip`.

It runs in a process of its own, because Django has one database in a process. Waits are as short as in a drill.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.drill.times import ENVIRONMENT
from sandbox.runtime.environment import HOST, environment, free_port
from sandbox.runtime.processes import Processes

if TYPE_CHECKING:
    from sandbox.scenarios.fixture import Fixture
    from sandbox.scenarios.simulator_client import SimulatorClient

WITHIN = 60.0
STEP = 0.3
"""Seconds between two ticks: a minute of the product."""
SLUGS = ("visma_net", "shipstation")
RECEIPT = "/erp/v1/PurchaseReceipt"
SETTINGS: dict[str, dict[str, Any]] = {
    "visma_net": {"poll_seconds": "0.05", "calls_per_hour": 0},
    "shipstation": {"v1_calls_per_minute": 0, "v2_calls_per_minute": 0},
}


def main(folder: Path, trip: type[Trip]) -> None:
    port = free_port()
    own = {"PUBLIC_URL": f"http://{HOST}:{port}", "LOG_LEVEL": "WARNING", "WORKERS": 2, "QUEUE_POLL": 0.2}
    env = environment(folder, **own, **ENVIRONMENT)
    os.environ.update(env)
    import django
    from django.core.management import call_command

    django.setup()
    from sandbox.drill import short_waits
    from sandbox.drill.round import start_cluster

    short_waits.apply()
    call_command("migrate", verbosity=0)
    with Processes(folder, env) as processes:
        urls = processes.simulators(*SLUGS)
        processes.web(port)
        start_cluster(processes)
        report = trip(processes, urls).run()
    (folder / "report.json").write_text(json.dumps(report, indent=2, default=str))


class Trip:
    """The steps; each waits until the systems show what it brought."""

    def __init__(self, processes: Processes, urls: dict[str, str]) -> None:
        from sandbox.scenarios.simulator_client import SimulatorClient

        self.processes = processes
        self.visma: SimulatorClient = SimulatorClient("visma_net", urls["visma_net"])
        self.shipstation: SimulatorClient = SimulatorClient("shipstation", urls["shipstation"])
        self.fixture: Fixture = self.create_fixture()

    def create_fixture(self) -> Fixture:
        from sandbox.scenarios.fixture import set_up
        from syncjobs import webhooks

        self.visma.do("clear")
        self.shipstation.switch(v1_limit=0, v2_limit=0)
        fixture = set_up(self.visma, self.shipstation, recipe="visma_net_shipstation", settings=SETTINGS)
        fixture.integration.value_maps.get(name="warehouses").rows.create(key="1", value="511543")
        fixture.flow("receipts").mappings.filter(target="release").update(source="`true`", edited=True)
        # Orders come by notification alone: their flow runs first now and its next in an hour.
        fixture.schedule(purchase_orders=3600, receipts=2, order_changes=3600, invoices=3600)
        key = self.visma.simulator.credentials["webhook_key"]
        self.visma.do("subscribe", url=webhooks.webhook_url(fixture.integration.left), key=key)
        return fixture

    def run(self) -> dict[str, Any]:
        self.fixture.activate()
        self.until(lambda: self.fixture.flow("purchase_orders").read_up_to is not None)
        lines = [{"inventory": "STOL-101", "orderQty": 4}, {"inventory": "LAMPE-7", "orderQty": 6}]
        number = self.visma.do("make_order", lines=lines)["orderNbr"]
        self.until(lambda: bool(self.shipstation.state()["orders"]))
        self.ship_and_kill(number)
        self.until(lambda: len(self.released()) == 1)
        self.shipstation.do("ship", order_number=number)
        self.until(lambda: self.order(number)["status"] == "Closed")
        self.until(self.is_finished)
        return self.report(number)

    def ship_and_kill(self, number: str) -> None:
        """A part is shipped, and all workers are killed while they wait for Visma.net's answer to the new receipt."""
        from sandbox.drill import short_waits
        from sandbox.drill.round import start_cluster

        self.visma.fault("slow", path=RECEIPT, method="POST", seconds=1.5)
        items = [{"lineItemKey": f"{number}/1", "quantity": 1}, {"lineItemKey": f"{number}/2", "quantity": 6}]
        self.shipstation.do("ship", order_number=number, items=items)
        self.until(lambda: not self.visma.armed())
        self.processes.kill("cluster")
        short_waits.expire_leases()
        start_cluster(self.processes)

    # Waiting and looking

    def until(self, done: Callable[[], bool]) -> None:
        from sandbox.drill import short_waits

        end = time.monotonic() + WITHIN
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(json.dumps(self.records(), indent=2, default=str))
            self.processes.check()
            short_waits.tick()
            time.sleep(STEP)  # real processes need their time between two ticks

    def is_finished(self) -> bool:
        """Nothing is on its way, and no notification may still set something going."""
        from syncjobs.models import WebhookEvent

        ended = [WebhookEvent.State.DONE, WebhookEvent.State.REFUSED]
        if self._notifications_wait() or WebhookEvent.objects.exclude(state__in=ended).exists():
            return False
        moving = {"due", "sending", "retrying", "unknown"}
        return not any(record["state"] in moving for record in self.records())

    def _notifications_wait(self) -> bool:
        states = (system.state() for system in (self.visma, self.shipstation))
        return any(state.get("deliveries", {}).get("waiting") for state in states)

    def order(self, number: str) -> dict[str, Any]:
        orders = self.visma.state()["purchaseOrders"]
        order: dict[str, Any] = next(order for order in orders if order["orderNbr"] == number)
        return order

    def released(self) -> list[dict[str, Any]]:
        return [receipt for receipt in self.visma.state()["purchaseReceipts"] if receipt["status"] == "Released"]

    def records(self) -> list[dict[str, Any]]:
        from syncjobs.models import SyncRecord

        fields = ("flow__slug", "source_key", "state", "cause", "triggers")
        return list(SyncRecord.objects.filter(flow__integration=self.fixture.integration).values(*fields))

    def report(self, number: str) -> dict[str, Any]:
        from audit.models import AuditEntry

        receipts = self.visma.state()["purchaseReceipts"]
        return {
            "order": self.order(number)["status"],
            "receipts": [
                {str(line.get("poOrderLineNbr")): int(line["receiptQty"]) for line in receipt["lines"]}
                for receipt in receipts
            ],
            "shipstation": [order["orderStatus"] for order in self.shipstation.state()["orders"]],
            "sends": self.shipstation.calls()["POST /orders/createorders"],
            "records": self.records(),
            "actions": sorted(set(AuditEntry.objects.values_list("action", flat=True))),
        }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Trip)
