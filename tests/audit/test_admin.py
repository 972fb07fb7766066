from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import trail
from audit.actions import Action
from tests import factories as make

pytestmark = pytest.mark.django_db
TRAIL = reverse("admin:audit_auditentry_changelist")


def test_it_finds_entries_by_what_they_are_about(auditor: Client) -> None:
    record = make.record(source_key="SO/000214")
    entry = trail.record(Action.COLLECTED, record)
    trail.record(Action.COLLECTED, make.record())
    assert list(auditor.get(TRAIL, {"q": "000214"}).context["cl"].result_list) == [entry]
    query: dict[str, Any] = {"subject_type__exact": "syncrecord", "subject_id__exact": record.pk}
    assert list(auditor.get(TRAIL, query).context["cl"].result_list) == [entry]


def test_it_links_an_entry_to_what_it_is_about(auditor: Client) -> None:
    record = make.record()
    entry = trail.record(Action.COLLECTED, record)
    text = auditor.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).content.decode()
    assert reverse("admin:syncjobs_syncrecord_change", args=[record.pk]) in text


def test_it_leads_an_objects_history_to_the_trail(auditor: Client) -> None:
    customer = make.customer()
    response = auditor.get(reverse("admin:connections_customer_history", args=[customer.pk]))
    assert response.headers["Location"] == f"{TRAIL}?subject_type__exact=customer&subject_id__exact={customer.pk}"
