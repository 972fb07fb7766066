from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from connections import vendors
from connections.models import Connection, Customer
from syncjobs import recipes
from syncjobs.fields import DocumentField
from syncjobs.recipe import FlowSpec, Recipe


class Integration(models.Model):
    """A recipe switched on for one customer between two of its connections."""

    class State(models.TextChoices):
        DRAFT = "draft", "not active yet"
        ACTIVE = "active", "active"
        PAUSED = "paused", "paused"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="integrations")
    recipe = models.CharField(max_length=60, choices=recipes.choices)
    left = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", verbose_name="first system")
    right = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", verbose_name="second system")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    start_from = models.DateTimeField(
        default=timezone.now, help_text="Flows read from this moment on, less the look-back of each."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["customer__name", "recipe"]
        constraints = [models.UniqueConstraint(fields=["recipe", "left", "right"], name="integration_once")]
        permissions = [("activate_integration", "Can activate and pause integrations")]

    def __str__(self) -> str:
        return f"{self.customer} · {self.get_recipe_display()}"

    @property
    def declaration(self) -> Recipe:
        return recipes.get(self.recipe)

    def clean(self) -> None:
        """Both connections are the customer's, and of the systems that the recipe names."""
        if not (self.recipe and self.left_id and self.right_id and self.customer_id):
            return
        for side in ("left", "right"):
            connection: Connection = getattr(self, side)
            vendor = vendors.get(getattr(self.declaration, side))
            if connection.vendor != vendor.slug:
                raise ValidationError({side: f"This recipe needs a connection to {vendor.label} here."})
            if connection.customer_id != self.customer_id:
                raise ValidationError({side: f"This connection belongs to {connection.customer}."})

    def connection_for(self, resource: str) -> Connection:
        """The connection that a full resource name is read from or written to."""
        return self.left if resource.partition(".")[0] == self.declaration.left else self.right


def in_a_day() -> datetime:
    return timezone.now() + timedelta(days=1)


class FlowQuerySet(models.QuerySet["Flow"]):
    def with_connections(self) -> FlowQuerySet:
        return self.select_related("integration__left", "integration__right")

    def running(self) -> FlowQuerySet:
        """Flows that are switched on, in an active integration whose connections may be called."""
        usable = [Connection.State.NEW, Connection.State.READY]
        return self.filter(
            enabled=True,
            integration__state=Integration.State.ACTIVE,
            integration__left__state__in=usable,
            integration__right__state__in=usable,
        )


class Flow(models.Model):
    """One direction of one kind of document in an integration."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="flows")
    slug = models.CharField(max_length=40)
    enabled = models.BooleanField(default=True)
    schedule = models.CharField(
        max_length=60, default="300", help_text="Seconds between two runs, or a cron line such as “0 6 * * 1-5”."
    )
    filter = models.TextField(blank=True, help_text="JMESPath; documents for which it is false are left out.")
    filter_edited = models.BooleanField(default=False, editable=False)
    look_back_days = models.PositiveSmallIntegerField(
        default=7, help_text="How many days before the integration's start a first run reads back."
    )
    next_run_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When its source is read next; empty: now."
    )
    next_reconcile_at = models.DateTimeField(default=in_a_day, editable=False)
    cursor = DocumentField(null=True, editable=False)
    read_up_to = models.DateTimeField(null=True, editable=False, help_text="When its source was last read to the end.")
    lease = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    enqueued_at = models.DateTimeField(null=True, editable=False)
    trouble = models.TextField(blank=True, editable=False, help_text="Why its last run stopped early.")
    failures = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Runs in a row that failed.")
    next_work_at = models.DateTimeField(
        null=True, editable=False, help_text="Until then its records wait, because working on them failed."
    )
    work_failures = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = FlowQuerySet.as_manager()

    class Meta:
        ordering = ["integration", "pk"]
        constraints = [models.UniqueConstraint(fields=["integration", "slug"], name="flow_once")]
        indexes = [
            models.Index(fields=["next_run_at"], name="flow_next_run"),
            models.Index(fields=["next_reconcile_at"], name="flow_next_reconcile"),
        ]
        permissions = [("run_flow", "Can run flows now"), ("rewind_flow", "Can let a flow read again")]

    def __str__(self) -> str:
        return f"{self.spec.label} ({self.integration.customer})"

    @property
    def spec(self) -> FlowSpec:
        """What the recipe says of it; a stand-in that is only good to be shown where it is not `declared`."""
        recipe = self.integration.declaration
        return recipe.flow(self.slug) if self.declared else recipe.stand_in(self.slug)

    @property
    def declared(self) -> bool:
        """Whether the recipe still has it; a flow that it has no more keeps its records, and does nothing."""
        return any(spec.slug == self.slug for spec in self.integration.declaration.flows)

    @property
    def source(self) -> Connection:
        return self.integration.connection_for(self.spec.source)

    @property
    def target(self) -> Connection:
        return self.integration.connection_for(self.spec.target)

    @property
    def first_moment(self) -> datetime:
        """Where a flow without a cursor starts to read."""
        return self.integration.start_from - timedelta(days=self.look_back_days)


class FieldMapping(models.Model):
    """One row: a target field and the expression that fills it."""

    class WhenEmpty(models.TextChoices):
        OMIT = "omit", "leave the field out"
        NULL = "null", "send an empty field"
        STOP = "stop", "stop the record: needs a person"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="mappings")
    position = models.PositiveSmallIntegerField(default=0)
    target = models.CharField("target field", max_length=120)
    source = models.TextField("expression", help_text="JMESPath over the source document.")
    default = models.JSONField(null=True, blank=True)
    when_empty = models.CharField(max_length=10, choices=WhenEmpty.choices, default=WhenEmpty.OMIT)
    edited = models.BooleanField(default=False, editable=False, help_text="Differs from the recipe, and stays so.")

    class Meta:
        ordering = ["flow", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["flow", "target"], name="mapping_target_once")]

    def __str__(self) -> str:
        return self.target


class ValueMap(models.Model):
    """A lookup table of an integration: carriers, warehouses, tax codes, payment terms, currencies."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="value_maps")
    name = models.SlugField(max_length=40)
    fallback = models.CharField(
        max_length=120, blank=True, help_text="What a value that is not in the table becomes; empty stops the record."
    )

    class Meta:
        ordering = ["integration", "name"]
        constraints = [models.UniqueConstraint(fields=["integration", "name"], name="value_map_once")]

    def __str__(self) -> str:
        return self.name


