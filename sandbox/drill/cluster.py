"""A real worker cluster with the short waits of a drill: `python -m sandbox.drill.cluster`."""

from __future__ import annotations

import os

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
    django.setup()
    from sandbox.drill import short_waits

    short_waits.apply()
    call_command("qcluster")


if __name__ == "__main__":
    main()
