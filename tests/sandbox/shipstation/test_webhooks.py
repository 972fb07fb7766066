from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.connections.vendors.shipstation.simulated import Receiver, Simulated, eventually, order


def injected(account: Simulated) -> Any:
    return requests.get(f"{account.running.control_url}/faults", timeout=5).json()["injected"]


def follow(account: Simulated, url: str) -> Any:
    return account.v1.get(url, timeout=5).json()


# V1


def test_it_lists_and_removes_subscriptions(account: Simulated) -> None:
    account.subscribe("SHIP_NOTIFY", "http://example.test/hook", 179188)
    hook = account.get("/webhooks")["webhooks"][0]
    assert (hook["HookType"], hook["StoreID"], hook["Name"]) == ("SHIP_NOTIFY", 179188, "test")
    response = account.v1.delete(f"{account.url}/webhooks/{hook['WebHookID']}", timeout=5)
    assert (response.status_code, response.content) == (200, b"")
    assert account.get("/webhooks") == {"webhooks": []}


def test_it_can_answer_a_subscription_the_new_way(account: Simulated) -> None:
    account.set(subscribe_response="200")
    body = {"target_url": "http://example.test/", "event": "SHIP_NOTIFY"}
    response = account.post("/webhooks/subscribe", body)
    assert (response.status_code, sorted(response.json())) == (200, ["HookType", "Name", "Url", "WebHookID"])


