"""Writing the trail. The only way in; verbs call it in the transaction of what they do."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

from audit.actions import Action
from audit.models import AuditEntry, RetentionPermit
from audit.redaction import redact
from toolkit import bulk_sql as rows


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, or a part of the engine."""

    name: str
    id: int | None = None

    @classmethod
    def user(cls, user: AbstractBaseUser | Any) -> Actor:
        return cls(user.get_username(), user.pk)


ENGINE = Actor("engine")


def actor(request: HttpRequest) -> Actor:
    """The person who clicks."""
    return Actor.user(request.user)


@dataclass(slots=True)
class Line:
    """An entry that is not stored yet, with the fields of `AuditEntry` and without the cost of a model."""

    action: str
    subject_type: str
    subject_id: int | None
    subject: str
    actor: str = "engine"
    actor_id: int | None = None
    customer_id: int | None = None
    summary: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    group: uuid.UUID | None = None
    at: datetime = field(default_factory=timezone.now)


def entry(
    action: Action,
    subject: models.Model,
    *,
    actor: Actor = ENGINE,
    summary: str = "",
    data: Mapping[str, Any] | None = None,
    name: str | None = None,
    customer_id: int | None = None,
    group: uuid.UUID | None = None,
) -> AuditEntry:
    """An entry that is not stored yet, for `record_all`. `data` is redacted here."""
    return AuditEntry(
        action=Action(action).value,
        actor=actor.name,
        actor_id=actor.id,
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk,
        subject=(name if name is not None else str(subject))[:200],
        customer_id=customer_id,
        summary=summary,
        data=redact(data) if data else {},
        group=group,
    )


class EntryFields(TypedDict, total=False):
    """What an entry may say besides its action and its subject."""

    actor: Actor
    summary: str
    data: Mapping[str, Any] | None
    name: str | None
    customer_id: int | None
    group: uuid.UUID | None


def record(action: Action, subject: models.Model, **fields: Unpack[EntryFields]) -> AuditEntry:
    """Store one entry; `fields` as of `entry`. Raises `ValueError` for an action that is not on the list."""
    line = entry(action, subject, **fields)
    line.save(force_insert=True)
    return line


def record_all(lines: Iterable[AuditEntry | Line]) -> None:
    """Store many entries at once. Raises `ValueError` for an action that is not on the list."""
    stored = list(lines)
    for action in {line.action for line in stored}:
        Action(action)
    rows.insert(AuditEntry, stored)


def remove_before(before: datetime, actor: Actor = ENGINE) -> int:
    """The retention rule: remove entries older than `before` and leave one entry that says so. Returns how many."""
    with transaction.atomic():
        permit = RetentionPermit.objects.create(before=before)
        gone = AuditEntry.objects.filter(at__lt=before)
        count = gone._raw_delete(gone.db)  # the trigger guards it; signals and cascades there are none
        permit.delete()
        if count:
            AuditEntry.objects.create(
                action=Action.RETENTION,
                actor=actor.name,
                actor_id=actor.id,
                subject_type="auditentry",
                at=timezone.now(),
                summary=f"{count} entries from before {before:%Y-%m-%d} were removed.",
                data={"count": count, "before": before.isoformat()},
            )
    return count
