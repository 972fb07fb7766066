from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from syncjobs import lifecycle
from syncjobs.models import FieldMapping, Flow, State
from tests import factories as make
from tests.admin_form import filled_form

pytestmark = pytest.mark.django_db


def page(flow: Flow, name: str = "change") -> str:
    return reverse(f"admin:syncjobs_flow_{name}", args=[flow.pk])


def row_of(data: dict[str, Any], target: str) -> str:
    """The prefix of the row that fills this target field."""
    return next(name for name, value in data.items() if value == target and name.endswith("-target"))[: -len("target")]


def save(client: Client, flow: Flow, **changes: Any) -> Any:
    return client.post(page(flow), filled_form(client, page(flow)) | changes)


def save_row(client: Client, flow: Flow, row: str, **changes: Any) -> Any:
    data = filled_form(client, page(flow))
    prefix = row_of(data, row)
    return client.post(page(flow), data | {prefix + name: value for name, value in changes.items()})


def add_row(client: Client, flow: Flow, **row: Any) -> Any:
    data = filled_form(client, page(flow))
    number = data["mappings-TOTAL_FORMS"]
    row = {"when_empty": "omit", "source": "OrderNbr"} | row
    new = {f"mappings-{number}-{name}": value for name, value in row.items()}
    return client.post(page(flow), data | new | {"mappings-TOTAL_FORMS": number + 1})


def errors(response: Any) -> str:
    assert response.status_code == 200, "the form was taken"
    return " ".join(str(error) for errors in response.context["errors"] for error in errors)


def test_it_changes_nothing_when_nothing_was_changed(support: Client) -> None:
    flow = make.flow()
    before = AuditEntry.objects.count()
    assert save(support, flow).status_code == 302
    assert AuditEntry.objects.count() == before
    assert not FieldMapping.objects.filter(edited=True).exists()


@pytest.mark.parametrize(
    ("choice", "text", "stored"),
    [
        ("900", "", "900"),
        ("custom", "1200", "1200"),
        ("custom", "0 6 * * 1-5", "0 6 * * 1-5"),
        ("3600", "junk", "3600"),
    ],
)
def test_it_stores_schedules(support: Client, choice: str, text: str, stored: str) -> None:
    flow = make.flow()
    assert save(support, flow, schedule_choice=choice, schedule_text=text).status_code == 302
    assert Flow.objects.get(pk=flow.pk).schedule == stored


@pytest.mark.parametrize("text", ["", "5", "99999999999", "every day", "0 6 * *", "61 6 * * *", "0 6 30 2 *", "-60"])
def test_it_refuses_schedules_that_never_come(support: Client, text: str) -> None:
    flow = make.flow()
    response = save(support, flow, schedule_choice="custom", schedule_text=text)
    assert response.context["adminform"].form.errors["schedule"]
    assert Flow.objects.get(pk=flow.pk).schedule == "300"


def test_it_keeps_a_schedule_that_nobody_could_enter(support: Client) -> None:
    flow = make.flow()
    Flow.objects.filter(pk=flow.pk).update(schedule="10")
    flow.refresh_from_db()
    values = {"schedule_choice": "custom", "schedule_text": "10", "look_back_days": "3"}
    assert save(support, flow, **values).status_code == 302
    flow.refresh_from_db()
    assert (flow.schedule, flow.look_back_days) == ("10", 3)


def test_it_notes_who_changed_which_setting(support: Client) -> None:
    flow = make.flow()
    save(support, flow, look_back_days="30")
    entry = AuditEntry.objects.get(action="flow.changed")
    assert (entry.actor, entry.summary) == ("support", "Changed: look_back_days.")


@pytest.mark.parametrize(
    ("text", "message"),
    [("Status ==", "not an expression"), ("nonsense(Status)", "nonsense"), ("whole('x')", "sample")],
)
def test_it_shows_a_filters_error_at_the_filter(support: Client, text: str, message: str) -> None:
    response = save(support, make.flow(), filter=text)
    assert message in str(response.context["adminform"].form.errors["filter"])


def test_it_marks_a_filter_only_while_it_differs_from_the_recipe(support: Client) -> None:
    flow = make.flow()
    save(support, flow, filter="Status == 'Open'")
    assert Flow.objects.get(pk=flow.pk).filter_edited
    save(support, flow, filter=flow.spec.filter)
    assert not Flow.objects.get(pk=flow.pk).filter_edited


def test_it_asks_left_out_records_again_after_the_filter_changed(
    support: Client, django_capture_on_commit_callbacks: Any
) -> None:
    flow = make.flow()
    passes = make.record(flow=flow, state=State.SKIPPED, source_body={"Status": "Quote"})
    stays = make.record(flow=flow, state=State.SKIPPED, source_body={"Status": "Other"})
    with django_capture_on_commit_callbacks(execute=True):
        save(support, flow, filter="Status == 'Quote'")
    passes.refresh_from_db()
    stays.refresh_from_db()
    assert (passes.state, stays.state) == (State.DUE, State.SKIPPED)


def test_it_marks_edited_rows_and_notes_them(support: Client) -> None:
    flow = make.flow()
    assert save_row(support, flow, "internalNotes", source="CustomerOrder").status_code == 302
    row = FieldMapping.objects.get(flow=flow, target="internalNotes")
    assert (row.source, row.edited) == ("CustomerOrder", True)
    assert AuditEntry.objects.get(action="mapping.changed").data == {
        "rows": ["internalNotes"],
        "edited": ["internalNotes"],
    }


