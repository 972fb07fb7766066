from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from syncjobs.configure import change_flow, change_rows, differs, recipe_row, table_changed
from syncjobs.models import FieldMapping, Flow, ValueMap
from tests.syncjobs.conftest import Lab


@pytest.fixture
def flow(lab: Lab) -> Flow:
    Flow.objects.filter(slug="boxes").update(next_run_at=timezone.now())
    return lab.flow


def row_of(flow: Flow, target: str = "total") -> FieldMapping:
    return flow.mappings.get(target=target)


def entries(action: str) -> list[dict[str, Any]]:
    return list(AuditEntry.objects.filter(action=action).values_list("data", flat=True))


def test_it_stores_what_changed_of_a_flow_and_returns_its_names(lab: Lab, flow: Flow) -> None:
    assert change_flow(flow, {"enabled": True, "look_back_days": 30}, lab.person) == ["look_back_days"]
    assert (flow.look_back_days, flow.enabled) == (30, True)
    assert entries("flow.changed") == [{"changed": ["look_back_days"], "look_back_days": "30"}]


def test_it_leaves_no_entry_where_nothing_changed(lab: Lab, flow: Flow) -> None:
    assert change_flow(flow, {"enabled": True}, lab.person) == []
    assert entries("flow.changed") == []


@pytest.mark.parametrize("values", [{"schedule": "900"}, {"enabled": False}])
def test_a_new_schedule_counts_from_now(lab: Lab, flow: Flow, values: dict[str, Any]) -> None:
    change_flow(flow, values, lab.person)
    assert flow.next_run_at is None


def test_another_setting_leaves_the_time_of_the_next_run(lab: Lab, flow: Flow) -> None:
    change_flow(flow, {"look_back_days": 30}, lab.person)
    assert flow.next_run_at is not None


def test_a_filter_is_edited_only_while_it_differs_from_the_recipes(lab: Lab, flow: Flow) -> None:
    change_flow(flow, {"filter": "name"}, lab.person)
    assert flow.filter_edited is True
    change_flow(flow, {"filter": flow.spec.filter}, lab.person)
    assert flow.filter_edited is False


def test_the_trail_keeps_no_filter(lab: Lab, flow: Flow) -> None:
    change_flow(flow, {"filter": "name == 'Kari'"}, lab.person)
    assert entries("flow.changed") == [{"changed": ["filter"]}]


def test_a_row_is_edited_only_while_it_differs_from_the_recipes(lab: Lab, flow: Flow) -> None:
    row = row_of(flow)
    row.source = "amount"
    assert change_rows(flow, [row], lab.person) == ["total"]
    assert row_of(flow).edited is True
    row.source = "total"
    change_rows(flow, [row], lab.person)
    assert row_of(flow).edited is False


def test_a_new_row_comes_last(lab: Lab, flow: Flow) -> None:
    last = max(flow.mappings.values_list("position", flat=True))
    change_rows(flow, [FieldMapping(flow=flow, target="lines[].sku", source="sku")], lab.person)
    assert row_of(flow, "lines[].sku").position == last + 1


def test_no_row_leaves_no_entry(lab: Lab, flow: Flow) -> None:
    assert change_rows(flow, [], lab.person) == []
    assert entries("mapping.changed") == []


def test_a_row_differs_that_the_recipe_does_not_have(flow: Flow) -> None:
    assert recipe_row(flow.spec, "lines[].sku") is None
    assert differs(FieldMapping(flow=flow, target="lines[].sku", source="sku"), flow.spec)
    assert not differs(row_of(flow), flow.spec)


def test_a_changed_value_map_leaves_an_entry_with_the_keys(lab: Lab) -> None:
    table_changed(ValueMap.objects.get(name="carriers"), ["dhl", "ups"], lab.person)
    assert entries("table.changed") == [{"changed": ["dhl", "ups"]}]
