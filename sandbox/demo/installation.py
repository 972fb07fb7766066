"""The installation of a demo: a folder with a database, keys and logs of its own, and the processes that belong to it."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING

from integrator import keys
from sandbox.runtime.environment import HOST, environment, free_port
from sandbox.runtime.processes import Processes

if TYPE_CHECKING:
    from sandbox.scenarios.scenario import Scenario

DATABASE = "integrator.sqlite3"


@dataclass(frozen=True)
class Installation:
    """Everything is decided here and nothing is started yet."""

    folder: Path
    env: Mapping[str, str] = field(repr=False)
    port: int
    requested_port: int
    kept: bool
    lock: IO[str] = field(repr=False)
    """Held open as long as this process lives, so that a second demo takes another folder."""
    password: str = field(default_factory=lambda: secrets.token_urlsafe(9), repr=False)


@dataclass(frozen=True)
class RunningInstallation:
    """The processes run, the database is there; who looks after the clock and the customers is the caller."""

    processes: Processes
    url: str
    scenarios: Sequence[Scenario]


def prepare(folder: Path, *, port: int, once: bool, keep: bool = False) -> Installation:
    """Choose ports and keys, and clear the folder of the last start unless its database is kept."""
    folder, lock = own_folder(folder)
    kept = keep and (folder / DATABASE).exists()
    if not kept:
        for path in [*folder.glob(f"{DATABASE}*"), *folder.glob("*.log")]:
            path.unlink()
    free = free_port(0 if once else port)
    own = {
        **_keys(folder, kept),
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "PUBLIC_URL": f"http://{HOST}:{free}",
        "WORKERS": "2",
        "QUEUE_POLL": "0.2",
        # With DEMO_REDIS_URL tasks go through Redis, in a queue of this demo's own.
        "REDIS_URL": os.environ.get("DEMO_REDIS_URL", ""),
        "QUEUE_NAME": f"demo-{free}",
        # Our own lines go among the live table otherwise.
        "LOG_LEVEL": "WARNING",
    }
    return Installation(folder, environment(folder, **own), free, port if not once else free, kept, lock)


def own_folder(preferred: Path) -> tuple[Path, IO[str]]:
    """The folder, or the next one with a number if another demo is running in it; and its lock."""
    for number in count(1):
        folder = preferred if number == 1 else preferred.with_name(f"{preferred.name}-{number}")
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return folder, lock
    raise AssertionError("unreachable")


def _keys(folder: Path, kept: bool) -> dict[str, str]:
    """A kept database can only be read with the keys that wrote it."""
    path = folder / "keys.env"
    if kept and path.exists():
        return dict(line.split("=", 1) for line in path.read_text().splitlines())
    fresh = keys.fresh()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in fresh.items())
    return fresh


@contextmanager
def running(installation: Installation, *, simulator_port: int = 0, seed: int = 1) -> Iterator[RunningInstallation]:
    """Make the database, start everything and wait until it answers; at the end nothing of it is left."""
    from django.core.management import call_command

    from sandbox.scenarios import SCENARIOS
    from sandbox.scenarios.fixture import create_admin
    from syncjobs.management.commands.setup_queue import set_up_queue

    with Processes(installation.folder, installation.env) as processes:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        create_admin(installation.password)
        set_up_queue()
        scenarios = [
            scenario.start(processes, port=simulator_port and simulator_port + 2 * place, seed=seed)
            for place, scenario in enumerate(SCENARIOS)
        ]
        url = processes.web(installation.port)
        processes.worker()
        yield RunningInstallation(processes, url, scenarios)
