"""Webhooks of the simulated account: who subscribed to what, and the thread that delivers.

V1 sends two keys and no signature. V2 adds the subscriber's own headers and an RSA signature over
`<timestamp>.<raw body>` whose public keys are at `/jwks`.
"""

from __future__ import annotations

import base64
import heapq
import http.client
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connections import exact_json
from connections.vendors.shipstation import simulator_clock as clock
from connections.vendors.shipstation.simulator_tables import Fulfillment, Order, Shipment

if TYPE_CHECKING:
    from connections.vendors.shipstation.simulator import ShipStationSimulator

MODES = ("normal", "delayed", "duplicated", "dropped", "reordered", "wrong_host")
WRONG_HOST = "http://evil.invalid"
Hook = dict[str, Any]


@dataclass(order=True)
class Delivery:
    due: float
    sequence: int
    url: str = field(compare=False)
    body: bytes = field(compare=False)
    headers: dict[str, str] = field(compare=False)
    signed: bool = field(compare=False)
    attempts_left: int = field(compare=False)


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


class Hooks:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator
        self.v1: dict[int, Hook] = {}
        self.v2: dict[str, Hook] = {}
        self.keys = Keys()
        self.sent: deque[dict[str, Any]] = deque(maxlen=1000)
        self.outcomes: Counter[str] = Counter()
        self.waiting: list[Delivery] = []
        self.wake = threading.Condition()
        self.thread: threading.Thread | None = None
        self.sequence = count(1)
        self.odd = False

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
        switches = self.simulator.switches
        mode = str(switches["webhook_mode"])
        if mode == "mixed":
            mode = self.simulator.random.choice(MODES)
        if mode != "normal":
            self.simulator.injected[f"webhook_{mode}"] += 1
        if mode == "dropped":
            return
        host = WRONG_HOST if mode == "wrong_host" else self.simulator.base_url
        body = exact_json.dumps({"resource_url": host + path, "resource_type": kind}).encode()
        for extra in range(2 if mode == "duplicated" else 1):
            due = time.monotonic() + self._delay(mode) + extra * 0.05
            retries = int(switches["webhook_retries"])
            self._queue(Delivery(due, next(self.sequence), url, body, own, signed, retries))

    def _delay(self, mode: str) -> float:
        delay = float(self.simulator.switches["webhook_delay"])
        if mode == "delayed":
            return delay or 60 + 240 * self.simulator.random.random()
        if mode == "reordered":
            # Every other one is kept back, so that the one after it overtakes.
            self.odd = not self.odd
            return delay + (0.5 if self.odd else 0)
        return delay

    def _queue(self, delivery: Delivery) -> None:
        with self.wake:
            heapq.heappush(self.waiting, delivery)
            if self.thread is None:
                self.thread = threading.Thread(target=self._deliver_all, daemon=True)
                self.thread.start()
            self.wake.notify()

    def _deliver_all(self) -> None:
        while True:
            with self.wake:
                while not self.waiting or self.waiting[0].due > time.monotonic():
                    pause = self.waiting[0].due - time.monotonic() if self.waiting else None
                    self.wake.wait(pause)
                delivery = heapq.heappop(self.waiting)
            self._deliver(delivery)

    def _deliver(self, delivery: Delivery) -> None:
        headers = {"Content-Type": "application/json", **delivery.headers}
        if delivery.signed:
            stale = bool(self.simulator.switches["stale_timestamp"])
            headers |= self.keys.headers(delivery.body, stale)
        status = post(delivery.url, delivery.body, headers)
        good = status is not None and status < 300
        self.outcomes["delivered" if good else "failed"] += 1
        self.sent.append({"url": delivery.url, "status": status, **exact_json.loads(delivery.body)})
        if not good and delivery.attempts_left > 0:
            delivery.attempts_left -= 1
            delivery.due = time.monotonic() + float(self.simulator.switches["webhook_retry_seconds"])
            self._queue(delivery)


def post(url: str, body: bytes, headers: dict[str, str]) -> int | None:
    """Deliver once; the status, or None when nobody answered."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=10)
    try:
        target = parts.path or "/"
        connection.request("POST", f"{target}?{parts.query}" if parts.query else target, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
