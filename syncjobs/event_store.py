"""The statements of webhook intake: what every notification costs, written out and sent as they are.

Built by the ORM they took most of the time of an intake. Both databases understand them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection as database
from django.utils import timezone

from connections.models import Connection
from connections.vendor import Hint
from syncjobs.models import WebhookEvent

_EVENTS, _CONNECTIONS = WebhookEvent._meta.db_table, Connection._meta.db_table
_RENEWED = (
    "topic",
    "url",
    "body",
    "headers",
    "state",
    "due_at",
    "lease",
    "lease_until",
    "attempts",
    "last_at",
    "cause",
)
_COLUMNS = ("connection_id", "digest", *_RENEWED, "received", "first_at", "documents")

_FIND = f"SELECT id, vendor FROM {_CONNECTIONS} WHERE webhook_token = %s"  # noqa: S608 (our own names, as below)
_STORE = (
    f"INSERT INTO {_EVENTS} ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))}) "  # noqa: S608
    f"ON CONFLICT (connection_id, digest) DO UPDATE SET received = {_EVENTS}.received + 1, "
    f"{', '.join(f'{name} = excluded.{name}' for name in _RENEWED)}"
)
_UNATTENDED = f"SELECT 1 FROM {_CONNECTIONS} WHERE id = %s AND (follow_enqueued_at IS NULL OR follow_enqueued_at < %s)"  # noqa: S608


class IntakeConnection(NamedTuple):
    """What intake knows of a connection; its secrets stay unread."""

    pk: int
    vendor: str


def find_receiver(token: str) -> IntakeConnection | None:
    """The connection whose notifications are sent to this token."""
    if not token.isprintable():  # PostgreSQL would refuse to look for it
        return None
    with database.cursor() as cursor:
        cursor.execute(_FIND, [token])
        row = cursor.fetchone()
    return IntakeConnection(*row) if row else None


def store(
    connection_id: int, hint: Hint, body: bytes, headers: Mapping[str, str], state: WebhookEvent.State, cause: str
) -> None:
    """Store a notification; one that came before re-opens its row, whoever may be following it just now."""
    now = _instant(timezone.now())
    due_at = now if state == WebhookEvent.State.DUE else None
    renewed = (hint.topic, hint.url, body, json.dumps(headers), state.value, due_at, "", None, 0, now, cause)
    with database.cursor() as cursor:
        cursor.execute(_STORE, [connection_id, hint.digest, *renewed, 1, now, 0])


def unattended(connection_id: int, since: datetime) -> bool:
    """Whether no task has been enqueued since then that follows this connection's notifications.

    Asked once the notification is committed: whoever has not seen it yet then says so by finding the mark gone.
    """
    with database.cursor() as cursor:
        cursor.execute(_UNATTENDED, [connection_id, _instant(since)])
        return cursor.fetchone() is not None


def _instant(at: datetime) -> datetime | str | None:
    """An instant as this database's driver takes it."""
    moment: datetime | str | None = database.ops.adapt_datetimefield_value(at)
    return moment
