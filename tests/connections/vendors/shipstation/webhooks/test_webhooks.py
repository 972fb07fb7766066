from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connections.errors import Rejected, TryLater
from connections.vendor import Document, Hint, Written
from connections.vendors.shipstation import VENDOR
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.webhooks import ShipStationWebhooks
from tests.connections.vendors.shipstation.accounts import V1_KEYS, V1_URL, V2_KEYS, V2_URL, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Receiver, Simulated, listening
from tests.connections.vendors.shipstation.simulation import fault

HOOKS = ShipStationWebhooks()
JWKS = "https://api.shipengine.com/jwks"
BOTH = V1_KEYS | V2_KEYS


def notification(url: str, kind: str = "SHIP_NOTIFY") -> bytes:
    return json.dumps({"resource_url": url, "resource_type": kind}).encode()


def followed(
    client: ShipStationClient, body: bytes, headers: dict[str, str] | None = None
) -> list[tuple[str, list[Document]]]:
    hint = HOOKS.read(body, headers or {})
    return [(slug, list(found)) for slug, found in HOOKS.follow(client, hint, body, headers or {})]


# Reading


def test_it_reads_a_pointer() -> None:
    url = f"{V1_URL}/shipments?storeID=1&batchId=2&includeShipmentItems=False"
    hint = HOOKS.read(notification(url), {})
    assert (hint.topic, hint.url) == ("SHIP_NOTIFY", url)
    assert hint.digest == HOOKS.read(notification(url), {}).digest
    assert hint.digest != HOOKS.read(notification(url, "ORDER_NOTIFY"), {}).digest


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no usable resource_url"),
        (b'{"resource_url": 7, "resource_type": "SHIP_NOTIFY"}', "no usable resource_url"),
        (notification("https://x/" + "a" * 500), "no usable resource_url"),
        (notification(f"{V1_URL}/orders", "TRACK_EVENT"), "do not use"),
        (b'{"resource_url": "https://x", "resource_type": ["SHIP_NOTIFY"]}', "do not use"),
    ],
)
def test_it_says_why_a_body_is_not_a_notification(body: bytes, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        HOOKS.read(body, {})


def test_it_names_v2_topics_as_they_are_subscribed() -> None:
    headers = {"X-ShipEngine-Timestamp": datetime.now(UTC).isoformat()}
    hint = HOOKS.read(notification(f"{V2_URL}/v2/labels?batch_id=se-1", "LABEL_CREATED_V2"), headers)
    assert hint.topic == "label_created_v2"
    assert hint.topic in VENDOR.webhooks.topics if VENDOR.webhooks else False


@pytest.mark.parametrize("off", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_it_refuses_a_stale_or_early_signature_when_it_arrives(off: timedelta) -> None:
    headers = {"x-shipengine-timestamp": (datetime.now(UTC) + off).isoformat()}
    with pytest.raises(Rejected, match="five minutes"):
        HOOKS.read(notification(f"{V2_URL}/v2/labels", "LABEL_CREATED_V2"), headers)


def test_it_refuses_a_v2_notification_without_a_time_of_signing() -> None:
    with pytest.raises(Rejected, match="no readable time"):
        HOOKS.read(notification(f"{V2_URL}/v2/labels", "LABEL_CREATED_V2"), {})


# Following: where credentials go


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


# Following: V2 signatures


class Signer:
    def __init__(self, kid: str = "k1") -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(65537, 2048)

    def published(self) -> dict[str, str]:
        numbers = self.private.public_key().public_numbers()
        return {"kty": "RSA", "kid": self.kid, "n": encoded(numbers.n), "e": encoded(numbers.e)}

    def headers(self, body: bytes) -> dict[str, str]:
        stamp = datetime.now(UTC).isoformat()
        signature = self.private.sign(stamp.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
        return {
            "X-ShipEngine-RSA-SHA256-Key-Id": self.kid,
            "X-ShipEngine-RSA-SHA256-Signature": base64.b64encode(signature).decode(),
            "X-ShipEngine-Timestamp": stamp,
        }


def encoded(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8)).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


LABELS = notification(f"{V2_URL}/v2/labels?batch_id=se-1", "LABEL_CREATED_V2")
NO_LABELS = {"labels": [], "total": 0, "page": 1, "pages": 0}


@pytest.mark.usefixtures("network")
def test_it_follows_what_shipstation_signed(signer: Signer) -> None:
    responses.get(JWKS, json={"keys": [signer.published()]})
    call = responses.get(f"{V2_URL}/v2/labels", json=NO_LABELS)
    assert followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS)) == []
    assert call.call_count == 1
    assert "API-Key" not in responses.calls[0].request.headers


@pytest.mark.usefixtures("network")
def test_it_refuses_a_body_that_was_changed(signer: Signer) -> None:
    responses.get(JWKS, json={"keys": [signer.published()]})
    with pytest.raises(Rejected, match="wrong signature"):
        followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS + b" "))


