from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from integrator.guardian import watch
from integrator.processes import ROOT, NotStarted, Processes, Started, environment, free_port, wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
# A leader that leaves its child alone when it is asked to end.
FAMILY = ["sh", "-c", "sleep 600 & echo ready; wait"]
DEAF = ["sh", "-c", "trap '' TERM; echo ready; while true; do sleep 1; done"]


def _gone(process: Started) -> bool:
    return process.members() == []


def _ready(process: Started) -> bool:
    return b"ready" in process.output()


def test_it_gives_an_installation_its_own_database_and_keys(tmp_path: Path) -> None:
    env = environment(tmp_path, WORKERS=3)
    assert env["DATABASE_URL"] == f"sqlite:///{tmp_path}/integrator.sqlite3"
    assert env["WORKERS"] == "3"
    assert env["FERNET_KEYS"] != environment(tmp_path)["FERNET_KEYS"]


def test_it_takes_the_next_port_if_one_is_taken() -> None:
    import socket

    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert free_port(port) > port


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


def _one_and_then(folder: Path, started: list[Started], act: Callable[[], object]) -> None:
    with Processes(folder, environment(folder)) as processes:
        started.append(processes.start("one", SLEEP))
        act()
        time.sleep(5)


def test_it_stops_everything_after_an_error(tmp_path: Path) -> None:
    started: list[Started] = []
    with pytest.raises(ZeroDivisionError):
        _one_and_then(tmp_path, started, lambda: 1 / 0)
    assert _gone(started[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_everything_on_a_signal(tmp_path: Path, number: int) -> None:
    started: list[Started] = []
    with pytest.raises(KeyboardInterrupt):
        _one_and_then(tmp_path, started, lambda: os.kill(os.getpid(), number))
    assert _gone(started[0])


def test_it_tells_what_a_process_wrote_before_it_ended(tmp_path: Path) -> None:
    with Processes(tmp_path, environment(tmp_path)) as processes:
        process = processes.start("broken", ["sh", "-c", "echo no such thing; exit 3"])
        with pytest.raises(NotStarted, match=r"ended with 3:\nno such thing"):
            wait_until(process, lambda: False)


def test_it_leaves_no_orphans_if_it_is_killed_itself(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib\n"
        "from integrator.processes import Processes, environment\n"
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
        time.sleep(0.1)
    assert not _group_lives(group)


def _group_lives(group: int) -> bool:
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return any(line.split()[0] == str(group) and "Z" not in line.split()[1] for line in listed.splitlines())


def test_it_watches_the_groups_that_are_left() -> None:
    assert watch(["+12\n", "+13\n", "-12\n"]) == {13}
