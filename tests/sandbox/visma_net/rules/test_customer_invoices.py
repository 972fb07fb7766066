from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.visma_net.company import Company, wrap

PATH = "v1/customerinvoice"


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def invoice(company: Company, number: str) -> Any:
    return company.get(f"{PATH}/{number}").json()


def numbers(company: Company, **query: Any) -> list[str]:
    response = company.get(PATH, **query)
    assert response.status_code == 200, response.text
    return [each["referenceNumber"] for each in response.json()]


def test_an_invoice_names_its_sales_order(company: Company) -> None:
    made = company.do("invoice", order_nbr="000224")
    shown = invoice(company, made["referenceNumber"])
    assert {(line["soOrderType"], line["soOrderNbr"]) for line in shown["invoiceLines"]} == {("SO", "000224")}
    assert all(line["soShipmentNbr"] for line in shown["invoiceLines"])
    assert (shown["status"], shown["customerRefNumber"], shown["externalReference"]) == (
        "Balanced",
        "WEB-1102",
        "WEB-1102",
    )
    assert shown["amount"] == shown["detailTotal"] + shown["vatTotal"] == shown["balanceInCurrency"]


def test_an_invoice_may_not_carry_the_customers_reference(company: Company) -> None:
    company.switch(invoice_carries_reference=False)
    made = company.do("invoice", order_nbr="000224")
    assert invoice(company, made["referenceNumber"])["customerRefNumber"] == ""


def test_an_invoice_may_bill_several_orders(company: Company) -> None:
    made = company.do("invoice", order_nbrs=["000224", "000225"])
    shown = invoice(company, made["referenceNumber"])
    assert {line["soOrderNbr"] for line in shown["invoiceLines"]} == {"000224", "000225"}
    assert [line["lineNumber"] for line in shown["invoiceLines"]] == [1, 2, 3, 4]


def test_an_order_may_be_invoiced_in_parts(company: Company) -> None:
    first = company.do("invoice", order_nbr="000224", quantities={"1": 1})
    assert len(invoice(company, first["referenceNumber"])["invoiceLines"]) == 1
    company.do("invoice", order_nbr="000224", release=True)
    assert company.sale("/SO/000224", expand="All").json()["status"]["description"] == "Completed"
    with pytest.raises(Exception, match="409"):
        company.do("invoice", order_nbr="000224")


def test_it_filters_invoices(company: Company) -> None:
    company.do("invoice", order_nbr="000224")
    assert numbers(company, status="Open") == ["300141"]
    assert numbers(company, released=1) == ["300141"]
    assert numbers(company, released=0) == ["300142", "300143"]
    assert numbers(company, customerRefNumber="WEB-1102") == ["300143"]
    assert numbers(company, externalReference="web-1102") == ["300143"]
    assert numbers(company, customer="10001") == ["300142"]
    paid = invoice(company, "300142")["paymentReference"]
    assert numbers(company, paymentReference=paid) == ["300142"]
    day = invoice(company, "300141")["documentDate"][:10]
    assert numbers(company, documentDate=day, documentDateCondition="<") == []
    assert numbers(company, createdDateTime="2020-01-01", createdDateTimeCondition="<") == []
    assert company.get(PATH, status="Paid").status_code == 400


def test_it_expands_tax_details_if_asked(company: Company) -> None:
    assert "taxDetails" not in company.get(PATH).json()[0]
    assert company.get(PATH, expandTaxDetails="true").json()[0]["taxDetails"]
    assert invoice(company, "300141")["taxDetails"]


def test_it_changes_an_invoice(company: Company) -> None:
    old = company.get(f"{PATH}/300142").headers["ETag"]
    response = company.put(f"{PATH}/300142", wrap(note="Sent", customerRefNumber="REF-9"), If_Match=old)
    assert response.status_code == 204
    shown = invoice(company, "300142")
    assert (shown["note"], shown["customerRefNumber"]) == ("Sent", "REF-9")
    assert company.put(f"{PATH}/300142", wrap(note="x"), If_Match=old).status_code == 412
    assert company.put(f"{PATH}/300142", {"note": "bare"}).status_code == 400


@pytest.mark.parametrize(("takes", "status"), [(["note"], 204), ([], 400)])
def test_a_released_invoice_takes_some_fields_only(company: Company, takes: list[str], status: int) -> None:
    company.switch(released_invoice_takes=takes)
    assert company.put(f"{PATH}/300141", wrap(note="late")).status_code == status
    assert company.put(f"{PATH}/300141", wrap(invoiceText="late")).status_code == 400


@pytest.mark.parametrize(
    ("switch", "result", "after"),
    [("done", "Done", "Open"), ("failed", "Failed", "Balanced"), ("stuck", "InProcess", "Balanced")],
)
def test_it_releases_an_invoice(company: Company, switch: str, result: str, after: str) -> None:
    company.switch(release=switch)
    response = company.post(f"{PATH}/300142/action/release")
    assert (response.status_code, response.json()["actionResult"]) == (200, result)
    assert invoice(company, "300142")["status"] == after


def test_it_releases_an_invoice_after_some_reads(company: Company) -> None:
    company.switch(release="queued", release_reads=1)
    company.post(f"{PATH}/300142/action/release")
    assert [invoice(company, "300142")["status"] for _ in range(2)] == ["Balanced", "Open"]


def test_it_may_release_an_invoice_and_not_answer(company: Company) -> None:
    company.switch(release="lost")
    assert company.post(f"{PATH}/300142/action/release").status_code == 504
    assert company.do("clear") is not None


def test_a_person_releases_an_invoice_once(company: Company) -> None:
    assert company.do("release_invoice", invoice_nbr="300142")["status"] == "Open"
    with pytest.raises(Exception, match="409"):
        company.do("release_invoice", invoice_nbr="300142")
