from __future__ import annotations

import datetime as dt
from typing import Unpack

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.models import AppendOnly, AuditEntry
from audit.redaction import HIDDEN
from audit.trail import Actor, EntryFields
from connections.models import Customer

pytestmark = pytest.mark.django_db


def entry(**fields: Unpack[EntryFields]) -> AuditEntry:
    customer = Customer.objects.create(name="Fjord Outdoor")
    return trail.record(Action.CUSTOMER_CHANGED, customer, **fields)


def test_it_stores_who_did_what_to_which() -> None:
    stored = entry(actor=Actor("anna", 7), summary="renamed")
    assert (stored.actor, stored.actor_id, stored.subject, stored.subject_type) == (
        "anna",
        7,
        "Fjord Outdoor",
        "customer",
    )


def test_it_refuses_an_action_that_is_not_on_the_list() -> None:
    with pytest.raises(ValueError, match=r"made\.up"):
        AuditEntry(action="made.up", subject_type="x").save()


def test_it_refuses_to_change_an_entry_in_python() -> None:
    stored = entry()
    with pytest.raises(AppendOnly):
        stored.save()
    with pytest.raises(AppendOnly):
        stored.delete()


def test_it_refuses_to_change_entries_in_the_database() -> None:
    entry()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditEntry.objects.update(summary="nothing happened")


def test_it_refuses_to_remove_entries_in_the_database() -> None:
    entry()
    with pytest.raises(DatabaseError, match="retention rule only"), transaction.atomic():
        AuditEntry.objects.all()._raw_delete("default")


def test_it_lets_the_retention_rule_remove_old_entries_only() -> None:
    customer = Customer.objects.create(name="Old and new")
    old = trail.entry(Action.CUSTOMER_CHANGED, customer)
    old.at = timezone.now() - dt.timedelta(days=900)
    new = trail.entry(Action.CUSTOMER_CHANGED, customer)
    trail.record_all([old, new])
    assert trail.remove_before(timezone.now() - dt.timedelta(days=730)) == 1
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [Action.RETENTION, Action.CUSTOMER_CHANGED]


def test_it_leaves_no_mark_where_nothing_was_old() -> None:
    assert trail.remove_before(timezone.now()) == 0
    assert not AuditEntry.objects.exists()


def test_it_redacts_secrets_and_people_before_storing() -> None:
    stored = entry(data={"api_key": "k-123", "shipTo": {"name": "Kari"}, "note": "mail kari@example.no", "count": 3})
    assert stored.data == {"api_key": HIDDEN, "shipTo": HIDDEN, "note": f"mail {HIDDEN}", "count": 3}
