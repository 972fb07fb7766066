"""The one worker process that is measured: it runs tasks until there are none, and writes what that took.

python -m sandbox.bench.worker <file for the figures>
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

import django


def main(figures: str) -> None:
    django.setup()
    from syncjobs import tasks  # noqa: F401 (imported before the clock runs)

    started, used = time.monotonic(), time.process_time()
    while run_one_task():
        pass
    seconds, cpu = time.monotonic() - started, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    measured = {"seconds": seconds, "cpu": cpu, "peak_mb": peak / 1024}
    Path(figures).write_text(json.dumps(measured))


def run_one_task() -> bool:
    from django.utils.module_loading import import_string
    from django_q.models import OrmQ

    queued = OrmQ.objects.order_by("pk").first()
    if queued is None:
        return False
    task = queued.task
    if not OrmQ.objects.filter(pk=queued.pk).delete()[0]:
        return True  # the other worker was faster
    import_string(task["func"])(*task["args"])
    return True


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
    main(*sys.argv[1:])
