from __future__ import annotations

from html.parser import HTMLParser

import pytest
import requests

from tests.connections.vendors.shipstation.simulated import Receiver, Simulated, line, order


def show(account: Simulated, **query: object) -> str:
    response = requests.get(f"{account.url}/_operator", params={k: str(v) for k, v in query.items()}, timeout=5)
    assert response.status_code == 200
    return response.text


def click(account: Simulated, action: str, **fields: object) -> str:
    """Post a form and follow it back to the list."""
    response = requests.post(f"{account.url}/_operator/{action}", data=fields, timeout=5)
    assert response.history[0].status_code == 303
    assert response.status_code == 200
    return response.text


def status(account: Simulated, number: str = "1001") -> str:
    return str(account.get("/orders", orderNumber=number)["orders"][0]["orderStatus"])


class Balance(HTMLParser):
    """Fails on a tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_shows_an_empty_state(account: Simulated) -> None:
    assert "No orders yet" in show(account)
    assert "No order matches" in show(account, q="nothing")


def test_it_needs_no_credentials_and_takes_no_calls_of_the_limit(account: Simulated) -> None:
    account.set(v1_limit=1)
    for _ in range(3):
        show(account)
    assert account.v1.get(f"{account.url}/users", timeout=5).status_code == 200


def test_it_shows_orders_with_items_and_tracking(account: Simulated) -> None:
    account.make()
    made = account.do("ship", order_number="1001", items=[{"sku": "POLE", "quantity": 1}])["shipments"][0]
    page = show(account)
    for text in ("1001", "Kari Nordmann", "Austin", "SKI-180", made["trackingNumber"], "awaiting shipment"):
        assert text in page
    parser = Balance()
    parser.feed(page)
    assert parser.open == []


def test_it_escapes_what_came_from_outside(account: Simulated) -> None:
    bad = "<script>alert(1)</script>"
    account.make(bad, shipTo={"name": bad, "city": '"><b>'}, items=[line(sku=bad, name=bad)])
    account.do("ship", order_number=bad, items=[{"lineItemKey": "1", "quantity": 1}])
    page = show(account, q="<script>", message=bad, kind='"><i>')
    assert "<script>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page


def test_it_searches_and_filters(account: Simulated) -> None:
    account.make("1001")
    account.make("2002", orderStatus="on_hold", shipTo={"name": "Ola"})
    assert "1001" not in show(account, q="ola")
    assert "2002" in show(account, status="on_hold")
    assert "1001" not in show(account, status="on_hold")


def test_it_pages_through_many(account: Simulated) -> None:
    account.post("/orders/createorders", [order(f"N{n:03d}") for n in range(60)])
    assert "Page 1 of 3, 60 orders" in show(account)
    assert "N000" in show(account, page=3)
    assert "Page 3 of 3" in show(account, page=99)


def test_it_ships_by_a_click_and_fires_the_webhook(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("SHIP_NOTIFY", receiver.url)
    key = account.make()["orderId"]
    assert "Label bought" in click(account, "ship", order_id=key)
    assert status(account) == "shipped"
    receiver.wait_for(1)


def test_it_ships_partly_by_a_click(account: Simulated) -> None:
    stored = account.make()
    field = f"quantity-{stored['items'][1]['orderItemId']}"
    page = click(account, "ship_partly", order_id=stored["orderId"], carrier="fedex", **{field: 2})
    assert "1 label(s) bought" in page
    shipment = account.get("/shipments", includeShipmentItems="true")["shipments"][0]
    assert (shipment["carrierCode"], shipment["shipmentItems"][0]["quantity"]) == ("fedex", 2)
    assert status(account) == "awaiting_shipment"


def test_it_voids_by_a_click(account: Simulated) -> None:
    account.make()
    key = account.do("ship", order_number="1001")["shipments"][0]["shipmentId"]
    assert "Label voided." in click(account, "void", shipment_id=key)
    assert status(account) == "awaiting_shipment"


def test_it_edits_by_a_click(account: Simulated) -> None:
    stored = account.make()
    field = f"quantity-{stored['items'][0]['orderItemId']}"
    click(account, "edit", order_id=stored["orderId"], name="Ola", city="Reno", **{field: 9})
    after = account.get(f"/orders/{stored['orderId']}")
    assert (after["shipTo"]["name"], after["items"][0]["quantity"], after["items"][1]["quantity"]) == ("Ola", 9, 3)


@pytest.mark.parametrize(
    ("action", "expected"), [("hold", "on_hold"), ("cancel", "cancelled"), ("mark_shipped", "shipped")]
)
def test_it_acts_by_a_click(account: Simulated, action: str, expected: str) -> None:
    key = account.make()["orderId"]
    click(account, action, order_id=key)
    assert status(account) == expected


def test_it_tells_why_it_refuses(account: Simulated) -> None:
    key = account.make()["orderId"]
    click(account, "cancel", order_id=key)
    assert "is cancelled and cannot be shipped" in click(account, "ship", order_id=key)
    assert "could not be read" in click(account, "ship_partly", order_id=key)
    assert "could not be read" in click(account, "nonsense", order_id=key)


def test_it_ships_all_and_starts_and_stops_by_a_click(account: Simulated) -> None:
    account.make()
    assert "1 waiting order(s) handled" in click(account, "ship_all")
    assert "Stop automatic shipping" in click(account, "autoship")
    assert "Automatic shipping stopped" in click(account, "stop")


def test_it_comes_back_to_the_same_list(account: Simulated) -> None:
    key = account.make()["orderId"]
    response = requests.post(
        f"{account.url}/_operator/hold", data={"order_id": key, "back": "status=&q=10&page=1"}, timeout=5
    )
    assert "q=10" in response.url
    assert response.url.endswith(f"#order-{key}")
