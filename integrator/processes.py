"""Starts what an installation consists of as real processes, waits until they answer, and leaves none behind.

The demo, the fault drill and the benchmark run the product with it. Each process leads a group of its own and writes
to a file of its own. Stopping ends whole groups; a guardian ends them if this process is killed before it can.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO

import requests

from integrator import keys
from integrator.guardian import signal_group

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
READY_WITHIN = 60.0
GRACE = 5.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class NotStarted(Exception):
    """A process ended, or did not answer in time; the message names its output."""


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


def free_port(wanted: int = 0, count: int = 1) -> int:
    """The first of `count` ports in a row that are free, at `wanted` or after it; anywhere if 0."""
    starts = range(wanted or _any_port(), 65536 - count)
    for start in starts:
        if all(_is_free(port) for port in range(start, start + count)):
            return start
    raise NotStarted(f"No free port was found from {starts.start} on.")


def _any_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return min(port, 64000)


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


@dataclass
class Started:
    """A process that leads a group."""

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

    def tail(self, lines: int = 15) -> str:
        """The end of what it wrote; nothing where that goes to the terminal."""
        return "\n".join(self.output().decode(errors="replace").splitlines()[-lines:])

    def output(self) -> bytes:
        if not self.log.exists():
            return b""
        with self.log.open("rb") as file:
            file.seek(self.since)
            return file.read()

    def members(self) -> list[int]:
        """The process ids of its group that still run, itself first."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True)  # noqa: S607
        rows = (line.split() for line in listed.stdout.splitlines())
        return sorted(int(pid) for pid, group, status in rows if int(group) == self.pid and status[0] != "Z")


