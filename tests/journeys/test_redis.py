"""The same round trip with Redis as the queue; runs where JOURNEY_REDIS_URL names a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.runtime.environment import ROOT

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not os.environ.get("JOURNEY_REDIS_URL"), reason="JOURNEY_REDIS_URL names no Redis server"),
]


def test_it_loses_and_doubles_nothing_with_tasks_in_redis(tmp_path: Path) -> None:
    report = tmp_path / "demo.json"
    command = [sys.executable, "-m", "sandbox.demo", "--once", "--orders", "16", "--folder", str(tmp_path / "trip")]
    env = os.environ | {"DEMO_REDIS_URL": os.environ["JOURNEY_REDIS_URL"]}
    done = subprocess.run(
        [*command, "--report", str(report)], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
    )
    result = json.loads(report.read_text())
    errors = [result[name] for name in ("unaccounted", "missing_in_target", "doubled_in_target")]
    assert (done.returncode, errors) == (0, [0, 0, 0]), done.stdout[-3000:] + done.stderr[-3000:]