class ValueMapRow(models.Model):
    value_map = models.ForeignKey(ValueMap, on_delete=models.CASCADE, related_name="rows")
    key = models.CharField("value in the source", max_length=120)
    value = models.CharField("becomes in the target", max_length=120)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["value_map", "key"], name="value_map_row_once")]

    def __str__(self) -> str:
        return f"{self.key} → {self.value}"


class State(models.TextChoices):
    """The state of a source document; it always has exactly one."""

    DUE = "due", "to be delivered"
    SENDING = "sending", "being sent"
    SYNCED = "synced", "synced"
    SKIPPED = "skipped", "left out on purpose"
    WAITING = "waiting", "waiting"
    RETRYING = "retrying", "to be tried again"
    UNKNOWN = "unknown", "outcome unknown"
    CONFLICT = "conflict", "conflict"
    ATTENTION = "attention", "needs a person"
    CLOSED = "closed", "closed by a person"


WORK = [State.DUE, State.RETRYING, State.WAITING]
"""States that deliver takes up when `due_at` comes."""
IN_FLIGHT = [State.SENDING, State.UNKNOWN]
"""States in which a write may be under way at the target."""


class SyncRecordQuerySet(models.QuerySet["SyncRecord"]):
    def due(self, now: datetime) -> SyncRecordQuerySet:
        """What may be delivered now: due, and no other delivery to the same target document under way."""
        busy = SyncRecord.objects.filter(in_flight=models.OuterRef("target_lock"))
        return self.filter(~models.Exists(busy), state__in=WORK, due_at__lte=now)

    def without_bodies(self) -> SyncRecordQuerySet:
        return self.defer("source_body", "sent_body", "answer_body", "edited_body")


