"""One round: a customer for each scenario, a minute of faults and killed workers, a recovery, and the comparison."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from django.utils import timezone

from sandbox.drill import short_waits
from sandbox.drill.scenario_run import Event, RunResult, ScenarioRun
from sandbox.runtime.processes import Processes
from sandbox.scenarios import SCENARIOS
from sandbox.scenarios.scenario import Scenario

WORKERS = 3
SHARE_OF_WORKERS = 0.65
"""Of the time with faults; in the rest a real cluster works, and is killed as a whole."""
CLUSTER_SECONDS = (4.0, 8.0)
"""How long a cluster works until it is killed."""
START_WITHIN = 20.0
RECOVER_WITHIN = 150.0
STEP = 0.3
"""Seconds between two ticks: a minute of the product."""


@dataclass
class RoundResult:
    """What a round came to, as a whole and by recipe."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    recipes: dict[str, RunResult] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    """Tasks that raised: the engine survives them, and they are still mistakes."""
    seconds: float = 0.0


class Round:
    def __init__(
        self,
        processes: Processes,
        seed: int,
        seconds: float,
        repeated_hour: bool,
        scenarios: Sequence[type[Scenario]] = SCENARIOS,
    ) -> None:
        self.processes, self.seed, self.seconds, self.repeated_hour = processes, seed, seconds, repeated_hour
        self.scenarios = scenarios
        self.random = Random(seed)
        self.result = RoundResult(seed)
        self.kill_log = processes.folder / f"kills-{seed}"
        self.kills_read = 0

    def run(self) -> RoundResult:
        started = time.monotonic()
        self.runs = [
            ScenarioRun(scenario, self.processes, self.seed, self.seconds, self.repeated_hour)
            for scenario in self.scenarios
        ]
        self._start()
        self._with_workers(self.seconds * SHARE_OF_WORKERS)
        self._with_cluster(self.seconds * (1 - SHARE_OF_WORKERS))
        self._recover()
        self.result.recipes = {run.scenario.recipe: run.finish() for run in self.runs}
        self.result.failures = failures(self.processes.folder)
        for run in self.runs:
            run.close()
        short_waits.drop_tasks()
        self.result.seconds = round(time.monotonic() - started, 1)
        return self.result

    def _start(self) -> None:
        """Without faults the first orders go out, so that there is something to ship from the beginning."""
        start_cluster(self.processes)
        until = time.monotonic() + START_WITHIN
        while not all(run.has_orders() for run in self.runs) and time.monotonic() < until:
            short_waits.tick()
            time.sleep(STEP)
        self.processes.kill("cluster")
        short_waits.expire_leases()

    # With faults

    def _with_workers(self, seconds: float) -> None:
        """Workers that are killed one by one, each at a point of its own."""
        script = ["-m", "sandbox.drill.worker", str(self.seed), str(WORKERS), str(self.kill_log)]
        self.processes.start("workers", [sys.executable, *script])
        events = [event for run in self.runs for event in run.account_fault_events(seconds)]
        self._run_for(seconds, sorted(events, key=lambda event: event[0]))
        self.processes.kill("workers")
        self._read_kill_log()
        short_waits.expire_leases()

    def _with_cluster(self, seconds: float) -> None:
        """Clusters that are killed as a whole."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            start_cluster(self.processes)
            self._run_for(min(left, self.random.uniform(*CLUSTER_SECONDS)), [])
            self.processes.kill("cluster")
            short_waits.expire_leases()
            self.result.kills["whole cluster"] += 1

    def _run_for(self, seconds: float, events: list[Event]) -> None:
        """Faults and people's actions for so long; `events` happen at their times."""
        started = time.monotonic()
        while (now := time.monotonic() - started) < seconds:
            while events and events[0][0] <= now:
                events.pop(0)[1]()
            for run in self.runs:
                run.step()
            self._read_kill_log()
            short_waits.tick()
            time.sleep(STEP)

    def _read_kill_log(self) -> None:
        """Count the workers that were killed since, and end their leases."""
        lines = self.kill_log.read_text().splitlines() if self.kill_log.exists() else []
        for line in lines[self.kills_read :]:
            pid, _, point = line.partition(" ")
            short_waits.expire_leases(int(pid))
            self.result.kills[point] += 1
        self.kills_read = len(lines)

    # Without faults

    def _recover(self) -> None:
        for run in self.runs:
            run.recover()
        short_waits.drop_tasks()
        start_cluster(self.processes)
        recovered, until = timezone.now(), time.monotonic() + RECOVER_WITHIN
        while not all(run.is_settled(recovered) for run in self.runs) and time.monotonic() < until:
            short_waits.tick()
            time.sleep(STEP)
        self.processes.stop("cluster")


def start_cluster(processes: Processes) -> None:
    """A real cluster with the drill's short waits; returns once its workers wait for tasks."""
    processes.worker("cluster", ("-m", "sandbox.drill.cluster"))


def failures(folder: Path) -> list[str]:
    """What workers wrote about tasks that raised. A simulator may log errors: its callers are killed."""
    logs = [folder / f"{name}.log" for name in ("workers", "cluster", "web")]
    lines = (line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines())
    return [line[:300] for line in lines if " failed: " in line or "Traceback" in line]
