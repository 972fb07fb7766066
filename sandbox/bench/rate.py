"""The shared budget: two worker processes on one key, and how much of what the account allows they use."""

from __future__ import annotations

import json
import sys
from typing import Any

from sandbox.bench.environment import BenchEnvironment

WINDOWS, LENGTH, LIMIT, WORKERS = 2, 60, 40, 2
MARGIN = 8


def rate(bench: BenchEnvironment) -> dict[str, Any]:
    """Calls that came through in full windows of the vendor, as a share of those it allows, and refused ones."""
    bench.start_systems(0)
    bench.right.switch(v1_limit=LIMIT)
    fixture = bench.create_fixture(bench.scenario.orders)
    right = fixture.integration.right
    right.settings |= {"v1_calls_per_minute": LIMIT}
    right.save(update_fields=["settings"])
    seconds = WINDOWS * LENGTH + MARGIN
    script = [sys.executable, "-m", "sandbox.bench.caller", str(right.pk), str(seconds)]
    running = [bench.processes.start(f"caller{number}", script) for number in range(WORKERS)]
    answered: list[tuple[float, Any]] = []
    for process in running:
        process.popen.wait()
        answered += [(at, status) for at, status in json.loads(process.output())]
    return _shares(sorted(answered, key=lambda call: call[0]))


def _shares(calls: list[tuple[float, Any]]) -> dict[str, Any]:
    start = calls[0][0]
    good = [at for at, status in calls if status == 200 and at < start + WINDOWS * LENGTH]
    refused = sum(status == 429 for _, status in calls)
    return {
        "windows": WINDOWS,
        "allowed": WINDOWS * LIMIT,
        "used": len(good),
        "share": round(len(good) / (WINDOWS * LIMIT), 3),
        "refused_429": refused,
        "waits_given_up": sum(status is None for _, status in calls),
    }
