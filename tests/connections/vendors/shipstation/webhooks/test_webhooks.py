from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connections.errors import Rejected
from connections.vendor import Hint
from connections.vendors.shipstation import VENDOR
from tests.connections.vendors.shipstation.accounts import V1_URL, V2_URL
from tests.connections.vendors.shipstation.webhooks.notifications import HOOKS, notification


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


def test_it_keeps_the_headers_that_prove_a_notification() -> None:
    assert set(HOOKS.keep_headers) >= {"x-shipengine-timestamp", "x-console-token"}
    assert isinstance(HOOKS.read(notification(f"{V1_URL}/orders", "ORDER_NOTIFY"), {}), Hint)
