"""A customer between two simulators, in one process: what a worker would do is done by `run_tasks`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from audit.models import AuditEntry
from audit.trail import Actor
from connections import lifecycle as connecting
from connections import vendors
from connections.models import Connection, Customer
from sandbox.kit.faults import Fault
from sandbox.kit.server import Running
from sandbox.scenarios.simulator_client import SimulatorClient
from syncjobs import lifecycle
from syncjobs.engine import clock
from syncjobs.models import Flow, Integration, SyncRecord

PERSON = Actor("tester")
# With short waits, and without limits of calls; a vendor that does not know one of these leaves it aside.
FAST_SETTINGS = {
    "poll_seconds": "0.02",
    "release_seconds": "0.2",
    "calls_per_hour": 0,
    "calls_per_minute": 0,
    "v1_calls_per_minute": 0,
    "v2_calls_per_minute": 0,
}


class World:
    """Two simulators, one customer, one integration of theirs that is not active yet."""

    def __init__(self, left: Running, right: Running, recipe: str = "acumatica_shipstation") -> None:
        self.simulators: dict[str, Any] = {side.simulator.slug: side.simulator for side in (left, right)}
        self.left_control, self.right_control = left.control_url, right.control_url
        self.customer = Customer.objects.create(name="Fjord Outdoor")
        self.left, self.right = self._connect(left), self._connect(right)
        self.integration = lifecycle.create_integration(
            self.customer,
            recipe,
            self.left,
            self.right,
            PERSON,
            start_from=timezone.now() - dt.timedelta(days=30),
        )

    @property
    def acumatica(self) -> Any:
        return self.simulators["acumatica"]

    @property
    def visma(self) -> Any:
        return self.simulators["visma_net"]

    @property
    def shipstation(self) -> Any:
        return self.simulators["shipstation"]

    def _connect(self, running: Running) -> Connection:
        known = running.simulator.credentials
        vendor = vendors.get(running.simulator.slug)
        asked = {question.name for question in vendor.settings}
        connection = Connection.objects.create(
            customer=self.customer,
            vendor=vendor.slug,
            name="main",
            settings={name: value for name, value in known.items() if name in asked}
            | SimulatorClient(vendor.slug, running.root_url).addresses
            | FAST_SETTINGS,
        )
        secret = {question.name for question in vendor.secrets}
        connecting.enter_secrets(connection, {name: known[name] for name in known if name in secret}, PERSON)
        return connection

    def fault(self, vendor: str, kind: str, path: str = "/", method: str = "", **options: Any) -> None:
        """Arm a fault at one of the simulators."""
        self.simulators[vendor].faults.append(Fault(kind, path, method, **options))

    def map_value(self, table: str, key: str, value: str) -> None:
        """A row of a value map."""
        self.integration.value_maps.get(name=table).rows.create(key=key, value=value)

    def choose(self, flow: str, target: str, source: str) -> None:
        """Change a mapping row, as support staff do."""
        changed = self.flow(flow).mappings.filter(target=target).update(source=source, edited=True)
        assert changed == 1, target

    def configure(self, connection: Connection, **settings: Any) -> None:
        """Change settings of a connection."""
        connecting.change_settings(connection, settings, PERSON)

    def activate(self) -> None:
        lifecycle.activate(self.integration, PERSON)

    def flow(self, slug: str) -> Flow:
        return Flow.objects.select_related("integration__left", "integration__right").get(
            integration=self.integration, slug=slug
        )

    def only(self, *slugs: str) -> None:
        """Switch all other flows off."""
        self.integration.flows.exclude(slug__in=slugs).update(enabled=False)

    def records(self, slug: str) -> Any:
        return SyncRecord.objects.filter(flow__integration=self.integration, flow__slug=slug)

    def record(self, slug: str, **filters: Any) -> SyncRecord:
        record: SyncRecord = self.records(slug).get(**filters)
        return record

    def states(self, slug: str) -> dict[str, int]:
        return dict(Counter(self.records(slug).values_list("state", flat=True)))

    def run_tasks(self, limit: int = 200) -> int:
        """Run all tasks, as a worker would, until there are none."""
        done = 0
        while (queued := OrmQ.objects.order_by("pk").first()) and done < limit:
            task = queued.task
            queued.delete()
            import_string(task["func"])(*task["args"])
            done += 1
        return done

    def tick(self) -> int:
        clock.tick()
        return self.run_tasks()

    def make_all_due(self) -> None:
        """Everything that waits for a time is due now."""
        now = timezone.now()
        SyncRecord.objects.filter(due_at__gt=now).update(due_at=now)
        SyncRecord.objects.filter(lease_until__gt=now).exclude(lease="").update(lease_until=now)
        Flow.objects.update(next_run_at=None, enqueued_at=None)

    def run_rounds(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            self.make_all_due()
            self.tick()

    def history(self, record: SyncRecord) -> list[str]:
        return list(
            AuditEntry.objects.filter(subject_type="syncrecord", subject_id=record.pk)
            .order_by("pk")
            .values_list("action", flat=True)
        )

    @staticmethod
    def reload(integration: Integration) -> Integration:
        return Integration.objects.get(pk=integration.pk)
