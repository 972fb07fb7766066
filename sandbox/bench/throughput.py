"""Orders from one system to the other: how fast, with how much processor time and memory, and with how many calls."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from sandbox.bench.environment import Ground, states

SETTLED = {"synced", "skipped"}
_KEY = re.compile(r"/\d+(?=/|$)")


def orders(ground: Ground, count: int) -> dict[str, Any]:
    """The same orders by the plain loop and by one worker, each on new systems."""
    ground.systems(count)
    plain = ground.plain_loop()
    ground.systems(count)
    worker = moved(ground, count)
    return {"orders": count, **compared(plain, worker)}


def delay(ground: Ground, count: int, seconds: float) -> dict[str, Any]:
    """The same with a wait on every answer, as on the far side of an ocean."""
    ground.systems(count, delay=seconds)
    plain = ground.plain_loop()
    ground.systems(count, delay=seconds)
    worker = moved(ground, count)
    return {"orders": count, "delay": seconds, **compared(plain, worker)}


def memory(ground: Ground, few: int, many: int) -> dict[str, Any]:
    """Peak memory of the worker, with few orders and with many."""
    peaks = {}
    for count in (few, many):
        ground.systems(count)
        peaks[count] = round(moved(ground, count)["peak_mb"], 1)
    return {"peak_mb": {str(count): peak for count, peak in peaks.items()}, "ratio": round(peaks[many] / peaks[few], 2)}


def calls(ground: Ground, count: int = 1000) -> dict[str, Any]:
    """Calls of the systems' APIs for so many new orders, by kind."""
    ground.systems(count)
    before = {system.slug: Counter(system.calls()) for system in (ground.left, ground.right)}
    moved(ground, count)
    found: dict[str, Any] = {"orders": count}
    for system in (ground.left, ground.right):
        kinds: Counter[str] = Counter()
        for call, times in (Counter(system.calls()) - before[system.slug]).items():
            if call != "total":
                kinds[_KEY.sub("/{key}", call)] += times
        found[system.slug] = dict(kinds)
    return found


def moved(ground: Ground, count: int) -> dict[str, float]:
    stage, flow = ground.orders_stage(), ground.play.orders
    figures = ground.work()
    fates = states(stage, flow)
    if fates.get("synced", 0) < count * 0.8 or set(fates) - SETTLED:
        raise RuntimeError(f"Not all orders went: {fates} {stage.flow(flow).trouble}")
    stage.integration.flows.update(enabled=False)
    return figures | {"synced": fates["synced"]}


def compared(plain: dict[str, float], worker: dict[str, float]) -> dict[str, Any]:
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
