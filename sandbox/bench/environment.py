"""Where something is measured: a database of its own, a scenario's simulators, a customer, and one worker process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.runtime.environment import environment, free_port
from sandbox.runtime.process import Process
from sandbox.runtime.processes import Processes

if TYPE_CHECKING:
    from sandbox.scenarios.fixture import Fixture
    from sandbox.scenarios.scenario import Scenario
    from sandbox.scenarios.simulator_client import SimulatorClient

ACUMATICA, VISMA_NET = "acumatica_shipstation", "visma_net_shipstation"
LONGEST = 3600.0
SINCE = "2020-01-01T00:00:00"
"""Long before anything: the plain loop reads all there is."""


@dataclass
class BenchEnvironment:
    processes: Processes
    folder: Path
    port: int
    recipe: str
    current: Scenario | None = None
    fixtures: int = 0

    @property
    def scenario(self) -> Scenario:
        if self.current is None:
            raise RuntimeError("There are no systems yet.")
        return self.current

    @property
    def left(self) -> SimulatorClient:
        return self.scenario.left

    @property
    def right(self) -> SimulatorClient:
        return self.scenario.right

    def start_systems(self, orders: int, **switches: Any) -> None:
        """Both systems as new, with so many open orders, and switches set after the orders were made."""
        from sandbox.scenarios import SCENARIOS

        kind = next(scenario for scenario in SCENARIOS if scenario.recipe == self.recipe)
        if kind.simulators() in self.processes.started:
            self.processes.stop(kind.simulators())
        self.current = kind.start(self.processes, port=self.port)
        self.current.switch(kind.bench_switches)
        self.current.seed_plain(orders)
        for system in (self.left, self.right):
            system.switch(**switches)

    def create_fixture(self, *flows: str) -> Fixture:
        """A customer between the systems with only these flows on."""
        from sandbox.scenarios.scenario import UNLIMITED

        self.fixtures += 1
        fixture = self.scenario.create_fixture(UNLIMITED, customer=f"Customer {self.fixtures}", days=30, settings={})
        fixture.integration.flows.exclude(slug__in=flows).update(enabled=False)
        return fixture

    def create_orders_fixture(self) -> Fixture:
        """With the flows that bring orders on; tested before, as a connection is: its own test is not measured."""
        fixture = self.create_fixture(self.scenario.orders, *self.scenario.orders_riders)
        fixture.mark_tested()
        fixture.activate()
        return fixture

    # Processes that are measured

    def run_worker(self, **overrides: Any) -> dict[str, float]:
        """Let one worker process run all tasks; returns its seconds, its processor seconds and its peak memory."""
        figures = self.folder / "worker.json"
        command = [sys.executable, "-m", "sandbox.bench.worker", str(figures)]
        self._finish(self.processes.start("worker", command, **overrides))
        measured: dict[str, float] = json.loads(figures.read_text())
        return measured

    def run_plain_loop(self) -> dict[str, float]:
        """The same orders, moved by the plain loop."""
        known = self.left.simulator.credentials | self.right.simulator.credentials
        script = [sys.executable, "-m", f"sandbox.bench.plain_{self.recipe}", self.left.base_url]
        process = self.processes.start("plain", [*script, self.right.base_url, json.dumps(known), SINCE])
        self._finish(process)
        measured: dict[str, float] = json.loads(process.output())
        return measured

    def _finish(self, process: Process) -> None:
        code = process.popen.wait(LONGEST)
        if code:
            raise RuntimeError(f"{process.name} ended with {code}:\n{process.tail(40)}")


@contextmanager
def prepared(folder: Path, recipe: str, database: str = "", **settings: Any) -> Iterator[BenchEnvironment]:
    """Set up Django in this process on a new database, SQLite unless a URL is given. Once in a process."""
    own = {"DATABASE_URL": database} if database else {}
    env = environment(folder, LOG_LEVEL="ERROR", **own, **settings)
    os.environ.update(env)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    with Processes(folder, env) as processes:
        yield BenchEnvironment(processes, folder, free_port(count=2), recipe)


def states(fixture: Fixture, slug: str) -> dict[str, int]:
    """How many records of a flow are in each state."""
    from django.db.models import Count

    rows = fixture.flow(slug).records.values_list("state").annotate(count=Count("pk"))
    return dict(rows.order_by("state"))
