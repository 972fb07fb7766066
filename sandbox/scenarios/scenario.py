"""What a play is: one recipe between two simulated systems, and everything that is particular to it.

The demo, the drill and the benchmark run any play in the same way; a play says what there is to begin with, what people
do in its systems, what can go wrong there, and what both systems must agree on in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from integrator.processes import Processes
from sandbox.scenarios.consistency import Fate, State, Verdict
from sandbox.scenarios.fault_profile import Trouble, Weather
from sandbox.scenarios.fixture import Simulated, Stage, set_up

Act = Callable[[], object]
Deed = tuple[str, Act]
"""What somebody does, with its name in the report. What the system refuses is not done."""
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


class Play:
    """Subclasses say who plays; an instance plays with two running simulators."""

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
    weather: ClassVar[Mapping[str, Weather]]
    trouble_names: ClassVar[tuple[str, ...]]
    """What `troubles` answers, for a report without systems."""

    def __init__(self, left: Simulated, right: Simulated, seed: int = 1) -> None:
        self.left, self.right, self.dice = left, right, Random(seed)

    @classmethod
    def begun(cls, processes: Processes, *, port: int = 0, seed: int = 1) -> Play:
        """With simulators of its own, in a process of their own."""
        urls = processes.simulators(*cls.slugs, port=port, seed=seed, name=cls.simulators())
        left, right = (Simulated(slug, urls[slug]) for slug in cls.slugs)
        return cls(left, right, seed)

    @classmethod
    def simulators(cls) -> str:
        """The name of the process."""
        return f"simulators-{cls.recipe}"

    @property
    def systems(self) -> dict[str, Simulated]:
        return {one.slug: one for one in (self.left, self.right)}

    def staged(
        self,
        limits: Mapping[str, int],
        *,
        customer: str = "",
        days: int = 0,
        settings: Settings | None = None,
        rows: Settings | None = None,
    ) -> Stage:
        """A customer between both systems, a draft with the play's settings, value maps and mapping rows."""
        about = self.settings if settings is None else settings
        stage = set_up(
            self.left,
            self.right,
            recipe=self.recipe,
            customer=customer or self.customer,
            days=days or self.days,
            settings={slug: {**limits, **about.get(slug, {})} for slug in self.slugs},
        )
        for name, entries in self.tables.items():
            stage.fill(name, entries)
        for flow, expressions in {**self.rows, **(rows or {})}.items():
            stage.map(flow, **expressions)
        return stage

    def schedule(self, stage: Stage, every: int) -> None:
        stage.schedule(**{flow: every * times for flow, times in self.intervals.items()})

    def switch(self, switches: Settings) -> None:
        for slug, wanted in switches.items():
            self.systems[slug].switch(**wanted)

    def compare(self, fates: Iterable[Fate]) -> Verdict:
        return self.verdict(self.left.state(), self.right.state(), fates)

    # What a play provides

    @staticmethod
    def verdict(left: State, right: State, fates: Iterable[Fate]) -> Verdict:
        """What both systems do not agree on."""
        raise NotImplementedError

    def figures(self, left: State) -> dict[str, int]:
        """What the first system came to, for the report."""
        return {}

    def seed(self, orders: int) -> None:
        """So many orders, of all kinds, to begin with."""
        raise NotImplementedError

    def seed_plain(self, orders: int) -> None:
        """So many orders that can all go, for the benchmark."""
        raise NotImplementedError

    def listen(self, stage: Stage) -> None:
        """What a person does once the integration is active, such as subscribing by hand."""

    def steps(self) -> Sequence[tuple[str, Act]]:
        """What people do in one round trip, one after the other; each comes to rest before the next one."""
        raise NotImplementedError

    def scenes(self) -> Mapping[str, tuple[float, float, Callable[[], str]]]:
        """What happens by itself in the demo to look at: first after so many seconds, then how often, and what."""
        raise NotImplementedError

    def deeds(self) -> Iterable[Deed | None]:
        """One thing that each person in a drill does now."""
        raise NotImplementedError

    def closing_time(self, stage: Stage) -> Iterable[Deed]:
        """What people still do once a drill's weather is good again."""
        return ()

    def troubles(self) -> Sequence[Trouble]:
        raise NotImplementedError
