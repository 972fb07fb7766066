"""How a scenario begins: a customer between two simulated systems. For the demo, the fault drill and the benchmark.

Runs in a process where Django is set up, beside the simulators, which are reached over HTTP only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from connections import lifecycle as connecting
from connections import vendors
from connections.models import Connection, Customer
from sandbox.scenarios.simulator_client import SimulatorClient
from syncjobs import lifecycle
from syncjobs.models import FieldMapping, Flow, Integration, ValueMap, ValueMapRow

ADMIN = "admin"
CUSTOMER = "Fjord Outdoor"
RECIPE = "acumatica_shipstation"
ACTOR = Actor("demo")


@dataclass(frozen=True)
class Fixture:
    """A customer, both connections, and the integration between them."""

    customer: Customer
    integration: Integration

    def mark_tested(self) -> None:
        """Take both connections for tested, so that activation does not test them."""
        sides = [self.integration.left_id, self.integration.right_id]
        Connection.objects.filter(pk__in=sides).update(state=Connection.State.READY)

    def activate(self) -> None:
        lifecycle.activate(self.integration, ACTOR)

    def flow(self, slug: str) -> Flow:
        return Flow.objects.select_related("integration__left", "integration__right").get(
            integration=self.integration, slug=slug
        )

    def schedule(self, **seconds: int) -> None:
        """Let flows run every so many seconds, by slug."""
        for slug, every in seconds.items():
            Flow.objects.filter(integration=self.integration, slug=slug).update(schedule=str(every), next_run_at=None)

    def fill(self, table: str, rows: Mapping[str, str]) -> None:
        """Rows of a value map."""
        value_map = ValueMap.objects.get(integration=self.integration, name=table)
        for key, value in rows.items():
            ValueMapRow.objects.update_or_create(value_map=value_map, key=key, defaults={"value": value})

    def map(self, flow: str, **expressions: str) -> None:
        """Mapping rows as support staff would change them, by target field."""
        rows = FieldMapping.objects.filter(flow__integration=self.integration, flow__slug=flow)
        for target, source in expressions.items():
            rows.filter(target=target).update(source=source, edited=True)


def create_admin(password: str, name: str = ADMIN) -> None:
    """A person with all rights; calling it again sets the password."""
    users: Any = get_user_model()._default_manager
    person = users.filter(username=name).first() or users.create_superuser(name, "", password)
    person.set_password(password)
    person.save()


def connect(customer: Customer, system: SimulatorClient, name: str = "main", **settings: Any) -> Connection:
    """A connection to a simulator, with the credentials that it takes. Settings of other vendors are left aside."""
    vendor = vendors.get(system.slug)
    known = system.simulator.credentials | system.addresses | settings
    plain, secrets = (
        {field.name: known[field.name] for field in fields if field.name in known}
        for fields in (vendor.settings, vendor.secrets)
    )
    return connecting.create_connection(customer, vendor.slug, name, plain, secrets, ACTOR)


def set_up(
    left: SimulatorClient,
    right: SimulatorClient,
    *,
    customer: str = CUSTOMER,
    recipe: str = RECIPE,
    days: int = 30,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> Fixture:
    """A customer with both connections and a draft integration that reads `days` back. `settings` is by vendor."""
    organisation = Customer.objects.create(name=customer)
    trail.record(Action.CUSTOMER_CHANGED, organisation, actor=ACTOR, customer_id=organisation.pk)
    extra = settings or {}
    sides = [connect(organisation, system, **extra.get(system.slug, {})) for system in (left, right)]
    start = timezone.now() - dt.timedelta(days=days)
    integration = lifecycle.create_integration(organisation, recipe, sides[0], sides[1], ACTOR, start_from=start)
    Flow.objects.filter(integration=integration, look_back_days__lt=days).update(look_back_days=days)
    return Fixture(organisation, integration)
