from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from tests.connections.vendors.visma_net.company import Company, wrap


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def page(company: Company, **query: str) -> str:
    response = requests.get(f"{company.root}/_operator", params=query, timeout=30)
    assert response.status_code == 200
    return response.text


def click(company: Company, action: str, **form: str) -> tuple[str, str]:
    """Press a button; what the page says then, and in which tone."""
    response = requests.post(f"{company.root}/_operator/{action}", data=form, timeout=30, allow_redirects=False)
    assert response.status_code == 303
    notice = re.search(
        r'class="notice (\w+)"[^>]*>([^<]*)', requests.get(company.root + response.headers["Location"], timeout=30).text
    )
    assert notice
    return notice[2], notice[1]


def test_it_shows_orders_newest_first(company: Company) -> None:
    shown = re.findall(r'<article class="card" id="(\d+)"', page(company))
    assert shown == [f"{number:06d}" for number in range(111, 100, -1)]


@pytest.mark.parametrize(("view", "count"), [("receipts", 2), ("sales", 7), ("invoices", 2), ("nonsense", 11)])
def test_it_shows_the_other_documents(company: Company, view: str, count: int) -> None:
    assert page(company, view=view).count("<article") == count


def test_it_narrows_by_status_and_by_a_word(company: Company) -> None:
    assert page(company, status="Hold").count("<article") == 1
    assert page(company, q="lyskilden").count("<article") == 2
    assert page(company, q="KABEL/25M").count("<article") == 1
    assert "Nothing here" in page(company, q="nobody")


def test_it_gives_pages(company: Company) -> None:
    company.do("make_orders", count=60)
    assert "Page 1 of 3" in page(company)
    assert page(company, page="3").count("<article") == 21
    assert page(company, page="99").count("<article") == 21


def test_it_makes_and_changes_an_order(company: Company) -> None:
    form = {"supplier": "50000", "description": "By hand", "item-1": "STOL-101", "amount-1": "12.5"}
    form |= {"item-2": "KABEL/25M", "amount-2": "3"}
    assert click(company, "create", **form) == ("Purchase order 000112 made.", "done")
    click(company, "edit", order_nbr="000112", description="Changed", **{"quantity-1": "4", "quantity-2": "5"})
    click(company, "delete_line", order_nbr="000112", line_nbr="2")
    order = company.order("000112")
    assert (order["description"], [line["orderQty"] for line in order["lines"]]) == ("Changed", [4])
    assert click(company, "hold", order_nbr="000112") == ("Purchase order on hold.", "done")
    assert click(company, "receive", order_nbr="000112")[1] == "refused"
    assert click(company, "unhold", order_nbr="000112") == ("Purchase order open.", "done")
    assert click(company, "cancel_order", order_nbr="000112") == ("Purchase order cancelled.", "done")


def test_it_receives_and_releases(company: Company) -> None:
    notice, _ = click(
        company, "receive_partly", order_nbr="000101", release="no", **{"quantity-1": "5", "quantity-2": "0"}
    )
    assert notice == "Receipt 000043 is Balanced; the order is Open."
    assert "5 on open receipts" in page(company, q="000101")
    assert click(company, "release", receipt_nbr="000043") == ("Receipt released.", "done")
    assert "5 received" in page(company, q="000101")
    assert click(company, "receive", order_nbr="000101")[0].endswith("the order is Closed.")
    assert click(company, "cancel_receipt", receipt_nbr="000043") == ("Receipt cancelled.", "done")
    assert company.order("000101")["status"] == "Open"


def test_it_makes_and_releases_an_invoice(company: Company) -> None:
    assert click(company, "invoice", sale_nbr="000224") == ("Invoice 300143 made.", "done")
    assert click(company, "release_invoice", invoice_nbr="300143") == ("Invoice released.", "done")
    assert click(company, "release_invoice", invoice_nbr="300143")[1] == "refused"


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("receive_partly", {"order_nbr": "000101", "release": "no", "quantity-1": "0"}),
        ("edit", {"order_nbr": "000101", "description": "", "quantity-1": "many"}),
        ("receive", {"order_nbr": "999999"}),
        ("receive", {}),
        ("create", {"supplier": "50000"}),
        ("nothing", {}),
    ],
)
def test_it_says_what_is_not_possible(company: Company, action: str, form: dict[str, str]) -> None:
    assert click(company, action, **form)[1] == "refused"


def test_it_shows_texts_from_outside_as_texts(company: Company) -> None:
    company.put("v1/purchaseorder/000101", wrap(note="<script>alert(1)</script>", description='"><b>'))
    shown = page(company)
    assert "<script>" not in shown
    assert '"><b>' not in shown
    assert "<script>" not in page(company, q="<script>")
