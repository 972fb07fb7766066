from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django_q.models import Schedule

TICK = "syncjobs.tasks.tick"


def set_up_queue() -> int:
    """Leave exactly one schedule row in the queue: the tick, every minute. Returns how many rows were removed.

    One bad row stops all schedules of django-q2, and a second row ticks twice: no other row is kept for it.
    """
    values = {"name": "tick", "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1, "args": None}
    with transaction.atomic():
        rows = list(Schedule.objects.select_for_update().filter(func=TICK).order_by("pk"))
        if rows:
            Schedule.objects.filter(pk=rows[0].pk).update(**values, kwargs=None, hook=None, cluster=None)
        else:
            Schedule.objects.create(func=TICK, **values)
        spare = Schedule.objects.filter(pk__in=[row.pk for row in rows[1:]])
        removed: int = spare.delete()[0]
    return removed


class Command(BaseCommand):
    help = "Writes the one schedule row of the queue, the tick of every minute. Run at each deployment; twice is once."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = set_up_queue()
        self.stdout.write("The tick is scheduled every minute.")
        if removed:
            self.stdout.write(f"{removed} further rows for it were removed.")
