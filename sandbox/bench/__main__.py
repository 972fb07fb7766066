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

from sandbox.bench.report import lines
from sandbox.bench.section import SECTIONS, recipe, skipped
from sandbox.runtime.environment import ROOT

FILE = ROOT / "bench.json"


def main() -> None:
    names = " ".join(sys.argv[1:]) or os.environ.get("ONLY", "")
    sections = names.replace(",", " ").split() or list(SECTIONS)
    unknown = set(sections) - set(SECTIONS)
    if unknown:
        raise SystemExit(f"No such section: {', '.join(sorted(unknown))}. There are: {', '.join(SECTIONS)}.")
    result: dict[str, Any] = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "sections": {},
        "recipes": {},
    }
    for name in sections:
        result["sections"][name] = figures = _section(name)
        result["recipes"].setdefault(recipe(name), []).append(name)
        FILE.write_text(json.dumps(result, indent=2) + "\n")
        sys.stdout.write("\n".join(lines(name, figures)) + "\n\n")
        sys.stdout.flush()
    sys.stdout.write(f"Written to {FILE.name}.\n")


def _section(name: str) -> dict[str, Any]:
    if reason := skipped(name):
        return {"skipped": reason}
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "sandbox.bench.section", name, str(file)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            return {"failed": "\n".join(done.stderr.splitlines()[-15:])}
        figures: dict[str, Any] = json.loads(file.read_text())
    return figures | {"took_seconds": round(time.monotonic() - started, 1)}


if __name__ == "__main__":
    main()
