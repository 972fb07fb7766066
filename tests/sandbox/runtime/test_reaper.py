from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from sandbox.runtime.environment import ROOT
from sandbox.runtime.reaper import remaining

FAMILY = ["sh", "-c", "sleep 600 & echo ready; wait"]


def test_it_ends_the_groups_of_a_starter_that_was_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib\n"
        "from sandbox.runtime.environment import environment\n"
        "from sandbox.runtime.processes import Processes\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "with Processes(folder, environment(folder)) as processes:\n"
        f"    print(processes.start('family', {FAMILY!r}).pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        group = int(starter.stdout.readline())
        starter.kill()
    until = time.monotonic() + 10
    while _group_lives(group) and time.monotonic() < until:
        time.sleep(0.1)  # the reaper cannot say when it is done
    assert not _group_lives(group)


def _group_lives(group: int) -> bool:
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return any(line.split()[0] == str(group) and "Z" not in line.split()[1] for line in listed.splitlines())


def test_it_knows_the_groups_that_are_left() -> None:
    assert remaining(["+12\n", "+13\n", "-12\n"]) == {13}
