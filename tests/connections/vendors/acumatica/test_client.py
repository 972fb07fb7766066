from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses
from requests.exceptions import ConnectionError as CutOff

from connections.errors import (
    ConnectionBroken,
    OutcomeUnknown,
    Rejected,
    Surprise,
    TryLater,
)
from connections.vendors.acumatica import VENDOR
from connections.vendors.acumatica.errors import LostLock
from tests.connections.vendors.acumatica.accounts import (
    API,
    SITE,
    account,
    asked,
    client,
    problem,
    sent_form,
    sent_json,
)
from tests.connections.vendors.acumatica.desk import Desk

LOGIN = f"{SITE}/entity/auth/login"
TOKEN = f"{SITE}/identity/connect/token"
ORDER = f"{API}/SalesOrder/SO/000214"
OFFERED = {
    "version": {"acumaticaBuildVersion": "26.101.0225"},
    "endpoints": [{"name": "Default", "version": "24.200.001"}, {"name": "Default", "version": "25.200.001"}],
}


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def accept(wire: responses.RequestsMock, cookie: str = "AA11") -> None:
    wire.post(
        LOGIN,
        status=204,
        headers={"Set-Cookie": f".ASPXAUTH={cookie}; path=/; secure; HttpOnly; SameSite=None"},
    )


# Sign-in


def test_it_signs_in_late_and_sends_the_cookie_by_hand(wire: responses.RequestsMock) -> None:
    accept(wire)
    wire.get(ORDER, json={"OrderNbr": {"value": "000214"}})
    acumatica = client(session=None)
    assert len(wire.calls) == 0
    acumatica.record("SalesOrder", ("SO", "000214"))
    assert wire.calls[1].request.headers["Cookie"] == ".ASPXAUTH=AA11"
    assert sent_json(wire.calls[0].request) == {
        "name": "api-user",
        "password": "sim-password",
        "tenant": "MyStore",
        "branch": "MYSTORE",
    }


def test_it_uses_the_session_of_another_worker(wire: responses.RequestsMock) -> None:
    wire.get(ORDER, json={})
    client(session={"cookie": ".ASPXAUTH=BB22"}).record("SalesOrder", ("SO", "000214"))
    assert wire.calls[0].request.headers["Cookie"] == ".ASPXAUTH=BB22"


def test_it_signs_in_once_more_when_the_session_has_ended(wire: responses.RequestsMock) -> None:
    wire.put(f"{API}/Shipment", status=401)
    accept(wire, "CC33")
    wire.put(f"{API}/Shipment", json={"ShipmentNbr": {"value": "000058"}})
    acumatica = client()
    assert acumatica.put("Shipment", {"ShipmentNbr": "000058"})["ShipmentNbr"] == {"value": "000058"}
    assert acumatica.session.store.current() == {"cookie": ".ASPXAUTH=CC33"}


def test_it_stops_where_every_session_is_refused(wire: responses.RequestsMock) -> None:
    for cookie in ("1", "2"):
        accept(wire, cookie)
        wire.get(ORDER, status=401)
    wire.get(ORDER, status=401)
    with pytest.raises(ConnectionBroken, match="refuses the new session"):
        client().record("SalesOrder", ("SO", "000214"))


def test_it_signs_out_with_a_length_and_forgets_the_session(wire: responses.RequestsMock) -> None:
    wire.post(f"{SITE}/entity/auth/logout", status=204)
    acumatica = client()
    acumatica.sign_out()
    acumatica.sign_out()
    assert acumatica.session.store.current() is None
    assert len(wire.calls) == 1
    assert wire.calls[0].request.headers["Content-Length"] == "0"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, "API Login Limit"),
        (500, '{"message": "API Login Limit"}'),
        (429, "The custom error module does not recognize this error."),
    ],
)
def test_it_waits_for_a_seat(wire: responses.RequestsMock, status: int, body: str) -> None:
    wire.post(LOGIN, status=status, body=body, content_type="text/plain")
    with pytest.raises(TryLater, match="seats") as caught:
        client(session=None).record("SalesOrder", ("SO", "1"))
    assert caught.value.retry_after == 60
    assert "SM604000" in caught.value.next_step


