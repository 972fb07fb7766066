from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from connections.errors import Rejected, TryLater
from connections.vendor import Document, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.webhooks.follow_up import v2_documents
from tests.connections.vendors.shipstation.accounts import V1_URL, V2_URL, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Receiver, Simulated, listening
from tests.connections.vendors.shipstation.simulation import fault
from tests.connections.vendors.shipstation.webhooks.notifications import BOTH, HOOKS, followed, notification


@pytest.mark.parametrize(
    "url",
    [
        "http://ssapi.shipstation.com/shipments?batchId=1",
        "https://ssapi.shipstation.com.evil.example/shipments",
        "https://evil.example/shipments",
        "https://ssapi.shipstation.com:8443/shipments",
        "https://ssapi.shipstation.com@evil.example/shipments",
        "https://user:word@ssapi.shipstation.com/shipments",
        "https://evil.example\\@ssapi.shipstation.com/shipments",
        "https://ssapi.ship\nstation.com/shipments",
        "https://ssapi.shipstation.com/users",
        "https://ssapi.shipstation.com/orders/../users",
        "https://api.shipstation.com/v2/labels",
        "//ssapi.shipstation.com/shipments",
        "https://[ssapi.shipstation.com/shipments",
        "https://ssapi.shipstation.com:99999/shipments",
    ],
)
@pytest.mark.usefixtures("network")
def test_it_sends_credentials_nowhere_else(url: str) -> None:
    with pytest.raises(Rejected, match="not ShipStation's"):
        followed(opened(), notification(url))
    assert len(responses.calls) == 0


@pytest.mark.parametrize("host", ["ssapi.shipstation.com", "ssapi6.shipstation.com", "ssapi.shipstation.com:443"])
@pytest.mark.usefixtures("network")
def test_it_follows_the_hosts_of_shipstation(host: str) -> None:
    call = responses.get(f"https://{host}/orders", json={"orders": [], "total": 0, "page": 1, "pages": 0})
    followed(opened(), notification(f"https://{host}/orders?storeID=1&importBatch=x", "ORDER_NOTIFY"))
    assert "Authorization" in call.calls[0].request.headers


@pytest.mark.usefixtures("network")
def test_it_does_not_follow_to_the_real_host_without_tls() -> None:
    with pytest.raises(Rejected):
        followed(opened("http://127.0.0.1:1"), notification("http://127.0.0.2:1/shipments"))


@pytest.mark.usefixtures("network")
def test_it_asks_for_items_where_the_address_leaves_them_out() -> None:
    call = responses.get(f"{V1_URL}/shipments", json={"shipments": [], "total": 0, "page": 1, "pages": 0})
    followed(opened(), notification(f"{V1_URL}/shipments?storeId=1&batchId=2&includeShipmentItems=False"))
    url = str(call.calls[0].request.url)
    assert url == f"{V1_URL}/shipments?storeId=1&batchId=2&includeShipmentItems=True"


@pytest.mark.usefixtures("network")
def test_it_reads_every_page_of_an_address() -> None:
    for page in (1, 2):
        rows = [{"orderId": page, "orderNumber": str(page)}]
        responses.get(f"{V1_URL}/orders", json={"orders": rows, "total": 2, "page": page, "pages": 2})
    found = followed(opened(), notification(f"{V1_URL}/orders?importBatch=x", "ORDER_NOTIFY"))
    assert [document.key for _, documents in found for document in documents] == ["1", "2"]
    assert str(responses.calls[1].request.url).endswith("importBatch=x&page=2")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def sent(client: ShipStationClient, number: str) -> int:
    outcome = Orders(client).write([outgoing(number)])[0]
    assert isinstance(outcome, Written)
    return int(outcome.key)


def arrived(receiver: Receiver, kind: str) -> tuple[bytes, dict[str, str]]:
    receiver.wait_for(1)
    return next((raw, headers) for headers, raw in receiver.received if json.loads(raw)["resource_type"] == kind)


def keys_of(batches: list[tuple[str, list[Document]]]) -> list[tuple[str, Any]]:
    return [(slug, document.body["orderKey"]) for slug, documents in batches for document in documents]


@pytest.mark.parametrize(
    ("topic", "click"), [("SHIP_NOTIFY", "ship"), ("FULFILLMENT_SHIPPED", "mark_shipped"), ("label_created_v2", "ship")]
)
def test_it_leads_a_notification_to_its_parcel(
    simulator: Simulated, receiver: Receiver, topic: str, click: str
) -> None:
    client = opened(simulator.url, BOTH)
    HOOKS.subscribe(client, receiver.url, [topic])
    simulator.do(click, order_id=sent(client, f"HOOK-{topic}"))
    body, headers = arrived(receiver, topic.upper())
    assert keys_of(followed(client, body, headers)) == [("shipments", f"HOOK-{topic}")]
    HOOKS.unsubscribe(client, receiver.url)
    client.close()


def test_it_leads_an_import_to_its_orders(simulator: Simulated, receiver: Receiver) -> None:
    client = opened(simulator.url, BOTH)
    HOOKS.subscribe(client, receiver.url, ["ORDER_NOTIFY"])
    sent(client, "HOOK-ORDER")
    body, headers = arrived(receiver, "ORDER_NOTIFY")
    assert keys_of(followed(client, body, headers)) == [("orders", "HOOK-ORDER")]
    HOOKS.unsubscribe(client, receiver.url)
    client.close()


def test_it_gives_a_parcel_one_key_in_both_apis(simulator: Simulated, receiver: Receiver) -> None:
    client = opened(simulator.url, BOTH)
    HOOKS.subscribe(client, receiver.url, ["SHIP_NOTIFY", "label_created_v2"])
    simulator.do("ship", order_id=sent(client, "HOOK-BOTH"))
    receiver.wait_for(2)
    found = [followed(client, raw, headers) for headers, raw in receiver.received]
    assert found[0][0][1][0].key == found[1][0][1][0].key
    HOOKS.unsubscribe(client, receiver.url)
    client.close()


def test_it_refuses_the_foreign_host_of_a_notification(simulator: Simulated, receiver: Receiver) -> None:
    client = opened(simulator.url, BOTH)
    HOOKS.subscribe(client, receiver.url, ["SHIP_NOTIFY"])
    simulator.set(webhook_mode="wrong_host")
    simulator.do("ship", order_id=sent(client, "HOOK-FOREIGN"))
    body, headers = arrived(receiver, "SHIP_NOTIFY")
    with pytest.raises(Rejected):
        followed(client, body, headers)
    HOOKS.unsubscribe(client, receiver.url)
    client.close()


def test_it_tries_later_when_the_pointer_fails(simulator: Simulated) -> None:
    client = opened(simulator.url)
    fault(simulator, "half", "/shipments")
    with pytest.raises(TryLater):
        followed(client, notification(f"{simulator.url}/shipments?batchId=1"))
    client.close()


@pytest.mark.usefixtures("network")
def test_it_reads_the_orders_of_one_import_by_one_page() -> None:
    numbers = [f"SO{n:03d}" for n in range(20)]
    orders = [{"orderId": place, "orderNumber": number} for place, number in enumerate([*numbers, "SO0001"])]
    responses.get(f"{V2_URL}/v2/shipments", json={"shipments": [{"shipment_number": number} for number in numbers]})
    listing = responses.get(f"{V1_URL}/orders", json={"orders": orders, "total": len(orders), "page": 1, "pages": 1})
    batches = list(v2_documents(opened(keys=BOTH), f"{V2_URL}/v2/shipments", "/v2/shipments"))
    assert [document.label for _, documents in batches for document in documents] == numbers
    assert listing.call_count == 1
