"""Rows for tests, made from keywords; what is left out takes a plain value."""

from __future__ import annotations

import itertools
from typing import Any

from django.utils import timezone

from audit.trail import Actor
from connections import lifecycle as connecting
from connections.models import Connection, Customer
from syncjobs import lifecycle
from syncjobs.models import IN_FLIGHT, Flow, FlowRun, Integration, State, SyncRecord, WebhookEvent

PERSON = Actor("tester")
numbers = itertools.count(1)


def customer(**fields: Any) -> Customer:
    return Customer.objects.create(**{"name": f"Customer {next(numbers)}"} | fields)


def connection(*, secrets: dict[str, str] | None = None, **fields: Any) -> Connection:
    owner = fields.pop("customer", None) or customer()
    defaults = {"vendor": "acumatica", "name": f"account {next(numbers)}"}
    stored = Connection.objects.create(**defaults | {"customer": owner} | fields)
    if secrets:
        connecting.enter_secrets(stored, secrets, PERSON)
    return stored


def integration(**fields: Any) -> Integration:
    owner = fields.pop("customer", None) or customer()
    left = fields.pop("left", None) or connection(customer=owner, vendor="acumatica")
    right = fields.pop("right", None) or connection(customer=owner, vendor="shipstation")
    state = fields.pop("state", None)
    draft = lifecycle.create_integration(owner, "acumatica_shipstation", left, right, PERSON, **fields)
    if state:
        Integration.objects.filter(pk=draft.pk).update(state=state)
        draft.refresh_from_db()
    return draft


def flow(slug: str = "orders", **fields: Any) -> Flow:
    owner = fields.pop("integration", None) or integration()
    flows = Flow.objects.filter(integration=owner, slug=slug)
    if fields:
        flows.update(**fields)
    return flows.select_related("integration__left", "integration__right", "integration__customer").get()


def record(**fields: Any) -> SyncRecord:
    owner = fields.pop("flow", None) or flow()
    number = next(numbers)
    key = fields.get("source_key", f"SO/{number:06}")
    defaults: dict[str, Any] = {
        "source_key": key,
        "source_label": key.rpartition("/")[2],
        "natural_key": key.rpartition("/")[2],
        "target_lock": f"{owner.pk}:order:{key}",
        "state": State.SYNCED,
    }
    if fields.get("state") in (State.DUE, State.RETRYING, State.WAITING, State.UNKNOWN):
        defaults["due_at"] = timezone.now()
    if fields.get("state") == State.SENDING:
        defaults |= {"lease": "x" * 32, "lease_until": timezone.now()}
    values = defaults | {"flow": owner} | fields
    if values["state"] in IN_FLIGHT:
        values["in_flight"] = values["target_lock"]
    return SyncRecord.objects.create(**values)


def event(**fields: Any) -> WebhookEvent:
    owner = fields.pop("connection", None) or connection(vendor="shipstation")
    defaults: dict[str, Any] = {
        "connection": owner,
        "topic": "SHIP_NOTIFY",
        "digest": f"digest-{next(numbers)}",
        "body": b'{"a": 1}',
    }
    if fields.get("state", "due") not in ("due", "retrying"):
        defaults["due_at"] = None
    return WebhookEvent.objects.create(**defaults | fields)


def run(**fields: Any) -> FlowRun:
    return FlowRun.objects.create(**{"flow": fields.pop("flow", None) or flow()} | fields)
