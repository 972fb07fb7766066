from __future__ import annotations

from datetime import UTC, datetime

from tests.connections.vendors.shipstation.simulated import Simulated


def offset_to(moment: str) -> float:
    """The clock offset that makes it this UTC moment now."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() - datetime.now(UTC).timestamp()


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


def test_it_assigns_a_user_to_all_orders_or_to_none(account: Simulated) -> None:
    key, user = account.make()["orderId"], account.get("/users")[0]["userId"]
    bad = account.post("/orders/assignuser", {"orderIds": [key, 7], "userId": user})
    assert bad.status_code == 404
    assert account.get(f"/orders/{key}")["userId"] is None
    account.post("/orders/assignuser", {"orderIds": [key], "userId": user})
    assert account.get(f"/orders/{key}")["userId"] == user
