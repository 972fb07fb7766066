from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.visma_net.company import Company, direct, wrap

PATH = "v1/PurchaseReceipt"


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def posted(company: Company, *lines: dict[str, Any], **fields: Any) -> Any:
    return company.post(PATH, {**wrap(supplierId="50000", **fields), "lines": list(lines)})


def number(response: Any) -> str:
    assert response.status_code == 201, response.text
    number: str = response.headers["Location"].rpartition("/")[2]
    return number


def of_order(company: Company, order: str, **query: Any) -> list[str]:
    return [each["receiptNbr"] for each in company.get("v2/PurchaseReceipt", poOrderNbr=order, **query).json()]


# Making


def test_it_makes_an_empty_receipt(company: Company) -> None:
    made = company.make_receipt(customStr1="shipstation:1", note="From the dock", date="2026-11-20")
    receipt = company.receipt(made)
    assert (receipt["status"], receipt["lines"], receipt["totalQty"]) == ("Balanced", [], 0)
    assert (receipt["customStr1"], receipt["note"], receipt["postPeriod"]) == (
        "shipstation:1",
        "From the dock",
        "202611",
    )


def test_it_makes_another_where_it_is_asked_again(company: Company) -> None:
    assert company.make_receipt(customStr1="same") != company.make_receipt(customStr1="same")


@pytest.mark.parametrize(("switch", "status"), [(False, "Balanced"), (True, "Hold")])
def test_it_may_hold_new_receipts(company: Company, switch: bool, status: str) -> None:
    company.switch(hold_on_entry=switch)
    assert company.receipt(company.make_receipt())["status"] == status
    assert company.receipt(company.make_receipt(hold=False))["status"] == "Balanced"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"supplierId": None}, "cannot be empty"),
        ({"supplierId": "77"}, "77 cannot be found"),
        ({"warehouseId": "9"}, "Warehouse"),
        ({"branchNumber": "9"}, "Branch"),
    ],
)
def test_it_says_what_it_cannot_make(company: Company, fields: dict[str, Any], words: str) -> None:
    response = company.post(PATH, wrap(**{"supplierId": "50000", **fields}))
    assert response.status_code == 400
    assert words in response.json()["message"]


def test_it_wants_scalars_wrapped(company: Company) -> None:
    line = {"operation": "Insert", "inventoryId": "STOL-101"}
    for body in ({"supplierId": "50000"}, {**wrap(supplierId="50000"), "lines": [line]}):
        response = company.post(PATH, body)
        assert response.json() == {"message": "Data received not recognized as PurchaseReceiptUpdateDto"}


# Way 1: lines that name their order line


def test_a_posted_line_may_make_the_link(company: Company) -> None:
    made = number(posted(company, direct("000101", 10)))
    assert of_order(company, "000101") == [made]
    assert company.line("000101")["qtyOnReceipts"] == 10
    assert company.receipt(made)["lines"][0]["openQty"] == 30


def test_a_posted_line_may_only_show_the_order(company: Company) -> None:
    company.switch(direct_lines="shown")
    made = number(posted(company, direct("000101", 10)))
    assert company.receipt(made)["lines"][0]["poOrderNbr"] == "000101"
    assert of_order(company, "000101") == []
    assert company.line("000101")["qtyOnReceipts"] == 0


def test_a_posted_line_may_make_no_link(company: Company) -> None:
    company.switch(direct_lines="unlinked")
    made = number(posted(company, direct("000101", 10, inventoryId="STOL-101")))
    assert "poOrderNbr" not in company.receipt(made)["lines"][0]
    assert company.line("000101")["qtyOnReceipts"] == 0


def test_it_takes_goods_that_no_order_knows(company: Company) -> None:
    line = {"operation": "Insert", **wrap(inventoryId="LAMPE-7", receiptQty=2, locationId="MOTTAK")}
    receipt = company.receipt(number(posted(company, line)))
    assert (receipt["lines"][0]["inventory"]["number"], receipt["totalQty"]) == ("LAMPE-7", 2)
    assert receipt["lines"][0]["location"]["id"] == "MOTTAK"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (direct("000101", 1, line=9), "Line 9"),
        (direct("999999", 1), "999999 could not be found"),
        (direct("000101", 1, inventoryId="LAMPE-7"), "not the one on line 1"),
        (direct("000101", 1, locationId="RETUR"), "Location"),
        (direct("000101", -1), "negative"),
        ({**direct("000101", 1), "operation": None}, "Operation is not specified"),
    ],
)
def test_it_refuses_wrong_lines_and_makes_nothing(company: Company, line: dict[str, Any], words: str) -> None:
    before = len(company.state()["purchaseReceipts"])
    response = posted(company, line)
    assert response.status_code == 400
    assert words in response.json()["message"]
    assert len(company.state()["purchaseReceipts"]) == before
    assert company.line("000101")["qtyOnReceipts"] == 0