class Processes:
    """The processes of one installation; leaving the block stops them, whatever the reason.

    Inside the block SIGTERM and SIGHUP are raised as KeyboardInterrupt, like Ctrl-C. Each process writes to
    `<name>.log` in the folder, or all of them to the terminal.
    """

    def __init__(self, folder: Path, env: Mapping[str, str], *, terminal: bool = False) -> None:
        self.folder, self.env, self.terminal = folder, dict(env), terminal
        self.started: dict[str, Started] = {}
        self._guardian: subprocess.Popen[bytes] | None = None
        self._handlers: dict[int, object] = {}
        self._busy = self._interrupted = False

    # Signals

    def __enter__(self) -> Processes:
        self.folder.mkdir(parents=True, exist_ok=True)
        if threading.current_thread() is threading.main_thread():
            self._handlers = {number: signal.signal(number, self._interrupt) for number in STOP_SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._busy = True  # a second Ctrl-C must not interrupt the stopping
        try:
            self.stop_all()
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]  # as signal.signal answered it
            self._handlers = {}
            self._busy = False

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._busy:
            self._interrupted = True
        else:
            raise KeyboardInterrupt

    # Starting

    def start(self, name: str, command: Sequence[str], **overrides: object) -> Started:
        """Start a command in a group of its own, with settings changed by `overrides`."""
        if name in self.started and self.started[name].alive:
            raise NotStarted(f"{name} runs already.")
        env = self.env | {key: str(value) for key, value in overrides.items()}
        self._busy, self._interrupted = True, False  # no interruption between the start and taking note of it
        try:
            guardian = self._watching()
            self.started[name] = self._started(name, command, env)
            popen = self.started[name].popen
            _tell(guardian, f"+{popen.pid}\n")
        finally:
            self._busy = False
        if self._interrupted:
            raise KeyboardInterrupt
        return self.started[name]

    def _started(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Started:
        log = self.folder / f"{name}.log"
        with open(os.devnull if self.terminal else log, "ab") as file:
            since = file.tell()
            output = None if self.terminal else file
            popen = subprocess.Popen(  # noqa: S603 (our own commands)
                list(command),
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
            )
        return Started(name, popen, log, since)

    def _watching(self) -> subprocess.Popen[bytes]:
        if self._guardian is None:
            self._guardian = subprocess.Popen(
                [sys.executable, "-m", "integrator.guardian"], cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
            )
        return self._guardian

    def manage(self, *arguments: str, **overrides: object) -> str:
        """Run a management command to its end; answers what it printed. Raises `NotStarted` if it failed."""
        name = arguments[0]
        process = self.start(name, [sys.executable, "manage.py", *arguments], **overrides)
        code = process.popen.wait()
        self._forget(process)
        if code:
            raise NotStarted(f"manage.py {name} ended with {code}:\n{process.tail()}")
        return process.tail(1000)

    def simulators(self, *slugs: str, port: int = 0, seed: int = 1, name: str = "simulators") -> dict[str, str]:
        """Start simulators in one process of this name; answers their root URLs by slug, once they answer."""
        first = free_port(port, len(slugs))
        command = [sys.executable, "-m", "sandbox.serve", *slugs, "--port", str(first), "--seed", str(seed)]
        process = self.start(name, command)
        urls = {slug: f"http://{HOST}:{first + place}" for place, slug in enumerate(slugs)}
        for url in urls.values():
            wait_until(process, lambda url=url: _answers(f"{url}/_control/calls"))  # type: ignore[misc]
        return urls

    def web(self, port: int = 0, *, name: str = "web") -> str:
        """Start the web process on this port (or a free one); answers its URL, once it answers."""
        port = port or free_port()
        bind = ["--bind", f"{HOST}:{port}", "--workers", "1", "--threads", "8", "--no-control-socket"]
        command = [sys.executable, "-m", "gunicorn", *bind, "--graceful-timeout", "2", "integrator.wsgi"]
        process = self.start(name, command)
        url = f"http://{HOST}:{port}"
        wait_until(process, lambda: _answers(f"{url}/admin/login/"))
        return url

    def worker(self, name: str = "worker", **overrides: object) -> Started:
        """Start a worker cluster; `WORKERS` and other settings by name. Answers once its workers wait for rings."""
        # The cluster tells that it is ready on this level only.
        level = {} if self.terminal else {"LOG_LEVEL": "INFO"}
        process = self.start(name, [sys.executable, "manage.py", "qcluster"], **{**level, **overrides})
        if not self.terminal:
            wait_until(process, lambda: b"ready for work" in process.output())
        return process

    def check(self) -> None:
        """Raises `NotStarted` if a process has ended by itself."""
        for process in self.started.values():
            if not process.alive:
                raise NotStarted(f"{process.name} ended with {process.popen.returncode}:\n{process.tail()}")

    # Stopping

    def kill(self, name: str) -> None:
        """SIGKILL to the whole group, as when a machine dies."""
        process = self.started[name]
        signal_group(process.pid, signal.SIGKILL)
        process.popen.wait()
        self._forget(process)

    def stop(self, name: str, grace: float = GRACE) -> None:
        """Ask a process to end, and end its whole group when the grace period is over."""
        self._end([self.started[name]], grace)

    def stop_all(self, grace: float = GRACE) -> None:
        self._end(list(self.started.values()), grace)
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            self._guardian.wait()
            self._guardian = None

    def _end(self, processes: Sequence[Started], grace: float) -> None:
        # Only the leader is asked: it ends its children in order. A child that is asked by itself, such as an idle
        # worker of a cluster, may take the lock of a shared queue with it.
        for process in processes:
            if process.alive:
                process.popen.send_signal(signal.SIGTERM)
        until = time.monotonic() + grace
        while any(process.alive for process in processes) and time.monotonic() < until:
            time.sleep(0.05)
        for process in processes:
            signal_group(process.pid, signal.SIGKILL)
            process.popen.wait()
            self._forget(process)

    def _forget(self, process: Started) -> None:
        self.started.pop(process.name, None)
        if self._guardian is not None:
            _tell(self._guardian, f"-{process.pid}\n")


def _tell(guardian: subprocess.Popen[bytes], line: str) -> None:
    stream: IO[bytes] | None = guardian.stdin
    if stream is not None:
        try:
            stream.write(line.encode())
            stream.flush()
        except BrokenPipeError:
            pass  # somebody ended the guardian; the processes are stopped by us anyway


def wait_until(process: Started, ready: Callable[[], bool], seconds: float = READY_WITHIN) -> None:
    """Wait for a process. Raises `NotStarted` with the end of its output if it ends, or is not ready in time."""
    until = time.monotonic() + seconds
    while not ready():
        if not process.alive:
            raise NotStarted(f"{process.name} ended with {process.popen.returncode}:\n{process.tail()}")
        if time.monotonic() > until:
            raise NotStarted(f"{process.name} was not ready after {seconds:.0f} seconds:\n{process.tail()}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5, allow_redirects=False).status_code < 500
    except requests.RequestException:
        return False