def test_it_takes_the_mark_off_a_row_that_says_what_the_recipe_says(support: Client) -> None:
    flow = make.flow()
    was = FieldMapping.objects.get(flow=flow, target="internalNotes").source
    save_row(support, flow, "internalNotes", source="CustomerOrder")
    save_row(support, flow, "internalNotes", source=was)
    assert not FieldMapping.objects.get(flow=flow, target="internalNotes").edited


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Description ||", "not an expression"),
        ("whole('x')", "acumatica/order.json"),
        ("no_such(@)", "no_such"),
        ("linked('no', OrderNbr)", "no flow"),
    ],
)
def test_it_shows_a_rows_error_at_the_row(support: Client, source: str, message: str) -> None:
    flow = make.flow()
    response = save_row(support, flow, "internalNotes", source=source)
    assert message in errors(response)
    assert not FieldMapping.objects.get(flow=flow, target="internalNotes").edited


def test_it_tries_a_row_of_a_list_on_the_samples_elements(support: Client) -> None:
    assert "tried on the sample" in errors(
        save_row(support, make.flow(), "items[].quantity", source="whole(InventoryID)")
    )


def test_it_lets_a_row_pass_whose_value_the_table_does_not_know_yet(support: Client) -> None:
    flow = make.flow()
    response = save_row(support, flow, "requestedShippingService", source="lookup('carriers', ShipVia)")
    assert response.status_code == 302


def test_it_refuses_unknown_targets_and_suggests_close_ones(support: Client) -> None:
    message = errors(add_row(support, make.flow(), target="shipTo.citty"))
    assert "no field" in message
    assert "shipTo.city" in message


def test_it_refuses_a_second_row_for_a_field(support: Client) -> None:
    assert add_row(support, make.flow(), target="orderNumber").status_code == 200


def test_it_refuses_a_fraction_as_default(support: Client) -> None:
    assert "fraction" in errors(save_row(support, make.flow(), "internalNotes", default="1.10"))


def test_it_adds_a_row_of_our_own_and_removes_it_again(support: Client) -> None:
    flow = make.flow()
    assert add_row(support, flow, target="customerNotes", source="note").status_code == 302
    row = FieldMapping.objects.get(flow=flow, target="customerNotes")
    assert row.edited
    support.post(reverse("admin:syncjobs_flow_reset_row", args=[flow.pk, row.pk]))
    assert not FieldMapping.objects.filter(pk=row.pk).exists()


def test_it_keeps_the_target_of_a_recipes_row(support: Client) -> None:
    flow = make.flow()
    save_row(support, flow, "internalNotes", target="customerNotes", source="CustomerOrder")
    assert FieldMapping.objects.get(flow=flow, target="internalNotes").source == "CustomerOrder"


def test_it_resets_a_row_to_the_recipe(support: Client) -> None:
    flow = make.flow()
    row = FieldMapping.objects.get(flow=flow, target="internalNotes")
    FieldMapping.objects.filter(pk=row.pk).update(source="x", edited=True)
    support.post(reverse("admin:syncjobs_flow_reset_row", args=[flow.pk, row.pk]))
    after = FieldMapping.objects.get(pk=row.pk)
    assert (after.source, after.edited) == (row.source, False)


def test_it_offers_and_grants_an_auditor_no_reset(auditor: Client) -> None:
    flow = make.flow()
    row = flow.mappings.all()[0]
    FieldMapping.objects.filter(pk=row.pk).update(edited=True)
    assert "Reset to the recipe" not in auditor.get(page(flow)).content.decode()
    assert auditor.post(reverse("admin:syncjobs_flow_reset_row", args=[flow.pk, row.pk])).status_code == 403


def test_it_shows_the_payload_that_the_sample_gives(auditor: Client) -> None:
    text = auditor.get(page(make.flow(), "dry-run")).content.decode()
    assert "&quot;orderNumber&quot;: &quot;000214&quot;" in text


def test_it_says_why_the_sample_gives_no_payload(auditor: Client) -> None:
    flow = make.flow()
    FieldMapping.objects.filter(flow=flow, target="orderNumber").update(source="Nothing")
    assert "orderNumber is empty" in auditor.get(page(flow, "dry-run")).content.decode()


def test_it_asks_an_active_flow_to_run(support: Client) -> None:
    flow = make.flow(integration=make.integration(state="active"))
    support.post(page(flow, "run"))
    assert AuditEntry.objects.filter(action="flow.run_asked", actor="support").exists()


def test_it_says_that_a_paused_flow_cannot_run(support: Client) -> None:
    response = support.post(page(make.flow(), "run"), follow=True)
    assert "It cannot run" in response.content.decode()


def test_it_reads_again_from_a_moment(support: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dt.datetime] = []
    monkeypatch.setattr(lifecycle, "rewind", lambda flow, since, actor: asked.append(since))
    support.post(page(make.flow(), "rewind"), {"since_0": "2026-01-02", "since_1": "03:04:05"})
    assert asked == [dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)]


def test_it_refuses_to_read_again_from_the_future(support: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "rewind", lambda *_: pytest.fail("rewound"))
    later = timezone.now() + dt.timedelta(days=2)
    response = support.post(page(make.flow(), "rewind"), {"since_0": f"{later:%Y-%m-%d}", "since_1": "00:00:00"})
    assert "has not come yet" in response.content.decode()


def test_it_keeps_the_buttons_when_a_form_comes_back_with_an_error(support: Client) -> None:
    flow = make.flow()
    text = save(support, flow, filter="((").content.decode()
    assert page(flow, "run") in text