def test_it_adds_up_allocations(company: Company) -> None:
    parts = [{"operation": "Insert", **wrap(quantity=3, lotSerialNumber="L1", location="1")}]
    parts += [{"operation": "Insert", **wrap(quantity=4, lotSerialNumber="L2", location="MOTTAK")}]
    [line] = company.receipt(number(posted(company, direct("000101", 1) | {"allocations": parts})))["lines"]
    assert (line["receiptQty"], [each["lotSerialNumber"] for each in line["allocations"]]) == (7, ["L1", "L2"])


# Way 2: an empty receipt and lines from the order


@pytest.mark.parametrize(("switch", "quantity"), [("open", 40), ("zero", 0)])
def test_an_added_line_begins_with_what_is_open_or_with_nothing(company: Company, switch: str, quantity: int) -> None:
    company.switch(added_quantity=switch)
    made = company.make_receipt()
    assert company.add_lines(made, "000101", 1).json()["actionResult"] == "Done"
    assert company.receipt(made)["lines"][0]["receiptQty"] == quantity
    assert of_order(company, "000101") == [made]


def test_an_added_line_leaves_out_what_is_on_other_receipts(company: Company) -> None:
    company.received("000101", 15)
    made = company.make_receipt()
    company.add_lines(made, "000101", 1)
    assert company.receipt(made)["lines"][0]["receiptQty"] == 25
    again = company.make_receipt()
    company.add_lines(again, "000101", 1)
    assert company.receipt(again)["lines"][0]["receiptQty"] == 0


def test_a_line_is_added_again_where_it_is_asked_again(company: Company) -> None:
    made = company.received("000101", 5)
    company.add_lines(made, "000101", 1)
    assert [line["receiptQty"] for line in company.receipt(made)["lines"]] == [5, 35]


def test_it_adds_a_whole_order(company: Company) -> None:
    made = company.make_receipt()
    body = {"purchaseOrders": [{"orderNbr": "000101", "orderType": "RegularOrder"}]}
    company.post(f"{PATH}/{made}/action/addpurchaseorder", body)
    assert [line["receiptQty"] for line in company.receipt(made)["lines"]] == [40, 12]
    body = {"purchaseOrders": [{"orderNbr": "000101", "orderType": "DropShip"}]}
    assert company.post(f"{PATH}/{made}/action/addpurchaseorder", body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"purchaseOrderLines": [{"orderNbr": "000101", "lines": [{"lineNbr": 1}]}]},
        {"purchaseOrderLines": [{"orderNbr": {"value": "000101"}, "lines": [{"lineNbr": "1"}]}]},
        {"purchaseOrderLines": {}},
        None,
    ],
)
def test_bodies_of_actions_are_bare_and_line_numbers_are_text(company: Company, body: Any) -> None:
    made = company.make_receipt()
    response = company.post(f"{PATH}/{made}/action/addpurchaseorderlines", body)
    assert response.status_code == 400
    assert "not recognized as PurchaseReceiptOrderLinesListUpdateDto" in response.json()["message"]


@pytest.mark.parametrize(
    ("order", "supplier", "words"),
    [
        ("000106", "50004", "Blanket"),
        ("000107", "50005", "Hold"),
        ("000108", "50002", "Cancelled"),
        ("000102", "50000", "another supplier"),
    ],
)
def test_it_takes_no_goods_for_some_orders(company: Company, order: str, supplier: str, words: str) -> None:
    made = company.make_receipt(supplierId=supplier)
    response = company.add_lines(made, order, 1)
    assert response.status_code == 400
    assert words in response.json()["message"]


def test_it_takes_no_goods_for_a_closed_order(company: Company) -> None:
    company.do("receive", order_nbr="000101")
    assert company.order("000101")["status"] == "Closed"
    assert company.add_lines(company.make_receipt(), "000101", 1).status_code == 400


