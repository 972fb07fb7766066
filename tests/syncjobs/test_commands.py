from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import Schedule

from syncjobs.management.commands.setup_queue import TICK, set_up_queue
from syncjobs.models import FieldMapping, Heartbeat
from tests import factories

pytestmark = pytest.mark.django_db


def _output(name: str, *arguments: str) -> str:
    output = io.StringIO()
    call_command(name, *arguments, stdout=output)
    return output.getvalue()


def test_it_schedules_the_tick_once_however_often_it_runs() -> None:
    set_up_queue()
    set_up_queue()
    row = Schedule.objects.get()
    assert (row.func, row.schedule_type, row.minutes, row.repeats) == (TICK, Schedule.MINUTES, 1, -1)


def test_it_leaves_the_time_of_the_next_tick_alone() -> None:
    set_up_queue()
    moment = timezone.now() + dt.timedelta(seconds=20)
    Schedule.objects.update(next_run=moment)
    set_up_queue()
    assert Schedule.objects.get().next_run == moment


def test_it_removes_further_rows_and_repairs_the_one_that_stays() -> None:
    for minutes in (5, 1):
        Schedule.objects.create(func=TICK, schedule_type=Schedule.MINUTES, minutes=minutes, args="hello world")
    assert "1 further rows" in _output("setup_queue")
    assert Schedule.objects.filter(minutes=1, args=None).count() == Schedule.objects.count() == 1


def test_it_leaves_other_schedules_alone() -> None:
    Schedule.objects.create(func="other.task", schedule_type=Schedule.HOURLY)
    set_up_queue()
    assert Schedule.objects.filter(func="other.task").exists()


def test_the_check_passes_while_a_worker_ticks() -> None:
    Heartbeat.objects.create(name="tick", at=timezone.now() - dt.timedelta(seconds=100), worker="one:7")
    assert "100 seconds old" in _output("check_worker", "--max-age", "180")


def test_the_check_fails_when_the_last_tick_is_old() -> None:
    Heartbeat.objects.create(name="tick", at=timezone.now() - dt.timedelta(seconds=200), worker="one:7")
    with pytest.raises(CommandError, match=r"200 seconds old \(by one:7\)"):
        call_command("check_worker", "--max-age", "180")


def test_the_check_fails_before_the_first_tick() -> None:
    with pytest.raises(CommandError, match="No worker has ticked yet"):
        call_command("check_worker")


def test_integrations_follow_their_recipe_once() -> None:
    integration = factories.integration()
    FieldMapping.objects.filter(flow__integration=integration, flow__slug="orders", target="orderNumber").delete()
    assert _output("follow_recipes") == "1 rows followed their recipe.\n"
    assert _output("follow_recipes") == "0 rows followed their recipe.\n"
