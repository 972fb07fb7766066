from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.visma_net.company import Company, wrap

PATH = "v1/purchaseorder"
LINE = {"operation": "Insert", **wrap(inventory="STOL-101", orderQty=40, unitCost=100)}
NEW: dict[str, Any] = {**wrap(orderType="RegularOrder", date="2026-11-02", supplier="50000"), "lines": [LINE]}


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def put(company: Company, number: str, body: dict[str, Any], **headers: str) -> Any:
    return company.put(f"{PATH}/{number}", body, **headers)


def change_line(operation: str, line: int, **fields: Any) -> dict[str, Any]:
    return {"lines": [{"operation": operation, **wrap(lineNumber=line, **fields)}]}


def test_it_begins_with_orders_of_many_kinds(company: Company) -> None:
    orders = company.state()["purchaseOrders"]
    assert {order["status"] for order in orders} == {"Open", "Hold", "Cancelled"}
    assert {order["orderType"] for order in orders} == {"RegularOrder", "DropShip", "Blanket"}
    assert any(line["orderQty"] == 12.5 for order in orders for line in order["lines"])
    assert any("/" in line["inventory"]["number"] for order in orders for line in order["lines"])
    dropped = next(order for order in orders if order["orderType"] == "DropShip")
    assert dropped["salesOrderNbr"] == "000221"
    assert dropped["shippingAddress"]["city"] == "Oslo"
    by_hand = next(order for order in orders if order["purchaseReceipts"])
    assert [line["qtyOnReceipts"] for line in by_hand["lines"]] == [10, 12.5]
    assert [line["receivedQty"] for line in by_hand["lines"]] == [10, 0]


def test_it_creates_an_order(company: Company) -> None:
    response = company.post(PATH, NEW)
    assert (response.status_code, response.json()) == (201, {})
    number = response.headers["Location"].rpartition("/")[2]
    order = company.order(number)
    assert response.headers["ETag"] == f'"{order["timeStamp"]}"'
    assert (order["status"], order["date"], order["openQuantity"]) == ("Open", "2026-11-02T00:00:00", 40)
    assert (order["lineTotal"], order["orderTotal"]) == (4000, 5000)


@pytest.mark.parametrize(("warehouse", "city"), [("1", "Oslo"), ("2", "Göteborg")])
def test_goods_come_to_our_own_place_by_default(company: Company, warehouse: str, city: str) -> None:
    company.switch(default_warehouse=warehouse)
    order = company.order(company.make_order(1))
    assert (order["warehouse"]["id"], order["shippingAddress"]["city"]) == (warehouse, city)
    assert order["shippingContact"]["name"] == "Fjordhandel AS"


def test_it_creates_it_twice_where_it_is_asked_twice(company: Company) -> None:
    numbers = {company.post(PATH, NEW).headers["Location"] for _ in range(2)}
    assert len(numbers) == 2


def test_it_does_not_create_a_number_of_ours_twice(company: Company) -> None:
    body = {**NEW, **wrap(orderNumber="MINE-1", overrideNumberSeries=True)}
    assert company.post(PATH, body).headers["Location"].endswith("/MINE-1")
    assert company.post(PATH, body).status_code == 400


@pytest.mark.parametrize(("switch", "content"), [("object", b"{}"), ("none", b"")])
def test_it_answers_a_creation_with_next_to_nothing(company: Company, switch: str, content: bytes) -> None:
    company.switch(created_body=switch)
    assert company.post(PATH, NEW).content == content


def test_it_may_point_at_the_old_host(company: Company) -> None:
    assert company.post(PATH, NEW).headers["Location"].startswith(f"{company.erp}/v1/purchaseorder/")
    company.switch(location_host="old")
    location = company.post(PATH, NEW).headers["Location"]
    assert location.startswith("https://integration.visma.net/API/controller/api/v1/purchaseorder/")


@pytest.mark.parametrize(
    "body",
    [
        {"supplier": "50000"},
        {"date": "2026-11-02", **wrap(supplier="50000")},
        wrap(supplier=["50000"]),
        {**wrap(supplier="50000"), "lines": [{"operation": "Insert", "inventory": "STOL-101"}]},
        {**wrap(supplier="50000"), "lines": [{"operation": "Insert", **wrap(inventory="STOL-101", orderQty="many")}]},
        {**wrap(supplier="50000"), "lines": [{"operation": {"value": "Insert"}, **wrap(inventory="STOL-101")}]},
        wrap(supplier="50000", orderType="Regular"),
        wrap(supplier="50000", hold="perhaps"),
        {"shippingAddress": wrap(city="Oslo"), **wrap(supplier="50000")},
        [],
        None,
    ],
)
def test_it_wants_scalars_wrapped(company: Company, body: Any) -> None:
    response = company.post(PATH, body)
    assert response.status_code == 400
    assert response.json() == {"message": "Data received not recognized as PurchaseOrderUpdateDto"}


