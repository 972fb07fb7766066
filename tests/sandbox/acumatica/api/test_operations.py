from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from tests.connections.vendors.acumatica.simulated import Site, wrap


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.login()
    site.ship(site.order())
    yield site
    site.stop()


def begin(site: Site) -> requests.Response:
    body = {"entity": wrap({"ShipmentNbr": "000001"})}
    return site.http.post(f"{site.api}/Shipment/ConfirmShipment", json=body, timeout=30)


def shipment_status(site: Site) -> str:
    status: str = site.shipment("000001")["Status"]
    return status


def test_it_answers_202_and_where_to_ask(site: Site) -> None:
    response = begin(site)
    assert response.status_code == 202
    assert response.headers["Location"].startswith(
        "/MyInstance/entity/Default/25.200.001/Shipment/ConfirmShipment/status/"
    )


def test_it_says_202_as_often_as_it_is_told_and_then_204(site: Site) -> None:
    site.settings(polls=2)
    begun = begin(site)
    assert [site.look(begun).status_code for _ in range(4)] == [202, 202, 204, 204]


def test_it_does_the_work_when_its_time_has_come(site: Site) -> None:
    site.settings(operation_seconds=0.3)
    begun = begin(site)
    assert (site.look(begun).status_code, shipment_status(site)) == (202, "Open")
    time.sleep(0.35)  # until the operation's time has come
    assert (site.look(begun).status_code, shipment_status(site)) == (204, "Confirmed")


def test_it_does_the_work_even_if_nobody_asks(site: Site) -> None:
    site.settings(operation_seconds=0.1)
    begin(site)
    time.sleep(0.15)  # until the operation's time has come
    assert shipment_status(site) == "Confirmed"


def test_it_refuses_the_same_form_to_the_session_meanwhile(site: Site) -> None:
    site.settings(operation_seconds=30)
    begin(site)
    response = site.get("Shipment")
    assert (response.status_code, "A long operation is running" in response.json()["exceptionMessage"]) == (409, True)
    assert site.get("SalesOrder").status_code == 200


def test_it_lets_other_sessions_use_the_form_meanwhile(site: Site) -> None:
    site.settings(operation_seconds=30)
    begin(site)
    other = requests.Session()
    site.login(other)
    assert other.get(f"{site.api}/Shipment", timeout=30).status_code == 200


def test_it_knows_an_operation_only_in_its_session(site: Site) -> None:
    begun = begin(site)
    site.login()
    assert site.look(begun).status_code == 404


@pytest.mark.parametrize(("switch", "status"), [(500, 500), (422, 422)])
def test_it_tells_a_failure_at_the_status_address(site: Site, switch: int, status: int) -> None:
    site.settings(failure_status=switch)
    number = site.order(Details=[{"InventoryID": "SCARCE-1", "OrderQty": 1}])
    response = site.act("SalesOrder/SalesOrderCreateShipment", {"OrderType": "SO", "OrderNbr": number})
    assert (response.status_code, "would have no lines" in response.json()["exceptionMessage"]) == (status, True)


def test_it_fails_where_the_record_is_gone_when_its_time_comes(site: Site) -> None:
    site.settings(operation_seconds=0.2)
    begun = begin(site)
    other = requests.Session()
    site.login(other)
    other.delete(f"{site.api}/Shipment/000001", timeout=30).raise_for_status()
    time.sleep(0.25)  # until the operation's time has come
    assert site.look(begun).status_code == 500


def test_it_answers_a_short_action_with_204_and_a_place_with_nothing(site: Site) -> None:
    number = site.order()
    response = site.act("SalesOrder/CancelSalesOrder", {"OrderType": "SO", "OrderNbr": number})
    assert (response.status_code, site.look(response).status_code) == (204, 404)


def test_it_names_the_record_by_id_too(site: Site) -> None:
    ident = site.get("Shipment/000001").json()["id"]
    response = site.http.post(f"{site.api}/Shipment/ConfirmShipment", json={"entity": {"id": ident}}, timeout=30)
    assert (site.look(response).status_code, shipment_status(site)) == (204, "Confirmed")


def test_it_acts_on_no_record_that_is_not_there(site: Site) -> None:
    assert site.act("Shipment/ConfirmShipment", {"ShipmentNbr": "999999"}).status_code == 500


def test_it_does_the_work_and_loses_the_answer(site: Site) -> None:
    site.fault("cut_after", method="POST")
    with pytest.raises(requests.ConnectionError):
        begin(site)
    assert shipment_status(site) == "Confirmed"
