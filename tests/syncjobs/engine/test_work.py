from __future__ import annotations

import time

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from connections.errors import ConnectionBroken, OutcomeUnknown, TryLater
from connections.slots import slot
from syncjobs.engine import work as module
from syncjobs.engine.work import work
from syncjobs.models import Integration, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing

SOON = 60.0


def soon() -> float:
    return time.monotonic() + SOON


def make_due(lab: Lab, count: int) -> None:
    """Records whose first try failed for a passing reason, and whose time has come again."""
    lab.shelf.answers = [TryLater("busy")] * count
    lab.shelf.add(*[thing(str(number)) for number in range(count)])
    lab.poll()
    lab.shelf.answers = []
    SyncRecord.objects.update(due_at=timezone.now())
    lab.shelf.calls.clear()


def test_it_delivers_batch_after_batch(lab: Lab) -> None:
    make_due(lab, 6)
    assert work(lab.flow.pk, soon()) is False
    assert [len(call) for call in lab.shelf.calls] == [4, 2]
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"synced"}


def test_past_its_deadline_it_leaves_the_rest_to_another_task(lab: Lab) -> None:
    make_due(lab, 6)
    OrmQ.objects.all().delete()
    assert work(lab.flow.pk, time.monotonic() - 1) is True
    assert len(lab.shelf.calls) == 1
    assert [task.task["args"] for task in OrmQ.objects.all()] == [(lab.flow.pk,)]


def test_it_settles_before_it_delivers(lab: Lab) -> None:
    lab.shelf.answers = [OutcomeUnknown("no answer")]
    lab.shelf.add(thing("1"))
    lab.poll()
    SyncRecord.objects.update(due_at=timezone.now())
    work(lab.flow.pk, soon())
    assert (lab.shelf.finds, len(lab.shelf.calls)) == (1, 1)


def test_a_busy_target_is_left_to_another_task(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOT_PATIENCE", 0.0)
    make_due(lab, 1)
    with slot(lab.right, "write"), slot(lab.right, "write"):
        assert work(lab.flow.pk, soon()) is True
    assert lab.shelf.calls == []


def test_a_target_that_breaks_is_stopped_and_its_records_wait(lab: Lab) -> None:
    make_due(lab, 2)
    lab.shelf.answers = [ConnectionBroken("revoked")]
    assert work(lab.flow.pk, soon()) is False
    lab.right.refresh_from_db()
    assert (lab.right.state, lab.state("0"), lab.state("1")) == ("broken", "due", "due")


def test_nothing_is_done_for_a_flow_that_does_not_run(lab: Lab) -> None:
    make_due(lab, 1)
    Integration.objects.update(state="paused")
    assert work(lab.flow.pk, soon()) is False
    assert lab.shelf.calls == []