def test_it_takes_bare_what_is_bare(company: Company) -> None:
    body = {**NEW, "changeDatesOnLines": True, "timeStamp": "AAAAAE0YIiI=", "unknown": {"value": 1}}
    assert company.post(PATH, body).status_code == 201


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (wrap(supplier="99999"), "Supplier"),
        ({"lines": [{**LINE, **wrap(inventory="NOTHING")}]}, "NOTHING"),
        ({"lines": [{**LINE, **wrap(warehouse="9")}]}, "Warehouse"),
        ({"lines": [wrap(inventory="STOL-101")]}, "Operation is not specified"),
        (wrap(customStr1="x" * 101), "longer than 100"),
    ],
)
def test_it_says_what_it_cannot_create(company: Company, change: dict[str, Any], words: str) -> None:
    response = company.post(PATH, NEW | change)
    assert response.status_code == 400
    assert words in response.json()["message"]


# Changing


def test_it_changes_what_was_sent_and_nothing_else(company: Company) -> None:
    before = company.order("000101")
    response = put(company, "000101", wrap(note="Ring before delivery"))
    after = company.order("000101")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["ETag"] == f'"{after["timeStamp"]}"'
    assert after["note"] == "Ring before delivery"
    moved = {"note", "timeStamp", "lastModifiedDateTime"}
    assert {name for name in after if after[name] != before.get(name)} == moved


def test_it_clears_by_an_empty_text_or_null_inside(company: Company) -> None:
    put(company, "000101", wrap(note="something", description="text"))
    put(company, "000101", {**wrap(note=""), "description": None})
    assert company.order("000101")["note"] == ""
    assert company.order("000101")["description"] == "text"
    put(company, "000101", wrap(description=None))
    assert "description" not in company.order("000101")


def test_it_moves_the_row_version_up(company: Company) -> None:
    stamps = [company.order("000101")["timeStamp"]]
    for text in "abc":
        put(company, "000101", wrap(description=text))
        stamps.append(company.order("000101")["timeStamp"])
    assert len(set(stamps)) == 4
    assert all(len(stamp) == 12 for stamp in stamps)


def test_it_refuses_a_change_of_another_version(company: Company) -> None:
    old = company.get(f"{PATH}/000101").headers["ETag"]
    assert put(company, "000101", wrap(note="first"), If_Match=old).status_code == 204
    assert put(company, "000101", wrap(note="second"), If_Match=old).status_code == 412
    assert put(company, "000101", wrap(note="third")).status_code == 204
    assert put(company, "000101", wrap(note="fourth"), If_Match="*").status_code == 204


def test_it_changes_lines_by_their_operation(company: Company) -> None:
    added = {"lines": [LINE, {"operation": "Update", **wrap(lineNumber=1, orderQty=50)}]}
    assert put(company, "000101", added).status_code == 204
    assert put(company, "000101", change_line("Delete", 2)).status_code == 204
    lines = company.order("000101")["lines"]
    assert [(line["lineNbr"], line["orderQty"]) for line in lines] == [(1, 50), (3, 40)]
    assert put(company, "000101", change_line("Update", 9, orderQty=1)).status_code == 400


def test_it_never_gives_a_line_number_twice(company: Company) -> None:
    put(company, "000101", change_line("Delete", 2))
    put(company, "000101", {"lines": [LINE]})
    assert [line["lineNbr"] for line in company.order("000101")["lines"]] == [1, 3]


def test_it_keeps_lines_that_are_on_receipts(company: Company) -> None:
    company.received("000101", 10)
    assert put(company, "000101", change_line("Delete", 1)).status_code == 400
    assert put(company, "000101", change_line("Update", 1, orderQty=9)).status_code == 400
    assert put(company, "000101", change_line("Update", 1, orderQty=10)).status_code == 204


def test_it_changes_nothing_where_one_line_is_wrong(company: Company) -> None:
    lines = [{"operation": "Update", **wrap(lineNumber=1, orderQty=7)}, {"operation": "Delete", **wrap(lineNumber=9)}]
    before = company.order("000101")
    assert put(company, "000101", {"lines": lines}).status_code == 400
    assert company.order("000101") == before


