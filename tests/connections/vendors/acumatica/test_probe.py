from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import responses
from requests.exceptions import ConnectTimeout

from connections.vendor import ProbeLine
from connections.vendors.acumatica import VENDOR
from tests.connections.vendors.acumatica.accounts import API, SITE, client, problem
from tests.connections.vendors.acumatica.desk import Desk

OFFERED = {"endpoints": [{"name": "Default", "version": "25.200.001"}]}
PAGE = '<form><input type="hidden" name="ctl00$phUser$txtSingleCompany" id="txtSingleCompany" value="{}" /></form>'


@pytest.fixture
def site() -> Iterator[responses.RequestsMock]:
    """A site where all is well; a test replaces what is not."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.get(f"{SITE}/entity", json=OFFERED)
        wire.post(f"{SITE}/entity/auth/login", status=204, headers={"Set-Cookie": ".ASPXAUTH=AA11; path=/"})
        wire.get(f"{SITE}/Frames/Login.aspx", body=PAGE.format("MyStore"), content_type="text/html")
        for entity in ("SalesOrder", "Customer", "StockItem", "Shipment"):
            wire.get(f"{API}/{entity}", json=[{}])
        wire.get(f"{API}/ShipVia", json=[{"CarrierID": {"value": "UPSGROUND"}, "Description": {}}])
        wire.get(f"{API}/ShippingBox", json=[{"BoxID": {"value": "SMALL"}}, {"BoxID": {"value": "LARGE"}}])
        yield wire


def probed(**settings: Any) -> Sequence[ProbeLine]:
    return VENDOR.probe(client(session=None, **settings))


def failed(**settings: Any) -> list[ProbeLine]:
    return [line for line in probed(**settings) if not line.ok]


def test_it_passes_every_line_where_all_is_well(site: responses.RequestsMock) -> None:
    lines = probed()
    assert [line.what for line in lines if not line.ok] == []
    assert len(lines) == 9


def test_it_names_a_wrong_password_in_one_line(site: responses.RequestsMock) -> None:
    site.replace("POST", f"{SITE}/entity/auth/login", status=500, json=problem("Error: Invalid credentials."))
    (line,) = failed()
    assert "user name or the password" in line.detail
    assert "SM201010" in line.screen


def test_it_names_used_up_seats_and_their_form(site: responses.RequestsMock) -> None:
    site.replace("POST", f"{SITE}/entity/auth/login", status=429, body="API Login Limit")
    (line,) = failed()
    assert "SM604000" in line.screen


def test_it_names_the_versions_on_offer(site: responses.RequestsMock) -> None:
    (line,) = failed(endpoint_version="99.200.001")
    assert "this site offers Default/25.200.001" in line.detail


def test_it_names_an_unreachable_site(site: responses.RequestsMock) -> None:
    site.replace("GET", f"{SITE}/entity", body=ConnectTimeout("no route"))
    (line,) = failed()
    assert "could not be reached" in line.detail


def test_it_names_an_address_without_acumatica(site: responses.RequestsMock) -> None:
    site.replace("GET", f"{SITE}/entity", status=404, body="<html>")
    (line,) = failed()
    assert "no Acumatica at this address" in line.detail


def test_it_names_the_other_tenant(site: responses.RequestsMock) -> None:
    site.replace("GET", f"{SITE}/Frames/Login.aspx", body=PAGE.format("Company"), content_type="text/html")
    (line,) = failed()
    assert "The tenant Company answers instead of MyStore." in line.detail


def test_it_passes_where_the_tenant_cannot_be_asked(site: responses.RequestsMock) -> None:
    site.replace("GET", f"{SITE}/Frames/Login.aspx", status=404)
    line = next(line for line in probed() if line.what == "Tenant")
    assert line.ok
    assert "did not say" in line.detail


@pytest.mark.parametrize(
    ("entity", "form", "resource"),
    [
        ("SalesOrder", "SO301000", "orders"),
        ("Customer", "AR303000", "customers"),
        ("Shipment", "SO302000", "shipments"),
    ],
)
def test_it_names_the_form_and_the_resource_of_a_missing_right(
    site: responses.RequestsMock, entity: str, form: str, resource: str
) -> None:
    site.replace("GET", f"{API}/{entity}", status=403)
    (line,) = failed()
    assert form in line.screen
    assert resource in line.resources


def test_it_warns_where_nothing_can_be_seen(site: responses.RequestsMock) -> None:
    site.replace("GET", f"{API}/SalesOrder", json=[])
    line = next(line for line in probed() if line.what == "Read sales orders")
    assert line.ok
    assert "branches" in line.detail


def test_it_fails_without_ship_via_codes(site: responses.RequestsMock) -> None:
    site.replace("GET", f"{API}/ShipVia", json=[])
    (line,) = failed()
    assert "CS207500" in line.screen


@pytest.mark.parametrize(("box", "said"), [("", "No default box"), ("HUGE", "no box HUGE")])
def test_it_names_the_boxes_to_choose_from(site: responses.RequestsMock, box: str, said: str) -> None:
    (line,) = failed(default_box=box)
    assert said in line.detail
    assert "LARGE, SMALL" in line.detail


def test_it_says_where_a_session_in_the_store_is_over(site: responses.RequestsMock) -> None:
    site.replace("GET", f"{API}/SalesOrder", status=401)
    site.replace("POST", f"{SITE}/entity/auth/login", status=500, json=problem("Error: Invalid credentials."))
    lines = VENDOR.probe(client())
    assert [line.ok for line in lines] == [True, False]


def test_it_passes_a_simulated_site(desk: Desk) -> None:
    desk.order(APJAM08=1)
    lines = VENDOR.probe(desk.client)
    assert [line for line in lines if not line.ok] == []
    assert next(line for line in lines if line.what == "Tenant").detail == "MyStore"


def test_it_notices_a_simulated_site_that_takes_the_wrong_tenant(desk: Desk) -> None:
    desk.switch(tenant_mixup=True)
    desk.client.sign_out()
    assert "Tenant" in [line.what for line in VENDOR.probe(desk.client) if not line.ok]


def test_it_names_each_revoked_form_of_a_simulated_site(desk: Desk) -> None:
    desk.switch(revoked=["Shipment"])
    assert [line.what for line in VENDOR.probe(desk.client) if not line.ok] == ["Read shipments"]
