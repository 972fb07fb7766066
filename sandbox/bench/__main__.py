"""`make bench`: measures, prints a small table, and writes bench.json. ONLY=orders,delay chooses sections.

BENCH_ORDERS (10000), BENCH_LARGE (100000 orders for the memory section; 0 leaves it out) and BENCH_POSTGRES (URL of a
database on the server to use) change what is measured. A missed target is shown, and fails nothing.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from integrator.processes import ROOT
from sandbox.bench.report import lines
from sandbox.bench.section import SECTIONS, recipe, skipped

FILE = ROOT / "bench.json"


def main() -> None:
    asked = " ".join(sys.argv[1:]) or os.environ.get("ONLY", "")
    wanted = asked.replace(",", " ").split() or list(SECTIONS)
    unknown = set(wanted) - set(SECTIONS)
    if unknown:
        raise SystemExit(f"No such section: {', '.join(sorted(unknown))}. There are: {', '.join(SECTIONS)}.")
    bench: dict[str, Any] = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "sections": {},
        "recipes": {},
    }
    for name in wanted:
        bench["sections"][name] = found = _section(name)
        bench["recipes"].setdefault(recipe(name), []).append(name)
        FILE.write_text(json.dumps(bench, indent=2) + "\n")
        sys.stdout.write("\n".join(lines(name, found)) + "\n\n")
        sys.stdout.flush()
    sys.stdout.write(f"Written to {FILE.name}.\n")


def _section(name: str) -> dict[str, Any]:
    if reason := skipped(name):
        return {"skipped": reason}
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "sandbox.bench.section", name, str(figures)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if ended.returncode:
            return {"failed": "\n".join(ended.stderr.splitlines()[-15:])}
        found: dict[str, Any] = json.loads(figures.read_text())
    return found | {"took_seconds": round(time.monotonic() - started, 1)}


if __name__ == "__main__":
    main()
