"""Where something is measured: a database of its own, both simulators, a customer, and one worker process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrator.processes import Processes, Started, environment, free_port

if TYPE_CHECKING:
    from integrator.stage import Simulated, Stage

SYSTEMS = ("acumatica", "shipstation")
LONGEST = 3600.0
SINCE = "2020-01-01T00:00:00"
"""Long before anything: the plain loop reads all there is."""


@dataclass
class Ground:
    processes: Processes
    folder: Path
    port: int
    urls: dict[str, str] = field(default_factory=dict)
    stages: int = 0

    @property
    def acumatica(self) -> Simulated:
        return self._simulated("acumatica")

    @property
    def shipstation(self) -> Simulated:
        return self._simulated("shipstation")

    def _simulated(self, slug: str) -> Simulated:
        from integrator.stage import Simulated

        return Simulated(slug, self.urls[slug])

    def systems(self, orders: int, **switches: Any) -> None:
        """Both systems as new, with so many open orders, and switches set after the orders were made."""
        if "simulators" in self.processes.started:
            self.processes.stop("simulators")
        self.urls = self.processes.simulators(*SYSTEMS, port=self.port)
        self.shipstation.switch(v1_limit=0, v2_limit=0)
        if orders:
            self.acumatica.do("add_orders", count=orders)
        for system in (self.acumatica, self.shipstation):
            system.switch(**switches)

    def stage(self, *flows: str) -> Stage:
        """A customer between the systems with only these flows on."""
        from integrator.stage import set_up

        limits = {"calls_per_minute": 0, "v1_calls_per_minute": 0, "v2_calls_per_minute": 0}
        self.stages += 1
        name = f"Customer {self.stages}"
        stage = set_up(self.acumatica, self.shipstation, customer=name, settings=dict.fromkeys(SYSTEMS, limits))
        stage.integration.flows.exclude(slug__in=flows).update(enabled=False)
        return stage

    # Processes that are measured

    def work(self, **overrides: Any) -> dict[str, float]:
        """Let one worker process answer all rings; answers its seconds, its processor seconds and its peak memory."""
        figures = self.folder / "worker.json"
        command = [sys.executable, "-m", "integrator.bench.worker", str(figures)]
        self._finish(self.processes.start("worker", command, **overrides))
        found: dict[str, float] = json.loads(figures.read_text())
        return found

    def plain_loop(self) -> dict[str, float]:
        """The same orders, moved by the plain loop."""
        known = self.acumatica.simulator.credentials | self.shipstation.simulator.credentials
        script = [sys.executable, "-m", "integrator.bench.plain", self.acumatica.base_url, self.shipstation.base_url]
        process = self.processes.start("plain", [*script, json.dumps(known), SINCE])
        self._finish(process)
        found: dict[str, float] = json.loads(process.output())
        return found

    def _finish(self, process: Started) -> None:
        code = process.popen.wait(LONGEST)
        if code:
            raise RuntimeError(f"{process.name} ended with {code}:\n{process.tail(40)}")


@contextmanager
def laid(folder: Path, database: str = "", **settings: Any) -> Iterator[Ground]:
    """Set up Django in this process on a new database, SQLite unless a URL is given. Once in a process."""
    given = {"DATABASE_URL": database} if database else {}
    env = environment(folder, LOG_LEVEL="ERROR", **given, **settings)
    os.environ.update(env)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    with Processes(folder, env) as processes:
        yield Ground(processes, folder, free_port(count=len(SYSTEMS)))


def states(stage: Stage, slug: str) -> dict[str, int]:
    """How many records of a flow are in each state."""
    from django.db.models import Count

    rows = stage.flow(slug).records.values_list("state").annotate(count=Count("pk"))
    return dict(rows.order_by("state"))
