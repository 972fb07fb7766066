"""The only module that rings django-q2. A ring says "there is work" and never what the work is.

A lost, doubled or late ring changes nothing but time: the rows in the database are the queue.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

# A ring that was not picked_up for so long is taken for lost, and rung again.
PICKUP_WITHIN = timedelta(minutes=5)


def enqueue(task: str, *ids: int | str) -> None:
    """Ask a worker to run `syncjobs.tasks.<task>(*ids)`, once the present transaction has committed.

    With the queue in the same database the ring is part of the transaction; Redis is rung on commit.
    """
    if settings.REDIS_URL:
        transaction.on_commit(lambda: async_task(f"syncjobs.tasks.{task}", *ids))
    else:
        async_task(f"syncjobs.tasks.{task}", *ids)


def enqueue_flow(flow_id: int) -> bool:
    """Ask for a flow's work to be done; rings once however often it is called before a worker answers."""
    from syncjobs.models import Flow

    now = timezone.now()
    silent = Flow.objects.filter(Q(enqueued_at=None) | Q(enqueued_at__lt=now - PICKUP_WITHIN), pk=flow_id)
    if silent.update(enqueued_at=now):
        enqueue("work", flow_id)
        return True
    return False


def picked_up(flow_id: int) -> None:
    """A worker has come: rings from now on are news."""
    from syncjobs.models import Flow

    Flow.objects.filter(pk=flow_id).update(enqueued_at=None)


def enqueue_poll(flow_id: int) -> None:
    """Ask for a flow's source to be read now."""
    enqueue("poll", flow_id)


def enqueue_fetch(integration_id: int, flow_slug: str, key: str) -> None:
    """Ask for one document of another flow to be read now."""
    enqueue("fetch", integration_id, flow_slug, key)