def test_it_takes_no_goods_for_a_line_that_is_over_or_never_received(company: Company) -> None:
    company.do("complete_line", order_nbr="000101", line_nbr=1)
    assert company.add_lines(company.make_receipt(), "000101", 1).status_code == 400
    assert company.add_lines(company.make_receipt(supplierId="50001"), "000110", 2).status_code == 400


@pytest.mark.parametrize(("switch", "status"), [("400", 400), ("failed", 200)])
def test_an_action_may_be_refused_in_two_ways(company: Company, switch: str, status: int) -> None:
    company.switch(action_refusal=switch)
    response = company.add_lines(company.make_receipt(supplierId="50002"), "000108", 1)
    assert response.status_code == status
    if status == 200:
        assert (response.json()["actionResult"], "Cancelled" in response.json()["errorInfo"]) == ("Failed", True)


# Way 3: from the order


@pytest.mark.parametrize(("switch", "status"), [("offered", 200), ("with_location", 200), ("gone", 404)])
def test_an_order_may_make_its_own_receipt(company: Company, switch: str, status: int) -> None:
    company.switch(create_from_order=switch)
    response = company.post("v1/purchaseorder/000101/action/createpurchasereceipt", {"orderType": "RegularOrder"})
    assert response.status_code == status
    assert ("Location" in response.headers) is (switch == "with_location")
    receipts = of_order(company, "000101")
    assert len(receipts) == (1 if status == 200 else 0)
    if receipts:
        assert [line["receiptQty"] for line in company.receipt(receipts[0])["lines"]] == [40, 12]


def test_an_order_that_is_over_makes_no_receipt(company: Company) -> None:
    before = len(company.state()["purchaseReceipts"])
    path = "v1/purchaseorder/000108/action/createpurchasereceipt"
    assert company.post(path, {"orderType": "RegularOrder"}).status_code == 400
    assert company.post(path, {"orderType": {"value": "RegularOrder"}}).status_code == 400
    assert len(company.state()["purchaseReceipts"]) == before


# Changing


def test_it_changes_quantities_line_by_line(company: Company) -> None:
    made = company.make_receipt()
    company.add_lines(made, "000101", 1, 2)
    response = company.set_quantity(made, 7.5)
    assert (response.status_code, response.content) == (204, b"")
    receipt = company.receipt(made)
    assert [line["receiptQty"] for line in receipt["lines"]] == [7.5, 12]
    assert (receipt["totalQty"], response.headers["ETag"]) == (19.5, f'"{receipt["timeStamp"]}"')
    assert company.line("000101")["qtyOnReceipts"] == 7.5


@pytest.mark.parametrize(("switch", "left"), [("stay", 2), ("go", 1)])
def test_lines_that_are_not_named_stay_or_go(company: Company, switch: str, left: int) -> None:
    company.switch(unnamed_lines=switch)
    made = company.make_receipt()
    company.add_lines(made, "000101", 1, 2)
    company.set_quantity(made, 1)
    assert len(company.receipt(made)["lines"]) == left


def test_it_deletes_a_line_and_the_order_knows(company: Company) -> None:
    made = company.received("000101", 5)
    stamp = company.order("000101")["timeStamp"]
    gone = {"lines": [{"operation": "Delete", **wrap(lineNbr=1)}]}
    assert company.put(f"{PATH}/{made}", gone).status_code == 204
    assert company.line("000101")["qtyOnReceipts"] == 0
    assert company.order("000101")["timeStamp"] != stamp
    assert of_order(company, "000101") == []


def test_it_refuses_a_change_of_another_version(company: Company) -> None:
    made = company.make_receipt()
    old = company.get(f"v2/PurchaseReceipt/{made}").headers["ETag"]
    assert company.put(f"{PATH}/{made}", wrap(note="a"), If_Match=old).status_code == 204
    assert company.put(f"{PATH}/{made}", wrap(note="b"), If_Match=old).status_code == 412


@pytest.mark.parametrize(("switch", "moves"), [(True, True), (False, False)])
def test_the_order_may_move_with_its_receipts(company: Company, switch: bool, moves: bool) -> None:
    company.switch(receipts_touch_order=switch)
    before = company.order("000101")
    company.received("000101", 5)
    after = company.order("000101")
    assert after["lines"][0]["qtyOnReceipts"] == 5
    assert (after["timeStamp"] != before["timeStamp"]) is moves
    assert (after["lastModifiedDateTime"] != before["lastModifiedDateTime"]) is moves


