"""Whether a connection works: it stops with one cause when it breaks, and goes on by itself once that is corrected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit import trail
from audit.actions import Action
from connections.errors import ConnectionBroken
from connections.models import Connection

RECOVER_FIRST, RECOVER_LAST = timedelta(minutes=5), timedelta(hours=4)


@contextmanager
def stopping(connection: Connection) -> Iterator[None]:
    """Stop this connection when a `ConnectionBroken` leaves the block, and raise it on.

    Of nested blocks the innermost counts: an error stops one connection only.
    """
    try:
        yield
    except ConnectionBroken as error:
        stop(connection, error)
        raise


def stop(connection: Connection, error: ConnectionBroken) -> None:
    """Stop all flows of a connection with one cause. Calling it again with the connection stopped keeps the first.

    An error that has stopped a connection before does nothing here.
    """
    if error.connection_id is not None:
        return
    error.connection_id = connection.pk
    now = timezone.now()
    wait = _next_wait(connection)
    with transaction.atomic():
        running = Connection.objects.filter(pk=connection.pk, state__in=[Connection.State.NEW, Connection.State.READY])
        stopped = running.update(
            state=Connection.State.BROKEN,
            cause=str(error),
            next_step=error.next_step,
            recover_wait=wait,
            recover_at=now + wait,
        )
        if stopped:
            trail.record(
                Action.CONNECTION_BROKEN,
                connection,
                customer_id=connection.customer_id,
                summary=str(error),
                data={"status": error.status, "request_id": error.request_id},
            )
        else:
            Connection.objects.filter(pk=connection.pk, state=Connection.State.BROKEN).update(
                recover_wait=wait, recover_at=now + wait
            )
    connection.state = Connection.State.BROKEN  # whoever holds this one calls it no more


def recover(connection: Connection) -> None:
    """It works again: its flows go on by themselves."""
    with transaction.atomic():
        stopped = Connection.objects.filter(pk=connection.pk, state__in=[Connection.State.NEW, Connection.State.BROKEN])
        if stopped.update(state=Connection.State.READY, cause="", next_step="", recover_wait=None, recover_at=None):
            trail.record(Action.CONNECTION_RECOVERED, connection, customer_id=connection.customer_id)


def _next_wait(connection: Connection) -> timedelta:
    """How long until a stopped connection is tried again: growing, because wrong passwords lock accounts."""
    wait = Connection.objects.filter(pk=connection.pk).values_list("recover_wait", flat=True).first()
    return min(wait * 2, RECOVER_LAST) if wait else RECOVER_FIRST