@pytest.mark.parametrize(
    ("words", "kind", "expected"),
    [
        ("Error: Invalid credentials. Please try again.", "PX.Data.PXException", "user name or the password"),
        ("A proper company ID cannot be determined", "PX.Data.PXUndefinedCompanyException", "tenant"),
        ("The password has expired and must be changed in the browser.", "PX.Data.PXException", "must be changed"),
        ("Your account is locked out.", "PX.Data.PXException", "locked"),
    ],
)
def test_it_says_why_a_sign_in_was_refused(wire: responses.RequestsMock, words: str, kind: str, expected: str) -> None:
    wire.post(LOGIN, status=500, json=problem(words, kind))
    with pytest.raises(ConnectionBroken, match=expected) as caught:
        client(session=None).record("SalesOrder", ("SO", "1"))
    assert "sim-password" not in str(caught.value)


def test_it_takes_a_failing_sign_in_for_passing(wire: responses.RequestsMock) -> None:
    wire.post(LOGIN, status=500, body="<html>Runtime error</html>", content_type="text/html")
    with pytest.raises(TryLater):
        client(session=None).record("SalesOrder", ("SO", "1"))


def test_it_gets_a_token_by_password(wire: responses.RequestsMock) -> None:
    wire.post(TOKEN, json={"access_token": "t1", "expires_in": 3600, "refresh_token": "r1"})
    wire.get(ORDER, json={})
    acumatica = client(session=None, auth_mode="oauth_password")
    acumatica.record("SalesOrder", ("SO", "000214"))
    assert sent_form(wire.calls[0].request)["scope"] == ["api offline_access"]
    assert wire.calls[1].request.headers["Authorization"] == "Bearer t1"


def test_it_renews_a_token_before_its_end_and_keeps_the_newest_refresh_token(wire: responses.RequestsMock) -> None:
    wire.post(TOKEN, json={"access_token": "t2", "expires_in": 3600, "refresh_token": "r2"})
    wire.get(ORDER, json={})
    old = {"token": "t1", "renew_at": "1000", "refresh_token": "r1"}
    acumatica = client(session=old, auth_mode="oauth_code")
    acumatica.record("SalesOrder", ("SO", "000214"))
    session = acumatica.session.store.current()
    assert session is not None
    assert sent_form(wire.calls[0].request)["refresh_token"] == ["r1"]
    assert session["refresh_token"] == "r2"


def test_it_takes_the_password_where_the_refresh_token_is_spent(wire: responses.RequestsMock) -> None:
    wire.post(TOKEN, status=400, json={"error": "invalid_grant"})
    wire.post(TOKEN, json={"access_token": "t3", "expires_in": 3600})
    wire.get(ORDER, json={})
    old = {"token": "t1", "renew_at": "1000", "refresh_token": "r1"}
    client(session=old, auth_mode="oauth_password").record("SalesOrder", ("SO", "000214"))
    assert sent_form(wire.calls[1].request)["grant_type"] == ["password"]


def test_it_asks_for_a_new_consent_where_the_grant_has_ended(wire: responses.RequestsMock) -> None:
    wire.post(TOKEN, status=400, json={"error": "invalid_grant"})
    acumatica = client(session=None, auth_mode="oauth_code", secrets={"refresh_token": "old"})
    with pytest.raises(ConnectionBroken, match="has ended"):
        acumatica.record("SalesOrder", ("SO", "1"))


def test_it_keeps_a_grant_that_only_a_person_can_give_again() -> None:
    acumatica = client(session={"token": "t1", "renew_at": "9999999999", "refresh_token": "r1"}, auth_mode="oauth_code")
    acumatica.sign_out()
    assert acumatica.session.store.current() is not None


# Requests


def test_it_finds_nothing_where_no_entity_satisfies_the_condition(wire: responses.RequestsMock) -> None:
    kind = "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"
    wire.get(ORDER, status=500, json=problem("No entity satisfies the condition.", kind))
    assert client().record("SalesOrder", ("SO", "000214")) is None


def test_it_encodes_each_part_of_a_key(wire: responses.RequestsMock) -> None:
    wire.get(f"{API}/StockItem/%2312-796%20524", json={})
    client().record("StockItem", ("#12-796 524",))
    assert wire.calls[0].request.path_url.endswith("/StockItem/%2312-796%20524")


def test_it_filters_for_a_key_that_holds_a_slash(wire: responses.RequestsMock) -> None:
    wire.get(f"{API}/StockItem", json=[{"InventoryID": {"value": "A/1'2"}}])
    assert client().record("StockItem", ("A/1'2",)) == {"InventoryID": {"value": "A/1'2"}}
    assert asked(wire.calls[0].request)["$filter"] == "InventoryID eq 'A/1''2'"


