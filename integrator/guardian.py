"""Ends process groups whose starter died without stopping them, for instance by SIGKILL.

Run as a process of its own by `integrator.processes`. Standard input tells what to watch: `+123` a new group, `-123`
one that has ended. When the input ends, the starter is gone, and every group that is left is ended too.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE = 2.0


def watch(lines: Iterable[str]) -> set[int]:
    """Follow the lines to their end; answers the groups that are left."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    return groups


def signal_group(group: int, number: int) -> bool:
    """Signal all processes of a group; answers whether it had any. One that has ended is no fault."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        return False
    return True


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    left = watch(sys.stdin)
    for group in left:
        signal_group(group, signal.SIGTERM)
    if left:
        time.sleep(GRACE)
    for group in left:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
