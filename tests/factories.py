"""Rows for tests, made from keywords; what is not given is plain."""

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


def customer(**about: Any) -> Customer:
    return Customer.objects.create(**{"name": f"Customer {next(numbers)}"} | about)


def connection(*, secrets: dict[str, str] | None = None, **about: Any) -> Connection:
    owner = about.pop("customer", None) or customer()
    defaults = {"vendor": "acumatica", "name": f"account {next(numbers)}"}
    made = Connection.objects.create(**defaults | {"customer": owner} | about)
    if secrets:
        connecting.enter_secrets(made, secrets, PERSON)
    return made


def integration(**about: Any) -> Integration:
    owner = about.pop("customer", None) or customer()
    left = about.pop("left", None) or connection(customer=owner, vendor="acumatica")
    right = about.pop("right", None) or connection(customer=owner, vendor="shipstation")
    state = about.pop("state", None)
    made = lifecycle.create_integration(owner, "acumatica_shipstation", left, right, PERSON, **about)
    if state:
        Integration.objects.filter(pk=made.pk).update(state=state)
        made.refresh_from_db()
    return made


def flow(slug: str = "orders", **about: Any) -> Flow:
    made = (about.pop("integration", None) or integration()).flows.get(slug=slug)
    if about:
        Flow.objects.filter(pk=made.pk).update(**about)
    return Flow.objects.select_related("integration__left", "integration__right", "integration__customer").get(
        pk=made.pk
    )


def record(**about: Any) -> SyncRecord:
    of = about.pop("flow", None) or flow()
    number = next(numbers)
    key = about.get("source_key", f"SO/{number:06}")
    defaults: dict[str, Any] = {
        "source_key": key,
        "source_label": key.rpartition("/")[2],
        "natural_key": key.rpartition("/")[2],
        "target_lock": f"{of.pk}:order:{key}",
        "state": State.SYNCED,
    }
    if about.get("state") in (State.DUE, State.RETRYING, State.WAITING, State.UNKNOWN):
        defaults["due_at"] = timezone.now()
    if about.get("state") == State.SENDING:
        defaults |= {"lease": "x" * 32, "lease_until": timezone.now()}
    fields = defaults | {"flow": of} | about
    if fields["state"] in IN_FLIGHT:
        fields["in_flight"] = fields["target_lock"]
    return SyncRecord.objects.create(**fields)


def event(**about: Any) -> WebhookEvent:
    of = about.pop("connection", None) or connection(vendor="shipstation")
    defaults: dict[str, Any] = {
        "connection": of,
        "topic": "SHIP_NOTIFY",
        "digest": f"digest-{next(numbers)}",
        "body": b'{"a": 1}',
    }
    if about.get("state", "due") not in ("due", "retrying"):
        defaults["due_at"] = None
    return WebhookEvent.objects.create(**defaults | about)


def run(**about: Any) -> FlowRun:
    of = about.pop("flow", None) or flow()
    return FlowRun.objects.create(**{"flow": of} | about)
