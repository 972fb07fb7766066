from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connections.vendors.visma_net.company import Company, direct, wrap

PATH = "v1/PurchaseReceipt"


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def on_hand(company: Company, item: str) -> float:
    [detail] = [
        each for each in company.get(f"v1/inventory/{item}").json()["warehouseDetails"] if each["warehouse"] == "1"
    ]
    quantity: float = detail["quantityOnHand"]
    return quantity


def test_a_release_moves_stock_and_completes_lines(company: Company) -> None:
    order, before = company.make_order(10, 5), on_hand(company, "STOL-101")
    made = company.received(order, 10)
    result = company.release(made).json()
    assert (result["actionResult"], result["errorInfo"]) == ("Done", "")
    assert company.receipt(made)["status"] == "Released"
    assert on_hand(company, "STOL-101") == before + 10
    shown = company.order(order)
    assert [line["completed"] for line in shown["lines"]] == [True, False]
    assert (shown["status"], shown["openQuantity"]) == ("Open", 5)
    assert shown["lines"][0]["receivedAmt"] == shown["lines"][0]["extCost"]


def test_the_last_line_closes_the_order(company: Company) -> None:
    order = company.make_order(10)
    company.release(company.received(order, 4))
    assert company.order(order)["status"] == "Open"
    company.release(company.received(order, 6))
    assert company.order(order)["status"] == "Closed"


def test_a_line_may_be_complete_before_all_has_come(company: Company) -> None:
    order = company.make_order(100, completeOn=90)
    company.release(company.received(order, 90))
    assert (company.order(order)["status"], company.line(order)["completed"]) == ("Closed", True)


def test_a_receipt_may_complete_a_line(company: Company) -> None:
    order = company.make_order(100)
    made = company.received(order, 1)
    company.put(f"{PATH}/{made}", {"lines": [{"operation": "Update", **wrap(lineNbr=1, completePoLine=True)}]})
    assert company.line(order)["completed"] is False
    company.release(made)
    assert company.order(order)["status"] == "Closed"


def test_a_released_receipt_cannot_be_changed(company: Company) -> None:
    made = company.received("000101", 1)
    company.release(made)
    assert company.put(f"{PATH}/{made}", wrap(note="late")).status_code == 400
    assert company.add_lines(made, "000101", 1).status_code == 400
    assert company.release(made).status_code == 400


def test_a_receipt_without_lines_or_on_hold_is_not_released(company: Company) -> None:
    assert company.release(company.make_receipt()).status_code == 400
    made = company.received("000101", 1)
    company.put(f"{PATH}/{made}", wrap(hold=True))
    assert company.release(made).status_code == 400


@pytest.mark.parametrize(("switch", "status"), [("refuse", 400), ("allow", 200)])
def test_a_line_of_nothing_may_stop_the_release(company: Company, switch: str, status: int) -> None:
    company.switch(zero_lines=switch)
    assert company.release(company.received("000101", 0)).status_code == status


def test_an_item_in_lots_needs_one(company: Company) -> None:
    made = company.received("000110", 2)
    assert company.release(made).status_code == 400
    company.put(f"{PATH}/{made}", {"lines": [{"operation": "Update", **wrap(lineNbr=1, lotSerialNumber="B-7")}]})
    assert company.release(made).status_code == 200


@pytest.mark.parametrize(("switch", "status"), [(True, 400), (False, 200)])
def test_a_closed_period_may_refuse(company: Company, switch: bool, status: int) -> None:
    made = company.received("000101", 1)
    company.put(f"{PATH}/{made}", wrap(date="2026-02-03"))
    company.do("close_period", period="202602")
    company.switch(closed_period_refuses=switch)
    assert company.release(made).status_code == status
    dated = {**wrap(supplierId="50000", date="2026-02-03"), "lines": [direct("000101", 1)]}
    assert company.post(PATH, dated).status_code == (400 if switch else 201)
    period = company.get("v1/financialPeriod/202602").json()
    assert period["closedInInventoryManagement"] is True


def test_a_supplier_invoice_comes_about_if_asked(company: Company) -> None:
    for create_bill in (False, True):
        made = company.received("000101", 1)
        company.put(f"{PATH}/{made}", wrap(createBill=create_bill))
        company.release(made)
        assert len(company.state()["supplierInvoices"]) == int(create_bill)


# How a release goes


