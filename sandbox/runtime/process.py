"""One process that was started, with what it writes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN = 60.0


class NotStarted(Exception):
    """A process ended, or was not ready in time; the message names its output."""


@dataclass
class Process:
    """Leads a process group of its own."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    since: int = 0
    """Where in the file its own output begins; the file of a name is continued."""

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> bytes:
        with self.log.open("rb") as file:
            file.seek(self.since)
            return file.read()

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.output().decode(errors="replace").splitlines()[-lines:])

    def check(self) -> None:
        """Raises `NotStarted` if it has ended by itself."""
        if not self.alive:
            raise NotStarted(f"{self.name} ended with {self.popen.returncode}:\n{self.tail()}")

    def members(self) -> list[int]:
        """The process ids of its group that still run, itself first."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True)
        rows = (line.split() for line in listed.stdout.splitlines())
        return sorted(int(pid) for pid, group, status in rows if int(group) == self.pid and status[0] != "Z")


def wait_until(process: Process, ready: Callable[[], bool], seconds: float = READY_WITHIN) -> None:
    """Wait for a process. Raises `NotStarted` with the end of its output if it ends, or is not ready in time."""
    until = time.monotonic() + seconds
    while not ready():
        process.check()
        if time.monotonic() > until:
            raise NotStarted(f"{process.name} was not ready after {seconds:.0f} seconds:\n{process.tail()}")
        time.sleep(0.05)  # a process cannot say when it is ready
