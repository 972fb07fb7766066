"""How simulators deliver notifications: late, twice, in another order or never, as their switches say.

Every simulator that notifies has the switches `webhook_mode` (one of `MODES`, or mixed), `webhook_delay` (seconds),
`webhook_retries` and `webhook_retry_seconds`.
"""

from __future__ import annotations

import heapq
import http.client
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from sandbox.kit.context import Context

MODES = ("normal", "delayed", "duplicated", "dropped", "reordered", "wrong_host")
Headers = Callable[[], Mapping[str, str]]
"""Made anew for each try, because a signature may hold the time."""


@dataclass(order=True)
class Delivery:
    due: float
    sequence: int
    url: str = field(compare=False)
    body: bytes = field(compare=False)
    headers: Headers = field(compare=False)
    note: Mapping[str, Any] = field(compare=False)
    attempts_left: int = field(compare=False)


class WebhookSender:
    """The queue of notifications, and the thread that delivers them. `sent` keeps the last ones, with their `note`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.sent: deque[dict[str, Any]] = deque(maxlen=1000)
        self.outcomes: Counter[str] = Counter()
        self.waiting: list[Delivery] = []
        self.wake = threading.Condition()
        self.thread: threading.Thread | None = None
        self.sequence = count(1)
        self.held_back = False

    def copies(self) -> Iterator[tuple[bool, float]]:
        """Yields, for each copy of a notification, whether it names a wrong host and after how many seconds it goes."""
        mode = str(self.context.switches["webhook_mode"])
        if mode == "mixed":
            mode = self.context.random.choice(MODES)
        if mode != "normal":
            self.context.injected[f"webhook_{mode}"] += 1
        if mode == "dropped":
            return
        for extra in range(2 if mode == "duplicated" else 1):
            yield mode == "wrong_host", self._delay(mode) + extra * 0.05

    def _delay(self, mode: str) -> float:
        delay = float(self.context.switches["webhook_delay"])
        if mode == "delayed":
            return delay or 60 + 240 * self.context.random.random()
        if mode == "reordered":
            # Every second one is held back, so that the next one overtakes it.
            self.held_back = not self.held_back
            return delay + (0.5 if self.held_back else 0)
        return delay

    def send(
        self, url: str, body: bytes, headers: Headers, note: Mapping[str, Any], delay: float = 0.0, retries: int = 0
    ) -> None:
        """Queue one copy; up to `retries` more tries follow a failed one."""
        self._queue(Delivery(time.monotonic() + delay, next(self.sequence), url, body, headers, note, retries))

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
        status = post(delivery.url, delivery.body, delivery.headers())
        delivered = status is not None and status < 300
        self.outcomes["delivered" if delivered else "failed"] += 1
        self.sent.append({"url": delivery.url, "status": status, **delivery.note})
        if not delivered and delivery.attempts_left > 0:
            delivery.attempts_left -= 1
            delivery.due = time.monotonic() + float(self.context.switches["webhook_retry_seconds"])
            self._queue(delivery)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
    """Deliver once. Returns the status, or None when there was no response."""
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=10)
    try:
        target = parts.path or "/"
        connection.request("POST", f"{target}?{parts.query}" if parts.query else target, body, dict(headers))
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
