from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from syncjobs.models import Flow
from tests import factories as make
from tests.console import pages

pytestmark = pytest.mark.django_db
SECRETS = {"username": "planted-user-name", "password": "planted-pass-word", "client_secret": "planted-client-key"}


def test_it_shows_every_page_of_an_empty_database(admin_client: Client) -> None:
    for url in pages.lists():
        assert admin_client.get(url).status_code == 200, url


def test_it_shows_every_page_of_a_filled_database_with_long_values(admin_client: Client) -> None:
    pages.fill()
    for url in [*pages.lists(), *pages.objects()]:
        assert admin_client.get(url).status_code == 200, url


def test_it_shows_no_secret_on_any_page(admin_client: Client) -> None:
    pages.fill(SECRETS)
    assert AuditEntry.objects.filter(action="connection.secrets_changed").exists()
    for url in [*pages.lists(), *pages.objects()]:
        text = admin_client.get(url).content.decode()
        assert not [value for value in SECRETS.values() if value in text], url


@pytest.mark.parametrize("group", ["Support", "Auditor", "Administrator"])
def test_no_page_fails_whatever_the_group(signed_in, group: str) -> None:  # type: ignore[no-untyped-def]
    pages.fill()
    client = signed_in(group)
    for url in [*pages.lists(), *pages.objects()]:
        assert client.get(url).status_code in (200, 302, 403), url


@pytest.mark.parametrize(
    "name",
    [
        "index",
        "syncjobs_flow_changelist",
        "syncjobs_syncrecord_changelist",
        "syncjobs_flowrun_changelist",
        "syncjobs_integration_changelist",
    ],
)
def test_a_flow_that_its_recipe_has_no_more_breaks_no_page(support: Client, name: str) -> None:
    gone = Flow.objects.create(integration=make.integration(), slug="gone")
    make.record(flow=gone)
    make.run(flow=gone)
    response = support.get(reverse(f"admin:{name}"))
    assert response.status_code == 200


@pytest.mark.parametrize("kind", ["flow", "syncrecord", "flowrun", "integration"])
def test_the_pages_of_what_a_recipe_has_no_more_say_so(administrator: Client, kind: str) -> None:
    gone = Flow.objects.create(integration=make.integration(), slug="gone")
    subjects = {
        "flow": gone,
        "syncrecord": make.record(flow=gone),
        "flowrun": make.run(flow=gone),
        "integration": gone.integration,
    }
    response = administrator.get(reverse(f"admin:syncjobs_{kind}_change", args=[subjects[kind].pk]))
    assert response.status_code == 200
