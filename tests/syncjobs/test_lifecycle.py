from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django_q.models import OrmQ

from audit.models import AuditEntry
from connections.models import Connection
from syncjobs import lifecycle, recipes
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import FieldMapping, Flow, Integration, ValueMap
from syncjobs.recipe import Map
from tests import factories
from tests.syncjobs.conftest import Lab


def queued() -> list[tuple[str, int]]:
    tasks = [row.task for row in OrmQ.objects.order_by("pk")]
    return [(task["func"].removeprefix("syncjobs.tasks."), task["args"][0]) for task in tasks]


def rows(lab: Lab) -> dict[str, str]:
    return dict(lab.flow.mappings.values_list("target", "source"))


def change_recipe(monkeypatch: pytest.MonkeyPatch, maps: tuple[Map, ...], filter: str = "") -> None:
    recipe = recipes.get("fake")
    boxes, *others = recipe.flows
    changed = replace(recipe, flows=(replace(boxes, maps=maps, filter=filter), *others))
    monkeypatch.setitem(recipes.RECIPES, "fake", changed)


def test_a_new_integration_is_a_draft_with_flows_rows_and_value_maps(lab: Lab) -> None:
    owner = factories.customer()
    left, right = (Connection.objects.create(customer=owner, vendor=slug, name="main") for slug in ("src", "tar"))
    draft = lifecycle.create_integration(owner, "fake", left, right, lab.person)
    assert draft.state == Integration.State.DRAFT
    assert set(draft.flows.values_list("slug", flat=True)) == {"boxes", "states"}
    assert ValueMap.objects.get(integration=draft).rows.get().value == "UPS"
    assert AuditEntry.objects.filter(action="integration.created", customer_id=owner.pk).count() == 1


def test_connections_of_the_wrong_systems_make_no_integration(lab: Lab) -> None:
    with pytest.raises(ValidationError):
        lifecycle.create_integration(lab.customer, "fake", lab.right, lab.left, lab.person)
    assert Integration.objects.count() == 1


def test_following_the_recipe_again_changes_nothing(lab: Lab) -> None:
    assert lifecycle.follow_recipe(lab.integration) == 0


def test_rows_follow_a_changed_recipe(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    change_recipe(monkeypatch, (Map("name", "title"), Map("link", "url")), filter="title")
    # One changed, one changed, two dropped, and the filter.
    assert lifecycle.follow_recipe(lab.integration) == 5
    assert (rows(lab), lab.flow.filter) == ({"name": "title", "link": "url"}, "title")


def test_edited_rows_and_filters_stay(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.flow.mappings.filter(target="name").update(source="mine", edited=True)
    Flow.objects.filter(pk=lab.flow.pk).update(filter="mine", filter_edited=True)
    change_recipe(monkeypatch, (Map("name", "title"),), filter="title")
    lifecycle.follow_recipe(lab.integration)
    assert (rows(lab), lab.flow.filter) == ({"name": "mine"}, "mine")


def test_value_maps_keep_their_rows(lab: Lab) -> None:
    table = ValueMap.objects.get()
    table.rows.all().delete()
    lifecycle.follow_recipe(lab.integration)
    assert not table.rows.exists()


def test_a_reset_row_is_the_recipes_again(lab: Lab) -> None:
    lab.flow.mappings.filter(target="total").update(source="mine", edited=True)
    row = lab.flow.mappings.get(target="total")
    lifecycle.reset_mapping(row, lab.person)
    row.refresh_from_db()
    assert (row.source, row.edited) == ("total", False)
    assert AuditEntry.objects.get(action="mapping.reset").summary == "total"


def test_a_row_that_the_recipe_does_not_have_is_removed_by_a_reset(lab: Lab) -> None:
    row = FieldMapping.objects.create(flow=lab.flow, target="lines[].sku", source="sku", edited=True)
    lifecycle.reset_mapping(row, lab.person)
    assert not FieldMapping.objects.filter(pk=row.pk).exists()


def test_activation_enqueues_polls_subscription_and_tests(lab: Lab) -> None:
    Integration.objects.update(state="paused")
    assert lifecycle.activate(lab.integration, lab.person) is True
    expected = [
        ("poll", lab.flow.pk),
        ("subscribe", lab.integration.pk),
        ("probe", lab.left.pk),
        ("probe", lab.right.pk),
    ]
    assert (queued(), lab.integration.state) == (expected, "active")


def test_what_is_active_is_not_activated_again(lab: Lab) -> None:
    assert lifecycle.activate(lab.integration, lab.person) is False
    assert queued() == []


def test_a_row_that_does_not_compile_keeps_it_from_being_activated(lab: Lab) -> None:
    Integration.objects.update(state="paused")
    lab.flow.mappings.filter(target="name").update(source="((")
    with pytest.raises(MappingError):
        lifecycle.activate(lab.integration, lab.person)
    assert (Integration.objects.get().state, queued()) == ("paused", [])


def test_pausing_enqueues_the_end_of_subscriptions_once(lab: Lab) -> None:
    assert [lifecycle.pause(lab.integration, lab.person) for _ in range(2)] == [True, False]
    assert (queued(), lab.integration.state) == ([("unsubscribe", lab.integration.pk)], "paused")


def test_a_flow_is_polled_now(lab: Lab) -> None:
    assert lifecycle.run_now(lab.flow, lab.person) is True
    assert queued() == [("poll", lab.flow.pk)]


def test_a_flow_that_is_polled_with_another_has_that_one_polled(lab: Lab) -> None:
    assert lifecycle.run_now(Flow.objects.get(slug="states"), lab.person) is True
    assert queued() == [("poll", lab.flow.pk)]
    assert AuditEntry.objects.get(action="flow.run_asked").subject_id == Flow.objects.get(slug="states").pk


def test_a_flow_that_is_off_is_not_polled(lab: Lab) -> None:
    Flow.objects.update(enabled=False)
    assert lifecycle.run_now(lab.flow, lab.person) is False
    assert queued() == []


def test_a_rewound_flow_reads_again_at_its_next_run(lab: Lab) -> None:
    Flow.objects.update(cursor={"page": 7})
    lifecycle.rewind(lab.flow, dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), lab.person)
    assert (lab.flow.cursor, lab.flow.next_run_at) == ({"page": 0}, None)
    assert AuditEntry.objects.get(action="flow.rewound").summary == "From 2026-01-02 03:04 UTC."


def test_all_integrations_follow_their_recipes_with_one_entry_each(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    change_recipe(monkeypatch, (Map("name", "title"),))
    assert (lifecycle.follow_recipes(lab.person), lifecycle.follow_recipes(lab.person)) == (4, 0)
    assert AuditEntry.objects.get(action="mapping.changed").summary == "4 rows followed the recipe."
