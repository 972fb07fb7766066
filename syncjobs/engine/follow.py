"""Follow: a connection's stored notifications, oldest first; what each points to is fetched and collected."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F, Max, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.utils import timezone

from audit import trail
from audit.actions import Action
from connections.clients import Opened, opened
from connections.errors import ConnectionBroken, Rejected, Surprise
from connections.models import Connection
from connections.slots import slot
from connections.vendor import Hint
from syncjobs import dispatch
from syncjobs.engine.fetch import take_in
from syncjobs.engine.transitions import backoff, retry_after
from syncjobs.engine.troubles import words_of
from syncjobs.models import Flow, WebhookEvent
from toolkit import leases

EState = WebhookEvent.State
LOOK_AGAIN = timedelta(minutes=1)


def follow_connection(connection_id: int, deadline: float) -> int:
    """Follow the notifications of a connection that are due now, until the deadline (`time.monotonic()`).

    One worker at a time does it, and each notification once: called again meanwhile it does nothing, and for what
    comes meanwhile another task is enqueued. Returns how many were followed.
    """
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return 0
    followed = 0
    try:
        with slot(connection, "follow") as free:
            if free:
                followed = _follow_due(connection, deadline)
    finally:
        dispatch.followed(connection_id)
    if free and WebhookEvent.objects.filter(connection=connection, state=EState.DUE, due_at__isnull=False).exists():
        dispatch.enqueue_follow(connection_id)
    return followed


def _follow_due(connection: Connection, deadline: float) -> int:
    now = timezone.now()
    due = WebhookEvent.objects.filter(leases.is_free(now), connection=connection, due_at__lte=now)
    followed = 0
    try:
        if connection.usable:
            with opened(connection) as access:
                flows = _fed_flows(connection)
                while time.monotonic() < deadline and (event := _claim(due, connection)):
                    followed += 1
                    _follow(event, access, flows)
    except ConnectionBroken:
        pass  # the connection is stopped, with its cause
    except Exception as error:  # noqa: BLE001 (no notification is left without a cause and the time of its next try)
        tries = due.aggregate(most=Max("attempts"))["most"] or 0
        _put_off(due, words_of(error), backoff(tries), attempts=F("attempts") + 1)
    if not connection.usable:
        _put_off(due, f"The connection {connection} does not work just now.", LOOK_AGAIN)
    return followed


def _claim(due: QuerySet[WebhookEvent], connection: Connection) -> WebhookEvent | None:
    """The notification that has been due for longest. One that another worker took meanwhile is passed over."""
    while (event := due.order_by("due_at", "pk").first()) is not None:
        event.lease = leases.take(
            due.filter(pk=event.pk), state=EState.FOLLOWING, due_at=None, attempts=F("attempts") + 1
        )
        if event.lease:
            event.connection, event.attempts = connection, event.attempts + 1
            return event
    return None


def _follow(event: WebhookEvent, access: Opened, flows: Sequence[Flow]) -> None:
    """Fetch what one notification points to, and store how that ended, whatever happened. Raises `ConnectionBroken`."""
    try:
        documents = _fetch(event, access, flows)
    except (Rejected, Surprise) as error:
        _end(event, EState.REFUSED, str(error))
        trail.record(Action.WEBHOOK_REFUSED, event, summary=str(error), customer_id=event.connection.customer_id)
    except Exception as error:
        _end(event, EState.RETRYING, words_of(error), retry_after(error, event.attempts))
        if isinstance(error, ConnectionBroken):
            raise
    else:
        _end(event, EState.DONE, "", documents=documents)
    finally:
        access.exchanges.clear()


def _fetch(event: WebhookEvent, access: Opened, flows: Sequence[Flow]) -> int:
    webhooks = event.connection.declaration.webhooks
    if webhooks is None:
        raise Rejected(f"{event.connection.declaration.label} sends no notifications.")
    count = 0
    hint = Hint(event.topic, event.digest, event.url)
    fed = [flow for flow in flows if event.topic in flow.spec.webhooks]
    for resource, documents in webhooks.follow(access.client, hint, bytes(event.body), event.headers):
        count += len(documents)
        for flow in fed:
            if flow.spec.source == f"{event.connection.vendor}.{resource}":
                take_in(flow, documents, "webhook")
    return count


def _fed_flows(connection: Connection) -> list[Flow]:
    """Running flows that read from this connection and want notifications."""
    sides = Q(integration__left=connection) | Q(integration__right=connection)
    flows = Flow.objects.running().with_connections().filter(sides)
    return [flow for flow in flows if flow.declared and flow.spec.webhooks and flow.source.pk == connection.pk]


def _end(event: WebhookEvent, state: str, cause: str, wait: timedelta = timedelta(), documents: int = 0) -> None:
    """Store how following ended, unless the same notification came again meanwhile and re-opened the event."""
    due_at = timezone.now() + wait if state == EState.RETRYING else None
    still = WebhookEvent.objects.filter(pk=event.pk, state=EState.FOLLOWING)
    leases.give_back(still, event.lease, state=state, cause=cause, due_at=due_at, documents=documents)


def _put_off(due: QuerySet[WebhookEvent], cause: str, wait: timedelta, **changes: CombinedExpression) -> None:
    due.update(state=EState.RETRYING, due_at=timezone.now() + wait, cause=cause, **changes)
