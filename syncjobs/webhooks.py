"""Intake of notifications: each is stored before anything else is done, and followed by a worker (`engine/follow.py`)."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from connections import vendors
from connections.errors import Rejected
from connections.models import Connection
from connections.vendor import Hint
from syncjobs import dispatch, event_store
from syncjobs.models import WebhookEvent

EState = WebhookEvent.State
MAX_URL = 1000

log = logging.getLogger(__name__)


class Receiver(Protocol):
    """A connection, or the little of it that intake reads."""

    @property
    def pk(self) -> int: ...
    @property
    def vendor(self) -> str: ...


def receive(connection: Receiver, body: bytes, headers: Mapping[str, str]) -> bool:
    """Store a notification and enqueue its following, without any call to the outside. Returns whether it was accepted.

    One that came before re-opens its row: something may have changed again. One that is not from this vendor is
    kept too, as refused, with the reason.
    """
    vendor = vendors.get(connection.vendor)
    webhooks = vendor.webhooks
    kept = {name: headers[name] for name in (webhooks.keep_headers if webhooks else ()) if name in headers}
    try:
        if webhooks is None:
            raise Rejected(f"{vendor.label} sends no notifications.")
        hint, cause = _storable(webhooks.read(body, headers)), ""
    except Rejected as error:
        hint, cause = _unread(body), str(error)
    except Exception as error:
        log.exception("A notification of connection %s could not be read", connection.pk)
        hint, cause = _unread(body), f"It could not be read ({type(error).__name__})."
    event_store.store(connection.pk, hint, body, kept, EState.REFUSED if cause else EState.DUE, cause)
    if not cause:
        enqueue_following(connection.pk)
    return not cause


def refuse_oversized(connection: Receiver, size: int) -> None:
    """Note that a notification came that was too large to be one."""
    cause = f"A body of {size:,} bytes came; notifications are at most {settings.WEBHOOK_MAX_BYTES:,}."
    event_store.store(connection.pk, Hint("", f"oversized-{size}"), b"", {}, EState.REFUSED, cause)


def _unread(body: bytes) -> Hint:
    return Hint("", hashlib.sha256(body).hexdigest())


def _storable(hint: Hint) -> Hint:
    """The hint with an address that fits its column. Raises `Rejected` for text that no database takes."""
    if not hint.url.isprintable():
        raise Rejected("The address in this notification holds characters that no address has.")
    return Hint(hint.topic, hint.digest, hint.url[:MAX_URL])


def enqueue_following(connection_id: int) -> None:
    """Ask for the connection's notifications to be followed, unless that is asked for already.

    Read before it is written: a write that changes nothing still takes its turn at SQLite.
    """
    if event_store.unattended(connection_id, timezone.now() - dispatch.PICKUP_WITHIN):
        dispatch.enqueue_follow(connection_id)


def replay_event(event: WebhookEvent, actor: Actor) -> bool:
    """Follow a notification again. Returns whether it was not being followed just now."""
    with transaction.atomic():
        idle = WebhookEvent.objects.exclude(state=EState.FOLLOWING).exclude(topic="").filter(pk=event.pk)
        if not idle.update(state=EState.DUE, due_at=timezone.now(), attempts=0, cause=""):
            return False
        trail.record(Action.WEBHOOK_REPLAYED, event, actor=actor, customer_id=event.connection.customer_id)
    enqueue_following(event.connection_id)
    return True


def webhook_url(connection: Connection) -> str:
    """The address that this connection's notifications are sent to; its token is all that proves them in ShipStation V1."""
    return str(settings.PUBLIC_URL) + reverse("hooks:receive", args=[connection.webhook_token])
