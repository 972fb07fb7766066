from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.connections.vendors.visma_net.company import Company


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def patch(company: Company, body: Any, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return company.http.patch(f"{company.v3}/SalesOrders/SO/000224", json=body, headers=named, timeout=30)


def etag(company: Company) -> str:
    return company.sale("/SO/000224").headers["ETag"]


def test_it_lists_orders_in_an_envelope(company: Company) -> None:
    result = company.sale(pageSize=3).json()
    assert [order["orderId"] for order in result["value"]] == ["000221", "000222", "000223"]
    assert result["totalCount"] == 7
    rest = company.http.get(result["nextPage"], timeout=30).json()
    assert [order["orderId"] for order in rest["value"]] == ["000224", "000225", "000226"]
    last = company.sale(pageSize=3, pageIndex=2).json()
    assert (len(last["value"]), last["nextPage"]) == (1, None)


def test_list_rows_show_the_customers_references(company: Company) -> None:
    row = company.sale(filter="000224").json()["value"][0]
    assert (row["customerOrder"], row["customerRefNo"], row["status"]) == ("WEB-1102", "#1102", "Open")
    assert row["lastModified"].endswith("Z")


def test_it_filters_orders(company: Company) -> None:
    assert [order["orderId"] for order in company.sale(customerId="10002").json()["value"]] == ["000224"]
    assert company.sale(status="Completed").json()["totalCount"] == 1
    assert company.sale("/BB").json()["value"] == []
    patch(company, {"note": "newest"}, If_Match=etag(company))
    newest = company.sale(orderBy="lastModified desc", pageSize=1).json()["value"][0]["lastModified"]
    assert company.sale(modifiedSince=newest).json()["totalCount"] == 1
    assert company.sale(modifiedSince=newest.removesuffix("Z")).json()["totalCount"] == 1
    assert company.sale(modifiedSince="2100-01-01T00:00:00+02:00").json()["totalCount"] == 0
    assert company.sale(modifiedSince="soon").status_code == 400


def test_pages_are_small_where_something_is_expanded(company: Company) -> None:
    company.do("make_sales_orders", count=150)
    assert len(company.sale(pageSize=500).json()["value"]) == 157
    assert len(company.sale(pageSize=500, expand="All").json()["value"]) == 100
    assert len(company.sale().json()["value"]) == 100


def test_an_order_is_known_by_type_and_number(company: Company) -> None:
    result = company.sale("/SO/000224", expand="All")
    assert result.headers["ETag"] == f'"{result.json()["version"]}"'
    assert result.json()["customer"]["order"] == "WEB-1102"
    assert result.json()["status"] == {"description": "Open", "hold": False, "cancelled": False}
    for path in ("/BB/000224", "/SO/999999"):
        missing = company.sale(path)
        assert (missing.status_code, missing.json()["status"]) == (404, 404)


@pytest.mark.parametrize("needed", [True, False])
def test_sections_may_have_to_be_asked_for(company: Company, needed: bool) -> None:
    company.switch(v3_expand_needed=needed)
    plain = company.sale("/SO/000224").json()
    assert ("customer" in plain, "orderLines" in plain) == (not needed, not needed)
    assert "customer" in company.sale("/SO/000224", expand="Customer,Note").json()
    assert company.sale("/SO/000224", expand="Everything").status_code == 400


@pytest.mark.parametrize("apart", [True, False])
def test_lines_may_have_to_be_asked_for_apart(company: Company, apart: bool) -> None:
    company.switch(v3_lines_apart=apart)
    assert ("orderLines" in company.sale("/SO/000224", expand="All").json()) is not apart
    assert "orderLines" in company.sale("/SO/000224", expand="Lines").json()


def test_a_change_needs_the_version(company: Company) -> None:
    old = etag(company)
    assert patch(company, {"note": "x"}).status_code == 428
    assert patch(company, {"note": "x"}, If_Match='"AAAA"').status_code == 412
    done = patch(company, {"note": "Invoice sent", "customer": {"refNo": "R-1"}}, If_Match=old)
    assert (done.status_code, done.content, done.headers["ETag"] != old) == (202, b"", True)
    assert patch(company, {"note": "again"}, If_Match=old).status_code == 412
    order = company.sale("/SO/000224", expand="All").json()
    assert (order["note"], order["customer"]["refNo"], order["customer"]["order"]) == (
        "Invoice sent",
        "R-1",
        "WEB-1102",
    )


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"customer": {"order": "x" * 41}}, "customer.order", "0002-InvalidLength"),
        ({"note": "x" * 2049}, "note", "0002-InvalidLength"),
        ({"status": "Completed"}, "status", "0004-ValueNotAllowed"),
    ],
)
def test_it_tells_faults_with_codes(company: Company, body: Any, field: str, code: str) -> None:
    result = patch(company, body, If_Match=etag(company))
    assert (result.status_code, result.headers["Content-Type"].split(";")[0]) == (400, "application/problem+json")
    assert list(result.json()["errors"]) == [field]
    assert result.json()["details"][0]["code"] == code


def test_an_order_that_is_over_is_not_changed(company: Company) -> None:
    old = etag(company)
    company.do("invoice", order_nbr="000224")
    assert patch(company, {"note": "x"}, If_Match=old).status_code == 412
    result = patch(company, {"note": "x"}, If_Match=etag(company))
    assert result.json()["details"][0]["code"] == "0005-InvalidState"


def test_times_are_utc_whatever_the_servers_clock(company: Company) -> None:
    company.switch(time_zone="Europe/Helsinki")
    patch(company, {"note": "now"}, If_Match=etag(company))
    shown = datetime.fromisoformat(company.sale("/SO/000224").json()["lastModified"])
    assert abs((datetime.now(UTC) - shown).total_seconds()) < 60
