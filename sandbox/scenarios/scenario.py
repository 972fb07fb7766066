"""What a scenario is: one recipe between two simulated systems, and everything that is particular to it.

The demo, the drill and the benchmark run any scenario in the same way; a scenario says what there is to begin with,
what people do in its systems, what can go wrong there, and what both systems must agree on in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from sandbox.runtime.processes import Processes
from sandbox.scenarios.action import Action, PeriodicAction
from sandbox.scenarios.consistency import Findings, RecordStatus, State
from sandbox.scenarios.fault_profile import AccountFault, FaultProfile
from sandbox.scenarios.fixture import Fixture, set_up
from sandbox.scenarios.simulator_client import SimulatorClient

Settings = Mapping[str, Mapping[str, Any]]
"""By system."""

UNLIMITED = {"calls_per_minute": 0, "v1_calls_per_minute": 0, "v2_calls_per_minute": 0, "calls_per_hour": 0}
# A minute of the real clock passes in two seconds in a demo, so limits of calls are raised alike.
CALLS_A_MINUTE = 1200
CALLS_AN_HOUR = 15000 * 30
TIME_LAPSE = {
    "calls_per_minute": CALLS_A_MINUTE,
    "v1_calls_per_minute": CALLS_A_MINUTE,
    "v2_calls_per_minute": CALLS_A_MINUTE,
    "calls_per_hour": CALLS_AN_HOUR,
}


class Scenario:
    """Subclasses declare it; an instance works with two running simulators."""

    recipe: ClassVar[str]
    customer: ClassVar[str]
    slugs: ClassVar[tuple[str, str]]
    days: ClassVar[int] = 31
    """How far back flows read; the first orders of a demo are thirty days old."""

    orders: ClassVar[str]
    """The flow that brings orders to the second system."""
    orders_riders: ClassVar[tuple[str, ...]] = ("cancellations",)
    parcels: ClassVar[str]
    """The flow that brings back what was shipped."""
    intervals: ClassVar[Mapping[str, int]]
    """How often flows read, as a multiple of the shortest interval."""

    settings: ClassVar[Settings] = {}
    tables: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """Rows of value maps."""
    rows: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """Mapping rows that differ from the recipe's, by flow and target field."""
    drill_rows: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    demo_switches: ClassVar[Settings] = {}
    drill_switches: ClassVar[Settings] = {}
    bench_switches: ClassVar[Settings] = {"shipstation": {"v1_limit": 0, "v2_limit": 0}}
    fault_profiles: ClassVar[Mapping[str, FaultProfile]]
    """By system."""
    account_fault_names: ClassVar[tuple[str, ...]]
    """Those of `account_faults`, for a report without systems."""

    def __init__(self, left: SimulatorClient, right: SimulatorClient, seed: int = 1) -> None:
        self.left, self.right, self.random = left, right, Random(seed)

    @classmethod
    def start(cls, processes: Processes, *, port: int = 0, seed: int = 1) -> Scenario:
        """With simulators of its own, in a process of their own."""
        urls = processes.simulators(*cls.slugs, port=port, seed=seed, name=cls.simulators())
        left, right = (SimulatorClient(slug, urls[slug]) for slug in cls.slugs)
        return cls(left, right, seed)

    @classmethod
    def simulators(cls) -> str:
        """The name of the process."""
        return f"simulators-{cls.recipe}"

    @property
    def systems(self) -> dict[str, SimulatorClient]:
        return {system.slug: system for system in (self.left, self.right)}

    def create_fixture(
        self,
        limits: Mapping[str, int],
        *,
        customer: str = "",
        days: int = 0,
        settings: Settings | None = None,
        rows: Settings | None = None,
    ) -> Fixture:
        """A customer between both systems, a draft with the scenario's settings, value maps and mapping rows."""
        own = self.settings if settings is None else settings
        fixture = set_up(
            self.left,
            self.right,
            recipe=self.recipe,
            customer=customer or self.customer,
            days=days or self.days,
            settings={slug: {**limits, **own.get(slug, {})} for slug in self.slugs},
        )
        for name, entries in self.tables.items():
            fixture.fill(name, entries)
        for flow, expressions in {**self.rows, **(rows or {})}.items():
            fixture.map(flow, **expressions)
        return fixture

    def schedule(self, fixture: Fixture, every: int) -> None:
        fixture.schedule(**{flow: every * times for flow, times in self.intervals.items()})

    def switch(self, switches: Settings) -> None:
        for slug, settings in switches.items():
            self.systems[slug].switch(**settings)

    def check_consistency(self, statuses: Iterable[RecordStatus]) -> Findings:
        """Compare both systems as they are now."""
        return self.check(self.left.state(), self.right.state(), statuses)

    # What a scenario provides

    @staticmethod
    def check(left: State, right: State, statuses: Iterable[RecordStatus]) -> Findings:
        """What both systems do not agree on."""
        raise NotImplementedError

    def figures(self, left: State) -> dict[str, int]:
        """What the first system holds in the end, for the report."""
        return {}

    def seed(self, orders: int) -> None:
        """So many orders, of all kinds, to begin with."""
        raise NotImplementedError

    def seed_plain(self, orders: int) -> None:
        """So many orders that can all go, for the benchmark."""
        raise NotImplementedError

    def subscribe(self, fixture: Fixture) -> None:
        """Subscriptions to notifications that a person makes by hand, once the integration is active."""

    def steps(self) -> Sequence[Action]:
        """What people do in one round trip, one after the other; all is delivered before the next one."""
        raise NotImplementedError

    def periodic_actions(self) -> Sequence[PeriodicAction]:
        """What happens by itself in the live demo."""
        raise NotImplementedError

    def random_actions(self) -> Iterable[Action]:
        """One action, of chance, of each person in a drill."""
        raise NotImplementedError

    def final_actions(self, fixture: Fixture) -> Iterable[Action]:
        """What people still do once a drill injects no more faults."""
        return ()

    def account_faults(self) -> Sequence[AccountFault]:
        raise NotImplementedError
