"""What goes wrong: faults of both systems, each at every kind of call it can hit, and trouble of whole accounts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from integrator.drill.times import LATE
from integrator.stage import Simulated

ANY = ("throttle", "server_error", "error_after", "slow", "cut_before", "cut_after", "half", "not_json")
WRITES = ("late", "cut_after", "error_after", "late")
"""Once more on writes, where they leave the outcome open; the late one is the worst of all."""
DOORS = {
    "shipstation": ("GET /orders", "POST /orders", "GET /shipments", "GET /fulfillments"),
    "acumatica": ("GET /", "PUT /", "POST /MyInstance/entity/Default"),
}
OWN = {"acumatica": ("session_lost", "lost_lock"), "shipstation": ()}
WEBHOOKS = ("duplicated", "delayed", "dropped", "reordered", "wrong_host")
INJECTED = (*ANY, "late", *OWN["acumatica"], *(f"webhook_{mode}" for mode in WEBHOOKS))
"""Kinds that the simulators inject and count."""
WANTED = (*INJECTED, "revoked_shipstation", "revoked_acumatica", "seat_limit", "locked_document", "clock_edge")
"""All that a run must have done at least once."""
SECONDS = {"slow": 1.0, "late": LATE}
AT_ONCE = 3


@dataclass
class Sky:
    """Arms one fault after the other, a few at once, in an order of chance, until it is told to clear up."""

    systems: dict[str, Simulated]
    dice: random.Random
    injected: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.plans = {slug: self._plan(slug) for slug in self.systems}
        self.modes = self._modes()

    def _plan(self, slug: str) -> Iterator[dict[str, Any]]:
        while True:
            faults = [(kind, door) for door in DOORS[slug] for kind in ANY]
            faults += [(kind, door) for door in DOORS[slug] if not door.startswith("GET") for kind in WRITES]
            faults += [(kind, "GET /") for kind in OWN[slug] for _ in DOORS[slug]]
            for kind, door in self.dice.sample(faults, len(faults)):
                method, _, path = door.partition(" ")
                yield {"kind": kind, "method": method, "path": path, "seconds": SECONDS.get(kind, 1.0)}

    def _modes(self) -> Iterator[str]:
        while True:
            yield from ("normal", *self.dice.sample(WEBHOOKS, len(WEBHOOKS)))

    def worsen(self, spared: Collection[str] = ()) -> None:
        """Arm what has room, and let webhooks come in another way than before.

        A system whose connection is stopped is spared: a test of it makes many calls, and never would all pass.
        """
        for slug, system in self.systems.items():
            if slug in spared:
                system.clear_faults()
                continue
            for _ in range(AT_ONCE - waiting(system)):
                system.fault(**next(self.plans[slug]))
        self.systems["shipstation"].switch(webhook_mode=next(self.modes), webhook_delay=self.dice.choice((0, 0.3, 2)))

    def clear_up(self) -> None:
        """The end of all trouble; what was injected is kept."""
        self.systems["shipstation"].switch(webhook_mode="normal", webhook_delay=0, revoked=False)
        for system in self.systems.values():
            self.injected.update(system.clear_faults())


def waiting(system: Simulated) -> int:
    """Faults that are armed and have not met their call yet."""
    found = requests.get(f"{system.control_url}/faults", timeout=10).json()
    return sum(fault["times"] > 0 for fault in found["armed"])
