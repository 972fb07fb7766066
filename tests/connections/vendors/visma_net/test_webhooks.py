from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from connections.errors import Rejected
from connections.vendors.visma_net.webhooks import HEADERS, VismaWebhooks
from tests.connections.vendors.visma_net.accounts import SECRETS
from tests.connections.vendors.visma_net.desk import Desk

hooks = VismaWebhooks()
KEY = "sim-webhook-key"


def pointer(url: str, **fields: Any) -> bytes:
    said = {"eventId": "e-1", "action": "Changed", "contextId": "5102401", "resourceUri": url}
    return json.dumps(said | fields).encode()


def signed(body: bytes, key: str = KEY) -> str:
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def follow(desk: Desk, body: bytes, headers: dict[str, str] | None = None, key: str = "", **settings: Any) -> list[str]:
    visma = desk.open(None, {**SECRETS, "webhook_key": key}, **settings)
    try:
        batches = list(hooks.follow(visma, hooks.read(body, {}), body, headers or {}))
    finally:
        visma.close()
    assert all(slug == "purchase_orders" for slug, _ in batches)
    return [document.key for _, documents in batches for document in documents]


@pytest.mark.parametrize(
    "address",
    [
        "https://api.finance.visma.net/v1/purchaseorder/000101",
        "https://api.finance.visma.net/v1/PurchaseOrder/000101/",
        "https://integration.visma.net/API/controller/api/v1/purchaseorder/000101",
    ],
)
def test_a_pointer_is_followed_at_our_own_host(desk: Desk, address: str) -> None:
    assert follow(desk, pointer(address)) == ["000101"]


def test_a_pointer_to_the_connections_own_host_is_followed(desk: Desk) -> None:
    assert follow(desk, pointer(f"{desk.running.base_url}/v1/purchaseorder/000102")) == ["000102"]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.com/v1/purchaseorder/000101",
        "http://api.finance.visma.net/v1/purchaseorder/000101",
        "https://api.finance.visma.net:8443/v1/purchaseorder/000101",
        "https://api.finance.visma.net@evil.example.com/v1/purchaseorder/000101",
        "https://evil.example.com\\@api.finance.visma.net/v1/purchaseorder/000101",
        "https://api.finance.visma.net.evil.example.com/v1/purchaseorder/000101",
        "https://[::1/v1/purchaseorder/000101",
        "ftp://api.finance.visma.net/v1/purchaseorder/000101",
    ],
)
def test_a_foreign_address_is_refused_and_nothing_is_called(desk: Desk, address: str) -> None:
    before = sum(desk.simulator.calls.values())
    with pytest.raises(Rejected, match=r"not Visma\.net's"):
        follow(desk, pointer(address))
    assert sum(desk.simulator.calls.values()) == before


def test_an_unknown_body_with_the_number_of_an_order_is_followed(desk: Desk) -> None:
    body = json.dumps({"type": "PURCHASE_ORDER_CHANGED", "data": {"orderNbr": "000103"}}).encode()
    assert follow(desk, body) == ["000103"]


def test_an_unknown_body_that_names_nothing_brings_nothing(desk: Desk) -> None:
    assert follow(desk, b'{"hello": "world"}') == []


def test_a_list_of_pointers_is_followed(desk: Desk) -> None:
    one = json.loads(pointer("https://api.finance.visma.net/v1/purchaseorder/000101"))
    two = json.loads(pointer("https://api.finance.visma.net/v1/purchaseorder/000102"))
    assert follow(desk, json.dumps([one, two, one]).encode()) == ["000101", "000102"]


def test_an_order_that_is_gone_brings_nothing(desk: Desk) -> None:
    assert follow(desk, pointer("https://api.finance.visma.net/v1/purchaseorder/999999")) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b'"text"', b"7", b"[]", b"{}", b"\xff\xfe", pointer("https://x/v1/purchaseorder/" + "9" * 600)],
)
def test_what_is_no_notification_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected, match="not a Visma"):
        hooks.read(body, {})


def test_a_kind_of_document_that_we_do_not_use_is_refused() -> None:
    with pytest.raises(Rejected, match="do not use"):
        hooks.read(pointer("https://api.finance.visma.net/v1/customer/10000"), {})


def test_reading_needs_no_secret_and_equal_events_have_one_digest() -> None:
    first = hooks.read(pointer("https://api.finance.visma.net/v1/purchaseorder/000101"), {})
    again = hooks.read(pointer("https://api.finance.visma.net/v1/purchaseorder/000101", retry=2), {})
    other = hooks.read(pointer("https://api.finance.visma.net/v1/purchaseorder/000101", eventId="e-2"), {})
    assert first.topic == "purchase_order"
    assert first.digest == again.digest != other.digest
    assert "x-visma-signature" in hooks.keep_headers == HEADERS


# Signatures


def test_a_good_signature_is_followed(desk: Desk) -> None:
    body = pointer("https://api.finance.visma.net/v1/purchaseorder/000101")
    for header, value in (("X-Visma-Signature", signed(body)), ("x-visma-signature", f"sha256={signed(body)}")):
        assert follow(desk, body, {header: value}, KEY) == ["000101"]


def test_the_name_of_the_header_is_a_setting(desk: Desk) -> None:
    body = pointer("https://api.finance.visma.net/v1/purchaseorder/000101")
    assert follow(desk, body, {"X-Hub-Signature": signed(body)}, KEY, webhook_header="x-hub-signature") == ["000101"]


@pytest.mark.parametrize("signature", ["", "garbage", signed(b"another body"), "ÆØÅ"])
def test_a_wrong_signature_is_refused(desk: Desk, signature: str) -> None:
    body = pointer("https://api.finance.visma.net/v1/purchaseorder/000101")
    with pytest.raises(Rejected, match="no signature of ours"):
        follow(desk, body, {"x-visma-signature": signature}, KEY)


def test_a_signature_by_another_key_is_refused(desk: Desk) -> None:
    body = pointer("https://api.finance.visma.net/v1/purchaseorder/000101")
    with pytest.raises(Rejected, match="no signature of ours"):
        follow(desk, body, {"x-visma-signature": signed(body, "another")}, KEY)


def test_subscribing_is_done_by_hand(desk: Desk) -> None:
    assert hooks.subscribe(desk.client, "https://console.example.com/h/1", ["purchase_order"]) == {}
    assert hooks.unsubscribe(desk.client, "https://console.example.com/h/1") == 0
    assert not desk.simulator.calls
