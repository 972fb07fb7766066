"""Engine and plain loop against the stub, in turn: what the engine itself costs, with no system that keeps it waiting."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any

import requests

from integrator.processes import HOST, free_port, wait_until
from sandbox.bench.environment import Ground
from sandbox.bench.throughput import compared, moved

if TYPE_CHECKING:
    from sandbox.scenarios.fixture import Simulated

ROUNDS = 3


def stub(ground: Ground, orders: int, delay: float = 0.0) -> dict[str, Any]:
    """The middle of three rounds, each by the plain loop and by one worker for a customer of its own."""
    with _served(ground, orders, delay):
        rounds = [compared(ground.plain_loop(), moved(ground, orders)) for _ in range(ROUNDS)]
    middle = {name: round(median(found[name] for found in rounds), 2) for name in rounds[0]}
    return {"orders": orders, "delay": delay, **middle, "rounds": [found["times_as_fast"] for found in rounds]}


@contextmanager
def _served(ground: Ground, orders: int, delay: float) -> Iterator[None]:
    from sandbox.scenarios import PLAYS
    from sandbox.scenarios.fixture import Simulated

    port = free_port(count=2)
    process = ground.processes.start(
        "stub", [sys.executable, "-m", "sandbox.bench.stub", *map(str, (orders, port, delay))]
    )
    kind = next(play for play in PLAYS if play.recipe == ground.recipe)
    left, right = (Simulated(slug, f"http://{HOST}:{number}") for number, slug in enumerate(kind.slugs, start=port))
    wait_until(process, lambda: _answers(right))
    ground.current = kind(left, right)
    try:
        yield
    finally:
        ground.processes.stop("stub")


def _answers(system: Simulated) -> bool:
    try:
        return requests.get(f"{system.base_url}/orders", timeout=5).ok
    except requests.ConnectionError:
        return False
