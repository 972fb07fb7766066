"""Push notifications: a webhook that Acumatica calls after each change of an order.

No signature, one header for authentication, at most five attempts; then the message waits until it is sent again by
hand. Values are flat, and times carry no zone.
"""

from __future__ import annotations

import queue
import random
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.acumatica.store import Row
from sandbox.kit import exact_json

ATTEMPTS = 5
EPOCH_TICKS = 621355968000000000
QUERY = "SO-ShipStation"
TIMEOUT = 10.0

Message = dict[str, Any]


@dataclass(frozen=True)
class Target:
    url: str
    header: str
    value: str


class Push:
    """Sends in the background, in order. Switch `push_mode`: normal, duplicated, dropped, reordered or delayed."""

    def __init__(self, switches: dict[str, Any], clock: Callable[[], float], tenant: str, seed: int) -> None:
        self.switches, self.clock, self.tenant = switches, clock, tenant
        self.random = random.Random(seed)
        self.target: Target | None = None
        self.outcomes: Counter[str] = Counter()
        self.failed: list[Message] = []
        self.held: Message | None = None
        self.outbox: queue.Queue[Message] = queue.Queue()
        self.thread: threading.Thread | None = None

    def aim(self, target: Target | None) -> None:
        self.target = target
        if target and self.thread is None:
            self.thread = threading.Thread(target=self._work, daemon=True)
            self.thread.start()

    def order_changed(self, row: Row, status: str, modified: str, gone: bool = False) -> None:
        """A change: the old row in Deleted, the new one in Inserted. A new record has no old row."""
        if self.target is None:
            return
        inserted = [] if gone else [_flat(row, row.status, row.modified)]
        deleted = [_flat(row, status, modified)] if modified else []
        self.send(inserted, deleted)

    def send(self, inserted: list[Message], deleted: list[Message]) -> None:
        message: Message = {
            "Inserted": inserted,
            "Deleted": deleted,
            "Query": QUERY,
            "CompanyId": self.tenant,
            "Id": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
            "TimeStamp": EPOCH_TICKS + int(self.clock() * 10_000_000),
            "AdditionalInfo": {},
        }
        mode = self.switches["push_mode"]
        if mode == "dropped":
            self.outcomes["dropped"] += 1
        elif mode == "reordered" and self.held is None:
            self.held = message
        else:
            self.outbox.put(message)
            if mode == "duplicated":
                self.outbox.put(message)
            self.release()

    def release(self) -> None:
        """Let go of the message that another one was to overtake."""
        if self.held is not None:
            self.outbox.put(self.held)
            self.held = None

    def resend(self) -> int:
        """What a person does with messages that were given up."""
        waiting, self.failed = self.failed, []
        for message in waiting:
            self.outbox.put(message)
        return len(waiting)

    def _work(self) -> None:
        while True:
            message = self.outbox.get()
            if self.switches["push_mode"] == "delayed":
                time.sleep(float(self.switches["push_delay"]))
            self._deliver(message)
            self.outbox.task_done()

    def _deliver(self, message: Message) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(float(self.switches["push_pause"]))
            target = self.target
            if target is None:
                return
            self.outcomes["attempts"] += 1
            if _posted(target, message):
                self.outcomes["delivered"] += 1
                return
        self.outcomes["given_up"] += 1
        self.failed.append(message)


def _posted(target: Target, message: Message) -> bool:
    headers = {"Content-Type": "application/json", "Accept": "application/json", target.header: target.value}
    request = urllib.request.Request(target.url, exact_json.dumps(message).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            return 200 <= int(response.status) < 300
    except (urllib.error.URLError, OSError):
        return False


def _flat(row: Row, status: str, modified: str) -> Message:
    order = row.read()
    return {
        "OrderType": order["OrderType"],
        "OrderNbr": order["OrderNbr"],
        "Status": status,
        "SOOrder_lastModifiedDateTime": modified[:23],
    }
