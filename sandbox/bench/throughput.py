"""Orders from one system to the other: how fast, with how much processor time and memory, and with how many calls."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from sandbox.bench.environment import BenchEnvironment, states

SETTLED = {"synced", "skipped"}
_KEY = re.compile(r"/\d+(?=/|$)")


def orders(bench: BenchEnvironment, count: int) -> dict[str, Any]:
    """The same orders by the plain loop and by one worker, each on new systems."""
    bench.start_systems(count)
    plain = bench.run_plain_loop()
    bench.start_systems(count)
    worker = move(bench, count)
    return {"orders": count, **compare(plain, worker)}


def delay(bench: BenchEnvironment, count: int, seconds: float) -> dict[str, Any]:
    """The same with a wait on every answer, as on the far side of an ocean."""
    bench.start_systems(count, delay=seconds)
    plain = bench.run_plain_loop()
    bench.start_systems(count, delay=seconds)
    worker = move(bench, count)
    return {"orders": count, "delay": seconds, **compare(plain, worker)}


def memory(bench: BenchEnvironment, few: int, many: int) -> dict[str, Any]:
    """Peak memory of the worker, with few orders and with many."""
    peaks = {}
    for count in (few, many):
        bench.start_systems(count)
        peaks[count] = round(move(bench, count)["peak_mb"], 1)
    return {"peak_mb": {str(count): peak for count, peak in peaks.items()}, "ratio": round(peaks[many] / peaks[few], 2)}


def calls(bench: BenchEnvironment, count: int = 1000) -> dict[str, Any]:
    """Calls of the systems' APIs for so many new orders, by kind."""
    bench.start_systems(count)
    before = {system.slug: Counter(system.calls()) for system in (bench.left, bench.right)}
    move(bench, count)
    figures: dict[str, Any] = {"orders": count}
    for system in (bench.left, bench.right):
        kinds: Counter[str] = Counter()
        for call, times in (Counter(system.calls()) - before[system.slug]).items():
            if call != "total":
                kinds[_KEY.sub("/{key}", call)] += times
        figures[system.slug] = dict(kinds)
    return figures


def move(bench: BenchEnvironment, count: int) -> dict[str, float]:
    fixture, flow = bench.create_orders_fixture(), bench.scenario.orders
    figures = bench.run_worker()
    counts = states(fixture, flow)
    if counts.get("synced", 0) < count * 0.8 or set(counts) - SETTLED:
        raise RuntimeError(f"Not all orders went: {counts} {fixture.flow(flow).trouble}")
    fixture.integration.flows.update(enabled=False)
    return figures | {"synced": counts["synced"]}


def compare(plain: dict[str, float], worker: dict[str, float]) -> dict[str, Any]:
    if plain["orders"] != worker["synced"]:
        raise RuntimeError(f"The plain loop moved {plain['orders']} orders, the worker {worker['synced']}.")
    return {
        "plain_seconds": round(plain["seconds"], 2),
        "worker_seconds": round(worker["seconds"], 2),
        "plain_cpu": round(plain["cpu"], 2),
        "worker_cpu": round(worker["cpu"], 2),
        "orders_per_second": round(worker["synced"] / worker["seconds"], 1),
        "wall_ratio": round(worker["seconds"] / plain["seconds"], 2),
        "cpu_ratio": round(worker["cpu"] / plain["cpu"], 2),
        "times_as_fast": round(plain["seconds"] / worker["seconds"], 2),
    }