def test_it_nests_expansions_in_the_way_of_the_contract(wire: responses.RequestsMock) -> None:
    wire.get(f"{SITE}/entity/Default/26.200.001/Customer", json=[])
    client(endpoint_version="26.200.001").records("Customer", expand=("MainContact", "MainContact/Address", "Contacts"))
    assert asked(wire.calls[0].request)["$expand"] == "MainContact($expand=Address),Contacts"


def test_it_lists_look_ups_by_key(wire: responses.RequestsMock) -> None:
    wire.get(f"{API}/ShipVia", json=[{"CarrierID": {"value": "UPS "}, "Description": {"value": "UPS Ground"}}])
    assert client().lookup("ShipVia") == {"UPS": "UPS Ground"}


def test_it_joins_links_to_the_host_and_never_leaves_the_instance() -> None:
    acumatica = client()
    assert acumatica.absolute("/MyInstance/entity/x") == f"{SITE}/entity/x"
    for foreign in ("https://evil.example.com/MyInstance/entity/x", "/Other/entity/x"):
        with pytest.raises(Surprise):
            acumatica.absolute(foreign)


# Refusals


def test_it_names_the_fields_of_a_refused_record(wire: responses.RequestsMock) -> None:
    record = {
        "error": "Inserting 'SO Shipment' record raised at least one error.",
        "Details": [{"InventoryID": {"value": "X", "error": "'X' cannot be found in the system."}}],
    }
    wire.put(f"{API}/Shipment", status=422, json=record)
    with pytest.raises(Rejected) as caught:
        client().put("Shipment", {})
    assert caught.value.fields == {"Details[0].InventoryID": "'X' cannot be found in the system."}
    assert "Details[0].InventoryID" in caught.value.message


@pytest.mark.parametrize("status", [409, 500])
def test_it_tries_again_after_another_process(wire: responses.RequestsMock, status: int) -> None:
    words = "Another process has updated the 'SOShipment' record. Your changes will be lost."
    wire.put(f"{API}/Shipment", status=status, json=problem(words, "PX.Data.PXLockViolationException"))
    with pytest.raises(LostLock):
        client().put("Shipment", {})


def test_it_waits_for_a_long_operation(wire: responses.RequestsMock) -> None:
    wire.get(ORDER, status=409, json=problem("A long operation is running for this screen in the current session."))
    with pytest.raises(TryLater) as caught:
        client().record("SalesOrder", ("SO", "000214"))
    assert caught.value.retry_after == 2


def test_it_takes_a_business_refusal_with_status_500_for_a_refusal(wire: responses.RequestsMock) -> None:
    wire.put(f"{API}/Shipment", status=500, json=problem("Nothing can be shipped."))
    with pytest.raises(Rejected, match="Nothing can be shipped") as caught:
        client().put("Shipment", {})
    assert "Secret" not in repr(vars(caught.value))


@pytest.mark.parametrize("kind", ["System.Data.SqlClient.SqlException", "PX.Data.PXDatabaseException", ""])
def test_it_does_not_know_the_outcome_of_a_write_that_failed_otherwise(wire: responses.RequestsMock, kind: str) -> None:
    wire.put(f"{API}/Shipment", status=500, json=problem("Timeout expired.", kind))
    with pytest.raises(OutcomeUnknown):
        client().put("Shipment", {})


def test_it_does_not_know_the_outcome_of_a_write_that_was_cut(wire: responses.RequestsMock) -> None:
    wire.put(f"{API}/Shipment", body=CutOff("cut"))
    with pytest.raises(OutcomeUnknown):
        client().put("Shipment", {})


def test_it_does_not_know_the_outcome_of_a_write_answered_by_a_page(wire: responses.RequestsMock) -> None:
    wire.put(f"{API}/Shipment", body="<html></html>", content_type="text/html")
    with pytest.raises(OutcomeUnknown):
        client().put("Shipment", {})


def test_it_names_the_form_of_a_missing_right(wire: responses.RequestsMock) -> None:
    wire.get(f"{API}/Shipment", status=403)
    with pytest.raises(ConnectionBroken, match="SO302000"):
        client().records("Shipment")


def test_it_survives_the_plain_text_of_the_licence(wire: responses.RequestsMock) -> None:
    text = "The custom error module does not recognize this error."
    wire.put(f"{API}/Shipment", status=429, body=text, content_type="text/plain")
    with pytest.raises(TryLater, match="slow down"):
        client().put("Shipment", {})


