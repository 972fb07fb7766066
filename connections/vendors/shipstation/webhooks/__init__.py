"""Notifications of both APIs: pointers that are followed with our credentials once their address is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from connections import exact_json
from connections.errors import Rejected
from connections.http import Http
from connections.vendor import Document, Hint, Webhooks
from connections.vendors.shipstation.client import (
    ShipStationClient,
    is_v1_host,
    is_v2_host,
)
from connections.vendors.shipstation.webhooks import signatures, subscriptions
from connections.vendors.shipstation.webhooks.follow_up import v1_documents, v2_documents

V1_TOPICS = ("SHIP_NOTIFY", "ORDER_NOTIFY", "FULFILLMENT_SHIPPED")
V2_TOPICS = ("label_created_v2", "fulfillment_shipped_v2", "shipment_created_v2")
MAX_URL = 500
V1_PATHS = frozenset({"/orders", "/shipments", "/fulfillments"})
V2_PATH = re.compile(r"/v2/(shipments|labels|fulfillments)(/se(-[a-z0-9]+)+)?")
# Readers of addresses differ over white space, control characters and backslashes, and so over the host.
_PLAIN = re.compile(r"[!-\[\]-~]+")
# The flavours "with items" point to the same documents; somebody may have subscribed them by hand.
_TYPES = (
    {topic: topic for topic in V1_TOPICS}
    | {"ITEM_SHIP_NOTIFY": "SHIP_NOTIFY", "ITEM_ORDER_NOTIFY": "ORDER_NOTIFY"}
    | {topic.upper(): topic for topic in V2_TOPICS}
)


class ShipStationWebhooks(Webhooks):
    """V1 proves nothing, so its notifications are hints whose address is checked; V2 signs."""

    topics = V1_TOPICS + V2_TOPICS
    keep_headers = (
        signatures.KEY_ID,
        signatures.SIGNATURE,
        signatures.TIMESTAMP,
        signatures.TOKEN,
    )

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """The pointer of a notification. A V2 one must have been signed within five minutes of now."""
        try:
            payload = exact_json.loads(body)
        except ValueError:
            raise Rejected("This is not a ShipStation notification: it is not JSON.") from None
        if not isinstance(payload, dict):
            raise Rejected("This is not a ShipStation notification: it is not a JSON object.")
        url, kind = payload.get("resource_url"), payload.get("resource_type")
        if not isinstance(url, str) or not 0 < len(url) <= MAX_URL:
            raise Rejected("This is not a ShipStation notification: it has no usable resource_url.")
        topic = _TYPES.get(kind) if isinstance(kind, str) else None
        if topic is None:
            raise Rejected("This ShipStation notification has a resource_type that we do not use.")
        if topic in V2_TOPICS:
            signatures.check_timestamp(headers, datetime.now(UTC))
        return Hint(topic, exact_json.digest([kind, url]), url)

    def follow(
        self, client: ShipStationClient, hint: Hint, body: bytes, headers: Mapping[str, str]
    ) -> Iterator[tuple[str, Sequence[Document]]]:
        """The documents behind a notification. Raises `Rejected` for a wrong address or signature."""
        if hint.topic in V2_TOPICS:
            http = client.need_v2()
            parts = _checked(http, hint.url, is_v2_host)
            if not V2_PATH.fullmatch(parts.path):
                raise _foreign()
            signatures.check_token(client, headers)
            signatures.check_signature(client, body, headers)
            yield from v2_documents(client, hint.url, parts.path)
            return
        http = client.need_v1()
        parts = _checked(http, hint.url, is_v1_host)
        if parts.path.rstrip("/").lower() not in V1_PATHS:
            raise _foreign()
        yield from v1_documents(client, hint.url, parts.path.rstrip("/").lower())

    def subscribe(self, client: ShipStationClient, url: str, topics: Sequence[str]) -> Mapping[str, str]:
        """Subscribe to what is missing, of the APIs that the connection has keys for."""
        ids: dict[str, str] = {}
        if client.v1:
            ids |= subscriptions.subscribe_v1(client.v1, url, [topic for topic in topics if topic in V1_TOPICS])
        if client.v2:
            ids |= subscriptions.subscribe_v2(
                client.v2,
                url,
                [topic for topic in topics if topic in V2_TOPICS],
                signatures.token(client),
            )
        return ids

    def unsubscribe(self, client: ShipStationClient, url: str) -> int:
        """Remove every subscription to exactly this address."""
        count = subscriptions.unsubscribe_v1(client.v1, url) if client.v1 else 0
        return count + (subscriptions.unsubscribe_v2(client.v2, url) if client.v2 else 0)


def _checked(http: Http, url: str, vendors_own: Any) -> SplitResult:
    """The parts of an address that may get our credentials: the connection's own host, or ShipStation's."""
    try:
        parts, ours = urlsplit(url), urlsplit(http.base_url)
        same = (parts.scheme, parts.hostname, parts.port) == (ours.scheme, ours.hostname, ours.port)
    except ValueError:
        raise _foreign() from None
    if "@" in parts.netloc or not _PLAIN.fullmatch(url) or not (same or vendors_own(url)):
        raise _foreign()
    return parts


def _foreign() -> Rejected:
    return Rejected(
        "A notification points to an address that is not ShipStation's, so it was not followed.",
        next_step="Nothing is lost: the next poll reads what it may have meant. Find out who knows our address.",
    )
