from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests import factories as make

pytestmark = pytest.mark.django_db


def test_it_finds_records_in_the_command_palette(auditor: Client) -> None:
    record = make.record(source_key="SO/000214")
    response = auditor.get(reverse("admin:search"), {"s": "000214", "extended": "1"})
    assert reverse("admin:syncjobs_syncrecord_change", args=[record.pk]) in response.content.decode()


def test_it_finds_nothing_in_the_palette_for_people_without_rights(client: Client) -> None:
    client.force_login(User.objects.create_user("new", is_staff=True))
    make.record(source_key="SO/000214")
    response = client.get(reverse("admin:search"), {"s": "000214", "extended": "1"})
    assert "000214" not in response.content.decode()


def test_it_leads_from_the_bare_login_page_to_the_start_page(admin_user: User) -> None:
    client = Client()
    login = reverse("admin:login")
    action = client.get(login).context["app_path"]
    response = client.post(action, {"username": admin_user.get_username(), "password": "password"})
    assert (response.status_code, response["Location"]) == (302, reverse("admin:index"))
