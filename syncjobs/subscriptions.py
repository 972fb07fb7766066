"""Subscriptions: which notifications a system sends us. Polls carry everything; notifications only make it faster."""

from __future__ import annotations

from audit import trail
from audit.actions import Action
from connections.clients import opened
from connections.models import Connection
from syncjobs.engine.troubles import words_of
from syncjobs.models import Integration
from syncjobs.webhooks import webhook_url


def subscribe(integration: Integration) -> int:
    """Subscribe to the notifications that the integration's flows want. Calling it again subscribes once."""
    subscribed = 0
    for connection, topics in _topics_by_connection(integration):
        webhooks = connection.declaration.webhooks
        if webhooks is None or not topics:
            continue
        try:
            with opened(connection) as access:
                made = dict(webhooks.subscribe(access.client, webhook_url(connection), topics))
        except Exception as error:  # noqa: BLE001 (polls carry everything; the other connection may still be subscribed)
            _note_failure(Action.SUBSCRIBED, connection, f"Could not subscribe: {words_of(error)}")
            continue
        Connection.objects.filter(pk=connection.pk).update(subscriptions=made)
        trail.record(Action.SUBSCRIBED, connection, summary=", ".join(sorted(made)), customer_id=connection.customer_id)
        subscribed += len(made)
    return subscribed


def unsubscribe(integration: Integration) -> int:
    """Remove our subscriptions, also old ones, unless another active integration of the connection needs them."""
    removed = 0
    for connection, _ in _topics_by_connection(integration):
        webhooks = connection.declaration.webhooks
        others = Integration.objects.filter(state=Integration.State.ACTIVE).exclude(pk=integration.pk)
        needed = others.filter(left=connection).exists() or others.filter(right=connection).exists()
        if webhooks is None or needed:
            continue
        try:
            with opened(connection) as access:
                count = webhooks.unsubscribe(access.client, webhook_url(connection))
        except Exception as error:  # noqa: BLE001 (as above)
            _note_failure(Action.UNSUBSCRIBED, connection, f"Could not unsubscribe: {words_of(error)}")
            continue
        Connection.objects.filter(pk=connection.pk).update(subscriptions={})
        trail.record(Action.UNSUBSCRIBED, connection, summary=f"{count} removed.", customer_id=connection.customer_id)
        removed += count
    return removed


def _note_failure(action: Action, connection: Connection, summary: str) -> None:
    trail.record(action, connection, summary=summary, customer_id=connection.customer_id)


def _topics_by_connection(integration: Integration) -> list[tuple[Connection, list[str]]]:
    topics: dict[int, set[str]] = {integration.left_id: set(), integration.right_id: set()}
    for flow in integration.flows.filter(enabled=True):
        if flow.declared:
            topics[flow.source.pk].update(flow.spec.webhooks)
    return [(side, sorted(topics[side.pk])) for side in (integration.left, integration.right)]
