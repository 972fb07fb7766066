"""The drill's workers: each life answers rings as a cluster's worker would, until it is killed at its point.

    python -m sandbox.drill.worker <seed> <workers> <ledger>

This process only begets lives and counts their deaths; it never runs the engine itself. The next life is sent to the
point where the fewest have died.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings

PASSAGES = (1, 1, 1, 2)
ANYWHERE = "anywhere"
REACHED = 3


def main(seed: str, workers: str, ledger: str) -> None:
    django.setup()
    from sandbox.drill import short_waits as haste

    haste.hasten()
    Parent(random.Random(seed), Path(ledger)).go_on(int(workers))


@dataclass
class Parent:
    """Keeps so many lives going; each has a place in the list of points, and a moment at which it dies anyway."""

    dice: random.Random
    ledger: Path
    lives: dict[int, tuple[int, float]] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)

    def go_on(self, workers: int) -> None:
        while True:
            while len(self.lives) < workers:
                self._beget()
            time.sleep(0.02)
            for child, (place, until) in list(self.lives.items()):
                self._look_after(child, place, until)

    def _beget(self) -> None:
        from sandbox.drill.times import PATIENCE

        place, careless = self._place(), self.dice.random() < 0.5
        passages = self.dice.choice(PASSAGES) if self.tries[place] >= REACHED else 1
        child = os.fork()
        if not child:
            _live(place, passages, careless, self.ledger)
        self.lives[child] = (place, time.monotonic() + PATIENCE)

    def _place(self) -> int:
        from sandbox.drill.kill_points import POINTS

        taken = {place for place, _ in self.lives.values()}
        free = [place for place in range(len(POINTS)) if place not in taken]
        fewest = min(self.tries[place] for place in free)
        return self.dice.choice([place for place in free if self.tries[place] == fewest])

    def _look_after(self, child: int, place: int, until: float) -> None:
        if os.waitpid(child, os.WNOHANG)[0]:
            # Points that are hard to reach are tried again sooner.
            self.tries[place] += REACHED
        elif time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            note(self.ledger, child, ANYWHERE)
            self.tries[place] += 1
        else:
            return
        del self.lives[child]


def note(ledger: Path, life: int, name: str) -> None:
    """One line for each death; an appended line is whole even if the next instruction is the last."""
    with ledger.open("a") as book:
        book.write(f"{life} {name}\n")


def _live(place: int, passages: int, careless: bool, ledger: Path) -> None:
    from sandbox.drill.kill_points import POINTS, arm

    life = os.getpid()
    _sign_leases(life)
    arm(POINTS[place], passages, lambda name: note(ledger, life, name))
    while True:
        if not answer_one_ring(careless):
            time.sleep(0.05)


def _sign_leases(life: int) -> None:
    """Let the names of this life's leases begin with its number, so that it is known which ones die with it."""
    anything = uuid.uuid4

    def signed() -> uuid.UUID:
        return uuid.UUID(int=life << 96 | anything().int & (1 << 96) - 1)

    uuid.uuid4 = signed


def answer_one_ring(careless: bool) -> bool:
    """Run one ring's task. `careless` forgets the ring first, as Redis does; else it is rung again if we die."""
    from django.utils import timezone
    from django.utils.module_loading import import_string
    from django_q.models import OrmQ

    now = timezone.now()
    enqueue = OrmQ.objects.filter(lock__lt=now).order_by("lock").first()
    if enqueue is None:
        return False
    again = now + timedelta(seconds=settings.LEASE_SECONDS)
    if not OrmQ.objects.filter(pk=enqueue.pk, lock=enqueue.lock).update(lock=again):
        return True  # another was faster
    if careless:
        OrmQ.objects.filter(pk=enqueue.pk).delete()
    task = enqueue.task
    try:
        import_string(task["func"])(*task["args"])
    except Exception as error:  # noqa: BLE001 (a cluster's worker survives it too; the drill shows it)
        sys.stderr.write(f"{task['func']}{task['args']} failed: {type(error).__name__}: {error}\n")
    OrmQ.objects.filter(pk=enqueue.pk).delete()
    return True


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
    main(*sys.argv[1:])
