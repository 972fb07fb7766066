from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from syncjobs.models import State, SyncRecord, ValueMap
from tests import factories as make
from tests.admin_form import filled_form

pytestmark = pytest.mark.django_db


def page(table: ValueMap, name: str = "change") -> str:
    return reverse(f"admin:syncjobs_valuemap_{name}", args=[table.pk])


def add(client: Client, table: ValueMap, key: str, value: str) -> Any:
    data = filled_form(client, page(table))
    last = data["rows-TOTAL_FORMS"] - 1
    return client.post(page(table), data | {f"rows-{last}-key": key, f"rows-{last}-value": value})


def test_it_adds_a_row_and_notes_its_key(support: Client) -> None:
    table = make.integration().value_maps.get()
    assert add(support, table, "dhl_uk", "DHLUK").status_code == 302
    assert table.rows.get(key="dhl_uk").value == "DHLUK"
    assert AuditEntry.objects.get(action="table.changed").data == {"changed": ["dhl_uk"]}


def test_it_notes_nothing_when_nothing_was_changed(support: Client) -> None:
    table = make.integration().value_maps.get()
    support.post(page(table), filled_form(support, page(table)))
    assert not AuditEntry.objects.filter(action="table.changed").exists()


def test_it_refuses_a_second_row_for_a_value(support: Client) -> None:
    table = make.integration().value_maps.get()
    assert add(support, table, table.rows.all()[0].key, "X").status_code == 200


def test_it_replays_all_that_failed_by_mapping_and_nothing_else(support: Client) -> None:
    flow = make.flow()
    failed = make.record(flow=flow, state=State.ATTENTION, error_class="MappingError")
    refused = make.record(flow=flow, state=State.ATTENTION, error_class="Rejected")
    elsewhere = make.record(state=State.ATTENTION, error_class="MappingError")
    text = support.post(page(flow.integration.value_maps.get(), "replay"), follow=True).content.decode()
    assert "1 replayed" in text
    states = dict(SyncRecord.objects.values_list("pk", "state"))
    assert (states[failed.pk], states[refused.pk], states[elsewhere.pk]) == ("due", "attention", "attention")


def test_it_counts_what_failed_by_mapping(auditor: Client) -> None:
    record = make.record(state=State.ATTENTION, error_class="MappingError")
    text = auditor.get(page(record.flow.integration.value_maps.get())).content.decode()
    assert "1 record failed by mapping" in text
