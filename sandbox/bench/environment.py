"""Where something is measured: a database of its own, a play's simulators, a customer, and one worker process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrator.processes import Processes, Started, environment, free_port

if TYPE_CHECKING:
    from sandbox.scenarios.fixture import Simulated, Stage
    from sandbox.scenarios.scenario import Play

ACUMATICA, VISMA_NET = "acumatica_shipstation", "visma_net_shipstation"
LONGEST = 3600.0
SINCE = "2020-01-01T00:00:00"
"""Long before anything: the plain loop reads all there is."""


@dataclass
class Ground:
    processes: Processes
    folder: Path
    port: int
    recipe: str
    current: Play | None = None
    stages: int = 0

    @property
    def play(self) -> Play:
        if self.current is None:
            raise RuntimeError("There are no systems yet.")
        return self.current

    @property
    def left(self) -> Simulated:
        return self.play.left

    @property
    def right(self) -> Simulated:
        return self.play.right

    def systems(self, orders: int, **switches: Any) -> None:
        """Both systems as new, with so many open orders, and switches set after the orders were made."""
        from sandbox.scenarios import PLAYS

        kind = next(play for play in PLAYS if play.recipe == self.recipe)
        if kind.simulators() in self.processes.started:
            self.processes.stop(kind.simulators())
        self.current = kind.begun(self.processes, port=self.port)
        self.current.switch(kind.bench_switches)
        self.current.seed_plain(orders)
        for system in (self.left, self.right):
            system.switch(**switches)

    def stage(self, *flows: str) -> Stage:
        """A customer between the systems with only these flows on."""
        from sandbox.scenarios.scenario import UNLIMITED

        self.stages += 1
        stage = self.play.staged(UNLIMITED, customer=f"Customer {self.stages}", days=30, settings={})
        stage.integration.flows.exclude(slug__in=flows).update(enabled=False)
        return stage

    def orders_stage(self) -> Stage:
        """With the flows that bring orders on; tested before, as a connection is: its own test is not measured."""
        stage = self.stage(self.play.orders, *self.play.orders_riders)
        stage.tested()
        stage.activate()
        return stage

    # Processes that are measured

    def work(self, **overrides: Any) -> dict[str, float]:
        """Let one worker process answer all rings; answers its seconds, its processor seconds and its peak memory."""
        figures = self.folder / "worker.json"
        command = [sys.executable, "-m", "sandbox.bench.worker", str(figures)]
        self._finish(self.processes.start("worker", command, **overrides))
        found: dict[str, float] = json.loads(figures.read_text())
        return found

    def plain_loop(self) -> dict[str, float]:
        """The same orders, moved by the plain loop."""
        known = self.left.simulator.credentials | self.right.simulator.credentials
        script = [sys.executable, "-m", f"sandbox.bench.plain_{self.recipe}", self.left.base_url]
        process = self.processes.start("plain", [*script, self.right.base_url, json.dumps(known), SINCE])
        self._finish(process)
        found: dict[str, float] = json.loads(process.output())
        return found

    def _finish(self, process: Started) -> None:
        code = process.popen.wait(LONGEST)
        if code:
            raise RuntimeError(f"{process.name} ended with {code}:\n{process.tail(40)}")


@contextmanager
def laid(folder: Path, recipe: str, database: str = "", **settings: Any) -> Iterator[Ground]:
    """Set up Django in this process on a new database, SQLite unless a URL is given. Once in a process."""
    given = {"DATABASE_URL": database} if database else {}
    env = environment(folder, LOG_LEVEL="ERROR", **given, **settings)
    os.environ.update(env)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    with Processes(folder, env) as processes:
        yield Ground(processes, folder, free_port(count=2), recipe)


def states(stage: Stage, slug: str) -> dict[str, int]:
    """How many records of a flow are in each state."""
    from django.db.models import Count

    rows = stage.flow(slug).records.values_list("state").annotate(count=Count("pk"))
    return dict(rows.order_by("state"))
