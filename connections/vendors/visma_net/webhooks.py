"""Notifications: small pointers, signed by a key of the subscription, that say no more than "go and read".

Subscriptions are made by hand in the Visma Developer Portal. Today's body is not published; the older one is a
pointer `{"eventId", "action", "contextId", "resourceUri"}`. Only the number of the order is taken from a notification:
its address is checked and never called.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from connections import exact_json
from connections.errors import Rejected
from connections.vendor import Document, Hint, Webhooks
from connections.vendors.visma_net import codec
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.resources import PurchaseOrders

TOPIC = "purchase_order"
# The name of the signature's header is not published; one of these is chosen in the connection's settings.
HEADERS = (
    "x-visma-signature",
    "x-signature",
    "x-hub-signature-256",
    "x-hub-signature",
    "x-webhook-signature",
    "x-hmac-sha256",
    "x-hmac-signature",
    "x-visma-hmac-sha256",
    "signature",
    "digest",
    "authorization",
)
OFFICIAL = {"api.finance.visma.net", "integration.visma.net"}
NUMBER_FIELDS = ("orderNbr", "orderNumber", "purchaseOrderNbr", "purchaseOrderNumber")
MAX_URL = 500
_PATH = re.compile(r"(?:/api/controller/api|/erp)?/v\d/purchaseorder(?:basic)?/([^/]+)/?", re.IGNORECASE)
_OTHER = re.compile(r"/v\d/(?!purchaseorder)[a-z]+", re.IGNORECASE)
# Readers of addresses differ over white space, control characters and backslashes, and so over the host.
_PLAIN = re.compile(r"[!-\[\]-~]+")


class VismaWebhooks(Webhooks):
    """Of all that Visma.net notifies of, purchase orders."""

    topics = (TOPIC,)
    keep_headers = HEADERS

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """The pointer. Its happening is named by `eventId`, where it has one. Checks no signature: that needs a secret."""
        try:
            message = exact_json.loads(body)
        except ValueError:
            raise Rejected("This is not a Visma.net notification: it is not JSON.") from None
        if not isinstance(message, dict | list) or not message:
            raise Rejected("This is not a Visma.net notification: it is not a JSON object.")
        url = next((address for address in _addresses(message)), "")
        if len(url) > MAX_URL:
            raise Rejected("This is not a Visma.net notification: its address is too long.")
        if url and _OTHER.search(urlsplit_path(url)) and not any(_numbers(message)):
            raise Rejected("This Visma.net notification is about a kind of document that we do not use.")
        event = message.get("eventId") if isinstance(message, dict) else None
        return Hint(TOPIC, exact_json.digest([str(event or ""), url] if event else message), url)

    def follow(
        self, client: VismaClient, hint: Hint, body: bytes, headers: Mapping[str, str]
    ) -> Iterator[tuple[str, Sequence[Document]]]:
        """The orders that a notification names, read from the connection's own host.

        Raises `Rejected` for a wrong signature, or an address on another host.
        """
        check_signature(client, body, headers)
        message = exact_json.loads(body)
        for url in _addresses(message):
            _check_host(client, url)
        orders = PurchaseOrders(client)
        for number in dict.fromkeys(_numbers(message)):
            yield PurchaseOrders.slug, orders.get(number)

    def subscribe(self, client: VismaClient, url: str, topics: Sequence[str]) -> Mapping[str, str]:
        """Nothing: a person subscribes in the Developer Portal."""
        return {}

    def unsubscribe(self, client: VismaClient, url: str) -> int:
        """Nothing: a person unsubscribes in the Developer Portal."""
        return 0


def check_signature(client: VismaClient, body: bytes, headers: Mapping[str, str]) -> None:
    """Raises `Rejected` unless the body was signed with the subscription's key. Without a key nothing is checked."""
    key = client.secrets.get("webhook_key", "")
    if not key:
        return
    name = str(client.settings.get("webhook_header") or HEADERS[0]).lower()
    signature = {header_name.lower(): value for header_name, value in headers.items()}.get(name, "").strip()
    expected = base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(signature.removeprefix("sha256=").encode(), expected.encode()):
        raise Rejected(
            f"This notification has no signature of ours in the header {name}, so it was not followed.",
            next_step="Enter the key of the subscription from the Visma Developer Portal, and the header's name, in the "
            "connection; nothing is lost, the next poll reads what it may have meant.",
        )


def _addresses(node: Any) -> Iterator[str]:
    """Every address in a body, whatever it is called."""
    if isinstance(node, dict):
        for element in node.values():
            yield from _addresses(element)
    elif isinstance(node, list):
        for element in node:
            yield from _addresses(element)
    elif isinstance(node, str) and "://" in node[:12]:
        yield node


def _numbers(node: Any) -> Iterator[str]:
    """Every number of a purchase order in a body: at the end of an address, or in a field of that name."""
    for url in _addresses(node):
        if found := _PATH.search(urlsplit_path(url)):
            yield codec.key_of(f"/{found[1]}")
    if isinstance(node, dict):
        yield from (node[name] for name in NUMBER_FIELDS if isinstance(node.get(name), str) and node[name])
        for element in node.values():
            yield from _numbers(element) if isinstance(element, dict | list) else ()
    elif isinstance(node, list):
        for element in node:
            yield from _numbers(element) if isinstance(element, dict | list) else ()


def urlsplit_path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _check_host(client: VismaClient, url: str) -> None:
    try:
        parts, base = urlsplit(url), urlsplit(client.erp.base_url)
        same = (parts.scheme, parts.hostname, parts.port) == (base.scheme, base.hostname, base.port)
        official = parts.scheme == "https" and parts.hostname in OFFICIAL and parts.port in {None, 443}
    except ValueError:
        same = official = False
    if "@" in url or not _PLAIN.fullmatch(url) or not (same or official):
        raise Rejected(
            "A notification points to an address that is not Visma.net's, so it was not followed.",
            next_step="Nothing is lost: the next poll reads what it may have meant. Find out who knows our address.",
        )