class SyncRecord(models.Model):
    """What became of one source document in one flow; it ties the source key to the target key."""

    # Its own index would only repeat the beginning of two others.
    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="records", db_index=False)
    source_key = models.CharField(max_length=200)
    source_label = models.CharField("number", max_length=100, blank=True)
    source_status = models.CharField(max_length=60, blank=True)
    source_version = models.CharField(max_length=40, blank=True)
    source_hash = models.CharField(max_length=32, blank=True)
    natural_key = models.CharField(max_length=200, blank=True)
    belongs_to = models.CharField(
        max_length=200,
        blank=True,
        help_text="The natural key of the document that this one is about: a parcel's order.",
    )
    target_lock = models.CharField(
        max_length=280, help_text="Names the target document: connection, kind, natural key."
    )
    in_flight = models.CharField(
        max_length=280, null=True, help_text="The target lock, while a write to it may be under way."
    )
    target_key = models.CharField(max_length=200, null=True, blank=True)
    target_url = models.CharField(max_length=500, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    unknown_count = models.PositiveSmallIntegerField(default=0, help_text="Outcomes in a row that stayed unknown.")
    lookups = models.PositiveSmallIntegerField(default=0, help_text="Read-backs of the present unknown outcome.")
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_hash = models.CharField(max_length=32, blank=True)

    sent_hash = models.CharField(max_length=32, blank=True)
    mapping_version = models.CharField(max_length=32, blank=True)
    error_class = models.CharField(max_length=40, blank=True)
    cause = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    waits_for = models.CharField(max_length=200, blank=True)
    waits_flow = models.CharField(max_length=40, blank=True)
    waits_key = models.CharField(max_length=200, blank=True)
    triggers = models.JSONField(default=dict, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    synced_at = models.DateTimeField(null=True, blank=True)

    # Bodies have a shorter life than the rest: the retention rule empties them.
    source_body = DocumentField(null=True, blank=True)
    sent_body = DocumentField(null=True, blank=True)
    answer_body = DocumentField(null=True, blank=True)
    edited_body = DocumentField(null=True, blank=True, help_text="What a person wants to be sent next, once.")

    objects = SyncRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            # The key first: a search knows no flow.
            models.UniqueConstraint(fields=["source_key", "flow"], name="record_source_once"),
            models.UniqueConstraint(
                fields=["target_key", "flow"], condition=Q(target_key__isnull=False), name="record_target_once"
            ),
            models.UniqueConstraint(
                fields=["in_flight"], condition=Q(in_flight__isnull=False), name="record_in_flight_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sending", "unknown"], in_flight=models.F("target_lock"))
                | (~Q(state__in=["sending", "unknown"]) & Q(in_flight__isnull=True)),
                name="record_in_flight_holds_lock",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="record_state_known"),
            models.CheckConstraint(
                condition=~Q(state="sending") | (~Q(lease="") & Q(lease_until__isnull=False)),
                name="record_sending_leased",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=["due", "retrying", "waiting", "unknown"]) & Q(due_at__isnull=False))
                | (~Q(state__in=["due", "retrying", "waiting", "unknown"]) & Q(due_at__isnull=True)),
                name="record_work_has_time",
            ),
        ]
        indexes = [
            # Empty (NULL) for all records that no worker has to look at. SQLite too takes these where a query compares
            # the column; of other conditions it cannot tell whether a bound parameter meets them.
            models.Index(fields=["flow", "due_at", "id"], condition=Q(due_at__isnull=False), name="record_work"),
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="record_lease"),
            models.Index(fields=["flow", "state"], name="record_state"),
            models.Index(fields=["source_label"], name="record_label"),
            # With the flow, or SQLite reads all of a flow where it is asked for some keys of it.
            models.Index(fields=["natural_key", "flow"], name="record_natural_key"),
            models.Index(fields=["belongs_to"], name="record_belongs_to"),
        ]
        permissions = [
            ("replay_syncrecord", "Can replay records"),
            ("edit_syncrecord", "Can edit what is sent, and replay"),
            ("close_syncrecord", "Can close and reopen records"),
            ("see_bodies", "Can see documents, which hold personal data"),
        ]

    def __str__(self) -> str:
        return self.source_label or self.source_key


class WebhookEvent(models.Model):
    """One received notification, stored before anything else is done with it. The same one again re-opens the row."""

    class State(models.TextChoices):
        DUE = "due", "to be followed"
        FOLLOWING = "following", "being followed"
        DONE = "done", "followed"
        RETRYING = "retrying", "to be tried again"
        REFUSED = "refused", "refused"

    # No index of its own: that of the constraint begins with it.
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="events", db_index=False)
    topic = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64)
    url = models.CharField(max_length=1000, blank=True)
    body = models.BinaryField(default=bytes)
    headers = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField(
        default=timezone.now, null=True, blank=True, help_text="When it is followed; empty where nothing is to be done."
    )
    attempts = models.PositiveIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    received = models.PositiveIntegerField(default=1, help_text="How often it came.")
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    cause = models.TextField(blank=True)
    documents = models.PositiveIntegerField(default=0, help_text="Documents that it led to.")

    class Meta:
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "digest"], name="event_once"),
            models.CheckConstraint(
                condition=Q(state__in=["due", "retrying"], due_at__isnull=False)
                | (~Q(state__in=["due", "retrying"]) & Q(due_at__isnull=True)),
                name="event_work_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "due_at"], condition=Q(due_at__isnull=False), name="event_work"),
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="event_lease"),
            models.Index(fields=["-last_at"], name="event_last"),
        ]
        permissions = [("replay_webhookevent", "Can follow notifications again")]

    def __str__(self) -> str:
        return f"{self.topic or 'notification'} {self.last_at:%Y-%m-%d %H:%M}"


class FlowRun(models.Model):
    """One run of a flow, with its counts and its cursor before and after."""

    class Kind(models.TextChoices):
        POLL = "poll", "poll"
        WEBHOOK = "webhook", "webhook"
        FETCH = "fetch", "fetched by key"
        RECONCILE = "reconcile", "reconciliation"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.POLL)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    counts: Any = models.JSONField(default=dict, blank=True)
    cursor_before = DocumentField(null=True, blank=True)
    cursor_after = DocumentField(null=True, blank=True)
    trouble = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["flow", "-id"], name="run_flow")]

    def __str__(self) -> str:
        return f"{self.flow.slug} {self.started_at:%Y-%m-%d %H:%M}"

    def end(self, trouble: str = "") -> None:
        """Store when it ended, and why if that was early."""
        FlowRun.objects.filter(pk=self.pk).update(ended_at=timezone.now(), trouble=trouble)


class Heartbeat(models.Model):
    """Written by the tick, so that anybody can see that workers live."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField(default=timezone.now)
    worker = models.CharField(max_length=120, blank=True)
    trouble = models.TextField(blank=True, help_text="What failed in the last tick.")

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