def test_a_release_may_be_done_after_some_reads(company: Company) -> None:
    company.switch(release="queued", release_reads=2)
    made = company.received("000101", 1)
    assert company.release(made).json()["actionResult"] == "Queued"
    assert [company.receipt(made)["status"] for _ in range(3)] == ["Balanced", "Balanced", "Released"]
    assert company.line("000101")["receivedAmt"] > 0


def test_a_list_counts_as_a_read(company: Company) -> None:
    company.switch(release="queued", release_reads=1)
    made = company.received("000101", 1)
    company.release(made)
    for expected in ("Balanced", "Released"):
        [receipt] = company.get("v2/PurchaseReceipt", poOrderNbr="000101").json()
        assert receipt["status"] == expected


def test_a_release_may_never_end(company: Company) -> None:
    company.switch(release="stuck")
    made = company.received("000101", 1)
    assert company.release(made).json()["actionResult"] == "InProcess"
    assert {company.receipt(made)["status"] for _ in range(5)} == {"Balanced"}
    assert company.do("release", receipt_nbr=made)["status"] == "Released"


def test_a_release_may_fail_with_200(company: Company) -> None:
    company.switch(release="failed", release_error="The account is missing.")
    made = company.received("000101", 1)
    response = company.release(made)
    result = response.json()
    assert (response.status_code, result["actionResult"], result["errorInfo"]) == (
        200,
        "Failed",
        "The account is missing.",
    )
    assert company.receipt(made)["status"] == "Balanced"


def test_a_release_may_be_done_and_not_be_answered(company: Company) -> None:
    company.switch(release="lost")
    made = company.received("000101", 1)
    assert company.release(made).status_code == 504
    assert company.receipt(made)["status"] == "Released"


# Cancelling


@pytest.mark.parametrize("switch", ["any", "released", "unreleased", "gone"])
@pytest.mark.parametrize("released", [True, False])
def test_cancelling_may_be_offered(company: Company, switch: str, released: bool) -> None:
    company.switch(cancel_receipt=switch)
    made = company.received("000101", 40)
    if released:
        company.release(made)
    response = company.post(f"{PATH}/{made}/action/cancelReceipt")
    allowed = switch in ("any", "released" if released else "unreleased")
    assert response.status_code == (200 if allowed else 404 if switch == "gone" else 400)
    assert company.line("000101")["qtyOnReceipts"] == (0 if allowed else 40)


def test_cancelling_opens_the_order_again(company: Company) -> None:
    order, before = company.make_order(10), on_hand(company, "STOL-101")
    made = company.received(order, 10)
    company.release(made)
    assert company.order(order)["status"] == "Closed"
    company.post(f"{PATH}/{made}/action/cancelReceipt")
    assert (company.order(order)["status"], company.line(order)["completed"]) == ("Open", False)
    assert (company.receipt(made)["status"], on_hand(company, "STOL-101")) == ("Cancelled", before)
    assert company.post(f"{PATH}/{made}/action/cancelReceipt").status_code == 400


# By hand


def test_a_person_receives_all_or_some(company: Company) -> None:
    order = company.make_order(10, 5)
    assert company.do("receive", order_nbr=order, quantities={"1": 2.5}, release=False)["status"] == "Balanced"
    assert company.line(order)["qtyOnReceipts"] == 2.5
    done = company.do("receive", order_nbr=order)
    assert (done["totalQty"], done["orderStatus"]) == (12.5, "Open")
    waiting = company.order(order)["purchaseReceipts"][0]["receiptNumber"]
    assert company.do("release", receipt_nbr=waiting)["status"] == "Released"
    assert company.order(order)["status"] == "Closed"


def test_a_person_who_is_refused_leaves_nothing(company: Company) -> None:
    order = company.make_order(100, receiptAction="Reject", minReceipt=10)
    before = len(company.state()["purchaseReceipts"])
    with pytest.raises(Exception, match="409"):
        company.do("receive", order_nbr=order, quantities={"1": 1})
    assert len(company.state()["purchaseReceipts"]) == before
    assert company.line(order)["qtyOnReceipts"] == 0


def test_a_persons_receipt_is_linked_whatever_the_switch(company: Company) -> None:
    company.switch(direct_lines="unlinked")
    company.do("receive", order_nbr="000101", quantities={"1": 3})
    assert company.line("000101")["qtyOnReceipts"] == 3
