"""The encrypted columns: can they be read, and are they encrypted with the newest key?"""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from django.db import transaction

from audit import trail
from audit.actions import Action
from audit.trail import ENGINE, Actor
from connections.models import Connection

ENCRYPTED = ["secrets", "session"]


def unreadable() -> list[str]:
    """The connections whose credentials no key of `FERNET_KEYS` opens, by name. Each row is read by itself."""
    return [name for key, name in _names() if not _opens(key)]


def rotate_secrets(actor: Actor = ENGINE) -> tuple[int, list[str]]:
    """Encrypt all credentials with the first of `FERNET_KEYS`; returns how many rows, and which could not be read.

    All columns of a row are written together: were one left on the old key, no key would open the row alone. Running
    it twice, or beside workers, does no harm.
    """
    rotated, failed = 0, []
    for key, name in _names():
        try:
            rotated += _rotate(key, actor)
        except InvalidToken:
            failed.append(name)
    return rotated, failed


def _rotate(key: int, actor: Actor) -> bool:
    with transaction.atomic():
        row = Connection._base_manager.select_for_update().filter(pk=key).first()
        if row is None:
            return False
        row.save(update_fields=ENCRYPTED)
        trail.record(Action.SECRETS_ROTATED, row, actor=actor, customer_id=row.customer_id)
    return True


def _opens(key: int) -> bool:
    try:
        Connection._base_manager.filter(pk=key).values_list(*ENCRYPTED).first()
    except InvalidToken:
        return False
    return True


def _names() -> list[tuple[int, str]]:
    rows = Connection.objects.select_related("customer").order_by("pk")
    return [(row.pk, f"{row} ({row.customer})") for row in rows]
