"""Notifications, and the documents that they lead to."""

from __future__ import annotations

import json

from connections.vendor import Document
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.webhooks import ShipStationWebhooks
from tests.connections.vendors.shipstation.accounts import V1_KEYS, V2_KEYS

HOOKS = ShipStationWebhooks()
JWKS = "https://api.shipengine.com/jwks"
BOTH = V1_KEYS | V2_KEYS


def notification(url: str, kind: str = "SHIP_NOTIFY") -> bytes:
    return json.dumps({"resource_url": url, "resource_type": kind}).encode()


def followed(
    client: ShipStationClient, body: bytes, headers: dict[str, str] | None = None
) -> list[tuple[str, list[Document]]]:
    hint = HOOKS.read(body, headers or {})
    return [(slug, list(documents)) for slug, documents in HOOKS.follow(client, hint, body, headers or {})]
