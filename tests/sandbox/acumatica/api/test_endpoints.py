from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.connections.vendors.acumatica.simulated import Site


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.login()
    yield site
    site.stop()


def versions(site: Site, http: Any = requests) -> list[str]:
    body = http.get(f"{site.url}/entity", timeout=30).json()
    return [f"{endpoint['name']}/{endpoint['version']}" for endpoint in body["endpoints"]]


def test_it_lists_its_endpoints_without_a_session(site: Site) -> None:
    body = requests.get(f"{site.url}/entity", timeout=30).json()
    assert body["version"]["acumaticaBuildVersion"] == "26.101.0225"
    assert body["endpoints"][-1]["href"] == "/MyInstance/entity/Default/25.200.001/"
    assert versions(site) == ["Default/24.200.001", "Default/25.200.001"]


def test_it_names_customers_own_endpoints_only_to_whom_is_signed_in(site: Site) -> None:
    site.settings(extra_endpoints=["MyStore/6"])
    assert "MyStore/6" not in versions(site)
    assert "MyStore/6" in versions(site, site.http)
    assert site.http.get(f"{site.url}/entity/MyStore/6/SalesOrder", timeout=30).status_code == 200


def test_it_can_answer_like_an_older_build(site: Site) -> None:
    site.settings(bare_endpoint_list=True)
    assert isinstance(requests.get(f"{site.url}/entity", timeout=30).json(), list)


@pytest.mark.parametrize(
    ("body", "kind"), [("json", "application/json"), ("text", "text/plain"), ("html", "text/html")]
)
def test_it_answers_a_wrong_version_with_404(site: Site, body: str, kind: str) -> None:
    site.settings(wrong_version_body=body)
    response = site.http.get(f"{site.url}/entity/Default/26.200.001/SalesOrder", timeout=30)
    assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == (404, kind)


def test_it_answers_an_unknown_entity_or_action_with_404(site: Site) -> None:
    assert site.get("SalesOrders").status_code == 404
    assert site.act("Shipment/ShipIt", {"ShipmentNbr": "000001"}).status_code == 404


def test_it_takes_entity_names_in_any_case(site: Site) -> None:
    assert site.get("salesorder").status_code == 200


def test_it_can_redirect_to_an_error_page(site: Site) -> None:
    site.settings(redirect=True)
    response = site.get("SalesOrder")
    assert (response.status_code, response.headers["Location"]) == (302, "/MyInstance/ui/error")


def test_it_answers_403_for_a_form_the_user_has_no_right_to(site: Site) -> None:
    site.settings(revoked=["Shipment"])
    assert [site.get("Shipment").status_code, site.get("SalesOrder").status_code] == [403, 200]
    assert "SO302000" in site.get("Shipment").json()["exceptionMessage"]


@pytest.mark.parametrize("offset", [0, -3600, 86400])
def test_it_dates_every_answer_by_its_own_clock(site: Site, offset: int) -> None:
    site.settings(clock_offset=offset, session_idle=10**6)
    for response in (site.get("SalesOrder"), site.get("Nothing"), site.login(password="wrong")):
        dated = parsedate_to_datetime(response.headers["Date"]).timestamp()
        assert abs(dated - site.running.simulator.now()) < 5


def test_it_serves_contract_5_only_if_switched_on(site: Site) -> None:
    site.settings(contract5=True)
    assert versions(site)[-1] == "Default/26.200.001"


def test_it_shows_drop_downs_and_stamps_as_contract_5_does(site: Site) -> None:
    site.settings(contract5=True)
    number = site.order()
    site.ship(number, Packages=[{"BoxID": {"value": "SMALL"}}])
    five = f"{site.url}/entity/Default/26.200.001"
    params = {"$expand": "Shipments,ShippingSettings($expand=ShopForRates)"}
    order = site.http.get(f"{five}/SalesOrder/SO/{number}", params=params, timeout=30).json()
    assert order["Status"]["value"] == {"id": "S", "description": "Shipping"}
    assert "LastModified" not in order
    assert order["LastModifiedDateTime"]["value"].endswith("+00:00")
    assert order["Shipments"][0]["Status"]["value"]["description"] == "Open"
    assert "ShopForRates" in order["ShippingSettings"]


def test_it_filters_contract_5_by_the_new_name_of_the_stamp(site: Site) -> None:
    site.settings(contract5=True)
    site.order()
    params = {"$filter": "LastModifiedDateTime gt datetimeoffset'2020-01-01T00:00:00Z' and Status eq 'Open'"}
    response = site.http.get(f"{site.url}/entity/Default/26.200.001/SalesOrder", params=params, timeout=30)
    assert len(response.json()) == 1


def test_it_takes_drop_downs_as_objects_in_contract_5(site: Site) -> None:
    site.settings(contract5=True)
    site.do("seed", orders=0, customers=1, items=1)
    body = {"OrderType": {"value": {"id": "SO", "description": "SO"}}, "CustomerID": {"value": "C0001"}}
    response = site.http.put(f"{site.url}/entity/Default/26.200.001/SalesOrder", json=body, timeout=30)
    assert (response.status_code, response.json()["OrderType"]["value"]["description"]) == (200, "SO")
