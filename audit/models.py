from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from audit.actions import Action, choices


class AppendOnly(Exception):
    """Somebody tried to change or remove an audit entry."""


class AuditEntry(models.Model):
    """One line: who or what did what to which record. Never changed; removed only by the retention rule.

    The actor is kept as text and a number without a constraint, so that deleting a staff account keeps its history.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    action = models.CharField(max_length=40, choices=choices)
    actor = models.CharField(max_length=150, default="engine", help_text="A user name, or the part of the engine.")
    actor_id = models.BigIntegerField(null=True, blank=True)
    subject_type = models.CharField(max_length=40, help_text="What it was done to, such as syncrecord.")
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject = models.CharField(max_length=200, blank=True, help_text="How people call it, such as an order number.")
    customer_id = models.BigIntegerField(null=True, blank=True)
    summary = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)
    group = models.UUIDField(null=True, blank=True, help_text="Equal for all entries of one act.")

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.subject}"

    def save(self, **options: Any) -> None:
        """Raises `AppendOnly` for an entry that is stored already, and `ValueError` for an action not on the list."""
        if not self._state.adding:
            raise AppendOnly("An audit entry is never changed.")
        Action(self.action)
        super().save(**options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise AppendOnly("An audit entry is never removed by hand; the retention rule does it.")


class RetentionPermit(models.Model):
    """Exists only inside the transaction of the retention rule: the database lets entries before `before` go."""

    before = models.DateTimeField()

    def __str__(self) -> str:
        return f"entries before {self.before:%Y-%m-%d} may go"
