from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from syncjobs.models import WebhookEvent
from tests import factories as make

pytestmark = pytest.mark.django_db


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
