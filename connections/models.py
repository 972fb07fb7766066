from __future__ import annotations

import secrets as randomness
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connections import vendors
from connections.fields import SecretsField
from connections.vendor import BrowserSignIn, Vendor


def new_token() -> str:
    return randomness.token_urlsafe(24)


class Customer(models.Model):
    """The organisation we integrate for; everything else belongs to one."""

    name = models.CharField(max_length=120, unique=True)
    notes = models.TextField(blank=True, help_text="For support staff only.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ConnectionManager(models.Manager["Connection"]):
    """Leaves the encrypted columns unread: one that cannot be decrypted would break every list it stands in."""

    def get_queryset(self) -> models.QuerySet[Connection]:
        return super().get_queryset().defer("secrets", "session")


class Connection(models.Model):
    """One customer's account at one vendor."""

    class State(models.TextChoices):
        NEW = "new", "not tested yet"
        READY = "ready", "works"
        BROKEN = "broken", "stopped: needs a person"
        PAUSED = "paused", "paused by a person"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="connections")
    vendor = models.CharField("system", max_length=40, choices=vendors.choices)
    name = models.CharField(max_length=120, help_text="How you call this account, such as “Oslo warehouse”.")
    settings = models.JSONField(default=dict, blank=True)
    secrets = SecretsField(null=True)
    session = SecretsField(null=True)
    session_used_at = models.DateTimeField(null=True, editable=False)
    session_lease = models.CharField(max_length=32, blank=True, editable=False)
    session_lease_until = models.DateTimeField(null=True, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW, editable=False)
    cause = models.TextField(blank=True, editable=False, help_text="Why it does not work, in one sentence.")
    next_step = models.TextField(blank=True, editable=False)
    checked_at = models.DateTimeField("last tested", null=True, editable=False)
    recover_wait = models.DurationField(null=True, editable=False)
    recover_at = models.DateTimeField(null=True, editable=False, help_text="When a stopped one is tested again.")
    probe = models.JSONField(default=list, blank=True, editable=False)
    webhook_token = models.CharField(max_length=64, default=new_token, unique=True, editable=False)
    subscriptions = models.JSONField(default=dict, blank=True, editable=False)
    follow_enqueued_at = models.DateTimeField(
        null=True, editable=False, help_text="When a task was enqueued that follows its notifications."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConnectionManager()

    class Meta:
        ordering = ["customer__name", "vendor", "name"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "vendor", "name"], name="connection_name_once"),
        ]
        permissions = [
            ("probe_connection", "Can test connections"),
            ("pause_connection", "Can pause and resume connections"),
            ("enter_secrets", "Can enter credentials"),
        ]

    def __str__(self) -> str:
        return f"{self.get_vendor_display()} · {self.name}"

    @property
    def declaration(self) -> Vendor:
        return vendors.get(self.vendor)

    @property
    def usable(self) -> bool:
        """Whether flows may call it. An untested one may: its first run will show."""
        return self.state in {self.State.NEW, self.State.READY}

    @property
    def full_settings(self) -> dict[str, Any]:
        """The settings with the vendor's defaults under them."""
        stored = {name: value for name, value in self.settings.items() if value not in ("", None)}
        return self.declaration.defaults() | stored

    @property
    def sign_in(self) -> BrowserSignIn | None:
        """How a person signs it in by browser, where its settings ask for that."""
        sign_in = self.declaration.sign_in
        return sign_in if sign_in and sign_in.applies(self.full_settings) else None


class RateWindow(models.Model):
    """The calls that one account spent in the current window, shared by all workers on all machines.

    `account` is a hash of vendor, rate and credentials: two connections with the same key share one budget.
    """

    account = models.CharField(max_length=64, unique=True)
    ends_at = models.DateTimeField(default=timezone.now)
    used = models.PositiveIntegerField(default=0)
    limit = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.used} of {self.limit} until {self.ends_at:%H:%M:%S}"


class Slot(models.Model):
    """One of the calls or writers that a connection allows at once, leased to a worker."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="slots")
    kind = models.CharField(max_length=10)
    number = models.PositiveSmallIntegerField()
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "number"], name="slot_once"),
            models.CheckConstraint(
                condition=Q(lease="", lease_until=None) | (~Q(lease="") & Q(lease_until__isnull=False)),
                name="slot_lease_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} slot {self.number}"
