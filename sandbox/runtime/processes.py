"""Starts what an installation consists of as real processes, waits until they answer, and leaves none behind.

Each process leads a group of its own and writes to a file of its own. Stopping ends whole groups; a reaper ends them
if this process is killed before it can.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType

import requests

from sandbox.runtime.environment import HOST, ROOT, free_port
from sandbox.runtime.process import NotStarted, Process, wait_until
from sandbox.runtime.reaper import Reaper, signal_group

GRACE = 5.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Processes:
    """The processes of one installation; leaving the block stops them, whatever the reason.

    Inside the block SIGTERM and SIGHUP are raised as KeyboardInterrupt, like Ctrl-C. Each process writes to
    `<name>.log` in the folder.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder, self.env = folder, dict(env)
        self.started: dict[str, Process] = {}
        self._reaper = Reaper()
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
                signal.signal(number, handler)  # type: ignore[arg-type]  # as signal.signal returned it
            self._handlers = {}
            self._busy = False

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._busy:
            self._interrupted = True
        else:
            raise KeyboardInterrupt

    # Starting

    def start(self, name: str, command: Sequence[str], **overrides: object) -> Process:
        """Start a command in a group of its own, with settings changed by `overrides`."""
        if name in self.started and self.started[name].alive:
            raise NotStarted(f"{name} runs already.")
        env = self.env | {key: str(value) for key, value in overrides.items()}
        self._busy, self._interrupted = True, False  # no interruption between the start and taking note of it
        try:
            self._reaper.start()
            process = self.started[name] = self._start(name, command, env)
            self._reaper.watch(process.pid)
        finally:
            self._busy = False
        if self._interrupted:
            raise KeyboardInterrupt
        return process

    def _start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Process:
        log = self.folder / f"{name}.log"
        with log.open("ab") as file:
            since = file.tell()
            popen = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Process(name, popen, log, since)

    def simulators(self, *slugs: str, port: int = 0, seed: int = 1, name: str = "simulators") -> dict[str, str]:
        """Start simulators in one process of this name; returns their root URLs by slug, once they answer."""
        first = free_port(port, len(slugs))
        command = [sys.executable, "-m", "sandbox.serve", *slugs, "--port", str(first), "--seed", str(seed)]
        process = self.start(name, command)
        urls = {slug: f"http://{HOST}:{first + place}" for place, slug in enumerate(slugs)}
        for url in urls.values():
            wait_until(process, lambda url=url: _answers(f"{url}/_control/calls"))  # type: ignore[misc]
        return urls

    def web(self, port: int = 0, *, name: str = "web") -> str:
        """Start the web process on this port (or a free one); returns its URL, once it answers."""
        port = port or free_port()
        bind = ["--bind", f"{HOST}:{port}", "--workers", "1", "--threads", "8", "--no-control-socket"]
        command = [sys.executable, "-m", "gunicorn", *bind, "--graceful-timeout", "2", "integrator.wsgi"]
        process = self.start(name, command)
        url = f"http://{HOST}:{port}"
        wait_until(process, lambda: _answers(f"{url}/admin/login/"))
        return url

    def worker(self, name: str = "worker", command: Sequence[str] = ("manage.py", "qcluster")) -> Process:
        """Start a worker cluster; returns once its workers wait for tasks."""
        # The cluster tells that it is ready on this level only.
        process = self.start(name, [sys.executable, *command], LOG_LEVEL="INFO")
        wait_until(process, lambda: b"ready for work" in process.output())
        return process

    def check(self) -> None:
        """Raises `NotStarted` if a process has ended by itself."""
        for process in self.started.values():
            process.check()

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
        self._reaper.stop()

    def _end(self, processes: Sequence[Process], grace: float) -> None:
        # Only the leader is asked: it ends its children in order. A child that is asked by itself, such as an idle
        # worker of a cluster, may take the lock of a shared queue with it.
        for process in processes:
            if process.alive:
                process.popen.send_signal(signal.SIGTERM)
        until = time.monotonic() + grace
        while any(process.alive for process in processes) and time.monotonic() < until:
            time.sleep(0.05)  # several are waited for at once
        for process in processes:
            signal_group(process.pid, signal.SIGKILL)
            process.popen.wait()
            self._forget(process)

    def _forget(self, process: Process) -> None:
        self.started.pop(process.name, None)
        self._reaper.forget(process.pid)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5, allow_redirects=False).status_code < 500
    except requests.RequestException:
        return False
