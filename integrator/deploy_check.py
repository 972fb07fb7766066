"""`python -m integrator.deploy_check`: Django's deployment checks, with settings as a production machine has them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from integrator.processes import ROOT, environment

PRODUCTION = {
    "PUBLIC_URL": "https://console.example.com",
    "ALLOWED_HOSTS": "console.example.com",
    "BEHIND_PROXY": "True",
    "DEBUG": "False",
}


def main() -> int:
    """The exit code of the checks: anything they say, warnings too, is a failure."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
        done = subprocess.run(command, cwd=ROOT, env=environment(Path(folder), **PRODUCTION))  # noqa: S603 (our own)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
