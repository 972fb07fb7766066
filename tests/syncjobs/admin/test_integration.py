from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from connections.models import Connection
from syncjobs import webhooks
from syncjobs.models import FieldMapping, Integration
from tests import factories as make

pytestmark = pytest.mark.django_db


def page(integration: Integration, name: str = "change") -> str:
    return reverse(f"admin:syncjobs_integration_{name}", args=[integration.pk])


def create(client: Client, left: Connection, right: Connection) -> Any:
    data = {
        "customer": left.customer_id,
        "recipe": "acumatica_shipstation",
        "left": left.pk,
        "right": right.pk,
        "start_from_0": "2026-11-01",
        "start_from_1": "00:00:00",
    }
    return client.post(reverse("admin:syncjobs_integration_add"), data)


def test_it_makes_an_integration_from_a_recipe(administrator: Client) -> None:
    left = make.connection(vendor="acumatica")
    right = make.connection(vendor="shipstation", customer=left.customer)
    response = create(administrator, left, right)
    integration = Integration.objects.get()
    assert response.url == page(integration)
    assert integration.flows.count() == len(integration.declaration.flows)
    assert f"{integration.start_from:%Y-%m-%d}" == "2026-11-01"
    assert AuditEntry.objects.get(action="integration.created").actor == "administrator"


def test_it_refuses_a_connection_of_another_customer(administrator: Client) -> None:
    response = create(administrator, make.connection(), make.connection(vendor="shipstation"))
    assert "belongs to" in str(response.context["adminform"].form.errors["right"])


def test_it_refuses_a_connection_to_another_system(administrator: Client) -> None:
    left = make.connection(vendor="shipstation")
    response = create(administrator, left, make.connection(vendor="shipstation", customer=left.customer))
    assert "Acumatica" in str(response.context["adminform"].form.errors["left"])


def test_it_activates_and_pauses(administrator: Client) -> None:
    integration = make.integration()
    administrator.post(page(integration, "activate"))
    assert Integration.objects.get().state == "active"
    administrator.post(page(integration, "pause"))
    assert Integration.objects.get().state == "paused"


def test_it_says_which_row_keeps_it_from_being_activated(administrator: Client) -> None:
    integration = make.integration()
    FieldMapping.objects.filter(flow__integration=integration, target="orderNumber").update(source="((")
    text = administrator.post(page(integration, "activate"), follow=True).content.decode()
    assert "orderNumber" in text
    assert Integration.objects.get().state == "draft"


def test_it_shows_the_address_for_notifications_to_those_who_may_activate(
    administrator: Client, auditor: Client
) -> None:
    integration = make.integration()
    address = webhooks.webhook_url(integration.right)
    assert address in administrator.get(page(integration)).content.decode()
    assert integration.right.webhook_token not in auditor.get(page(integration)).content.decode()


def test_it_edits_nothing_of_a_stored_integration(administrator: Client) -> None:
    integration = make.integration()
    assert administrator.post(page(integration), {"recipe": "x"}).status_code == 403
