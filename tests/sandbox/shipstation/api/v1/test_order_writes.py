from __future__ import annotations

from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Simulated, line, order


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


def test_it_drops_unknown_tags_silently(account: Simulated) -> None:
    assert account.make(tagIds=[1, 53974])["tagIds"] == [53974]
