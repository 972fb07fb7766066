from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from connections.models import Connection, Customer
from syncjobs.models import Flow, FlowRun, Integration, State, SyncRecord, ValueMap, WebhookEvent
from tests import factories as make

pytestmark = pytest.mark.django_db

SUPPORT: set[tuple[Any, str]] = {
    (Connection, "test"), (Connection, "pause"), (Connection, "resume"), (Flow, "run"), (Flow, "rewind"),
    (Flow, "dry-run"), (Flow, "refilter"), (ValueMap, "replay"), (SyncRecord, "replay"), (SyncRecord, "edit"),
    (SyncRecord, "close"), (SyncRecord, "reopen"), (WebhookEvent, "follow"),
}  # fmt: skip
ADMINISTRATOR = SUPPORT | {
    (Connection, "secrets"),
    (Connection, "sign-in"),
    (Integration, "activate"),
    (Integration, "pause"),
}
AUDITOR: set[tuple[Any, str]] = {(Flow, "dry-run")}
ALLOWED = {"Support": SUPPORT, "Administrator": ADMINISTRATOR, "Auditor": AUDITOR}
BUTTONS = [
    (model, button)
    for model, model_admin in admin.site._registry.items()
    for button in getattr(model_admin, "buttons", ())
]

FORBIDDEN = [(group, *case) for group in ALLOWED for case in BUTTONS if (case[0], case[1].slug) not in ALLOWED[group]]


def name_of(value: Any) -> str:
    return value.__name__ if isinstance(value, type) else str(getattr(value, "slug", value))


def object_of(model: Any) -> Any:
    if model is Customer:
        return make.customer()
    if model is Connection:
        return make.connection(state="ready", settings={"auth_mode": "oauth_code"})
    if model is Integration:
        return make.integration()
    if model is Flow:
        return make.flow()
    if model is ValueMap:
        return make.integration().value_maps.get()
    return make.event() if model is WebhookEvent else make.record(state=State.ATTENTION)


def url_of(obj: Any, page: str) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_{page}", args=[obj.pk])


def test_it_knows_every_button() -> None:
    assert {(model, button.slug) for model, button in BUTTONS} == ADMINISTRATOR


@pytest.mark.parametrize(("group", "model", "button"), FORBIDDEN, ids=name_of)
def test_it_hides_and_refuses_what_a_group_may_not_do(
    signed_in: Callable[[str], Client], group: str, model: Any, button: Any
) -> None:
    obj, client = object_of(model), signed_in(group)
    before = AuditEntry.objects.count()
    assert url_of(obj, button.slug) not in client.get(url_of(obj, "change")).content.decode()
    assert client.post(url_of(obj, button.slug)).status_code == 403
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("group", ALLOWED)
def test_it_shows_what_a_group_may_do(signed_in: Callable[[str], Client], group: str) -> None:
    client = signed_in(group)
    for model, slug in ALLOWED[group] - {(Connection, "resume"), (Integration, "pause"), (SyncRecord, "reopen")}:
        obj = object_of(model)
        assert url_of(obj, slug) in client.get(url_of(obj, "change")).content.decode(), (model, slug)


@pytest.mark.parametrize(("model", "button"), BUTTONS, ids=name_of)
def test_it_changes_nothing_by_a_link(administrator: Client, model: Any, button: Any) -> None:
    obj = object_of(model)
    before = AuditEntry.objects.count()
    assert administrator.get(url_of(obj, button.slug)).status_code == (200 if button.page else 405)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(("model", "button"), BUTTONS, ids=name_of)
def test_it_refuses_a_post_from_another_site(model: Any, button: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    assert client.post(url_of(object_of(model), button.slug), {"reason": "x"}).status_code == 403


@pytest.mark.parametrize("action", ["replay_many", "close_many", "reopen_many"])
def test_it_offers_an_auditor_no_action_on_many(auditor: Client, action: str) -> None:
    record = make.record(state=State.ATTENTION)
    url = reverse("admin:syncjobs_syncrecord_changelist")
    auditor.post(url, {"action": action, "_selected_action": [record.pk], "reason": "x"})
    assert action not in auditor.get(url).content.decode()
    assert SyncRecord.objects.get().state == State.ATTENTION


def test_it_refuses_an_auditor_the_replay_of_what_is_shown(auditor: Client) -> None:
    assert auditor.post(reverse("admin:syncjobs_syncrecord_replay_shown")).status_code == 403


@pytest.mark.parametrize("model", [SyncRecord, WebhookEvent, FlowRun, AuditEntry])
@pytest.mark.parametrize("page", ["add", "delete"])
def test_it_lets_not_even_a_superuser_add_or_delete(admin_client: Client, model: Any, page: str) -> None:
    record = make.record()
    make.event()
    make.run(flow=record.flow)
    obj = model._default_manager.first()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    url = reverse(name) if page == "add" else reverse(name, args=[obj.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=obj.pk).exists()


def test_it_shows_the_queue_to_superusers_only(administrator: Client, admin_client: Client) -> None:
    url = reverse("admin:django_q_ormq_changelist")
    assert administrator.get(url).status_code == 403
    assert admin_client.get(url).status_code == 200
    assert admin_client.get(reverse("admin:django_q_schedule_add")).status_code == 403


def test_it_shows_an_administrator_no_superuser_to_take_over(administrator: Client) -> None:
    root = User.objects.create_superuser("root")
    assert administrator.get(reverse("admin:auth_user_change", args=[root.pk])).status_code == 302
    assert administrator.get(reverse("admin:auth_user_password_change", args=[root.pk])).status_code in (302, 404)


def test_it_lets_an_administrator_make_no_superuser(administrator: Client) -> None:
    user = User.objects.create_user("kari", is_staff=True)
    url = reverse("admin:auth_user_change", args=[user.pk])
    administrator.post(url, {"username": "kari", "is_superuser": "on", "is_staff": "on", "is_active": "on"})
    assert not User.objects.get(username="kari").is_superuser


def test_it_keeps_the_groups_when_their_migration_runs_again() -> None:
    migration = import_module("syncjobs.migrations.0002_groups")
    before = {group.name: group.permissions.count() for group in Group.objects.all()}
    with connection.schema_editor(atomic=False) if connection.vendor != "sqlite" else _Editor() as editor:
        migration.create(apps, editor)
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == before
    assert set(before) == {"Support", "Administrator", "Auditor"}


def test_it_removes_the_groups_when_their_migration_is_undone() -> None:
    import_module("syncjobs.migrations.0002_groups").remove(apps, _Editor())
    assert not Group.objects.exists()


class _Editor:
    """As much of a schema editor as the migration asks for: SQLite's own refuses to open inside of a transaction."""

    connection = connection

    def __enter__(self) -> _Editor:
        return self

    def __exit__(self, *_: object) -> None:
        return None
