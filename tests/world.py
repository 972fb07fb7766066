"""A customer between both simulators, in one process: what a worker would do is done by `work_off`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from audit.models import AuditEntry
from audit.trail import Actor
from connections import lifecycle as connecting
from connections.models import Connection, Customer
from connections.simulation import Running
from syncjobs import lifecycle
from syncjobs.engine import clock
from syncjobs.models import Flow, Integration, SyncRecord

PERSON = Actor("tester")


class World:
    """Two simulators, one customer, one active integration."""

    def __init__(self, acumatica: Running, shipstation: Running) -> None:
        self.acumatica: Any = acumatica.simulator
        self.shipstation: Any = shipstation.simulator
        self.left_control, self.right_control = acumatica.control_url, shipstation.control_url
        self.customer = Customer.objects.create(name="Fjord Outdoor")
        known = self.acumatica.credentials
        self.left = self._connect(
            "acumatica", acumatica.base_url, known, tenant=known["tenant"], branch=known["branch"]
        )
        self.right = self._connect(
            "shipstation", shipstation.base_url, self.shipstation.credentials, v2_base_url=shipstation.base_url
        )
        self.integration = lifecycle.create_integration(
            self.customer,
            "acumatica_shipstation",
            self.left,
            self.right,
            PERSON,
            start_from=timezone.now() - dt.timedelta(days=30),
        )

    def _connect(self, vendor: str, base_url: str, credentials: dict[str, str], **settings: Any) -> Connection:
        connection = Connection.objects.create(
            customer=self.customer,
            vendor=vendor,
            name="main",
            settings={
                "base_url": base_url,
                "poll_seconds": "0.05",
                "calls_per_minute": 0,
                "v1_calls_per_minute": 0,
                "v2_calls_per_minute": 0,
            }
            | settings,
        )
        names = {question.name for question in connection.declaration.secrets}
        connecting.enter_secrets(connection, {k: v for k, v in credentials.items() if k in names}, PERSON)
        return connection

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

    def record(self, slug: str, **about: Any) -> SyncRecord:
        found: SyncRecord = self.records(slug).get(**about)
        return found

    def states(self, slug: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for state in self.records(slug).values_list("state", flat=True):
            found[state] = found.get(state, 0) + 1
        return found

    def work_off(self, limit: int = 200) -> int:
        """Answer all rings, as a worker would, until there are none."""
        done = 0
        while (ring := OrmQ.objects.order_by("pk").first()) and done < limit:
            task = ring.task
            ring.delete()
            import_string(task["func"])(*task["args"])
            done += 1
        return done

    def tick(self) -> int:
        clock.tick()
        return self.work_off()

    def let_time_pass(self) -> None:
        """Everything that waits for a time is due now."""
        now = timezone.now()
        SyncRecord.objects.filter(due_at__gt=now).update(due_at=now)
        SyncRecord.objects.filter(lease_until__gt=now).exclude(lease="").update(lease_until=now)
        Flow.objects.update(next_run_at=None, rung_at=None)

    def go_on(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            self.let_time_pass()
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
