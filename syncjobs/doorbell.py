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

# A ring that was not answered for so long is taken for lost, and rung again.
ANSWER_WITHIN = timedelta(minutes=5)


def ring(task: str, *ids: int | str) -> None:
    """Ask a worker to run `syncjobs.tasks.<task>(*ids)`, once the present transaction has committed.

    With the queue in the same database the ring is part of the transaction; Redis is rung on commit.
    """
    if settings.REDIS_URL:
        transaction.on_commit(lambda: async_task(f"syncjobs.tasks.{task}", *ids))
    else:
        async_task(f"syncjobs.tasks.{task}", *ids)


def ring_flow(flow_id: int) -> bool:
    """Ask for a flow's work to be done; rings once however often it is called before a worker answers."""
    from syncjobs.models import Flow

    now = timezone.now()
    silent = Flow.objects.filter(Q(rung_at=None) | Q(rung_at__lt=now - ANSWER_WITHIN), pk=flow_id)
    if silent.update(rung_at=now):
        ring("work", flow_id)
        return True
    return False


def answered(flow_id: int) -> None:
    """A worker has come: rings from now on are news."""
    from syncjobs.models import Flow

    Flow.objects.filter(pk=flow_id).update(rung_at=None)


def ring_fetch(integration_id: int, flow_slug: str, key: str) -> None:
    """Ask for one document of another flow to be read now."""
    ring("fetch", integration_id, flow_slug, key)