def test_it_tells_of_an_import_once_with_all_orders(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("ORDER_NOTIFY", receiver.url)
    unpaid = order("3", orderStatus="awaiting_payment")
    account.post("/orders/createorders", [order("1"), order("2"), unpaid])
    (body,) = receiver.wait_for(1)
    assert sorted(body) == ["resource_type", "resource_url"]
    assert body["resource_url"].startswith(f"{account.url}/orders?")
    assert len(body["resource_url"]) <= 200
    assert [row["orderNumber"] for row in follow(account, body["resource_url"])["orders"]] == ["1", "2"]
    account.make("3")
    page = follow(account, receiver.wait_for(2)[1]["resource_url"])
    assert [row["orderNumber"] for row in page["orders"]] == ["3"]


def test_it_does_not_tell_of_updates(account: Simulated, receiver: Receiver) -> None:
    account.make()
    account.subscribe("ORDER_NOTIFY", receiver.url)
    account.make(internalNotes="changed")
    account.make("2")
    assert len(receiver.wait_for(1)) == 1


def test_it_tells_of_a_batch_of_labels_once(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("SHIP_NOTIFY", receiver.url)
    keys = [account.make(number)["orderId"] for number in ("1", "2")]
    account.do("ship_batch", order_ids=keys)
    (body,) = receiver.wait_for(1)
    assert body["resource_type"] == "SHIP_NOTIFY"
    shipments = follow(account, body["resource_url"])["shipments"]
    assert [row["orderId"] for row in shipments] == keys


def test_it_keeps_to_the_store_of_a_subscription(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("SHIP_NOTIFY", receiver.url, store=179331)
    account.make("1")
    account.make("2", advancedOptions={"storeId": 179331})
    account.do("ship", order_number="1")
    account.do("ship", order_number="2")
    (body,) = receiver.wait_for(1)
    assert follow(account, body["resource_url"])["shipments"][0]["orderNumber"] == "2"


def test_it_tells_of_marked_orders_apart_from_labels(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("SHIP_NOTIFY", receiver.url)
    account.subscribe("FULFILLMENT_SHIPPED", receiver.url)
    account.make()
    account.do("mark_shipped", order_number="1001", tracking="T1")
    (body,) = receiver.wait_for(1)
    assert body["resource_type"] == "FULFILLMENT_SHIPPED"
    assert follow(account, body["resource_url"])["fulfillments"][0]["trackingNumber"] == "T1"


def test_it_can_keep_silent_about_marked_orders(account: Simulated, receiver: Receiver) -> None:
    account.set(mark_as_shipped_notifies=False)
    for event in ("FULFILLMENT_SHIPPED", "ORDER_NOTIFY"):
        account.subscribe(event, receiver.url)
    account.make("1")
    account.do("mark_shipped", order_number="1")
    account.make("2")
    assert {body["resource_type"] for body in receiver.wait_for(2)} == {"ORDER_NOTIFY"}


def test_it_sends_nothing_for_voids_and_return_labels(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("SHIP_NOTIFY", receiver.url)
    account.make("1")
    key = account.do("ship", order_number="1")["shipments"][0]["shipmentId"]
    account.do("return_label", order_number="1")
    account.do("void", shipment_id=key)
    account.make("2")
    account.do("ship", order_number="2")
    assert len(receiver.wait_for(2)) == 2


# Modes


@pytest.mark.parametrize(("mode", "count"), [("duplicated", 4), ("dropped", 0), ("wrong_host", 2), ("reordered", 2)])
def test_it_injects_and_counts(account: Simulated, receiver: Receiver, mode: str, count: int) -> None:
    account.subscribe("ORDER_NOTIFY", receiver.url)
    account.set(webhook_mode=mode)
    for number in ("1", "2"):
        account.make(number)
    account.set(webhook_mode="normal")
    receiver.wait_for(count)
    assert len(receiver.received) == count
    assert injected(account) == {f"webhook_{mode}": 2}


def test_it_can_name_a_foreign_host(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("ORDER_NOTIFY", receiver.url)
    account.set(webhook_mode="wrong_host")
    account.make()
    assert urlsplit(receiver.wait_for(1)[0]["resource_url"]).hostname == "evil.invalid"


def test_it_can_deliver_out_of_order(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("ORDER_NOTIFY", receiver.url)
    account.set(webhook_mode="reordered")
    for number in ("1", "2"):
        account.make(number)
    urls = [body["resource_url"] for body in receiver.wait_for(2)]
    assert [follow(account, url)["orders"][0]["orderNumber"] for url in urls] == ["2", "1"]


def test_it_can_deliver_late(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("ORDER_NOTIFY", receiver.url)
    account.set(webhook_mode="delayed", webhook_delay=0.4)
    start = time.monotonic()
    account.make()
    receiver.wait_for(1)
    assert time.monotonic() - start >= 0.4


def test_it_tries_again_when_asked_to(account: Simulated, receiver: Receiver) -> None:
    account.set(webhook_retries=1, webhook_retry_seconds=0.05)
    account.subscribe("ORDER_NOTIFY", receiver.url)
    receiver.status = 500
    account.make()
    assert len(receiver.wait_for(2)) == 2


# V2


def subscribe_v2(account: Simulated, event: str, url: str) -> requests.Response:
    headers = [{"key": "X-Console-Token", "value": "t-1"}]
    body = {"name": "test", "event": event, "url": url, "headers": headers}
    return account.call_v2("POST", "/v2/environment/webhooks", body)


def verify(account: Simulated, headers: dict[str, str], raw: bytes) -> None:
    """Raises InvalidSignature; the keys come from the simulator's own /jwks."""
    published = requests.get(f"{account.url}/jwks", timeout=5).json()["keys"]
    key = next(row for row in published if row["kid"] == headers["x-shipengine-rsa-sha256-key-id"])
    e, n = (int.from_bytes(base64.urlsafe_b64decode(key[name] + "==="), "big") for name in ("e", "n"))
    signature = base64.b64decode(headers["x-shipengine-rsa-sha256-signature"])
    signed = headers["x-shipengine-timestamp"].encode() + b"." + raw
    rsa.RSAPublicNumbers(e, n).public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())


def test_it_signs_v2_deliveries_and_sends_own_headers(account: Simulated, receiver: Receiver) -> None:
    subscribe_v2(account, "label_created_v2", receiver.url)
    account.make()
    account.do("ship", order_number="1001")
    (body,) = receiver.wait_for(1)
    headers, raw = receiver.received[0]
    verify(account, headers, raw)
    with pytest.raises(InvalidSignature):
        verify(account, headers, raw + b" ")
    assert headers["x-console-token"] == "t-1"
    assert body["resource_type"] == "LABEL_CREATED_V2"
    labels = account.v2.get(body["resource_url"], timeout=5).json()["labels"]
    assert labels[0]["external_shipment_id"] == "erp:1001"


def test_it_signs_with_a_new_key_after_rotation(account: Simulated, receiver: Receiver) -> None:
    subscribe_v2(account, "shipment_created_v2", receiver.url)
    account.make("1")
    receiver.wait_for(1)
    kid = account.do("rotate_key")["kid"]
    account.make("2")
    receiver.wait_for(2)
    assert receiver.received[1][0]["x-shipengine-rsa-sha256-key-id"] == kid
    for headers, raw in receiver.received:
        verify(account, headers, raw)


def test_it_can_send_a_stale_timestamp(account: Simulated, receiver: Receiver) -> None:
    account.set(stale_timestamp=True)
    subscribe_v2(account, "shipment_created_v2", receiver.url)
    account.make()
    receiver.wait_for(1)
    stamp = datetime.fromisoformat(receiver.received[0][0]["x-shipengine-timestamp"])
    assert (datetime.now(UTC) - stamp).total_seconds() > 300


def test_it_tells_v2_of_imports_and_marked_orders(account: Simulated, receiver: Receiver) -> None:
    for event in ("shipment_created_v2", "fulfillment_shipped_v2"):
        subscribe_v2(account, event, receiver.url)
    account.make()
    account.do("mark_shipped", order_number="1001")
    created, marked = receiver.wait_for(2)
    page = account.v2.get(created["resource_url"], timeout=5).json()
    assert [row["shipment_number"] for row in page["shipments"]] == ["1001"]
    assert account.v2.get(marked["resource_url"], timeout=5).json()["total"] == 1


def test_it_manages_v2_subscriptions(account: Simulated) -> None:
    key = subscribe_v2(account, "label_created_v2", "https://example.test/a").json()["webhook_id"]
    again = subscribe_v2(account, "label_created_v2", "https://example.test/a")
    assert (again.status_code, again.json()["errors"][0]["error_code"]) == (409, "webhook_event_type_conflict")
    path = f"/v2/environment/webhooks/{key}"
    assert account.call_v2("PUT", path, {"url": "https://example.test/b"}).status_code == 204
    assert account.call_v2("GET", path).json()["url"] == "https://example.test/b"
    assert account.call_v2("DELETE", path).status_code == 204
    assert account.call_v2("GET", "/v2/environment/webhooks").json() == []


def test_it_counts_deliveries(account: Simulated, receiver: Receiver) -> None:
    account.subscribe("ORDER_NOTIFY", receiver.url)
    account.make()
    receiver.wait_for(1)
    eventually(lambda: account.state()["deliveries"] == {"delivered": 1, "waiting": 0})
