"""Ends process groups whose starter was killed before it could stop them, for instance by SIGKILL.

It runs as a process of its own. Standard input tells what to watch: `+123` a new group, `-123` one that has ended.
When the input ends, the starter is gone, and every group that is left is ended too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

from sandbox.runtime.environment import ROOT

GRACE = 2.0


class Reaper:
    """The starter's end of it. The process is started with the first group to watch."""

    def __init__(self) -> None:
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starting it again changes nothing."""
        if self._popen is None:
            command = [sys.executable, "-m", "sandbox.runtime.reaper"]
            self._popen = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)

    def watch(self, group: int) -> None:
        self._write(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._write(f"-{group}\n")

    def stop(self) -> None:
        """Everything has ended; there is nothing left to watch."""
        if self._popen is not None and self._popen.stdin is not None:
            self._popen.stdin.close()
            self._popen.wait()
            self._popen = None

    def _write(self, line: str) -> None:
        if self._popen is None or self._popen.stdin is None:
            return
        with suppress(BrokenPipeError):  # somebody ended it; the starter stops its processes anyway
            self._popen.stdin.write(line.encode())
            self._popen.stdin.flush()


def remaining(lines: Iterable[str]) -> set[int]:
    """Read the lines to their end; returns the groups that are left."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    return groups


def signal_group(group: int, number: int) -> None:
    """Signal all processes of a group. One that has ended is no error."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(group, number)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = remaining(sys.stdin)
    for group in groups:
        signal_group(group, signal.SIGTERM)
    if groups:
        time.sleep(GRACE)  # they end their children in order
    for group in groups:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
