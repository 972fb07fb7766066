from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Simulated, eventually, line, order, simulated


@pytest.fixture
def account() -> Iterator[Simulated]:
    with simulated() as account:
        yield account


def offset_to(moment: str) -> float:
    """The clock offset that makes it this UTC moment now."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() - datetime.now(UTC).timestamp()


# Writing


def test_it_stores_an_order_with_every_field_in_place(account: Simulated) -> None:
    stored = account.make()
    assert list(stored)[:5] == ["orderId", "orderNumber", "orderKey", "orderDate", "createDate"]
    assert stored["paymentDate"] is None
    assert stored["billTo"]["street1"] is None
    assert stored["insuranceOptions"] == {"provider": None, "insureShipment": False, "insuredValue": 0}
    assert stored["items"][0]["weight"]["WeightUnits"] == 1


def test_it_computes_the_total_with_negative_adjustments(account: Simulated) -> None:
    discount = {"name": "10% OFF", "quantity": 1, "unitPrice": -20.55, "adjustment": True}
    stored = account.make(items=[line(unitPrice=99.99), discount])
    assert stored["orderTotal"] == 194.43


def test_it_updates_the_order_of_a_known_key(account: Simulated) -> None:
    first = account.make()
    second = account.make(internalNotes="changed")
    assert second["orderId"] == first["orderId"]
    assert account.get("/orders")["orders"][0]["internalNotes"] == "changed"


def test_it_makes_a_second_order_when_no_key_is_sent(account: Simulated) -> None:
    ids = {account.make(orderKey=None)["orderId"] for _ in range(2)}
    assert len(ids) == 2
    assert account.get("/orders", orderNumber="1001")["total"] == 2


def test_it_empties_fields_that_are_left_out(account: Simulated) -> None:
    account.make(internalNotes="call first", requestedShippingService="Express")
    again = account.make()
    assert again["internalNotes"] is None
    assert again["requestedShippingService"] is None


def test_it_keeps_line_ids_over_an_update(account: Simulated) -> None:
    before = account.make()["items"]
    after = account.make(items=[line("2", "POLE", 9), line("3", "WAX", 1)])["items"]
    assert after[0]["orderItemId"] == before[1]["orderItemId"]
    assert after[1]["orderItemId"] not in {row["orderItemId"] for row in before}


def test_it_reports_failures_for_each_order_of_a_batch(account: Simulated) -> None:
    nameless = order("2", shipTo={"street1": "x"})
    abroad = order("3", shipTo={"name": "X", "country": "Norway"})
    unbilled = order("4", billTo=None)
    response = account.post("/orders/createorders", [order("1"), nameless, abroad, unbilled]).json()
    assert response["hasErrors"] is True
    assert [row["success"] for row in response["results"]] == [True, False, False, False]
    assert [row["errorMessage"] for row in response["results"]] == [
        None,
        "'Ship Name' must not be empty.",
        "Please use a 2 character country code",
        "'Bill Name' must not be empty.",
    ]


def test_it_refuses_more_than_a_hundred_orders(account: Simulated) -> None:
    response = account.post("/orders/createorders", [order(str(n)) for n in range(101)])
    assert response.status_code == 400
    assert account.get("/orders")["total"] == 0


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("/orders/createorders", {"orderNumber": "1"}, "apiOrders"),
        ("/orders/createorders", [order() | {"gift": 1}], "apiOrders[0].gift"),
        ("/orders/createorders", [order(items=[line() | {"quantity": "two"}])], "apiOrders[0].items[0].quantity"),
        ("/orders/createorder", [order()], "apiOrder"),
        ("/orders/createorder", order(taxAmount="much"), "apiOrder.taxAmount"),
        ("/orders/createorder", order(orderDate="yesterday"), "apiOrder.orderDate"),
    ],
)
def test_it_refuses_wrong_types_as_a_whole(account: Simulated, path: str, body: Any, key: str) -> None:
    response = account.post(path, body)
    assert response.status_code == 400
    assert response.json()["Message"] == "The request is invalid."
    assert list(response.json()["ModelState"]) == [key]
    assert account.get("/orders")["total"] == 0


def test_it_locks_shipped_orders_with_an_error(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001")
    assert account.post("/orders/createorder", order()).status_code == 400
    entry = account.post("/orders/createorders", [order()]).json()["results"][0]
    assert (entry["success"], entry["orderId"]) == (False, None)


def test_it_can_answer_a_locked_write_in_silence(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001")
    account.set(locked_response="silent")
    response = account.post("/orders/createorder", order(internalNotes="new")).json()
    assert (response["orderStatus"], response["internalNotes"]) == ("shipped", None)
    assert account.post("/orders/createorders", [order()]).json()["results"][0]["success"] is True


def test_it_can_answer_a_locked_write_with_a_server_error(account: Simulated) -> None:
    account.make()
    account.do("cancel", order_number="1001")
    account.set(locked_response="server_error")
    assert account.post("/orders/createorders", [order(), order("2")]).status_code == 500
    assert account.get("/orders", orderNumber="2")["total"] == 1


def test_it_hides_a_deleted_order(account: Simulated) -> None:
    key = account.make()["orderId"]
    response = account.v1.delete(f"{account.url}/orders/{key}", timeout=5)
    assert response.json() == {"success": True, "message": "The requested order has been deleted."}
    assert account.v1.get(f"{account.url}/orders/{key}", timeout=5).status_code == 404
    assert account.get("/orders")["total"] == 0
    assert account.state()["orders"][0]["deleted"] is True


def test_it_restores_a_held_order_on_its_day(account: Simulated) -> None:
    key = account.make()["orderId"]
    account.set(clock_offset=offset_to("2026-11-20T20:00"))
    account.post("/orders/holduntil", {"orderId": key, "holdUntilDate": "2026-11-22"})
    assert account.get(f"/orders/{key}")["holdUntilDate"] == "2026-11-22"
    account.set(clock_offset=offset_to("2026-11-22T20:00"))
    assert account.get(f"/orders/{key}")["orderStatus"] == "awaiting_shipment"


def test_it_restores_from_hold_by_hand(account: Simulated) -> None:
    key = account.make(orderStatus="on_hold")["orderId"]
    response = account.post("/orders/restorefromhold", {"orderId": key})
    assert response.json()["message"] == "The requested order has been restored"
    assert account.get(f"/orders/{key}")["orderStatus"] == "awaiting_shipment"


def test_it_tags_orders_and_lists_them_by_tag(account: Simulated) -> None:
    key = account.make()["orderId"]
    account.make("1002")
    account.post("/orders/addtag", {"orderId": key, "tagId": 8362})
    page = account.get("/orders/listbytag", orderStatus="awaiting_shipment", tagId=8362)
    assert [row["orderId"] for row in page["orders"]] == [key]
    account.post("/orders/removetag", {"orderId": key, "tagId": 8362})
    assert account.get(f"/orders/{key}")["tagIds"] is None


def test_it_drops_unknown_tags_silently(account: Simulated) -> None:
    assert account.make(tagIds=[1, 53974])["tagIds"] == [53974]


def test_it_assigns_a_user_to_all_orders_or_to_none(account: Simulated) -> None:
    key, user = account.make()["orderId"], account.get("/users")[0]["userId"]
    bad = account.post("/orders/assignuser", {"orderIds": [key, 7], "userId": user})
    assert bad.status_code == 404
    assert account.get(f"/orders/{key}")["userId"] is None
    account.post("/orders/assignuser", {"orderIds": [key], "userId": user})
    assert account.get(f"/orders/{key}")["userId"] == user


# What happens by itself


def test_it_creates_customer_and_products_later(account: Simulated) -> None:
    account.set(side_effect_delay=0.1)
    stored = account.make()
    assert stored["customerId"] is None
    eventually(lambda: account.get("/customers")["total"] == 1)
    assert {row["sku"] for row in account.get("/products")["products"]} == {"SKI-180", "POLE"}
    later = account.get(f"/orders/{stored['orderId']}")
    assert later["customerId"] == account.get("/customers")["customers"][0]["customerId"]
    assert later["items"][0]["productId"] is not None


def test_it_rewrites_the_address_and_moves_the_modify_date(account: Simulated) -> None:
    account.set(side_effect_delay=0.05)
    stored = account.make()
    eventually(lambda: bool(account.get("/customers")["total"]))
    later = account.get(f"/orders/{stored['orderId']}")
    assert later["shipTo"]["city"] == "AUSTIN"
    assert re.fullmatch(r"78703-\d{4}", later["shipTo"]["postalCode"])
    assert later["shipTo"]["addressVerified"] == "Address validated successfully"
    assert later["weight"]["value"] == 50
    assert later["modifyDate"] > stored["modifyDate"]


def test_it_leaves_the_address_when_validation_is_off(account: Simulated) -> None:
    account.set(side_effect_delay=0, address_validation=False)
    stored = account.make()
    later = account.get(f"/orders/{stored['orderId']}")
    assert (later["shipTo"]["city"], later["modifyDate"]) == ("Austin", stored["modifyDate"])


# Times


def test_it_writes_pacific_time_with_the_precision_of_each_field(account: Simulated) -> None:
    account.set(clock_offset=offset_to("2026-07-01T12:00"))
    stored = account.make(shipByDate="2026-07-05", shipDate="2026-07-04T10:00:00")
    assert re.fullmatch(r"2026-07-01T05:00:\d\d\.\d{3}0000", stored["createDate"])
    assert re.fullmatch(r"2026-07-01T05:00:\d\d\.\d{2,3}", stored["items"][0]["createDate"])
    assert stored["shipByDate"] == "2026-07-05T00:00:00.0000000"
    assert stored["shipDate"] == "2026-07-04"


def test_it_repeats_an_hour_when_the_clocks_go_back(account: Simulated) -> None:
    account.set(clock_offset=offset_to("2026-11-01T08:30"))
    first = account.make("1")["createDate"]
    account.set(clock_offset=offset_to("2026-11-01T09:30"))
    second = account.make("2")["createDate"]
    assert first[:16] == second[:16] == "2026-11-01T01:30"


def test_it_reads_filters_as_pacific_time(account: Simulated) -> None:
    account.set(clock_offset=offset_to("2026-07-01T12:00"))
    account.make()
    assert account.get("/orders", createDateStart="2026-07-01 05:00:00")["total"] == 1
    assert account.get("/orders", createDateStart="2026-07-01 12:00:00")["total"] == 0
    assert account.get("/orders", createDateStart="2026-07-01T12:00:00-00:00")["total"] == 1


# Reading


def test_it_finds_orders_by_the_start_of_their_number(account: Simulated) -> None:
    for number in ("SO-1", "SO-11", "SO-2"):
        account.make(number)
    page = account.get("/orders", orderNumber="SO-1", sortBy="ModifyDate", sortDir="DESC")
    assert [row["orderNumber"] for row in page["orders"]] == ["SO-11", "SO-1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"customerName": "ola"}, ["2"]),
        ({"itemKeyword": "wax"}, ["2"]),
        ({"orderStatus": "on_hold"}, ["3"]),
        ({"storeId": 179331}, ["3"]),
        ({"orderDateStart": "2026-11-21", "orderDateEnd": "2026-11-22"}, ["2"]),
        ({"paymentDateEnd": "2026-01-02"}, ["1"]),
        ({"sortBy": "OrderDate", "sortDir": "DESC"}, ["2", "3", "1"]),
        ({}, ["1", "2", "3"]),
    ],
)
def test_it_filters_and_sorts(account: Simulated, query: dict[str, Any], expected: list[str]) -> None:
    account.make("1", paymentDate="2026-01-01")
    account.make("2", shipTo={"name": "Ola"}, items=[line("1", "WAX")], orderDate="2026-11-21T10:00:00")
    account.make("3", orderStatus="on_hold", advancedOptions={"storeId": 179331})
    page = account.get("/orders", **query)
    assert [row["orderNumber"] for row in page["orders"]] == expected
    assert page["total"] == len(expected)


def test_it_pages_with_at_most_five_hundred(account: Simulated) -> None:
    for start in range(0, 600, 100):
        account.post("/orders/createorders", [order(f"{n:04d}") for n in range(start, start + 100)])
    first = account.get("/orders", pageSize=1000, sortBy="ModifyDate")
    second = account.get("/orders", pageSize=1000, sortBy="ModifyDate", page=2)
    assert (len(first["orders"]), len(second["orders"])) == (500, 100)
    assert (first["total"], first["pages"], second["page"]) == (600, 2, 2)
    assert len({row["orderId"] for row in first["orders"] + second["orders"]}) == 600


def test_it_sees_a_changed_order_by_its_modify_date(account: Simulated) -> None:
    account.make("1")
    middle = account.make("2")["modifyDate"]
    account.make("1", internalNotes="again")
    page = account.get("/orders", modifyDateStart=middle, sortBy="ModifyDate", sortDir="ASC")
    assert [row["orderNumber"] for row in page["orders"]] == ["2", "1"]


def test_it_can_leave_out_the_ends_of_a_range(account: Simulated) -> None:
    stamp = account.make()["modifyDate"]
    assert account.get("/orders", modifyDateStart=stamp)["total"] == 1
    account.set(range_ends="exclusive")
    assert account.get("/orders", modifyDateStart=stamp)["total"] == 0
