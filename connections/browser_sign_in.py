"""Verbs of a person's sign-in by browser: begin sends them to the system, finish takes what they come back with."""

from __future__ import annotations

import secrets as randomness
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from audit import trail
from audit.actions import Action
from audit.redaction import HIDDEN
from audit.trail import Actor
from connections.clients import account_of
from connections.errors import ConnectionBroken, VendorError
from connections.fields import Secrets
from connections.models import Connection

BEGUN = "sign_ins"
MINUTES = 15
AGAIN = "Press “Sign in by browser” on the connection's page and follow it to its end."
# What a system may say instead of giving a code (RFC 6749, 4.1.2.1); anything else it says is not repeated.
REFUSALS = {
    "access_denied": (
        "The access was not allowed",
        "Sign in by browser again and allow it, as a user who may.",
    ),
    "unauthorized_client": (
        "The application may not sign in by browser",
        "See there that it is registered for the authorization code flow, then sign in by browser again.",
    ),
    "unsupported_response_type": (
        "The application may not sign in by browser",
        "See there that it is registered for the authorization code flow, then sign in by browser again.",
    ),
    "invalid_scope": (
        "The application was not given all the rights that it asks for",
        "Add the scopes that the guide names to the application there, then sign in by browser again.",
    ),
}


class SignInFailed(Exception):
    """Nothing was stored. Says why in one sentence, and what to do; holds no secret."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


def redirect_uri() -> str:
    """The address that systems send a person back to: one for all connections, to be registered there."""
    return str(settings.PUBLIC_URL) + reverse("signed_in")


def connection_id(state: str) -> int | None:
    """Which connection a state says it is of. It proves nothing: good for choosing a page to show."""
    key, mark, _ = state.partition("-")
    return int(key) if mark and key.isascii() and key.isdigit() and len(key) < 19 else None


def begin(connection: Connection, session: SessionBase, actor: Actor) -> str:
    """The address to send the person to. What proves their return stays in their session, for one use.

    Begun again, only the newest counts. Raises `SignInFailed` if something is missing.
    """
    way = connection.sign_in
    if way is None:
        raise SignInFailed(
            "This connection does not sign in by browser.", "Choose that way of signing in in its settings."
        )
    state = f"{connection.pk}-{randomness.token_urlsafe(32)}"
    try:
        url, verifier = way.begin(connection.full_settings, dict(connection.secrets or {}), redirect_uri(), state)
    except VendorError as error:
        raise SignInFailed(str(error), error.next_step) from error
    now = time.time()
    others = {key: other for key, other in session.get(BEGUN, {}).items() if other["until"] > now}
    mine = {"state": state, "verifier": verifier, "person": actor.id, "until": now + MINUTES * 60}
    session[BEGUN] = {**others, str(connection.pk): mine}
    return url


def finish(state: str, code: str, refusal: str, session: SessionBase, actor: Actor) -> Connection:
    """Take the answer of the system: exchange the code, store what it brings, let a stopped connection go on.

    The state is spent whatever comes of it, so a second call with it fails. Raises `SignInFailed`; then what was
    stored before is there still. It does not test the connection: the clock does, or whoever enqueues a test.
    """
    key = connection_id(state)
    begun = None if key is None else _taken(session, key, state)
    if key is None or begun is None or begun["person"] != actor.id:
        raise SignInFailed(
            "This answer belongs to no sign-in that you began in this browser, or it was used before.", AGAIN
        )
    connection = Connection.objects.filter(pk=key).first()
    if connection is None:
        raise _removed()
    try:
        return _finish(connection, begun, code, refusal, actor)
    except SignInFailed as failed:
        if Connection.objects.filter(pk=key).exists():
            trail.record(
                Action.SIGN_IN_FAILED,
                connection,
                actor=actor,
                customer_id=connection.customer_id,
                summary=failed.message,
            )
        raise


def _finish(connection: Connection, begun: Mapping[str, Any], code: str, refusal: str, actor: Actor) -> Connection:
    system = connection.declaration.label
    if begun["until"] < time.time():
        raise SignInFailed(f"The sign-in took longer than {MINUTES} minutes, so it counts no more.", AGAIN)
    if refusal:
        reason, step = REFUSALS.get(refusal, ("The sign-in was refused", AGAIN))
        raise SignInFailed(f"{reason}: {system} sent you back without a sign-in.", step)
    if not code:
        raise SignInFailed(f"{system} sent you back without an answer.", AGAIN)
    granted = _exchanged(connection, code, str(begun["verifier"]))
    if not _stored(connection, granted, actor):
        raise _removed()
    connection.refresh_from_db()
    return connection


def _taken(session: SessionBase, key: int, state: str) -> dict[str, Any] | None:
    """What was kept for this state, taken out of the stored session: of two requests with one answer, one gets it."""
    with transaction.atomic():
        list(Connection.objects.select_for_update().filter(pk=key).values_list("pk"))
        stored = type(session)(session.session_key)
        begun = dict(stored.get(BEGUN, {}))
        mine: dict[str, Any] | None = begun.get(str(key))
        if mine is None or not constant_time_compare(mine["state"], state):
            return None
        del begun[str(key)]
        stored[BEGUN] = begun
        stored.save()
        session[BEGUN] = begun
    return mine


def _exchanged(connection: Connection, code: str, verifier: str) -> dict[str, str]:
    way = connection.sign_in
    if way is None:
        raise SignInFailed(
            "The connection's way of signing in was changed meanwhile, so nothing was stored.",
            "See its settings; it no longer signs in by browser.",
        )
    account = account_of(connection, for_person=True)
    try:
        granted = way.finish(account, code, verifier, redirect_uri())
    except VendorError as error:
        hidden = (code, verifier, *account.secrets.values())
        step = error.next_step if isinstance(error, ConnectionBroken) else ""
        raise SignInFailed(_without(str(error), hidden), _without(step, hidden) or f"Wait a little. {AGAIN}") from error
    return {name: value for name, value in granted.items() if value}


def _without(text: str, hidden: tuple[str, ...]) -> str:
    """A system may quote what it was sent."""
    for value in hidden:
        text = text.replace(value, HIDDEN) if len(value) > 3 else text
    return text


def _stored(connection: Connection, granted: Mapping[str, str], actor: Actor) -> bool:
    """Store what was granted in place of what it replaces. Returns whether the connection is still there."""
    with transaction.atomic():
        row = Connection._base_manager.select_for_update().filter(pk=connection.pk).first()
        if row is None:
            return False
        row.secrets = Secrets({**(row.secrets or {}), **granted})
        row.session = None
        row.session_used_at = None
        row.save(update_fields=["secrets", "session", "session_used_at"])
        waiting = Connection.objects.filter(pk=row.pk, state__in=[Connection.State.NEW, Connection.State.BROKEN])
        waiting.update(
            state=Connection.State.NEW,
            cause="",
            next_step="",
            recover_wait=None,
            recover_at=timezone.now() + timedelta(minutes=1),  # the clock tests it then, should nobody have before
        )
        labels = [question.label for question in row.declaration.secrets if question.name in granted]
        trail.record(
            Action.SIGNED_IN,
            connection,
            actor=actor,
            customer_id=row.customer_id,
            summary=f"Stored: {', '.join(labels) or 'nothing'}.",
        )
    return True


def _removed() -> SignInFailed:
    return SignInFailed(
        "The connection was removed while you signed in, so nothing was stored.",
        "Make it again if it is still wanted, and sign in by browser from its page.",
    )
