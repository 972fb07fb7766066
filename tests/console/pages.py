"""All pages of the console, and a database in which each of them has something to show."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from syncjobs.models import Heartbeat, State
from tests import factories as make

LONG = "Long words " * 40 + "x" * 300


def lists() -> Iterator[str]:
    yield reverse("admin:index")
    yield reverse("admin:help")
    for model in admin.site._registry:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if model._meta.model_name in ("customer", "connection", "integration", "valuemap", "user", "group"):
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    yield reverse("admin:connections_connection_add") + "?vendor=acumatica"
    yield reverse("admin:connections_connection_add") + "?vendor=shipstation"


def objects() -> Iterator[str]:
    for model, model_admin in admin.site._registry.items():
        opts = model._meta
        obj = model._base_manager.first()
        if obj is None:
            continue
        for page in ("change", *(button.slug for button in getattr(model_admin, "buttons", ()) if button.page)):
            try:
                yield reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[obj.pk])
            except NoReverseMatch as error:
                raise AssertionError(f"{opts.model_name} has no page {page}") from error


def fill(secrets: dict[str, str] | None = None) -> None:
    owner = make.customer(name="Fjord Outdoor", notes=LONG)
    left = make.connection(
        customer=owner, vendor="acumatica", name=LONG[:100], secrets=secrets, cause=LONG, state="broken"
    )
    right = make.connection(customer=owner, vendor="shipstation")
    integration = make.integration(customer=owner, left=left, right=right)
    orders = make.flow(integration=integration, trouble=LONG, cursor={"since": "2026-01-01T00:00:00Z", "page": 3})
    for state in State.values:
        make.record(flow=orders, state=state, cause=LONG, next_step=LONG, source_body={"a": LONG})
    make.record(
        flow=orders,
        state=State.CONFLICT,
        details={"difference": {"shipTo.city": ["Oslo", "Bergen"]}},
        source_label="x" * 100,
    )
    make.event(connection=right, cause=LONG, url="https://example.com/" + "x" * 900)
    make.run(flow=orders, counts={"seen": 3, "new": 1}, trouble=LONG, cursor_after={"page": 4})
    Heartbeat.objects.create(name="tick", at=timezone.now(), worker="host:1")
