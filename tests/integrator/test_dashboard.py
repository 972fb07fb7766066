from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncjobs.models import Heartbeat, State
from tests import factories as make

pytestmark = pytest.mark.django_db
START = reverse("admin:index")
WARNING = "No worker is running"


def test_it_warns_while_no_worker_has_ever_ticked(auditor: Client) -> None:
    assert WARNING in auditor.get(START).content.decode()


@pytest.mark.parametrize(("minutes", "warns"), [(2, False), (4, True)])
def test_it_warns_when_the_last_tick_is_older_than_three_minutes(auditor: Client, minutes: int, warns: bool) -> None:
    Heartbeat.objects.create(name="tick", at=timezone.now() - dt.timedelta(minutes=minutes))
    assert (WARNING in auditor.get(START).content.decode()) is warns


def test_it_shows_what_failed_in_the_last_tick(auditor: Client) -> None:
    Heartbeat.objects.create(name="tick", trouble="Our own code failed (KeyError).")
    assert "Our own code failed (KeyError)." in auditor.get(START).content.decode()


def test_it_counts_records_by_flow_and_state_with_links(auditor: Client) -> None:
    flow = make.flow()
    make.record(flow=flow, state=State.ATTENTION)
    make.record(flow=flow)
    response = auditor.get(START)
    line = next(line for line in response.context["dash"]["flows"]["lines"] if line.flow.pk == flow.pk)
    counts = {count.state: count.count for count in line.counts}
    assert (line.total, counts["synced"], counts["attention"], counts["skipped"]) == (2, 1, 1, 0)
    assert f"flow={flow.pk}&amp;state=attention" in response.content.decode()


def test_it_has_a_column_for_every_state(auditor: Client) -> None:
    make.flow()
    lines = auditor.get(START).context["dash"]["flows"]["lines"]
    assert {count.state for count in lines[0].counts} == set(State.values)


def test_it_names_stopped_connections_with_their_cause(auditor: Client) -> None:
    make.connection(state="broken", cause="The password was not accepted.")
    assert "The password was not accepted." in auditor.get(START).content.decode()


def test_it_names_the_record_that_is_due_for_longest(auditor: Client) -> None:
    now = timezone.now()
    make.record(state=State.DUE, due_at=now - dt.timedelta(hours=1))
    oldest = make.record(state=State.RETRYING, due_at=now - dt.timedelta(hours=9))
    make.record(state=State.DUE, due_at=now + dt.timedelta(hours=1))
    assert auditor.get(START).context["dash"]["oldest"] == oldest


def test_it_counts_failures_by_kind(auditor: Client) -> None:
    flow = make.flow()
    for kind in ("MappingError", "MappingError", "Rejected"):
        make.record(flow=flow, state=State.ATTENTION, error_class=kind)
    failures = auditor.get(START).context["dash"]["failures"]
    assert [(line["kind"], line["count"]) for line in failures] == [
        ("the filter or a field mapping failed", 2),
        ("refused by the target", 1),
    ]


def test_it_counts_open_notifications(auditor: Client) -> None:
    make.event(state="refused")
    make.event(state="done")
    assert [(line["label"], line["count"]) for line in auditor.get(START).context["dash"]["events"]] == [("refused", 1)]


def test_it_asks_the_database_as_often_whatever_there_is(
    auditor: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def fill() -> None:
        flow = make.flow()
        make.record(flow=flow, state=State.DUE)
        make.connection(state="broken")
        make.event()

    fill()
    auditor.get(START)
    with django_assert_max_num_queries(30) as few:
        auditor.get(START)
    for _ in range(5):
        fill()
    with django_assert_num_queries(len(few)):
        auditor.get(START)


def test_it_welcomes_people_without_rights_and_shows_them_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("new", is_staff=True))
    make.connection(state="broken", cause="Planted cause")
    text = client.get(START).content.decode()
    assert "Planted cause" not in text
    assert "may not see records yet" in text


def test_it_names_the_first_steps_until_there_is_a_flow(admin_client: Client) -> None:
    empty = admin_client.get(START).content.decode()
    make.flow()
    filled = admin_client.get(START).content.decode()
    assert ("First steps" in empty, "Nothing was read yet." in empty) == (True, True)
    assert ("First steps" in filled, "Every record is finished." in filled) == (False, True)


def test_a_flow_that_is_off_is_not_read_by_the_flow_it_is_polled_with(auditor: Client) -> None:
    polled = make.flow("shipments", read_up_to=timezone.now())
    switched_off = make.flow("warehouse_shipments", integration=polled.integration, enabled=False)
    lines = auditor.get(START).context["dash"]["flows"]["lines"]
    assert next(line.lag for line in lines if line.flow.pk == switched_off.pk) == "never"
