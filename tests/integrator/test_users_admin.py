from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_a_new_group_leaves_an_entry(admin_client: Client) -> None:
    admin_client.post(reverse("admin:auth_group_add"), {"name": "Night shift", "permissions": []})
    assert Group.objects.filter(name="Night shift").exists()
    entry = AuditEntry.objects.get(action="user.changed")
    assert (entry.subject, entry.actor) == ("Night shift", "admin")


def test_a_changed_user_leaves_an_entry_with_the_fields(admin_client: Client) -> None:
    user = User.objects.create_user("anna", password="x")
    page = reverse("admin:auth_user_change", args=[user.pk])
    fields = {"username": "anna", "is_staff": "on", "is_active": "on", "first_name": "Anna"}
    dates = {"last_login_0": "", "last_login_1": "", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    admin_client.post(page, fields | dates)
    assert "first_name" in AuditEntry.objects.get(action="user.changed").summary
