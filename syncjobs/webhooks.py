"""The inbox: notifications are stored before anything else, and followed by a worker."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from connections import lifecycle
from connections.clients import opened
from connections.errors import ConnectionBroken, Rejected, Surprise, TryLater, VendorError
from connections.models import Connection
from connections.vendor import Hint
from syncjobs import dispatch
from syncjobs.engine.fetch import take_in
from syncjobs.engine.transitions import backoff
from syncjobs.models import Flow, Integration, WebhookEvent

EState = WebhookEvent.State


def receive(connection: Connection, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
    """Store a notification and ring for it, in one transaction and without any call to the outside.

    One that came before re-opens its row: something may have changed again. One that is not from this vendor is
    kept too, as refused, with the reason.
    """
    webhooks = connection.declaration.webhooks
    kept = {name: headers[name] for name in (webhooks.keep_headers if webhooks else ()) if name in headers}
    try:
        if webhooks is None:
            raise Rejected(f"{connection.declaration.label} sends no notifications.")
        hint, cause = webhooks.read(body, headers), ""
    except Rejected as error:
        hint, cause = Hint("", hashlib.sha256(body).hexdigest()), str(error)
    return _store(connection, hint, body, kept, cause)


def refuse_oversized(connection: Connection, size: int) -> WebhookEvent:
    """Note that a notification came that was too large to be one."""
    cause = f"A body of {size:,} bytes came; notifications are at most {settings.WEBHOOK_MAX_BYTES:,}."
    return _store(connection, Hint("", f"oversized-{size}"), b"", {}, cause)


def _store(connection: Connection, hint: Hint, body: bytes, headers: dict[str, str], cause: str) -> WebhookEvent:
    now = timezone.now()
    state = EState.REFUSED if cause else EState.DUE
    fields = {"topic": hint.topic, "url": hint.url[:1000], "body": body, "headers": headers, "cause": cause}
    with transaction.atomic():
        seen = WebhookEvent.objects.filter(connection=connection, digest=hint.digest)
        again = seen.update(state=state, due_at=now, last_at=now, received=F("received") + 1, attempts=0, **fields)
        if again:
            event = seen.get()
        else:
            event, _ = WebhookEvent.objects.get_or_create(
                connection=connection, digest=hint.digest, defaults={"state": state, **fields}
            )
        if not cause:
            dispatch.enqueue("follow", event.pk)
    return event


def follow(event_id: int) -> bool:
    """Fetch what a notification points to and collect it. Answers whether this call did it; twice does no harm."""
    event = _claim(event_id)
    if event is None:
        return False
    try:
        documents = _fetch(event)
    except (Rejected, Surprise) as error:
        _end(event, EState.REFUSED, str(error))
        trail.record(Action.WEBHOOK_REFUSED, event, summary=str(error), customer_id=event.connection.customer_id)
    except VendorError as error:
        if isinstance(error, ConnectionBroken):
            lifecycle.stop(event.connection, error)
        _end(event, EState.RETRYING, str(error), _wait(event, error))
    else:
        _end(event, EState.DONE, "", documents=documents)
    return True


def _claim(event_id: int) -> WebhookEvent | None:
    lease = uuid.uuid4().hex
    until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    open_ones = WebhookEvent.objects.filter(pk=event_id, state__in=[EState.DUE, EState.RETRYING])
    if not open_ones.update(state=EState.FOLLOWING, lease=lease, lease_until=until, attempts=F("attempts") + 1):
        return None
    event = WebhookEvent.objects.select_related("connection").get(pk=event_id)
    if event.connection.usable:
        return event
    _end(event, EState.RETRYING, f"The connection {event.connection} does not work just now.", timedelta(minutes=1))
    return None


def _fetch(event: WebhookEvent) -> int:
    webhooks = event.connection.declaration.webhooks
    assert webhooks is not None  # noqa: S101 (receive stores those as refused, which are not followed)
    flows = _fed_flows(event)
    documents = 0
    with opened(event.connection) as access:
        hint = Hint(event.topic, event.digest, event.url)
        for resource, found in webhooks.follow(access.client, hint, bytes(event.body), event.headers):
            documents += len(found)
            for flow in flows:
                if flow.spec.source == f"{event.connection.vendor}.{resource}":
                    take_in(flow, found, "webhook")
    return documents


def _fed_flows(event: WebhookEvent) -> list[Flow]:
    flows = Flow.objects.running().select_related("integration__left", "integration__right")
    return [flow for flow in flows if event.topic in flow.spec.webhooks and flow.source.pk == event.connection_id]


def _wait(event: WebhookEvent, error: VendorError) -> timedelta:
    if isinstance(error, TryLater) and error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    return backoff(event.attempts)


def _end(event: WebhookEvent, state: str, cause: str, wait: timedelta = timedelta(), documents: int = 0) -> None:
    """Store how following ended, unless the same notification came again meanwhile and re-opened the event."""
    WebhookEvent.objects.filter(pk=event.pk, lease=event.lease, state=EState.FOLLOWING).update(
        state=state, cause=cause, due_at=timezone.now() + wait, lease="", lease_until=None, documents=documents
    )


def replay_event(event: WebhookEvent, actor: Actor) -> bool:
    """Follow a notification again. Answers whether it was not being followed just now."""
    with transaction.atomic():
        idle = WebhookEvent.objects.exclude(state=EState.FOLLOWING).exclude(topic="").filter(pk=event.pk)
        if not idle.update(state=EState.DUE, due_at=timezone.now(), attempts=0, cause=""):
            return False
        trail.record(Action.WEBHOOK_REPLAYED, event, actor=actor, customer_id=event.connection.customer_id)
        dispatch.enqueue("follow", event.pk)
    return True


def webhook_url(connection: Connection) -> str:
    """The address that this connection's notifications are sent to; its token is all that proves them in ShipStation V1."""
    return str(settings.PUBLIC_URL) + reverse("hooks:receive", args=[connection.webhook_token])


