from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from connections import lifecycle
from connections.models import Connection
from connections.vendor import ProbeLine
from tests import factories as make
from tests.admin_form import filled_form

pytestmark = pytest.mark.django_db
ADD = reverse("admin:connections_connection_add")


def page(connection: Connection, name: str = "change") -> str:
    return reverse(f"admin:connections_connection_{name}", args=[connection.pk])


def add(client: Client, **changes: Any) -> Any:
    url = f"{ADD}?vendor=acumatica"
    return client.post(url, filled_form(client, url) | {"customer": make.customer().pk, "name": "main"} | changes)


GOOD = {"setting_base_url": "https://erp.example.com/Site", "setting_tenant": "Store"}


def stored(connection: Connection) -> dict[str, str]:
    return dict(Connection._base_manager.get(pk=connection.pk).secrets or {})


def test_it_asks_for_the_system_first(administrator: Client) -> None:
    text = administrator.get(ADD).content.decode()
    assert "?vendor=acumatica" in text
    assert "?vendor=shipstation" in text


def test_it_builds_the_form_from_what_the_system_declares(administrator: Client) -> None:
    text = administrator.get(f"{ADD}?vendor=acumatica").content.decode()
    assert "Address of the site" in text
    assert "OAuth with user name and password" in text
    assert "Client secret" not in text.partition("<form")[2]


def test_it_stores_settings_and_goes_on_to_the_credentials(administrator: Client) -> None:
    response = add(administrator, **GOOD)
    connection = Connection.objects.get()
    assert response.url == page(connection, "secrets")
    assert (connection.settings["base_url"], connection.settings["page_size"]) == ("https://erp.example.com/Site", 100)
    assert AuditEntry.objects.get(action="connection.created").actor == "administrator"


@pytest.mark.parametrize(
    "address",
    [
        "erp.example.com",
        "ftp://x.no",
        "javascript:alert(1)",
        "https://u:p@x.no",
        "https://x.no/?key=1",
        "http://",
        "https://x no",
    ],
)
def test_it_refuses_what_is_no_plain_address(administrator: Client, address: str) -> None:
    response = add(administrator, **GOOD | {"setting_base_url": address})
    assert response.context["adminform"].form.errors["setting_base_url"]
    assert not Connection.objects.exists()


@pytest.mark.parametrize("number", ["many", "-1", "NaN", "1e999999"])
def test_it_refuses_what_is_no_number(administrator: Client, number: str) -> None:
    response = add(administrator, **GOOD | {"setting_page_size": number})
    assert response.context["adminform"].form.errors["setting_page_size"]


def test_it_refuses_a_second_connection_of_that_name(administrator: Client) -> None:
    first = make.connection(name="main")
    response = add(administrator, **GOOD | {"customer": first.customer_id})
    assert "already" in str(response.context["adminform"].form.errors["name"])


def test_it_notes_names_of_changed_settings_and_no_values(administrator: Client) -> None:
    connection = make.connection(settings={"base_url": "https://a.no", "tenant": "A"})
    data = filled_form(administrator, page(connection)) | {"setting_tenant": "Planted"}
    administrator.post(page(connection), data)
    entry = AuditEntry.objects.get(action="connection.changed")
    assert "tenant" in entry.summary
    assert "Planted" not in entry.summary + str(entry.data)


def test_it_leaves_state_secrets_and_session_alone_when_settings_are_saved(administrator: Client) -> None:
    connection = make.connection(secrets={"password": "p"}, state="broken", settings={"base_url": "https://a.no"})
    data = filled_form(administrator, page(connection)) | {"setting_tenant": "B", "state": "ready", "secrets": "{}"}
    administrator.post(page(connection), data)
    connection.refresh_from_db()
    assert (connection.state, stored(connection)) == ("broken", {"password": "p"})
    assert connection.settings["tenant"] == "B"


def test_it_stores_what_was_entered_and_keeps_what_was_left_empty(administrator: Client) -> None:
    connection = make.connection(secrets={"username": "u", "password": "old"})
    administrator.post(page(connection, "secrets"), {"username": "", "password": "new"})
    assert stored(connection) == {"username": "u", "password": "new"}


