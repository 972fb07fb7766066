"""`make drill`: rounds with faults and killed workers until the time is over, and what they came to, in drill.json.

SECONDS (900) is how long it goes on, SEED (1) where the seeds begin, ONCE=1 ends after one round. QUICK=1 runs two
short rounds. Exits with 1 if anything was lost, doubled, not accounted for, or left in the middle.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.drill.report import DrillReport
from sandbox.runtime.environment import HOST, ROOT, environment, free_port
from sandbox.runtime.processes import Processes

if TYPE_CHECKING:
    from sandbox.drill.round import RoundResult

FILE = ROOT / "drill.json"
FOLDER = ROOT / "var" / "drill"
"""The database and what all processes wrote stay here until the next drill."""
ROUND, QUICK_ROUND = 120.0, 70.0


def main() -> int:
    quick = os.environ.get("QUICK", "0") not in ("", "0")
    seconds = 0.0 if quick else float(os.environ.get("SECONDS") or 900)
    seed = int(os.environ.get("SEED") or 1)
    rounds = 1 if os.environ.get("ONCE", "0") not in ("", "0") else 2
    report = DrillReport()
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run(FOLDER, report, seed, rounds, seconds, QUICK_ROUND if quick else ROUND)
    FILE.write_text(report.as_json())
    sys.stdout.write(report.summary() + f"\nWritten to {FILE.name}.\n")
    return 0 if report.clean else 1


def _run(folder: Path, report: DrillReport, seed: int, rounds: int, seconds: float, length: float) -> None:
    """At least so many rounds, and further ones as long as there is time."""
    env = _environment(folder)
    os.environ.update(env)
    import django
    from django.core.management import call_command

    django.setup()
    from sandbox.drill import short_waits
    from sandbox.drill.round import Round

    short_waits.apply()
    call_command("migrate", verbosity=0)
    started = time.monotonic()
    with Processes(folder, env) as processes:
        processes.web(int(env["PUBLIC_URL"].rpartition(":")[2]))
        sys.stdout.write("Both recipes run with faults and killed workers; then both systems' contents are compared.\n")
        sys.stdout.flush()
        done = 0
        while done < rounds or (rounds > 1 and time.monotonic() - started < seconds):
            result = Round(processes, seed + done, length, repeated_hour=done % 2 == 1).run()
            report.add(result)
            _print(result)
            done += 1


def _environment(folder: Path) -> dict[str, str]:
    from sandbox.drill.times import ENVIRONMENT

    return environment(folder, PUBLIC_URL=f"http://{HOST}:{free_port()}", LOG_LEVEL="WARNING", WORKERS=2, **ENVIRONMENT)


def _print(result: RoundResult) -> None:
    sys.stdout.write(f"Round with seed {result.seed}: {result.seconds:.0f} s, {result.kills.total()} workers killed\n")
    for recipe, run in result.recipes.items():
        figures = (
            f"{run.records.total()} records, {run.faults.total()} faults injected, {len(run.errors)} documents wrong"
        )
        sys.stdout.write("\n    ".join([f"  {recipe}: {figures}", *run.errors[:20]]) + "\n")
    for line in sorted(set(result.failures))[:10]:
        sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