def subscribe(integration: Integration) -> int:
    """Subscribe to the notifications that the integration's flows want. Calling it again subscribes once."""
    subscribed = 0
    for connection, topics in _wanted(integration):
        webhooks = connection.declaration.webhooks
        if webhooks is None or not topics:
            continue
        try:
            with opened(connection) as access:
                made = dict(webhooks.subscribe(access.client, webhook_url(connection), topics))
        except VendorError as error:
            # Polls carry everything; notifications only make it faster.
            trail.record(
                Action.SUBSCRIBED,
                connection,
                summary=f"Could not subscribe: {error}",
                customer_id=connection.customer_id,
            )
            continue
        Connection.objects.filter(pk=connection.pk).update(subscriptions=made)
        trail.record(Action.SUBSCRIBED, connection, summary=", ".join(sorted(made)), customer_id=connection.customer_id)
        subscribed += len(made)
    return subscribed


def unsubscribe(integration: Integration) -> int:
    """Remove our subscriptions, also old ones, unless another active integration of the connection needs them."""
    removed = 0
    for connection, _ in _wanted(integration):
        webhooks = connection.declaration.webhooks
        others = Integration.objects.filter(state=Integration.State.ACTIVE).exclude(pk=integration.pk)
        needed = others.filter(left=connection).exists() or others.filter(right=connection).exists()
        if webhooks is None or needed:
            continue
        try:
            with opened(connection) as access:
                count = webhooks.unsubscribe(access.client, webhook_url(connection))
        except VendorError as error:
            trail.record(
                Action.UNSUBSCRIBED,
                connection,
                summary=f"Could not unsubscribe: {error}",
                customer_id=connection.customer_id,
            )
            continue
        Connection.objects.filter(pk=connection.pk).update(subscriptions={})
        trail.record(Action.UNSUBSCRIBED, connection, summary=f"{count} removed.", customer_id=connection.customer_id)
        removed += count
    return removed


def _wanted(integration: Integration) -> list[tuple[Connection, list[str]]]:
    topics: dict[int, set[str]] = {integration.left_id: set(), integration.right_id: set()}
    for flow in integration.flows.filter(enabled=True):
        topics[flow.source.pk].update(flow.spec.webhooks)
    return [(side, sorted(topics[side.pk])) for side in (integration.left, integration.right)]
