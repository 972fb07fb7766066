"""`python -m integrator.run`: web and one worker cluster in the foreground, with the settings of `.env`; Ctrl-C ends both.

The database is brought up to date first. For machines that serve others, run the processes under a supervisor instead.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from integrator.processes import HOST, ROOT, NotStarted, Processes, free_port

PREPARATION: Sequence[Sequence[str]] = (
    ("migrate", "--no-input", "--verbosity", "0"),
    ("collectstatic", "--no-input", "--verbosity", "0"),
    ("setup_queue",),
    ("follow_recipes",),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m integrator.run", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "integrator.settings"
    try:
        settings.SECRET_KEY  # noqa: B018 (reads all settings, so that a missing one is told in one sentence)
        run(options.port, dict(os.environ))
    except KeyboardInterrupt:
        sys.stdout.write("\nBoth are stopped.\n")
        return 0
    except (NotStarted, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def run(port: int, env: dict[str, str]) -> NoReturn:
    """Serve until a process ends, which is a failure, or until Ctrl-C. Raises `NotStarted`, `KeyboardInterrupt`."""
    if free_port(port) != port:
        raise NotStarted(f"Port {port} is taken on {HOST}: choose another with PORT=.")
    with Processes(ROOT / "var" / "run", env, terminal=True) as processes:
        for arguments in PREPARATION:
            processes.manage(*arguments)
        url = processes.web(port)
        processes.worker()
        sys.stdout.write(
            f"\nThe console is on {url}; `manage.py createsuperuser` makes the first login. Ctrl-C ends it.\n"
        )
        sys.stdout.flush()
        while True:
            processes.check()
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
