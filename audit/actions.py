"""The closed list of what can be done. An entry with any other action is refused."""

from __future__ import annotations

from django.db import models


class Action(models.TextChoices):
    # What happens to a record
    COLLECTED = "record.collected", "read from the source"
    CHANGED = "record.changed", "changed at the source"
    SEEN_AGAIN = "record.seen_again", "came by another trigger"
    SKIPPED = "record.skipped", "left out on purpose"
    SYNCED = "record.synced", "written to the target"
    UNCHANGED = "record.unchanged", "nothing to write"
    WAITING = "record.waiting", "waiting"
    RETRYING = "record.retrying", "to be tried again"
    UNKNOWN = "record.unknown", "outcome unknown"
    SETTLED = "record.settled", "looked up in the target"
    CONFLICT = "record.conflict", "target may no longer change"
    ATTENTION = "record.attention", "needs a person"
    LEASE_EXPIRED = "record.lease_expired", "worker lost while sending"
    MISSING = "record.missing", "not found by reconciliation"
    # What people do to records
    REPLAYED = "record.replayed", "replayed"
    EDITED = "record.edited", "edited and replayed"
    CLOSED = "record.closed", "closed"
    REOPENED = "record.reopened", "reopened"
    # Connections
    CONNECTION_CREATED = "connection.created", "connection created"
    CONNECTION_CHANGED = "connection.changed", "connection settings changed"
    SECRETS_CHANGED = "connection.secrets_changed", "credentials entered"
    SECRETS_ROTATED = "connection.secrets_rotated", "credentials re-encrypted"
    PROBED = "connection.probed", "connection tested"
    CONNECTION_BROKEN = "connection.broken", "connection stopped"
    CONNECTION_RECOVERED = "connection.recovered", "connection works again"
    CONNECTION_PAUSED = "connection.paused", "connection paused"
    CONNECTION_RESUMED = "connection.resumed", "connection resumed"
    SIGNED_IN = "connection.signed_in", "signed in by browser"
    SIGN_IN_FAILED = "connection.sign_in_failed", "sign-in by browser failed"
    SIGNED_OUT = "connection.signed_out", "session signed out"
    # Integrations, flows, mappings, reports
    INTEGRATION_CREATED = "integration.created", "integration created"
    INTEGRATION_ACTIVATED = "integration.activated", "integration activated"
    INTEGRATION_PAUSED = "integration.paused", "integration paused"
    SUBSCRIBED = "integration.subscribed", "webhooks subscribed"
    UNSUBSCRIBED = "integration.unsubscribed", "webhooks removed"
    FLOW_CHANGED = "flow.changed", "flow changed"
    FLOW_RUN_ASKED = "flow.run_asked", "run asked for"
    FLOW_REWOUND = "flow.rewound", "flow reads again from"
    RECONCILED = "flow.reconciled", "both systems compared"
    MAPPING_CHANGED = "mapping.changed", "field mapping changed"
    MAPPING_RESET = "mapping.reset", "field mapping reset"
    TABLE_CHANGED = "table.changed", "value map changed"
    REPORT_DOWNLOADED = "report.downloaded", "report downloaded"
    # Webhooks, people, and the trail itself
    WEBHOOK_FOLLOWED = "webhook.followed", "notification followed"
    WEBHOOK_REFUSED = "webhook.refused", "notification refused"
    WEBHOOK_REPLAYED = "webhook.replayed", "notification followed again"
    USER_CHANGED = "user.changed", "user or group changed"
    CUSTOMER_CHANGED = "customer.changed", "customer changed"
    RETENTION = "audit.retention", "old entries removed"
    BODIES_REMOVED = "audit.bodies_removed", "old bodies removed"


def choices() -> list[tuple[str, str]]:
    """For the model field: a callable, so that a new action needs no migration."""
    return list(Action.choices)
