from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.runtime.environment import environment
from sandbox.runtime.process import NotStarted, Process, wait_until
from sandbox.runtime.processes import Processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
# A leader that leaves its child alone when it is asked to end.
FAMILY = ["sh", "-c", "sleep 600 & echo ready; wait"]
DEAF = ["sh", "-c", "trap '' TERM; echo ready; while true; do sleep 1; done"]


def _gone(process: Process) -> bool:
    return process.members() == []


def _ready(process: Process) -> bool:
    return b"ready" in process.output()


def test_it_stops_whole_groups(tmp_path: Path) -> None:
    with Processes(tmp_path, environment(tmp_path)) as processes:
        process = processes.start("family", FAMILY)
        wait_until(process, lambda: _ready(process))
        assert len(process.members()) >= 2
    assert _gone(process)


def test_it_kills_what_does_not_listen(tmp_path: Path) -> None:
    with Processes(tmp_path, environment(tmp_path)) as processes:
        process = processes.start("deaf", DEAF)
        wait_until(process, lambda: _ready(process))
        processes.stop("deaf", grace=0.3)
        assert process.popen.returncode == -signal.SIGKILL
    assert _gone(process)


def _start_and(folder: Path, started: list[Process], act: Callable[[], object]) -> None:
    with Processes(folder, environment(folder)) as processes:
        started.append(processes.start("one", SLEEP))
        act()
        time.sleep(5)  # in which the signal arrives


def test_it_stops_everything_after_an_error(tmp_path: Path) -> None:
    started: list[Process] = []
    with pytest.raises(ZeroDivisionError):
        _start_and(tmp_path, started, lambda: 1 / 0)
    assert _gone(started[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_everything_on_a_signal(tmp_path: Path, number: int) -> None:
    started: list[Process] = []
    with pytest.raises(KeyboardInterrupt):
        _start_and(tmp_path, started, lambda: os.kill(os.getpid(), number))
    assert _gone(started[0])


def test_it_reports_what_a_process_wrote_before_it_ended(tmp_path: Path) -> None:
    with Processes(tmp_path, environment(tmp_path)) as processes:
        process = processes.start("broken", ["sh", "-c", "echo no such thing; exit 3"])
        with pytest.raises(NotStarted, match=r"ended with 3:\nno such thing"):
            wait_until(process, lambda: False)
