"""`python -m integrator.run`: web and one worker cluster in the foreground, with the settings of `.env`; Ctrl-C ends both.

The database is brought up to date first. For machines that serve others, run the processes under a supervisor instead.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NoReturn

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
GRACE = 5.0
"""Seconds that the processes have to end by themselves."""
GUNICORN = (sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "8", "--no-control-socket")


class Stopped(Exception):
    """A process could not be started, or has ended by itself."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m integrator.run", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    port = parser.parse_args().port
    os.environ["DJANGO_SETTINGS_MODULE"] = "integrator.settings"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell's background process ignores the first
        signal.signal(number, signal.default_int_handler)  # they end it as Ctrl-C does
    try:
        django.setup()
        run(port)
    except KeyboardInterrupt:
        sys.stdout.write("\nBoth are stopped.\n")
        return 0
    except (Stopped, ImproperlyConfigured, CommandError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def run(port: int) -> NoReturn:
    """Serve until a process ends, which is a failure, or until Ctrl-C. Raises `Stopped`, `KeyboardInterrupt`."""
    if not _is_free(port):
        raise Stopped(f"Port {port} is taken on {HOST}: choose another with PORT=.")
    prepare()
    address = f"http://localhost:{port}"  # as in the default of PUBLIC_URL: a login counts for one name of a host
    commands = {
        "The web process": (*GUNICORN, "--bind", f"{HOST}:{port}", "--graceful-timeout", "2", "integrator.wsgi"),
        "The worker": (sys.executable, "manage.py", "qcluster"),
    }
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            # A session of its own: Ctrl-C reaches this process alone, which then ends both in order.
            processes[name] = subprocess.Popen(command, cwd=ROOT, start_new_session=True)  # noqa: S603 (our own command)
        sys.stdout.write(
            f"\nThe console is on {address}; `manage.py createsuperuser` makes the first login. Ctrl-C ends it.\n"
        )
        if address != settings.PUBLIC_URL:
            sys.stdout.write(
                f"Webhooks and sign-ins by browser come back to PUBLIC_URL, which is {settings.PUBLIC_URL}.\n"
            )
        sys.stdout.flush()
        while True:
            for name, process in processes.items():
                if process.poll() is not None:
                    raise Stopped(f"{name} ended with {process.returncode}.")
            time.sleep(0.5)  # how soon an end is noticed
    finally:
        _stop(list(processes.values()))


def prepare() -> None:
    """Check the settings, and bring the database up to date. Raises `CommandError`."""
    call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("setup_queue")
    call_command("follow_recipes")
    connections.close_all()


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((HOST, port))
            return True
    return False


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask each to end its children and itself; what is left after the grace period is killed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the stopping
    for process in processes:
        process.terminate()
    until = time.monotonic() + GRACE
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