@pytest.mark.parametrize("signature", ["", "not base64!", "AAAA"])
@pytest.mark.usefixtures("network")
def test_it_refuses_a_broken_signature(signer: Signer, signature: str) -> None:
    responses.get(JWKS, json={"keys": [signer.published()]})
    headers = signer.headers(LABELS) | {"X-ShipEngine-RSA-SHA256-Signature": signature}
    with pytest.raises(Rejected, match="signature"):
        followed(opened(keys=V2_KEYS), LABELS, headers)


@pytest.mark.usefixtures("network")
def test_it_fetches_the_keys_once_more_for_an_unknown_one(signer: Signer) -> None:
    newer = Signer("k2")
    responses.get(JWKS, json={"keys": [signer.published()]})
    responses.get(JWKS, json={"keys": [signer.published(), newer.published()]})
    responses.get(f"{V2_URL}/v2/labels", json=NO_LABELS)
    client = opened(keys=V2_KEYS)
    for each in (signer, signer, newer):
        followed(client, LABELS, each.headers(LABELS))
    assert [call.request.url for call in responses.calls].count(JWKS) == 2


@pytest.mark.usefixtures("network")
def test_it_refuses_a_key_that_is_not_published(signer: Signer) -> None:
    responses.get(JWKS, json={"keys": [Signer("other").published()]})
    with pytest.raises(Rejected, match="does not publish"):
        followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS))


@pytest.mark.usefixtures("network")
def test_it_tries_later_when_the_keys_cannot_be_read(signer: Signer) -> None:
    responses.get(JWKS, status=403)
    with pytest.raises(TryLater):
        followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS))


@pytest.mark.usefixtures("network")
def test_it_refuses_the_token_of_another_subscriber(signer: Signer) -> None:
    with pytest.raises(Rejected, match="token"):
        followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS) | {"X-Console-Token": "guessed"})


@pytest.mark.usefixtures("network")
def test_it_checks_the_signature_of_a_notification_that_waited(signer: Signer) -> None:
    responses.get(JWKS, json={"keys": [signer.published()]})
    responses.get(f"{V2_URL}/v2/labels", json=NO_LABELS)
    headers = signer.headers(LABELS)
    hint = HOOKS.read(LABELS, headers)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=3)):
        assert list(HOOKS.follow(opened(keys=V2_KEYS), hint, LABELS, headers)) == []


# Against the simulator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


def sent(client: ShipStationClient, number: str) -> int:
    outcome = Orders(client).write([outgoing(number)])[0]
    assert isinstance(outcome, Written)
    return int(outcome.key)


def arrived(receiver: Receiver, kind: str) -> tuple[bytes, dict[str, str]]:
    receiver.wait_for(1)
    return next((raw, headers) for headers, raw in receiver.received if json.loads(raw)["resource_type"] == kind)


def keys_of(found: list[tuple[str, list[Document]]]) -> list[tuple[str, Any]]:
    return [(slug, document.body["orderKey"]) for slug, documents in found for document in documents]


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


@pytest.mark.parametrize("answer", ["200", "201"])
def test_it_subscribes_once(simulator: Simulated, answer: str) -> None:
    simulator.set(subscribe_answer=answer)
    client = opened(simulator.url, BOTH)
    url = f"https://console.example/hook/{answer}"
    first = HOOKS.subscribe(client, url, HOOKS.topics)
    assert set(first) == set(HOOKS.topics)
    assert all(first.values())
    assert HOOKS.subscribe(client, url, HOOKS.topics) == first
    assert HOOKS.unsubscribe(client, url) == 6
    assert HOOKS.unsubscribe(client, url) == 0
    client.close()


def test_it_subscribes_only_where_it_has_keys(simulator: Simulated) -> None:
    client = opened(simulator.url)
    made = HOOKS.subscribe(client, "https://console.example/v1", HOOKS.topics)
    assert set(made) == {"SHIP_NOTIFY", "ORDER_NOTIFY", "FULFILLMENT_SHIPPED"}
    HOOKS.unsubscribe(client, "https://console.example/v1")
    client.close()


def test_it_leaves_the_subscriptions_of_others(simulator: Simulated) -> None:
    client = opened(simulator.url)
    HOOKS.subscribe(client, "https://console.example/ours", ["SHIP_NOTIFY"])
    HOOKS.subscribe(client, "https://console.example/theirs", ["SHIP_NOTIFY"])
    assert HOOKS.unsubscribe(client, "https://console.example/ours") == 1
    assert HOOKS.unsubscribe(client, "https://console.example/theirs") == 1
    client.close()


def test_it_tries_later_when_the_pointer_fails(simulator: Simulated) -> None:
    client = opened(simulator.url)
    fault(simulator, "half", "/shipments")
    with pytest.raises(TryLater):
        followed(client, notification(f"{simulator.url}/shipments?batchId=1"))
    client.close()


def test_it_keeps_the_headers_that_prove_a_notification() -> None:
    assert set(HOOKS.keep_headers) >= {"x-shipengine-timestamp", "x-console-token"}
    assert isinstance(HOOKS.read(notification(f"{V1_URL}/orders", "ORDER_NOTIFY"), {}), Hint)
