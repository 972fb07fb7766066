"""People of each group, signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client


def person(group: str) -> Client:
    user = User.objects.create_user(group.lower(), password="tests", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def support(db: None) -> Client:
    return person("Support")


@pytest.fixture
def auditor(db: None) -> Client:
    return person("Auditor")


@pytest.fixture
def administrator(db: None) -> Client:
    return person("Administrator")


@pytest.fixture
def signed_in(db: None) -> Callable[[str], Client]:
    return person
