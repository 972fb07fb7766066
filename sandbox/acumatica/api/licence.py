"""The licence's queue: slow long before it refuses.

From half of the limit per minute on, each request is delayed by (time left in the minute that began with the oldest
request of the past 60 s) / (limit - requests done). A request is declined with 429 only if more than 20 wait, or after
ten minutes. Logout skips the queue.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from werkzeug.wrappers import Response

from sandbox.acumatica.errors import plain
from sandbox.kit.context import Context

MAX_WAITING = 20
MAX_WAIT_SECONDS = 600.0


class LicenceQueue:
    """Works outside of the simulator's lock, since it waits. Times are real, not simulated."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.done: deque[float] = deque()
        self.free = threading.Condition()
        self.active = 0
        self.waiting = 0

    def enter(self) -> Response | None:
        """Wait for a place. A response is a refusal; after None, `leave` must follow."""
        limit = int(self.context.switches["concurrent_limit"])
        minute = int(self.context.switches["minute_limit"])
        if not limit and not minute:
            with self.free:
                self.active += 1
            return None
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        with self.free:
            if self.waiting >= MAX_WAITING:
                return _declined()
            self.waiting += 1
            try:
                while limit and self.active >= limit:
                    if not self.free.wait(deadline - time.monotonic()):
                        return _declined()
                self.active += 1
            finally:
                self.waiting -= 1
        self._delay(minute)
        return None

    def work(self) -> None:
        """Keep the place for as long as a request takes."""
        seconds = float(self.context.switches["work_seconds"])
        if seconds:
            time.sleep(seconds)

    def leave(self) -> None:
        with self.free:
            self.active -= 1
            self.free.notify()

    def _delay(self, limit: int) -> None:
        if not limit:
            return
        with self.free:
            pause = self.delay(limit, time.monotonic())
            self.done.append(time.monotonic() + pause)
            self.waiting += pause > 0
        if pause > 0:
            time.sleep(pause)
            with self.free:
                self.waiting -= 1

    def delay(self, limit: int, now: float) -> float:
        """Seconds to wait before a request that comes at `now`."""
        length = float(self.context.switches["minute_seconds"])
        while self.done and self.done[0] <= now - length:
            self.done.popleft()
        done = len(self.done)
        if done < limit / 2:
            return 0.0
        left = length - (now - self.done[0])
        return left / (limit - done) if done < limit else left


def _declined() -> Response:
    return plain("The custom error module does not recognize this error.", 429)
