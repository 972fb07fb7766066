from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import trail
from audit.actions import Action
from audit.models import AuditEntry
from syncjobs.models import WebhookEvent
from tests import factories as make

pytestmark = pytest.mark.django_db
TRAIL = reverse("admin:audit_auditentry_changelist")


def page(event: WebhookEvent, name: str = "change") -> str:
    return reverse(f"admin:syncjobs_webhookevent_{name}", args=[event.pk])


def test_it_shows_a_notifications_body_to_those_who_may_see_it(support: Client, auditor: Client) -> None:
    event = make.event(body=b'{"resource_url": "planted"}', headers={"x-signature": "planted"})
    assert "planted" in support.get(page(event)).content.decode()
    assert "planted" not in auditor.get(page(event)).content.decode()


def test_it_shows_a_body_that_is_no_json(support: Client) -> None:
    assert support.get(page(make.event(body=b"\xff\x00 text"))).status_code == 200


def test_it_follows_a_notification_again(support: Client) -> None:
    event = make.event(state="refused", cause="Foreign host.")
    support.post(page(event, "follow"))
    event.refresh_from_db()
    assert event.state == "due"
    assert AuditEntry.objects.get(action="webhook.replayed").actor == "support"


def test_it_follows_many_again(support: Client) -> None:
    events = [make.event(state="refused"), make.event(state="done")]
    data = {"action": "follow_many", "_selected_action": [event.pk for event in events]}
    support.post(reverse("admin:syncjobs_webhookevent_changelist"), data)
    assert WebhookEvent.objects.filter(state="due").count() == 2


def test_it_offers_no_following_of_what_is_no_notification(support: Client) -> None:
    event = make.event(topic="", state="refused")
    assert page(event, "follow") not in support.get(page(event)).content.decode()


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


def test_it_shows_a_cursor_within_a_cursor_in_words(auditor: Client) -> None:
    run = make.run(cursor_after={"created": {"since": "monday", "walk": None}, "voided": {"since": None}})
    text = auditor.get(reverse("admin:syncjobs_flowrun_change", args=[run.pk])).content.decode()
    assert ("created since: monday" in text, "None" in text, "voided" in text) == (True, False, False)


def test_it_shows_counts_and_cursors_of_a_run(auditor: Client) -> None:
    run = make.run(counts={"seen": 12, "new": 3}, cursor_before={"since": "monday"}, cursor_after={"since": "tuesday"})
    text = auditor.get(reverse("admin:syncjobs_flowrun_change", args=[run.pk])).content.decode()
    assert "12 seen, 3 new" in text
    assert "since: monday" in text
    assert "since: tuesday" in text


def test_it_leads_an_objects_history_to_the_trail(auditor: Client) -> None:
    customer = make.customer()
    response = auditor.get(reverse("admin:connections_customer_history", args=[customer.pk]))
    assert response.headers["Location"] == f"{TRAIL}?subject_type__exact=customer&subject_id__exact={customer.pk}"
