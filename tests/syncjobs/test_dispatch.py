from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from syncjobs import dispatch
from tests.syncjobs.conftest import Lab


def test_a_flow_with_much_to_do_has_one_task_until_it_is_picked_up(lab: Lab) -> None:
    assert dispatch.enqueue_flow(lab.flow.pk) is True
    assert dispatch.enqueue_flow(lab.flow.pk) is False
    dispatch.picked_up(lab.flow.pk)
    assert dispatch.enqueue_flow(lab.flow.pk) is True


def test_a_task_that_was_lost_is_enqueued_again(lab: Lab) -> None:
    dispatch.enqueue_flow(lab.flow.pk)
    with time_machine.travel(timezone.now() + dispatch.PICKUP_WITHIN + dt.timedelta(seconds=1)):
        assert dispatch.enqueue_flow(lab.flow.pk) is True


def test_a_task_inside_a_transaction_that_fails_is_not_enqueued(lab: Lab) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        dispatch.enqueue("tick")
        raise RuntimeError
    assert not OrmQ.objects.exists()


def test_many_tasks_are_put_in_the_queue_by_one_statement(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(1):  # PostgreSQL's COPY is counted as none
        dispatch.enqueue_all("poll", range(300))
    tasks = [row.task for row in OrmQ.objects.order_by("pk")]
    assert [(task["func"], task["args"]) for task in tasks] == [("syncjobs.tasks.poll", (n,)) for n in range(300)]
    assert len({task["id"] for task in tasks}) == 300


def test_a_task_of_many_is_like_one_by_itself(db: None) -> None:
    dispatch.enqueue("poll", 7)
    dispatch.enqueue_all("poll", [7])
    single, many = OrmQ.objects.order_by("pk")
    assert (single.key, single.task.keys()) == (many.key, many.task.keys())
    assert many.lock <= timezone.now()


def test_what_waits_is_counted(db: None) -> None:
    dispatch.enqueue_all("poll", [1, 2, 3])
    OrmQ.objects.filter(pk=OrmQ.objects.first().pk).update(lock=timezone.now() + dt.timedelta(minutes=1))
    assert dispatch.waiting() == 2


def test_following_is_enqueued_once_until_it_is_done(lab: Lab) -> None:
    assert dispatch.enqueue_follow(lab.left.pk) is True
    assert dispatch.enqueue_follow(lab.left.pk) is False
    dispatch.followed(lab.left.pk)
    assert dispatch.enqueue_follow(lab.left.pk) is True


def test_redis_is_given_many_tasks_at_once_and_on_commit(
    db: None,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    pushed: list[tuple[str, ...]] = []
    broker = SimpleNamespace(
        list_key="key", connection=SimpleNamespace(rpush=lambda *arguments: pushed.append(arguments))
    )
    monkeypatch.setattr(dispatch, "get_broker", lambda: broker)
    settings.REDIS_URL = "redis://nowhere"
    with django_capture_on_commit_callbacks(execute=True):
        dispatch.enqueue_all("poll", [1, 2])
        assert pushed == []
    assert [(len(arguments), arguments[0]) for arguments in pushed] == [(3, "key")]