def test_the_order_lists_its_receipts(company: Company) -> None:
    made = company.received("000101", 5)
    [link] = company.order("000101")["purchaseReceipts"]
    assert (link["receiptNumber"], link["status"], link["totalQty"], link["type"]) == (made, "Balanced", 5, "PoReceipt")


# Quantities


@pytest.mark.parametrize(
    ("most", "action", "status"), [(100, "Reject", 400), (110, "Reject", 204), (100, "Accept", 204)]
)
def test_an_order_line_says_how_much_too_much_may_come(company: Company, most: int, action: str, status: int) -> None:
    order = company.make_order(100, maxReceipt=most, receiptAction=action)
    made = company.make_receipt()
    company.add_lines(made, order, 1)
    assert company.set_quantity(made, 110).status_code == status
    assert company.set_quantity(made, 120).status_code == (400 if action == "Reject" else 204)


def test_too_much_counts_over_all_receipts(company: Company) -> None:
    order = company.make_order(10, receiptAction="Reject")
    company.received(order, 8)
    response = posted(company, direct(order, 3))
    assert response.status_code == 400
    assert "maximum" in response.json()["message"]
    assert posted(company, direct(order, 2)).status_code == 201


@pytest.mark.parametrize(
    ("switch", "at_save", "at_release"), [("save", 400, 200), ("release", 204, 400), ("never", 204, 200)]
)
def test_too_much_may_be_noticed_at_another_time(company: Company, switch: str, at_save: int, at_release: int) -> None:
    company.switch(over_receipt_at=switch)
    made = company.received(company.make_order(10, receiptAction="Reject"), 5)
    assert company.set_quantity(made, 11).status_code == at_save
    assert company.release(made).status_code == at_release


def test_too_little_is_noticed_at_the_release(company: Company) -> None:
    order = company.make_order(100, receiptAction="Reject", minReceipt=10)
    assert company.release(company.received(order, 9)).status_code == 400
    assert company.release(company.received(order, 10)).status_code == 200


# Reading


def test_it_finds_receipts_by_their_order_only_with_lines_of_it(company: Company) -> None:
    company.make_receipt(customStr1="empty")
    made = company.received("000101", 1)
    assert of_order(company, "000101") == [made]
    assert of_order(company, "999999") == []


def test_it_shows_custom_fields_and_notes_only_if_asked(company: Company) -> None:
    made = company.make_receipt(customStr1="shipstation:7", note="hello")
    single = company.get(f"v2/PurchaseReceipt/{made}").json()
    assert ("customStr1" in single, single["note"]) == (False, "hello")
    [plain] = company.get("v2/PurchaseReceipt", greaterThanValue="000042").json()
    [full] = company.get(
        "v2/PurchaseReceipt", greaterThanValue="000042", includeCustomFreeFields="true", expandNote="true"
    ).json()
    assert ("customStr1" in plain, "note" in plain) == (False, False)
    assert (full["customStr1"], full["note"]) == ("shipstation:7", "hello")


def test_it_filters_receipts(company: Company) -> None:
    def numbers(**query: Any) -> list[str]:
        return [each["receiptNbr"] for each in company.get("v2/PurchaseReceipt", **query).json()]

    made = company.make_receipt(date="2026-01-15")
    assert numbers(status="Released") == ["000041"]
    assert numbers(finPeriod="202601") == [made]
    assert numbers(supplier="50000") == [made]
    assert numbers(receiptDate="2026-01-31", receiptDateCondition="<=") == [made]
    assert numbers(receiptType="PoReturn") == []


@pytest.mark.parametrize(("switch", "status"), [("gone", 410), ("missing", 404), ("throttled", 429), ("warning", 200)])
def test_the_old_list_may_be_gone(company: Company, switch: str, status: int) -> None:
    company.switch(receipts_v1=switch)
    for path in (PATH, f"{PATH}/000041"):
        response = company.get(path)
        assert response.status_code == status
        assert ("Warning" in response.headers) is (switch == "warning")
    assert company.get("v2/PurchaseReceipt/000041").status_code == 200
