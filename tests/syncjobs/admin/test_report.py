from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from syncjobs.models import Integration
from tests.reporting import REPORT, declare, invoice, parcel

pytestmark = pytest.mark.django_db
OCTOBER = {"since": "2026-10-01", "until": "2026-10-31"}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        yield


@pytest.fixture
def integration(monkeypatch: pytest.MonkeyPatch) -> Integration:
    return declare(monkeypatch, REPORT)


def page(of: Integration, name: str = "report", slug: str = "invoiced") -> str:
    return reverse(f"admin:syncjobs_integration_{name}", args=[of.pk, slug])


def table(client: Client, of: Integration, **query: str) -> list[list[str]]:
    """The table's cells, as text or HTML."""
    return [[str(cell.content) for cell in row] for row in client.get(page(of), query).context["rows"]]


def downloaded(client: Client, of: Integration) -> list[list[str]]:
    text = client.post(page(of, "report_file"), OCTOBER).getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


# Who may see it


def test_it_links_to_the_reports_of_an_integration(support: Client, integration: Integration) -> None:
    text = support.get(reverse("admin:syncjobs_integration_change", args=[integration.pk])).content.decode()
    assert page(integration) in text
    assert REPORT.label in text


def test_it_shows_no_reports_where_there_are_none(support: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = declare(monkeypatch)
    text = support.get(reverse("admin:syncjobs_integration_change", args=[bare.pk])).content.decode()
    assert "Reports</h2>" not in text
    assert support.get(page(bare)).status_code == 404


def test_it_refuses_those_who_may_not_see_documents(auditor: Client, integration: Integration) -> None:
    change = reverse("admin:syncjobs_integration_change", args=[integration.pk])
    assert page(integration) not in auditor.get(change).content.decode()
    assert auditor.get(page(integration)).status_code == 403
    assert auditor.post(page(integration, "report_file"), OCTOBER).status_code == 403
    assert not AuditEntry.objects.filter(action="report.downloaded").exists()


@pytest.mark.parametrize("missing", ["view_integration", "view_syncrecord", "see_bodies"])
def test_it_needs_the_right_to_see_integrations_records_and_documents(integration: Integration, missing: str) -> None:
    user, client = User.objects.create_user("eva", is_staff=True), Client()
    client.force_login(user)
    names = {"view_integration", "view_syncrecord", "see_bodies"}
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    assert client.get(page(integration)).status_code == 200
    user.user_permissions.set(Permission.objects.filter(codename__in=names - {missing}))
    assert client.get(page(integration)).status_code == 403
    assert client.post(page(integration, "report_file"), OCTOBER).status_code == 403


def test_it_sends_strangers_to_the_login(integration: Integration) -> None:
    assert "/login/" in Client().get(page(integration)).headers["Location"]


def test_it_knows_no_other_report_or_integration(support: Client, integration: Integration) -> None:
    assert support.get(page(integration, slug="other")).status_code == 404
    assert support.get(page(integration).replace(f"/{integration.pk}/", "/999999/")).status_code == 404


# The page


def test_it_shows_last_month_first(support: Client, integration: Integration) -> None:
    invoice(integration, "300141")
    invoice(integration, "300142", body={"documentDate": "2026-11-01"})
    response = support.get(page(integration))
    assert str(response.context["period"]) == "2026-10-01 to 2026-10-31"
    assert [label for label, _, current in response.context["presets"] if current] == ["Last month"]
    assert response.context["count"] == 1


def test_its_title_names_report_customer_and_systems(support: Client, integration: Integration) -> None:
    title = support.get(page(integration)).context["title"]
    assert title == "Invoiced, shipped, tracking: Fjord Outdoor · Acumatica and ShipStation"


@pytest.mark.parametrize(
    ("label", "period"),
    [
        ("This month", "2026-11-01 to 2026-11-21"),
        ("Last month", "2026-10-01 to 2026-10-31"),
        ("Last 90 days", "2026-08-24 to 2026-11-21"),
    ],
)
def test_it_offers_periods(support: Client, integration: Integration, label: str, period: str) -> None:
    offered = {preset: query for preset, query, _ in support.get(page(integration)).context["presets"]}
    assert str(support.get(f"{page(integration)}?{offered[label]}").context["period"]) == period


def test_it_takes_any_period(support: Client, integration: Integration) -> None:
    invoice(integration, "1", body={"documentDate": "2020-02-29"})
    assert len(table(support, integration, since="2020-02-29", until="2020-02-29")) == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "2026-10-31", "until": "2026-10-01"}, "ends before it begins"),
        ({"since": "2026-13-01", "until": "2026-10-01"}, "valid date"),
        ({"since": "2026-10-01"}, "required"),
    ],
)
def test_it_says_what_is_wrong_with_a_period(
    support: Client, integration: Integration, query: dict[str, str], words: str
) -> None:
    response = support.get(page(integration), query)
    assert words in response.content.decode()
    assert "rows" not in response.context
    assert support.post(page(integration, "report_file"), query).headers["Location"] == page(integration)


