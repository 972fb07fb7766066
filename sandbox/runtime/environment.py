"""Where an installation of its own runs: its settings, its folder, its ports."""

from __future__ import annotations

import os
import random
import socket
from contextlib import closing
from pathlib import Path

from integrator import keys
from sandbox.runtime.process import NotStarted

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


def environment(folder: Path, **overrides: object) -> dict[str, str]:
    """Settings of an installation of its own in `folder`: own SQLite file, fresh keys, nothing from `.env`.

    `DATABASE_URL`, `PUBLIC_URL`, `WORKERS`, `LEASE_SECONDS` and all other settings are given by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = {
        **keys.fresh(),
        "SECRET_KEY_FILE": "",
        "FERNET_KEYS_FILE": "",
        "DJANGO_SETTINGS_MODULE": "integrator.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'integrator.sqlite3'}",
        "REDIS_URL": "",
        "DEBUG": "False",
        "BEHIND_PROXY": "False",
        "ALLOWED_HOSTS": f"localhost,{HOST}",
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **own, **{name: str(value) for name, value in overrides.items()}}


def free_port(first: int = 0, count: int = 1) -> int:
    """The first of `count` ports in a row that are free, at `first` or after it; anywhere if 0. Raises `NotStarted`."""
    starts = range(first or _any_port(), 65536 - count)
    for start in starts:
        if all(_is_free(port) for port in range(start, start + count)):
            return start
    raise NotStarted(f"No free port was found from {starts.start} on.")


def _any_port() -> int:
    """Below those that the system gives to outgoing connections, which could take it before the process is up."""
    return random.randrange(10000, 30000)


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
