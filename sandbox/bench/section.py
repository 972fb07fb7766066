"""One section of the benchmark, in a process and on a database of its own.

python -m sandbox.bench.section <name> <file for the figures>
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.bench import intake, postgres, queries, rate, stub_rounds, throughput, tick
from sandbox.bench.environment import ACUMATICA, VISMA_NET, BenchEnvironment, prepared

ORDERS = int(os.environ.get("BENCH_ORDERS", "10000"))
LARGE = int(os.environ.get("BENCH_LARGE", "100000"))
FEWER = min(2000, ORDERS)

SECTIONS: dict[str, Callable[[BenchEnvironment], dict[str, Any]]] = {
    "orders": lambda bench: throughput.orders(bench, ORDERS),
    "orders_postgres": lambda bench: throughput.orders(bench, ORDERS),
    "delay": lambda bench: throughput.delay(bench, min(4000, ORDERS), 0.3),
    "stub": lambda bench: stub_rounds.stub(bench, ORDERS),
    "stub_postgres": lambda bench: stub_rounds.stub(bench, ORDERS),
    "stub_delay": lambda bench: stub_rounds.stub(bench, min(4000, ORDERS), 0.3),
    "queries": queries.queries,
    "calls": throughput.calls,
    "hooks": intake.intake,
    "hooks_postgres": intake.intake,
    "tick": tick.tick,
    "tick_postgres": tick.tick,
    "rate": rate.rate,
    "memory": lambda bench: throughput.memory(bench, ORDERS, LARGE),
    "visma_orders": lambda bench: throughput.orders(bench, FEWER),
    "visma_delay": lambda bench: throughput.delay(bench, FEWER, 0.3),
    "visma_queries": queries.queries,
    "visma_calls": throughput.calls,
    "visma_memory": lambda bench: throughput.memory(bench, FEWER, 4 * FEWER),
}
"""In the order in which they run. Those of Visma.net and ShipStation come last, and take fewer orders."""
# In one thread, since only this one's queries are counted.
SETTINGS: dict[str, dict[str, Any]] = {"queries": {"READ_AHEAD": 0}, "visma_queries": {"READ_AHEAD": 0}}


def recipe(name: str) -> str:
    """Which one a section measures."""
    return VISMA_NET if name.startswith("visma_") else ACUMATICA


def skipped(name: str) -> str:
    """Why a section cannot run here; empty if it can."""
    if name in ("memory", "visma_memory") and not LARGE:
        return "BENCH_LARGE=0"
    if name.endswith("_postgres") and not postgres.reachable():
        return f"no PostgreSQL at {postgres.server().rpartition('@')[2]}"
    return ""


def run(name: str, figures: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if name.endswith("_postgres"):
            with postgres.own_database() as url:
                measured = _measure(name, Path(folder), url)
        else:
            measured = _measure(name, Path(folder), "")
    figures.write_text(json.dumps(measured))


def _measure(name: str, folder: Path, url: str) -> dict[str, Any]:
    with prepared(folder, recipe(name), url, **SETTINGS.get(name, {})) as bench:
        try:
            return SECTIONS[name](bench)
        finally:
            if url:
                from django.db import connections

                connections.close_all()


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]))
