"""The drill's workers: each runs tasks as a cluster's worker would, until it is killed at the point chosen for it.

    python -m sandbox.drill.worker <seed> <workers> <kill log>

This process only starts workers and counts how they ended; it never runs the engine itself. The next worker is sent
to the point where the fewest were killed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import django
from django.conf import settings

PASSES = (1, 1, 1, 2)
"""The time that a worker passes its point at which it is killed."""
ANYWHERE = "anywhere"
REACHED = 3


def main(seed: str, workers: str, kill_log: str) -> None:
    django.setup()
    from sandbox.drill import short_waits

    short_waits.apply()
    WorkerPool(Random(seed), Path(kill_log)).run(int(workers))


@dataclass
class WorkerPool:
    """Keeps so many workers running; each has a place in the list of points, and a time at which it is killed anyway."""

    random: Random
    kill_log: Path
    workers: dict[int, tuple[int, float]] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)

    def run(self, count: int) -> None:
        while True:
            while len(self.workers) < count:
                self._start_worker()
            time.sleep(0.02)  # how exactly a worker's time is kept
            for pid, (place, until) in list(self.workers.items()):
                self._check(pid, place, until)

    def _start_worker(self) -> None:
        from sandbox.drill.times import WORKER_SECONDS

        place, acknowledge_first = self._choose_point(), self.random.random() < 0.5
        passes = self.random.choice(PASSES) if self.tries[place] >= REACHED else 1
        pid = os.fork()
        if not pid:
            _run_worker(place, passes, acknowledge_first, self.kill_log)
        self.workers[pid] = (place, time.monotonic() + WORKER_SECONDS)

    def _choose_point(self) -> int:
        from sandbox.drill.kill_points import POINTS

        taken = {place for place, _ in self.workers.values()}
        free = [place for place in range(len(POINTS)) if place not in taken]
        fewest = min(self.tries[place] for place in free)
        return self.random.choice([place for place in free if self.tries[place] == fewest])

    def _check(self, pid: int, place: int, until: float) -> None:
        if os.waitpid(pid, os.WNOHANG)[0]:
            # Points that are hard to reach are tried again sooner.
            self.tries[place] += REACHED
        elif time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            log_kill(self.kill_log, pid, ANYWHERE)
            self.tries[place] += 1
        else:
            return
        del self.workers[pid]


def log_kill(kill_log: Path, pid: int, point: str) -> None:
    """One line for each killed worker; an appended line is whole even if the next instruction is the last."""
    with kill_log.open("a") as file:
        file.write(f"{pid} {point}\n")


def _run_worker(place: int, passes: int, acknowledge_first: bool, kill_log: Path) -> None:
    from sandbox.drill.kill_points import POINTS, arm

    pid = os.getpid()
    _sign_leases(pid)
    arm(POINTS[place], passes, lambda name: log_kill(kill_log, pid, name))
    while True:
        if not run_one_task(acknowledge_first):
            time.sleep(0.05)  # the queue is empty


def _sign_leases(pid: int) -> None:
    """Let the names of this worker's leases begin with its process id, so that they can be ended with it."""
    original = uuid.uuid4

    def signed() -> uuid.UUID:
        return uuid.UUID(int=pid << 96 | original().int & (1 << 96) - 1)

    uuid.uuid4 = signed


def run_one_task(acknowledge_first: bool) -> bool:
    """Run the first task of the queue; returns whether there was one.

    `acknowledge_first` takes the task off the queue before it runs, as Redis does; else it comes again if we die.
    """
    from django.utils import timezone
    from django.utils.module_loading import import_string
    from django_q.models import OrmQ

    now = timezone.now()
    queued = OrmQ.objects.filter(lock__lt=now).order_by("lock").first()
    if queued is None:
        return False
    again = now + timedelta(seconds=settings.LEASE_SECONDS)
    if not OrmQ.objects.filter(pk=queued.pk, lock=queued.lock).update(lock=again):
        return True  # another was faster
    if acknowledge_first:
        OrmQ.objects.filter(pk=queued.pk).delete()
    task = queued.task
    try:
        import_string(task["func"])(*task["args"])
    except Exception as error:  # noqa: BLE001 (a cluster's worker survives it too; the drill shows it)
        sys.stderr.write(f"{task['func']}{task['args']} failed: {type(error).__name__}: {error}\n")
    OrmQ.objects.filter(pk=queued.pk).delete()
    return True


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
    main(*sys.argv[1:])