def test_it_counts_in_the_console_s_time_zone(support: Client, integration: Integration, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    with time_machine.travel("2026-10-31T12:00:00Z", tick=False):  # there it is November already
        assert str(support.get(page(integration)).context["period"]) == "2026-10-01 to 2026-10-31"


def test_it_says_that_there_is_nothing(support: Client, integration: Integration) -> None:
    text = support.get(page(integration)).content.decode()
    assert "Nothing is dated in this period" in text
    assert "0 rows" in text
    assert "Download CSV" not in text


def test_it_links_each_row_to_its_records(support: Client, integration: Integration) -> None:
    mine, other = invoice(integration, "300141"), parcel(integration, "1Z1", "ORDER-300141")
    (row,) = table(support, integration)
    for cell, record in ((row[1], mine), (row[5], other)):
        assert reverse("admin:syncjobs_syncrecord_change", args=[record.pk]) in cell


def test_it_shows_amounts_at_the_right_and_the_state_as_a_badge(support: Client, integration: Integration) -> None:
    invoice(integration, "300141")
    text = support.get(page(integration)).content.decode()
    assert '<td class="c-number">3183.750</td>' in text
    assert '<th class="c-number">Amount</th>' in text
    assert '<span class="c-badge c-good" title="">synced</span>' in text


def test_it_shows_a_failure_in_its_cell(support: Client, integration: Integration) -> None:
    invoice(integration, "300141", body={"amount": "<b>"})
    invoice(integration, "300142")
    first, second = table(support, integration)
    assert "cannot be shown: the text &#x27;&lt;b&gt;&#x27; is not a number" in first[3]
    assert second[3] == "3183.750"


def test_it_warns_of_parcels_that_could_not_be_compared(support: Client, integration: Integration) -> None:
    invoice(integration, "300141")
    parcel(integration, "1Z1", "ORDER-300141", source_body=None)
    text = support.get(page(integration)).content.decode()
    assert "1 record of “Shipments to Acumatica” could not be compared" in text


def test_it_shows_the_first_rows_and_counts_all(support: Client, integration: Integration) -> None:
    for number in range(203):
        invoice(integration, f"{number:04}")
    response = support.get(page(integration))
    assert (len(response.context["rows"]), response.context["count"]) == (200, 203)
    assert "203 rows; the first 200 are shown" in response.content.decode()


def test_it_asks_the_database_as_often_for_one_row_as_for_many(
    support: Client, integration: Integration, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    invoice(integration, "300000")
    support.get(page(integration))
    with django_assert_max_num_queries(24) as queries:
        support.get(page(integration))
    for number in range(150):
        invoice(integration, f"{number:04}")
        parcel(integration, f"1Z{number}", f"ORDER-{number:04}")
    with django_assert_num_queries(len(queries) + 1):  # an empty flow was not read a second time
        assert support.get(page(integration)).context["count"] == 151


# The file


def test_it_downloads_all_rows(support: Client, integration: Integration) -> None:
    invoice(integration, "300141")
    invoice(integration, "300142", body={"documentDate": "2026-10-06", "amount": Decimal("-12.50")})
    parcel(integration, "1Z1", "ORDER-300141")
    assert downloaded(support, integration) == [
        ["Date", "Sales order", "Customer", "Amount", "Link", "Parcel", "Shipped on", "Carrier", "Tracking", "Voided", "Note"],
        ["2026-10-05", "300141", "Kari Nordmann", "3183.750", "synced", "1Z1", "2026-10-04", "ups:ups_ground", "1Z1", "no", ""],
        ["2026-10-06", "300142", "Kari Nordmann", "-12.50", "synced", "", "", "", "", "", ""],
    ]  # fmt: skip


def test_it_downloads_more_rows_than_a_page_shows(support: Client, integration: Integration) -> None:
    for number in range(450):
        invoice(integration, f"{number:04}")
    assert len(downloaded(support, integration)) == 451


def test_it_sends_a_file_that_excel_opens(support: Client, integration: Integration) -> None:
    invoice(integration, "300141", body={"customer": {"name": "Sjø & Fjell"}})
    response = support.post(page(integration, "report_file"), OCTOBER)
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert (
        'filename="Fjord Outdoor - Invoiced, shipped, tracking - 2026-10-01 to 2026-10-31.csv"'
        in response["Content-Disposition"]
    )
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbfDate,")
    assert "Sjø & Fjell".encode() in content


def test_its_file_name_holds_nothing_that_a_disk_refuses(support: Client, integration: Integration) -> None:
    integration.customer.name = 'Åse/Bø: "A\\S"'
    integration.customer.save()
    disposition = support.post(page(integration, "report_file"), OCTOBER)["Content-Disposition"]
    assert unquote(disposition).startswith("attachment; filename*=utf-8''Åse Bø A S - Invoiced")


def test_no_text_of_a_document_becomes_a_formula(support: Client, integration: Integration) -> None:
    invoice(integration, "=1+1", body={"customer": {"name": "=HYPERLINK(1)"}, "amount": "=2"})
    row = downloaded(support, integration)[1]
    assert row[1:4] == ["'=1+1", "'=HYPERLINK(1)", "cannot be shown: the text '=2' is not a number"]


def test_a_download_leaves_an_entry(support: Client, integration: Integration) -> None:
    invoice(integration, "300141")
    downloaded(support, integration)
    entry = AuditEntry.objects.get(action="report.downloaded")
    assert (entry.actor, entry.customer_id, entry.subject_id) == ("support", integration.customer_id, integration.pk)
    assert entry.data == {"report": "invoiced", "first": "2026-10-01", "last": "2026-10-31", "rows": 1}
    assert entry.summary == "Invoiced, shipped, tracking, 2026-10-01 to 2026-10-31: 1 rows."


def test_showing_it_leaves_no_entry_and_a_link_downloads_nothing(support: Client, integration: Integration) -> None:
    support.get(page(integration))
    assert support.get(page(integration, "report_file"), OCTOBER).status_code == 405
    assert not AuditEntry.objects.filter(action="report.downloaded").exists()


def test_a_post_from_another_site_downloads_nothing(integration: Integration) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    assert client.post(page(integration, "report_file"), OCTOBER).status_code == 403
