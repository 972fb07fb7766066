"""Sets a stage: a customer between simulated systems. For the demo, the fault drill and the benchmark.

Runs in a process where Django is set up, beside the simulators, which are reached over HTTP only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from django.contrib.auth import get_user_model
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from connections import exact_json, vendors
from connections import lifecycle as connecting
from connections.models import Connection, Customer
from sandbox import systems
from sandbox.kit.simulator import Simulator
from syncjobs import lifecycle
from syncjobs.models import FieldMapping, Flow, Integration, ValueMap, ValueMapRow

ADMIN = "admin"
CUSTOMER = "Fjord Outdoor"
RECIPE = "acumatica_shipstation"
DIRECTOR = Actor("demo")
PATIENCE = 60.0
"""Seconds; seeding thousands of orders takes a while."""


@dataclass(frozen=True)
class Simulated:
    """A simulator in another process, by its root URL; the control API of `sandbox.kit.simulator`."""

    slug: str
    root_url: str

    @property
    def simulator(self) -> type[Simulator]:
        return systems.get(self.slug)

    @property
    def label(self) -> str:
        return vendors.get(self.slug).label

    @property
    def base_url(self) -> str:
        return self.root_url + self.simulator.base_path

    @property
    def addresses(self) -> dict[str, str]:
        """Each address that the vendor asks for, led to the simulator; by setting."""
        others = {name: self.root_url + path for name, path in self.simulator.addresses.items()}
        return {"base_url": self.base_url, **others}

    @property
    def control_url(self) -> str:
        return f"{self.root_url}/_control"

    @property
    def operator_url(self) -> str:
        """Where a person works with it in the browser; empty if it has no such page."""
        return self.root_url + self.simulator.operator_path if self.simulator.operator_path else ""

    def do(self, name: str, **arguments: Any) -> Any:
        """What a person would click there. Raises `requests.HTTPError`, with what it says, if it is refused."""
        return self._call("POST", f"do/{name}", arguments)

    def state(self) -> dict[str, Any]:
        """Everything it holds."""
        found: dict[str, Any] = self._call("GET", "state")
        return found

    def calls(self) -> dict[str, int]:
        found: dict[str, int] = self._call("GET", "calls")
        return found

    def switch(self, **settings: Any) -> None:
        self._call("POST", "settings", settings)

    def fault(self, kind: str, **about: Any) -> None:
        """Arm a fault; the arguments are those of `sandbox.kit.faults.Fault`."""
        self._call("POST", "faults", {"kind": kind, **about})

    def armed(self) -> list[dict[str, Any]]:
        """The faults that are still to happen."""
        return [fault for fault in self._call("GET", "faults")["armed"] if fault["times"] > 0]

    def clear_faults(self) -> dict[str, int]:
        """Disarm all; answers how many of each kind were injected since the start."""
        injected: dict[str, int] = self._call("DELETE", "faults")["injected"]
        return injected

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = exact_json.dumps(body).encode() if body is not None else None
        response = requests.request(method, f"{self.control_url}/{path}", data=data, timeout=PATIENCE)
        if response.status_code >= 400:
            raise requests.HTTPError(f"{self.slug} refused {path}: {response.text[:300]}", response=response)
        return exact_json.loads(response.content)


@dataclass(frozen=True)
class Stage:
    """A customer, both connections, and the integration between them."""

    customer: Customer
    integration: Integration

    def tested(self) -> None:
        """Take both connections for tested, so that activation does not test them."""
        sides = [self.integration.left_id, self.integration.right_id]
        Connection.objects.filter(pk__in=sides).update(state=Connection.State.READY)

    def activate(self) -> None:
        lifecycle.activate(self.integration, DIRECTOR)

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


def connect(customer: Customer, simulated: Simulated, name: str = "main", **settings: Any) -> Connection:
    """A connection to a simulator, with the credentials that it takes."""
    known = simulated.simulator.credentials
    vendor = vendors.get(simulated.slug)
    places = {question.name for question in vendor.settings}
    connection = Connection.objects.create(
        customer=customer,
        vendor=simulated.slug,
        name=name,
        settings={key: value for key, value in known.items() if key in places} | simulated.addresses | settings,
    )
    trail.record(Action.CONNECTION_CREATED, connection, actor=DIRECTOR, customer_id=customer.pk)
    wanted = {question.name for question in vendor.secrets}
    connecting.enter_secrets(connection, {key: value for key, value in known.items() if key in wanted}, DIRECTOR)
    return connection


def set_up(
    left: Simulated,
    right: Simulated,
    *,
    customer: str = CUSTOMER,
    recipe: str = RECIPE,
    days: int = 30,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> Stage:
    """A customer with both connections and a draft integration that reads `days` back. `settings` is by vendor."""
    organisation = Customer.objects.create(name=customer)
    trail.record(Action.CUSTOMER_CHANGED, organisation, actor=DIRECTOR, customer_id=organisation.pk)
    extra = settings or {}
    one, other = (connect(organisation, side, **extra.get(side.slug, {})) for side in (left, right))
    start = timezone.now() - dt.timedelta(days=days)
    integration = lifecycle.create_integration(organisation, recipe, one, other, DIRECTOR, start_from=start)
    Flow.objects.filter(integration=integration, look_back_days__lt=days).update(look_back_days=days)
    return Stage(organisation, integration)
