"""One round: a customer on stage for each play, an hour of trouble in a minute, a healing, and the count."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from integrator.processes import Processes, wait_until
from sandbox.drill import short_waits as haste
from sandbox.drill.scenario_run import Count, Event, Part
from sandbox.scenarios import PLAYS
from sandbox.scenarios.scenario import Play

WORKERS = 3
SHARE_OF_WORKERS = 0.65
"""Of the time of trouble; in the rest a real cluster works, and dies as a whole."""
CLUSTER_LIVES = (4.0, 8.0)
OPENED_WITHIN = 20.0
HEALED_WITHIN = 150.0


@dataclass
class Outcome:
    """What a round came to, as a whole and by recipe."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    recipes: dict[str, Count] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    """Tasks that raised: the engine survives them, and they are still mistakes."""
    seconds: float = 0.0


class Round:
    def __init__(
        self,
        processes: Processes,
        seed: int,
        seconds: float,
        at_the_edge: bool,
        plays: Sequence[type[Play]] = PLAYS,
    ) -> None:
        self.processes, self.seed, self.seconds, self.at_the_edge = processes, seed, seconds, at_the_edge
        self.plays = plays
        self.dice = random.Random(seed)
        self.outcome = Outcome(seed)
        self.ledger = processes.folder / f"deaths-{seed}"
        self.buried = 0

    def run(self) -> Outcome:
        started = time.monotonic()
        self.parts = [Part(play, self.processes, self.seed, self.seconds, self.at_the_edge) for play in self.plays]
        self._open()
        self._with_workers(self.seconds * SHARE_OF_WORKERS)
        self._with_cluster(self.seconds * (1 - SHARE_OF_WORKERS))
        self._heal()
        self.outcome.recipes = {part.play.recipe: part.counted() for part in self.parts}
        self.outcome.kills["whole cluster"] += 0
        self.outcome.failures = failures(self.processes.folder)
        self._drop_curtain()
        self.outcome.seconds = round(time.monotonic() - started, 1)
        return self.outcome

    def _drop_curtain(self) -> None:
        for part in self.parts:
            part.drop_curtain()
        haste.forget_rings()

    def _open(self) -> None:
        """In good weather the first orders go out, so that there is something to ship from the beginning."""
        start_cluster(self.processes)
        until = time.monotonic() + OPENED_WITHIN
        while not all(part.opened() for part in self.parts) and time.monotonic() < until:
            haste.tick()
            time.sleep(0.3)
        self.processes.kill("cluster")
        haste.bury()

    # The trouble

    def _with_workers(self, seconds: float) -> None:
        script = ["-m", "sandbox.drill.worker", str(self.seed), str(WORKERS), str(self.ledger)]
        self.processes.start("workers", [sys.executable, *script])
        events = [event for part in self.parts for event in part.account_troubles(seconds)]
        self._go_on(seconds, sorted(events, key=lambda event: event[0]))
        self.processes.kill("workers")
        self._bury_the_dead()
        haste.bury()

    def _with_cluster(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            start_cluster(self.processes)
            self._go_on(min(left, self.dice.uniform(*CLUSTER_LIVES)), [])
            self.processes.kill("cluster")
            haste.bury()
            self.outcome.kills["whole cluster"] += 1

    def _go_on(self, seconds: float, events: list[Event]) -> None:
        """Let time pass, with faults and people; `events` happen at their moments."""
        started = time.monotonic()
        while (now := time.monotonic() - started) < seconds:
            while events and events[0][0] <= now:
                events.pop(0)[1]()
            for part in self.parts:
                part.go_on()
            self._bury_the_dead()
            haste.tick()
            time.sleep(0.3)

    def _bury_the_dead(self) -> None:
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        for line in lines[self.buried :]:
            life, _, name = line.partition(" ")
            haste.bury(int(life))
            self.outcome.kills[name] += 1
        self.buried = len(lines)

    # The healing

    def _heal(self) -> None:
        for part in self.parts:
            part.clear_up()
        haste.forget_rings()
        start_cluster(self.processes)
        healed, until = timezone.now(), time.monotonic() + HEALED_WITHIN
        while not all(part.settled(healed) for part in self.parts) and time.monotonic() < until:
            haste.tick()
            time.sleep(0.5)
        self.processes.stop("cluster")


def start_cluster(processes: Processes) -> None:
    """A real cluster with the drill's sense of time, in a process group of its own, once its workers wait for rings."""
    # The cluster tells that it is ready on this level only.
    process = processes.start("cluster", [sys.executable, "-m", "sandbox.drill.cluster"], LOG_LEVEL="INFO")
    wait_until(process, lambda: b"ready for work" in process.output())


def failures(folder: Path) -> list[str]:
    """What workers wrote about tasks that raised. A simulator may complain: its callers die."""
    logs = [folder / f"{name}.log" for name in ("workers", "cluster", "web")]
    lines = (line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines())
    return [line[:300] for line in lines if " failed: " in line or "Traceback" in line]