# Wrong addresses


@pytest.mark.parametrize("status", [404, 302])
def test_it_names_the_endpoints_that_the_site_offers(wire: responses.RequestsMock, status: int) -> None:
    wire.get(f"{SITE}/entity/Default/99.200.001/Shipment", status=status, body="Endpoint not found")
    wire.get(f"{SITE}/entity", json=OFFERED)
    expected = "Default/99.200.001 is not there; this site offers Default/24.200.001, Default/25.200.001"
    with pytest.raises(ConnectionBroken, match=expected):
        client(endpoint_version="99.200.001").records("Shipment")


def test_it_takes_the_bare_list_of_older_builds(wire: responses.RequestsMock) -> None:
    wire.get(f"{API}/Shipment", status=404)
    wire.get(f"{SITE}/entity", json=[{"name": "Default", "version": "20.200.001"}])
    with pytest.raises(ConnectionBroken, match=r"offers Default/20\.200\.001"):
        client().records("Shipment")


def test_it_tells_a_wrong_address_from_a_wrong_version(wire: responses.RequestsMock) -> None:
    wire.post(LOGIN, status=404, body="<html>IIS</html>", content_type="text/html")
    wire.get(f"{SITE}/entity", status=404, body="<html>IIS</html>", content_type="text/html")
    with pytest.raises(ConnectionBroken, match="no Acumatica at this address"):
        client(session=None).records("Shipment")


def test_it_takes_a_page_of_a_known_endpoint_for_passing(wire: responses.RequestsMock) -> None:
    wire.get(f"{API}/Shipment", body="<html>Maintenance</html>", content_type="text/html")
    wire.get(f"{SITE}/entity", json=OFFERED)
    with pytest.raises(TryLater):
        client().records("Shipment")


def test_it_keeps_paths_without_queries_in_the_exchanges(wire: responses.RequestsMock) -> None:
    wire.get(f"{API}/Customer", json=[])
    opened = account(session={"cookie": "x"})
    VENDOR.open(opened).records("Customer", where="CustomerName eq 'Ann'")
    assert [exchange.path for exchange in opened.exchanges] == ["/MyInstance/entity/Default/25.200.001/Customer"]


# Against a simulated site


@pytest.mark.parametrize("mode", ["cookie", "oauth_password"])
def test_it_works_a_simulated_site_and_gives_its_seat_back(desk: Desk, mode: str) -> None:
    desk.person.sign_out()
    desk.client.sign_out()
    order = desk.order(APJAM08=1)
    acumatica = client(desk.running.base_url, session=None, auth_mode=mode)
    assert acumatica.record("SalesOrder", ("SO", order)) is not None
    assert desk.state()["sessions"] == 1
    acumatica.sign_out()
    assert desk.state()["sessions"] == 0
    assert acumatica.record("SalesOrder", ("SO", order)) is not None


def test_it_renews_a_token_at_a_simulated_site(desk: Desk) -> None:
    desk.person.sign_out()
    acumatica = client(desk.running.base_url, session=None, auth_mode="oauth_password")
    first = acumatica.session.current()
    second = acumatica.session.renew(first)
    assert first["token"] != second["token"]
    assert acumatica.lookup("ShipVia")["UPSGROUND"] == "UPS Ground"


def test_it_works_a_site_with_another_name_for_its_endpoint(desk: Desk) -> None:
    desk.switch(extra_endpoints=["Console/1.4.0"])
    desk.person.sign_out()
    acumatica = client(desk.running.base_url, session=None, endpoint_name="Console", endpoint_version="1.4.0")
    assert "SMALL" in acumatica.lookup("ShippingBox")


@pytest.mark.parametrize("body", ["json", "text", "html"])
def test_it_names_what_a_simulated_site_offers(desk: Desk, body: str) -> None:
    desk.switch(wrong_version_body=body)
    desk.person.sign_out()
    with pytest.raises(ConnectionBroken, match=r"this site offers Default/24\.200\.001, Default/25\.200\.001"):
        client(desk.running.base_url, session=None, endpoint_version="99.200.001").lookup("ShipVia")


def test_it_does_not_read_half_an_answer(desk: Desk) -> None:
    desk.fault("half", "/MyInstance/entity/Default")
    with pytest.raises(TryLater):
        desk.client.lookup("ShipVia")
