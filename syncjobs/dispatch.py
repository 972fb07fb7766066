"""The only module that imports django-q2. A task says "there is work" and never what the work is.

A lost, doubled or late task changes nothing but time: the rows in the database are the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task

from connections.models import Connection
from syncjobs.models import Flow
from toolkit import bulk_sql

# A task that was not picked up for so long is taken for lost, and enqueued again.
PICKUP_WITHIN = timedelta(minutes=5)

Id = int | str


def enqueue(task: str, *ids: Id) -> None:
    """Ask a worker to run `syncjobs.tasks.<task>(*ids)`, once the present transaction has committed.

    With the queue in the same database the task is part of the transaction; Redis is given it on commit.
    """
    _when_committed(lambda: async_task(_path(task), *ids))


def enqueue_all(task: str, ids: Iterable[Id]) -> None:
    """`enqueue` for many ids, a task each, in one statement."""
    packer = _Packer()
    for one in ids:
        async_task(_path(task), one, broker=packer)
    if packer.packages:
        _when_committed(lambda: _put(packer.packages))


def waiting() -> int:
    """How many tasks no worker has picked up yet."""
    return int(get_broker().queue_size())


def enqueue_flow(flow_id: int) -> bool:
    """Ask for a flow's work to be done, once however often it is called before a worker picks it up.

    Returns whether a task was enqueued.
    """
    return _enqueue_once("work", Flow.objects.filter(pk=flow_id), "enqueued_at", flow_id)


def unattended(now: datetime) -> Q:
    """Flows for whose work no task is on its way."""
    return _without_task("enqueued_at", now)


def picked_up(flow_id: int) -> None:
    """A worker has begun: what is enqueued from now on is news."""
    Flow.objects.filter(pk=flow_id).update(enqueued_at=None)


def enqueue_poll(flow_id: int) -> None:
    """Ask for a flow's source to be read now. Its next time is moved a little, so that the clock does not ask too."""
    with transaction.atomic():
        Flow.objects.filter(pk=flow_id).update(next_run_at=timezone.now() + PICKUP_WITHIN)
        enqueue("poll", flow_id)


def enqueue_follow(connection_id: int) -> bool:
    """Ask for a connection's notifications to be followed, once however often it is called before that is done.

    Returns whether a task was enqueued.
    """
    return _enqueue_once(
        "follow_connection", Connection.objects.filter(pk=connection_id), "follow_enqueued_at", connection_id
    )


def unfollowed(now: datetime) -> Q:
    """Connections for whose notifications no task is on its way or at work."""
    return _without_task("follow_enqueued_at", now)


def followed(connection_id: int) -> None:
    """A worker is done with a connection's notifications: what is stored from now on needs a task of its own."""
    Connection.objects.filter(pk=connection_id).update(follow_enqueued_at=None)


def enqueue_fetch(integration_id: int, flow_slug: str, key: str) -> None:
    """Ask for one document of another flow to be read now."""
    enqueue("fetch", integration_id, flow_slug, key)


def _enqueue_once(task: str, rows: QuerySet[Any], mark: str, key: int) -> bool:
    """Enqueue, and mark the row in the same transaction, unless its mark says that a task is on its way."""
    now = timezone.now()
    with transaction.atomic():
        if not rows.filter(_without_task(mark, now)).update(**{mark: now}):
            return False
        enqueue(task, key)
    return True


def _without_task(mark: str, now: datetime) -> Q:
    return Q(**{mark: None}) | Q(**{f"{mark}__lt": now - PICKUP_WITHIN})


class _Packer:
    """Stands in for a broker: keeps the signed packages that django-q2 makes, to be put in the queue together."""

    list_key = "packed"

    def __init__(self) -> None:
        self.packages: list[str] = []

    def enqueue(self, package: str) -> int:
        self.packages.append(package)
        return len(self.packages)


def _put(packages: Sequence[str]) -> None:
    broker = get_broker()
    if settings.REDIS_URL:
        broker.connection.rpush(broker.list_key, *packages)
    else:
        now = timezone.now()
        bulk_sql.insert(OrmQ, [OrmQ(key=broker.list_key, payload=package, lock=now) for package in packages])


def _when_committed(put: Callable[[], object]) -> None:
    if settings.REDIS_URL:
        transaction.on_commit(put)
    else:
        put()


def _path(task: str) -> str:
    return f"syncjobs.tasks.{task}"
