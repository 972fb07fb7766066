"""The one worker process that is measured: it answers rings until there are none, and says what that took.

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
    while answer_one_ring():
        pass
    seconds, cpu = time.monotonic() - started, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"seconds": seconds, "cpu": cpu, "peak_mb": peak / 1024}
    Path(figures).write_text(json.dumps(found))


def answer_one_ring() -> bool:
    from django.utils.module_loading import import_string
    from django_q.models import OrmQ

    enqueue = OrmQ.objects.order_by("pk").first()
    if enqueue is None:
        return False
    task = enqueue.task
    if not OrmQ.objects.filter(pk=enqueue.pk).delete()[0]:
        return True  # the other worker was faster
    import_string(task["func"])(*task["args"])
    return True


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
    main(*sys.argv[1:])