def test_it_says_what_is_entered_and_what_is_empty_and_never_what_it_is(administrator: Client) -> None:
    connection = make.connection(secrets={"password": "planted"})
    text = administrator.get(page(connection, "secrets")).content.decode()
    assert (text.count("entered</span>"), text.count("empty</span>")) == (1, 4)
    assert "planted" not in text


def test_it_does_not_send_typed_credentials_back_when_the_form_is_refused(administrator: Client) -> None:
    response = administrator.post(page(make.connection(), "secrets"), {"username": "", "password": ""})
    assert "nothing was changed" in response.content.decode()


def test_it_shows_a_page_for_credentials_that_no_key_can_read(administrator: Client, settings: Any) -> None:
    connection = make.connection(secrets={"password": "p"})
    table = Connection._meta.db_table
    from django.db import connection as database

    with database.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET secrets = %s WHERE id = %s", [b"not readable", connection.pk])
    assert administrator.get(page(connection)).status_code == 200
    assert administrator.get(page(connection, "secrets")).status_code == 200


def test_it_shows_the_lines_of_a_test_on_the_page(support: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = make.connection()

    def probe(of: Connection, actor: Any, *, for_person: bool) -> list[ProbeLine]:
        assert (actor.name, for_person) == ("support", True)
        line = ProbeLine("Read orders", False, "Not allowed", ("orders",), "Form SM201010")
        Connection.objects.filter(pk=of.pk).update(probe=[vars(line)])
        return [line]

    monkeypatch.setattr(lifecycle, "probe", probe)
    text = support.post(page(connection, "test"), follow=True).content.decode()
    assert "1 of 1 tests failed" in text
    assert "Form SM201010" in text
    assert "Needed by" not in text


def test_a_failed_line_names_the_flows_that_need_it(support: Client) -> None:
    lines = [
        ProbeLine("Read customers", False, "Not allowed", ("customers",)),
        ProbeLine("Read shipments", True, "", ("shipments",)),
    ]
    connection = make.connection(vendor="acumatica", probe=[vars(line) for line in lines])
    make.integration(customer=connection.customer, left=connection)
    text = support.get(page(connection)).content.decode()
    assert text.count("Needed by") == 1
    assert "Needed by: Customers<" in text


def test_it_pauses_and_resumes(support: Client) -> None:
    connection = make.connection(state="ready")
    support.post(page(connection, "pause"))
    assert Connection.objects.get().state == "paused"
    support.post(page(connection, "resume"))
    assert Connection.objects.get().state == "new"


def test_it_pauses_many(support: Client) -> None:
    rows = [make.connection(state="ready"), make.connection(state="ready")]
    data = {"action": "pause_many", "_selected_action": [row.pk for row in rows]}
    support.post(reverse("admin:connections_connection_changelist"), data)
    assert Connection.objects.filter(state="paused").count() == 2


def test_it_shows_settings_to_read_to_those_who_may_not_change_them(auditor: Client) -> None:
    connection = make.connection(settings={"base_url": "https://erp.example.com"})
    text = auditor.get(page(connection)).content.decode()
    assert "https://erp.example.com" in text
    assert 'name="setting_base_url"' not in text


def test_it_shows_them_in_the_words_of_the_form(auditor: Client) -> None:
    settings = {"auth_mode": "oauth_code", "order_types": ["SO", "SA"]}
    text = auditor.get(page(make.connection(vendor="acumatica", settings=settings))).content.decode()
    assert "<dd>OAuth with a sign-in by browser</dd>" in text
    assert "<dd>SO, SA</dd>" in text


def test_it_shows_what_is_connected_on_a_customers_page(auditor: Client) -> None:
    made = make.integration()
    text = auditor.get(reverse("admin:connections_customer_change", args=[made.customer_id])).content.decode()
    assert page(made.left) in text
    assert reverse("admin:syncjobs_integration_change", args=[made.pk]) in text


def test_it_notes_a_new_customer(administrator: Client) -> None:
    administrator.post(reverse("admin:connections_customer_add"), {"name": "Fjord", "notes": ""})
    assert AuditEntry.objects.get(action="customer.changed").subject == "Fjord"
