"""Webhooks: small signed pointers to what changed. Subscribing is done in the Developer Portal, not over the API."""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import http.client
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connections import exact_json
from connections.vendors.visma_net.simulator_books import Row

if TYPE_CHECKING:
    from connections.vendors.visma_net.simulator import VismaNetSimulator

MODES = ("normal", "delayed", "duplicated", "dropped", "reordered", "wrong_host")
WRONG_HOST = "https://evil.invalid"
PLACES = {"purchaseOrders": ("PurchaseOrder", "purchaseorder"), "customerInvoices": ("ArInvoice", "customerinvoice")}


@dataclass
class Subscription:
    url: str
    key: str
    tenant: str
    entities: tuple[str, ...]


@dataclass(order=True)
class Delivery:
    due: float
    sequence: int
    url: str = field(compare=False)
    key: str = field(compare=False)
    body: bytes = field(compare=False)
    header: str = field(compare=False)
    attempts_left: int = field(compare=False)


class Hooks:
    def __init__(self, simulator: VismaNetSimulator) -> None:
        self.simulator = simulator
        self.subscriptions: list[Subscription] = []
        self.sent: deque[dict[str, Any]] = deque(maxlen=1000)
        self.outcomes: Counter[str] = Counter()
        self.waiting: list[Delivery] = []
        self.wake = threading.Condition()
        self.thread: threading.Thread | None = None
        self.sequence = count(1)
        self.odd = False

    def changed(self, tenant: str, table: str, row: Row, action: str) -> None:
        """There is no event for receipts and none for stock."""
        if table in PLACES:
            entity, path = PLACES[table]
            self._tell(tenant, entity, action, f"/v1/{path}/{row.key}")

    def background_done(self, ident: str, tenant: str) -> None:
        self._tell(tenant, "BackgroundApi", "BACKGROUND_API_RESPONSE", f"/v1/background/{ident}")

    def resend(self) -> int:
        """Say again what was said last."""
        for each in list(self.sent)[-10:]:
            self._post(Subscription(each["url"], each["key"], "", ()), each["body"], retries=0)
        return min(len(self.sent), 10)

    def _tell(self, tenant: str, entity: str, action: str, path: str) -> None:
        simulator = self.simulator
        for hook in self.subscriptions:
            if entity not in hook.entities or (hook.tenant and hook.tenant != tenant):
                continue
            mode = str(simulator.switches["webhook_mode"])
            if mode == "mixed":
                mode = simulator.random.choice(MODES)
            if mode != "normal":
                simulator.injected[f"webhook_{mode}"] += 1
            if mode == "dropped":
                continue
            host = WRONG_HOST if mode == "wrong_host" else simulator.base_url
            body = {
                "eventId": str(simulator.new_id()),
                "action": action,
                "contextId": tenant,
                "resourceUri": host + path,
            }
            nested = simulator.switches["webhook_body"] == "nested"
            text = exact_json.dumps({"message": body} if nested else body).encode()
            for extra in range(2 if mode == "duplicated" else 1):
                self._post(hook, text, self._delay(mode) + extra * 0.05, int(simulator.switches["webhook_retries"]))

    def _delay(self, mode: str) -> float:
        delay = float(self.simulator.switches["webhook_delay"])
        if mode == "delayed":
            return delay or 60 + 240 * self.simulator.random.random()
        if mode == "reordered":
            # Every other one is kept back, so that the one after it overtakes.
            self.odd = not self.odd
            return delay + (0.5 if self.odd else 0)
        return delay

    def _post(self, hook: Subscription, body: bytes, delay: float = 0.0, retries: int = 0) -> None:
        header = str(self.simulator.switches["webhook_header"])
        due = time.monotonic() + delay
        self._queue(Delivery(due, next(self.sequence), hook.url, hook.key, body, header, retries))

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
                    self.wake.wait(self.waiting[0].due - time.monotonic() if self.waiting else None)
                delivery = heapq.heappop(self.waiting)
            self._deliver(delivery)

    def _deliver(self, delivery: Delivery) -> None:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            delivery.header: signed(delivery.body, delivery.key),
        }
        status = post(delivery.url, delivery.body, headers)
        good = status is not None and status < 300
        self.outcomes["delivered" if good else "failed"] += 1
        self.sent.append({"url": delivery.url, "key": delivery.key, "status": status, "body": delivery.body})
        if not good and delivery.attempts_left > 0:
            delivery.attempts_left -= 1
            delivery.due = time.monotonic() + float(self.simulator.switches["webhook_retry_seconds"])
            self._queue(delivery)


def signed(body: bytes, key: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def post(url: str, body: bytes, headers: dict[str, str]) -> int | None:
    """Deliver once; the status, or None when nobody answered."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=10)
    try:
        target = parts.path or "/"
        connection.request("POST", f"{target}?{parts.query}" if parts.query else target, body, headers)
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
