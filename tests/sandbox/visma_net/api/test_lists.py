from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.connections.vendors.visma_net.company import Company

PATH = "v1/purchaseorder"


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def keys(company: Company, **query: object) -> list[str]:
    response = company.get(PATH, **query)
    assert response.status_code == 200, response.text
    return [each["orderNbr"] for each in response.json()]


def newest(company: Company) -> str:
    return str(max(each["lastModifiedDateTime"] for each in company.get(PATH).json()))


def test_it_answers_bare_arrays_with_metadata_inside(company: Company) -> None:
    orders = company.get(PATH, pageNumber=1, pageSize=3).json()
    assert [each["orderNbr"] for each in orders] == ["000101", "000102", "000103"]
    assert all(each["metadata"] == {"totalCount": 11, "maxPageSize": 500} for each in orders)


def test_it_gives_page_after_page_and_then_nothing(company: Company) -> None:
    pages = [keys(company, pageNumber=page, pageSize=4) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [4, 4, 3, 0]
    assert len({key for page in pages for key in page}) == 11


def test_it_cuts_pages_without_a_word(company: Company) -> None:
    company.switch(max_page_size=2, max_page_sizes={"supplier": 5})
    assert len(keys(company, pageSize=1000)) == 2
    assert len(company.get("v1/supplier", pageSize=1000).json()) == 5
    assert company.get("v1/supplier", pageSize=1).json()[0]["metadata"]["maxPageSize"] == 5


def test_it_gives_a_first_page_where_none_is_asked_for(company: Company) -> None:
    company.switch(default_page_size=3)
    assert keys(company) == ["000101", "000102", "000103"]
    assert keys(company, pageNumber=2) == ["000104", "000105", "000106"]


def test_it_may_order_by_the_last_change(company: Company) -> None:
    company.do("edit_order", order_nbr="000101", changes={"description": "moved"})
    assert keys(company)[0] == "000101"
    company.switch(list_order="modified")
    assert keys(company)[-1] == "000101"


def test_it_takes_paths_in_any_case_of_letters(company: Company) -> None:
    assert company.get("V1/PURCHASEORDER/000101").status_code == 200
    company.switch(paths_any_case=False)
    assert company.get("v1/PurchaseOrder/000101").status_code == 404
    assert company.get("v1/purchaseorder/000101").status_code == 200


def test_it_takes_keys_in_base64(company: Company) -> None:
    for number in ("KABEL/25M", "GARDIN#3", "KURV+LOKK", "PÆRE-E27"):
        coded = base64.urlsafe_b64encode(number.encode()).rstrip(b"=").decode()
        assert company.get(f"v1/inventory/b64({coded})").json()["inventoryNumber"] == number
    assert company.get("v1/inventory/KABEL/25M").status_code == 404
    assert company.get("v1/inventory/b64(A)").status_code == 400


# Times


def test_it_filters_by_a_time_with_its_condition_only(company: Company) -> None:
    mark = newest(company)
    assert len(keys(company, lastModifiedDateTime=mark)) == 11
    assert len(keys(company, lastModifiedDateTimeCondition=">")) == 11
    assert keys(company, lastModifiedDateTime=mark, lastModifiedDateTimeCondition=">") == []
    assert len(keys(company, lastModifiedDateTime=mark, lastModifiedDateTimeCondition=">=")) == 1
    assert len(keys(company, lastModifiedDateTime=mark, lastModifiedDateTimeCondition="<")) == 10
    assert len(keys(company, lastModifiedDateTime=mark, lastModifiedDateTimeCondition="<=")) == 11


def test_it_tells_of_a_change_behind_the_mark(company: Company) -> None:
    mark = newest(company)
    company.do("edit_order", order_nbr="000103", changes={"description": "later"})
    assert keys(company, lastModifiedDateTime=mark, lastModifiedDateTimeCondition=">") == ["000103"]


@pytest.mark.parametrize("shape", ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.123"])
def test_it_takes_each_way_to_write_a_time(company: Company, shape: str) -> None:
    written = (datetime.now(ZoneInfo("Europe/Oslo")) - timedelta(days=400)).strftime(shape)
    assert len(keys(company, lastModifiedDateTime=written, lastModifiedDateTimeCondition=">=")) == 11


@pytest.mark.parametrize("written", ["2020-01-01T10:00:00Z", "2020-01-01T10:00:00+01:00", "2020-01-01T10:00:00.5Z"])
def test_it_takes_no_zone_in_a_filter(company: Company, written: str) -> None:
    query = {"lastModifiedDateTime": written, "lastModifiedDateTimeCondition": "<"}
    assert company.get(PATH, **query).status_code == 400
    company.switch(zone_in_filter="strip")
    assert keys(company, **query) == []
    company.switch(zone_in_filter="unfiltered")
    assert len(keys(company, **query)) == 11


@pytest.mark.parametrize(("written", "condition"), [("yesterday", ">"), ("2026-13-01", ">"), ("2026-01-01", "=")])
def test_it_refuses_what_it_cannot_read(company: Company, written: str, condition: str) -> None:
    response = company.get(PATH, lastModifiedDateTime=written, lastModifiedDateTimeCondition=condition)
    assert response.status_code == 400
    assert "message" in response.json()


@pytest.mark.parametrize(("zone", "hours"), [("Europe/Oslo", 1), ("UTC", 0), ("Europe/Helsinki", 2)])
def test_it_writes_times_by_the_servers_clock(company: Company, zone: str, hours: int) -> None:
    company.switch(time_zone=zone)
    company.do("edit_order", order_nbr="000101", changes={"description": zone})
    shown = datetime.fromisoformat(company.order("000101")["lastModifiedDateTime"])
    now = datetime.now(ZoneInfo(zone)).replace(tzinfo=None)
    assert abs((now - shown).total_seconds()) < 60
    assert shown.tzinfo is None


def test_it_repeats_an_hour_when_summer_time_ends(company: Company) -> None:
    """Two changes an hour apart at 02:30 by the server's clock look the same to a filter."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("UTC")).timestamp()
    for number, moment in (("000101", first), ("000102", first + 3600)):
        company.switch(clock_offset=moment - datetime.now(ZoneInfo("UTC")).timestamp())
        company.simulator.actions.do_edit_order(number, {"description": "night"})
    shown = [company.simulator.store.show(company.simulator.store.orders.rows[key]) for key in ("000101", "000102")]
    assert [each["lastModifiedDateTime"][:16] for each in shown] == ["2026-10-25T02:30", "2026-10-25T02:30"]


# Other filters


def test_it_filters_orders(company: Company) -> None:
    assert keys(company, orderType="DropShip") == ["000105"]
    assert keys(company, orderStatus="hold") == ["000107"]
    assert keys(company, status="Hold") == keys(company)  # no such parameter
    assert keys(company, supplier="50002") == ["000103", "000108"]
    assert keys(company, branch="1") == keys(company)
    assert keys(company, greaterThanValue="000109") == ["000110", "000111"]
    day = company.order("000111")["date"][:10]
    assert keys(company, orderDate=day, orderDateCondition=">=") == ["000111"]
    assert keys(company, deliveryDate="2020-01-01", deliveryDateCondition="<") == []


def test_it_refuses_a_word_that_an_enumeration_does_not_have(company: Company) -> None:
    assert company.get(PATH, orderStatus="Opened").status_code == 400
    assert company.get(PATH, pageSize="many").status_code == 400


def test_it_tells_which_operations_it_does_not_know(company: Company) -> None:
    assert company.get("v1/nothing").status_code == 404
    assert company.http.delete(f"{company.erp}/v1/purchaseorder/000101", timeout=30).status_code == 405
