"""What the parts of a simulator get instead of the simulator itself: its switches, its clock, its random numbers.

A simulator makes one `Context` and hands it to its parts, so that no part imports the simulator.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any


@dataclass
class Address:
    """Where the simulator is served; empty until it is."""

    base_url: str = ""


@dataclass(frozen=True)
class Context:
    """Shared by all parts of one simulator. The switches change while it runs, so read them when they are needed."""

    seed: int
    random: Random
    switches: dict[str, Any]
    lock: threading.RLock = field(default_factory=threading.RLock)
    """Every request holds it; work that begins elsewhere takes it first."""
    injected: Counter[str] = field(default_factory=Counter)
    """How many faults of each kind were injected so far."""
    address: Address = field(default_factory=Address)

    @property
    def base_url(self) -> str:
        return self.address.base_url

    def now(self) -> float:
        """The simulated clock: seconds since 1970, moved by the switch `clock_offset`."""
        return time.time() + float(self.switches["clock_offset"])

    def new_id(self) -> uuid.UUID:
        """The next random id; the same ones in the same order for the same seed."""
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        """Run `work` under the lock after so many seconds."""

        def run() -> None:
            with self.lock:
                work()

        timer = threading.Timer(seconds, run)
        timer.daemon = True
        timer.start()
