from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from audit.models import AuditEntry
from audit.trail import Actor
from connections import vendors
from connections.models import Connection, Customer
from syncjobs import lifecycle, recipes
from syncjobs.engine import clock
from syncjobs.engine.poll import poll
from syncjobs.models import Flow, SyncRecord
from tests.syncjobs.engine import fakes

Notify = Callable[..., Any]


class Lab:
    """An active integration between the two systems in memory."""

    def __init__(self, shelf: fakes.Shelf) -> None:
        self.shelf = shelf
        self.person = Actor("tester", 1)
        self.customer = Customer.objects.create(name="Fjord Outdoor")
        self.left, self.right = (
            Connection.objects.create(customer=self.customer, vendor=slug, name="main") for slug in ("src", "tar")
        )
        self.integration = lifecycle.create_integration(self.customer, "fake", self.left, self.right, self.person)
        lifecycle.activate(self.integration, self.person)

    @property
    def flow(self) -> Flow:
        return Flow.objects.select_related("integration__left", "integration__right").get(slug="boxes")

    def poll(self) -> None:
        poll(self.flow.pk)

    def record(self, key: str = "1", flow: str = "boxes") -> SyncRecord:
        return SyncRecord.objects.get(flow__slug=flow, source_key=key)

    def state(self, key: str = "1", flow: str = "boxes") -> str:
        return self.record(key, flow).state

    def make_all_due(self) -> None:
        now = timezone.now()
        SyncRecord.objects.filter(due_at__gt=now).update(due_at=now)
        SyncRecord.objects.exclude(lease_until=None).update(lease_until=now)
        Flow.objects.update(next_run_at=None, enqueued_at=None)

    def run_round(self) -> None:
        """Time passes, the clock ticks, and a worker runs every task."""
        self.make_all_due()
        clock.tick()
        self.run_tasks()

    def run_tasks(self) -> list[str]:
        from django.utils.module_loading import import_string

        functions = []
        for _ in range(100):
            row = OrmQ.objects.order_by("pk").first()
            if row is None:
                break
            task = row.task
            row.delete()
            functions.append(task["func"])
            import_string(task["func"])(*task["args"])
        return functions

    def history(self, key: str = "1") -> list[str]:
        record = self.record(key)
        entries = AuditEntry.objects.filter(subject_type="syncrecord", subject_id=record.pk).order_by("pk")
        return [action.removeprefix("record.") for action in entries.values_list("action", flat=True)]


def build(monkeypatch: pytest.MonkeyPatch, target: str = "tar.boxes", **flow_fields: Any) -> Lab:
    shelf = fakes.Shelf()
    monkeypatch.setattr(vendors, "SLUGS", ("src", "tar"))
    monkeypatch.setitem(sys.modules, "connections.vendors.src", fakes.vendor("src", shelf, (fakes.Things,)))
    monkeypatch.setitem(
        sys.modules,
        "connections.vendors.tar",
        fakes.vendor("tar", shelf, (fakes.Boxes, fakes.Upserts, fakes.BoxStates)),
    )
    monkeypatch.setitem(recipes.RECIPES, "fake", fakes.recipe(target, **flow_fields))
    lab = Lab(shelf)
    OrmQ.objects.all().delete()
    return lab


@pytest.fixture
def lab(db: None, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return build(monkeypatch)


@pytest.fixture
def upserts(db: None, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return build(monkeypatch, "tar.upserts")


@pytest.fixture
def filtered(db: None, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return build(monkeypatch, filter="status == 'open'", filter_says="not open")


@pytest.fixture
def notify(lab: Lab, client: Client) -> Notify:
    """Send a notification to the left system's address."""

    def post(body: bytes = b"thing:1", token: str = "") -> Any:
        url = f"/hooks/{token or lab.left.webhook_token}/"
        return client.post(url, body, content_type="application/json", headers={"X-Proof": "p", "Cookie": "c"})

    return post
