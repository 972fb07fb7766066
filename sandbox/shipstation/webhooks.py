"""Webhooks of the simulated account: who subscribed to what, and the thread that delivers.

V1 sends two keys and no signature. V2 adds the subscriber's own headers and an RSA signature over
`<timestamp>.<raw body>` whose public keys are at `/jwks`.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.kit import exact_json
from sandbox.kit.webhooks import WebhookSender
from sandbox.shipstation import clock
from sandbox.shipstation.store import Fulfillment, Order, Shipment

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator

WRONG_HOST = "http://evil.invalid"
Hook = dict[str, Any]


class Keys:
    """The signing keys: made when first needed, the newest signs, all are published."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, rsa.RSAPrivateKey]] = []
        self.lock = threading.Lock()

    def newest(self) -> tuple[str, rsa.RSAPrivateKey]:
        with self.lock:
            return self.pairs[-1] if self.pairs else self._make()

    def rotate(self) -> str:
        with self.lock:
            return self._make()[0]

    def _make(self) -> tuple[str, rsa.RSAPrivateKey]:
        made = (f"sim-{len(self.pairs) + 1}", rsa.generate_private_key(65537, 2048))
        self.pairs.append(made)
        return made

    def published(self) -> dict[str, Any]:
        self.newest()
        fixed = {"kty": "RSA", "use": "sig", "alg": "RS256"}
        found = []
        for kid, private in self.pairs:
            numbers = private.public_key().public_numbers()
            found.append(fixed | {"kid": kid, "n": _base64url(numbers.n), "e": _base64url(numbers.e)})
        return {"keys": found}

    def headers(self, body: bytes, stale: bool) -> dict[str, str]:
        # The receiver compares with its own clock, so the simulated one has no say here.
        stamp = clock.zulu(time.time() - (900 if stale else 0))
        kid, private = self.newest()
        signature = private.sign(stamp.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
        return {
            "x-shipengine-rsa-sha256-key-id": kid,
            "x-shipengine-rsa-sha256-signature": base64.b64encode(signature).decode(),
            "x-shipengine-timestamp": stamp,
        }


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Hooks(WebhookSender):
    def __init__(self, simulator: ShipStationSimulator) -> None:
        super().__init__(simulator.context)
        self.simulator = simulator
        self.v1: dict[int, Hook] = {}
        self.v2: dict[str, Hook] = {}
        self.keys = Keys()

    # What happened in the account

    def orders_imported(self, batch: str, orders: Sequence[Order]) -> None:
        """One webhook for each import action and store, with all its orders."""
        for store in sorted({order.store for order in orders}):
            query = {"storeID": store, "importBatch": batch}
            self._tell_v1("ORDER_NOTIFY", store, f"/orders?{urlencode(query)}")
            with_items = query | {"includeOrderItems": "True"}
            self._tell_v1("ITEM_ORDER_NOTIFY", store, f"/orders?{urlencode(with_items)}")
            url = f"/v2/shipments?{urlencode({'import_batch_id': batch})}"
            self._tell_v2("shipment_created_v2", store, url)

    def labels_made(self, batch: int, shipments: Sequence[Shipment]) -> None:
        """One webhook for each batch of labels; V1 tells only of outbound ones."""
        for store in sorted({one.store for one in shipments}):
            if any(not one.is_return for one in shipments if one.store == store):
                for event, items in (("SHIP_NOTIFY", "False"), ("ITEM_SHIP_NOTIFY", "True")):
                    query = {"storeID": store, "batchId": batch, "includeShipmentItems": items}
                    self._tell_v1(event, store, f"/shipments?{urlencode(query)}")
            self._tell_v2("label_created_v2", store, f"/v2/labels?batch_id=se-{batch}")

    def fulfilled(self, row: Fulfillment, order: Order) -> None:
        """Marked as shipped. That V1 tells of it at all is reported, not documented: a switch."""
        if self.simulator.switches["mark_as_shipped_notifies"]:
            url = f"/fulfillments?fulfillmentId={row.id}"
            self._tell_v1("FULFILLMENT_SHIPPED", order.store, url)
        url = f"/v2/fulfillments?fulfillment_id=se-{row.id}&shipment_id=se-{order.id}"
        self._tell_v2("fulfillment_shipped_v2", order.store, url)

    def rejected(self, order: Order) -> None:
        url = f"/orders?storeID={order.store}&orderNumber={order.number}"
        self._tell_v1("FULFILLMENT_REJECTED", order.store, url)
        self._tell_v2("fulfillment_rejected_v2", order.store, f"/v2/shipments?shipment_number={order.number}")

    def _tell_v1(self, event: str, store: int, path: str) -> None:
        for hook in self.v1.values():
            if hook["HookType"] == event and hook["Active"] and hook["StoreID"] in (None, store):
                signed = bool(self.simulator.switches["sign_v1_hooks"])
                self._post(hook["Url"], event, path, {}, signed)

    def _tell_v2(self, event: str, store: int, path: str) -> None:
        for hook in self.v2.values():
            if hook["event"] == event and hook.get("store_id") in (None, store):
                own = {one["key"]: one["value"] for one in hook["headers"]}
                self._post(hook["url"], event.upper(), path, own, signed=True)

    # How it is delivered

    def _post(self, url: str, kind: str, path: str, own: dict[str, str], signed: bool) -> None:
        for wrong_host, delay in self.copies():
            host = WRONG_HOST if wrong_host else self.simulator.base_url
            pointer = {"resource_url": host + path, "resource_type": kind}
            body = exact_json.dumps(pointer).encode()
            retries = int(self.simulator.switches["webhook_retries"])
            self.send(url, body, partial(self._headers, body, own, signed), pointer, delay, retries)

    def _headers(self, body: bytes, own: dict[str, str], signed: bool) -> dict[str, str]:
        headers = {"Content-Type": "application/json", **own}
        if signed:
            headers |= self.keys.headers(body, bool(self.simulator.switches["stale_timestamp"]))
        return headers
