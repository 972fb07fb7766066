"""What both demos begin with: simulated systems on a faster clock, and a customer between each two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.demo.table import count, render, terminal_width, titles
from sandbox.scenarios.fixture import Fixture
from sandbox.scenarios.scenario import TIME_LAPSE, Scenario
from syncjobs.models import Integration


@dataclass(frozen=True)
class DemoScenario:
    """A scenario with its customer."""

    scenario: Scenario
    fixture: Fixture

    @property
    def integration(self) -> Integration:
        return self.fixture.integration

    def activate(self) -> None:
        self.fixture.activate()
        self.scenario.subscribe(self.fixture)

    def lines(self) -> list[str]:
        """Its part of the live table, as wide as the terminal."""
        integration = self.integration
        title = f"{self.fixture.customer.name}: {integration.declaration.label}"
        return [title, *render(count(integration), titles(integration), terminal_width()), ""]


def prepare(scenarios: Sequence[Scenario], *, every: int) -> list[DemoScenario]:
    """A draft integration for each scenario, whose flows read every so many seconds."""
    earlier = Integration.objects.count()
    # In a kept database the customers of earlier starts stay; their simulated systems are gone.
    Integration.objects.update(state=Integration.State.PAUSED)
    return [_prepare(scenario, every, earlier // len(scenarios)) for scenario in scenarios]


def _prepare(scenario: Scenario, every: int, earlier: int) -> DemoScenario:
    scenario.switch(scenario.demo_switches)
    customer = f"{scenario.customer} {earlier + 1}" if earlier else scenario.customer
    fixture = scenario.create_fixture(TIME_LAPSE, customer=customer)
    scenario.schedule(fixture, every)
    return DemoScenario(scenario, fixture)


def table(demos: Sequence[DemoScenario]) -> list[str]:
    return [line for demo in demos for line in demo.lines()]