def test_it_holds_and_opens(company: Company) -> None:
    put(company, "000101", wrap(hold=True))
    assert (company.order("000101")["hold"], company.order("000101")["status"]) == (True, "Hold")
    put(company, "000101", wrap(hold=False))
    assert company.order("000101")["status"] == "Open"


def test_it_completes_a_line_by_hand(company: Company) -> None:
    put(company, "000101", change_line("Update", 1, completed=True))
    assert company.line("000101")["completed"] is True
    put(company, "000101", change_line("Update", 2, completed=True))
    assert company.order("000101")["status"] == "Closed"


@pytest.mark.parametrize(("switch", "status"), [(True, 204), (False, 400)])
def test_it_may_take_a_note_on_an_order_that_is_over(company: Company, switch: bool, status: int) -> None:
    company.switch(note_on_closed_order=switch)
    assert put(company, "000108", wrap(note="late")).status_code == status
    assert put(company, "000108", wrap(hold=True)).status_code == 400


def test_it_shows_custom_fields_only_if_asked(company: Company) -> None:
    put(company, "000101", wrap(customStr1="mine", customInt1=4))
    assert "customStr1" not in company.get(f"{PATH}/000101").json()
    assert "customStr1" not in company.get(PATH).json()[0]
    assert company.order("000101")["customStr1"] == "mine"
    assert company.get(PATH, includeCustomFreeFields="true").json()[0]["customInt1"] == 4


def test_it_knows_an_order_by_its_number_alone(company: Company) -> None:
    assert company.get(f"{PATH}/000105").json()["orderType"] == "DropShip"
    assert company.get(f"{PATH}/999999").status_code == 404


# By hand


def test_it_makes_many_orders_the_same_way_each_time(company: Company) -> None:
    twin = Company()
    made = [side.do("make_orders", count=60, seed=3) for side in (company, twin)]
    assert made[0]["orders"] == made[1]["orders"]
    quantities = [
        [line["orderQty"] for order in side.state()["purchaseOrders"] for line in order["lines"]]
        for side in (company, twin)
    ]
    twin.stop()
    assert quantities[0] == quantities[1]
    statuses = {order["status"] for order in company.state()["purchaseOrders"][11:]}
    assert statuses == {"Open", "Hold"}
    dropped = [order for order in company.state()["purchaseOrders"][11:] if order["orderType"] == "DropShip"]
    sales = {order["orderId"] for order in company.state()["salesOrders"]}
    assert dropped
    assert {order["salesOrderNbr"] for order in dropped} <= sales
    plain = company.do("make_orders", count=40, lines=2, ugly=False)["orders"]
    orders = [order for order in company.state()["purchaseOrders"] if order["orderNbr"] in plain]
    assert {(order["status"], order["orderType"], len(order["lines"])) for order in orders} == {
        ("Open", "RegularOrder", 2)
    }


def test_a_person_edits_and_cancels(company: Company) -> None:
    company.do("edit_order", order_nbr="000101", quantities={"1": 44}, changes={"description": "Changed"})
    assert company.line("000101")["orderQty"] == 44
    assert company.do("add_line", order_nbr="000101", inventory="LAMPE-7", quantity=2)["lineNbr"] == 3
    company.do("delete_line", order_nbr="000101", line_nbr=2)
    assert [line["lineNbr"] for line in company.order("000101")["lines"]] == [1, 3]
    assert company.do("hold_order", order_nbr="000101")["status"] == "Hold"
    assert company.do("cancel_order", order_nbr="000101")["status"] == "Cancelled"
    assert {line["canceled"] for line in company.order("000101")["lines"]} == {True}


def test_a_person_cannot_cancel_an_order_with_receipts(company: Company) -> None:
    company.received("000101", 1)
    with pytest.raises(Exception, match="409"):
        company.do("cancel_order", order_nbr="000101")


def test_an_item_gets_another_number_and_keeps_its_id(company: Company) -> None:
    before = company.get("v1/inventory/STOL-101").json()
    stamp = company.order("000101")["timeStamp"]
    company.do("rename_item", old="STOL-101", new="STOL/101-EIK")
    assert company.line("000101")["inventory"]["number"] == "STOL/101-EIK"
    assert company.order("000101")["timeStamp"] == stamp
    assert company.get("v1/inventory/STOL-101").status_code == 404
    after = company.get(f"v1/inventory/internal/{before['inventoryId']}").json()
    assert (after["inventoryNumber"], after["inventoryId"]) == ("STOL/101-EIK", before["inventoryId"])


def test_it_forgets_all_documents(company: Company) -> None:
    company.do("clear")
    state = company.state()
    assert (state["purchaseOrders"], state["purchaseReceipts"], len(state["suppliers"])) == ([], [], 6)
