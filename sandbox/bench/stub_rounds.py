"""Engine and plain loop against the stub, in turn: what the engine itself costs, with no system that keeps it waiting."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any

import requests

from sandbox.bench.environment import BenchEnvironment
from sandbox.bench.throughput import compare, move
from sandbox.runtime.environment import HOST, free_port
from sandbox.runtime.process import wait_until

if TYPE_CHECKING:
    from sandbox.scenarios.simulator_client import SimulatorClient

ROUNDS = 3


def stub(bench: BenchEnvironment, orders: int, delay: float = 0.0) -> dict[str, Any]:
    """The middle of three rounds, each by the plain loop and by one worker for a customer of its own."""
    with _served(bench, orders, delay):
        rounds = [compare(bench.run_plain_loop(), move(bench, orders)) for _ in range(ROUNDS)]
    middle = {name: round(median(round_[name] for round_ in rounds), 2) for name in rounds[0]}
    return {"orders": orders, "delay": delay, **middle, "rounds": [round_["times_as_fast"] for round_ in rounds]}


@contextmanager
def _served(bench: BenchEnvironment, orders: int, delay: float) -> Iterator[None]:
    from sandbox.scenarios import SCENARIOS
    from sandbox.scenarios.simulator_client import SimulatorClient

    port = free_port(count=2)
    process = bench.processes.start(
        "stub", [sys.executable, "-m", "sandbox.bench.stub", *map(str, (orders, port, delay))]
    )
    kind = next(scenario for scenario in SCENARIOS if scenario.recipe == bench.recipe)
    left, right = (
        SimulatorClient(slug, f"http://{HOST}:{number}") for number, slug in enumerate(kind.slugs, start=port)
    )
    wait_until(process, lambda: _answers(right))
    bench.current = kind(left, right)
    try:
        yield
    finally:
        bench.processes.stop("stub")


def _answers(system: SimulatorClient) -> bool:
    try:
        return requests.get(f"{system.base_url}/orders", timeout=5).ok
    except requests.ConnectionError:
        return False
