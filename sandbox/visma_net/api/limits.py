"""The fixed window of calls, one for each company and client, and the headers that tell of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Response

POLICY, OLD_POLICY = "4-fixed-window", "6-fixed-window"


class Limits:
    def __init__(self, switches: Mapping[str, Any], now: Callable[[], float]) -> None:
        self.switches, self.now = switches, now
        self.windows: dict[str, tuple[float, int]] = {}

    def take(self, key: str) -> bool:
        """Count one call; False when none was left in this window."""
        start, used = self._window(key)
        limit = int(self.switches["limit"])
        if limit and used >= limit:
            return False
        self.windows[key] = (start, used + 1)
        return True

    def _window(self, key: str) -> tuple[float, int]:
        now = self.now()
        start, used = self.windows.get(key, (now, 0))
        return (start, used) if 0 <= now - start < float(self.switches["window_seconds"]) else (now, 0)

    def seconds_left(self, key: str) -> int:
        start, _ = self._window(key)
        return max(1, math.ceil(start + float(self.switches["window_seconds"]) - self.now()))

    def mark(self, key: str, response: Response, *, old: bool) -> None:
        limit = int(self.switches["limit"]) or 15000
        used = 0 if not self.switches["limit"] else self._window(key)[1]
        left = 0 if response.status_code == 429 else max(limit - used, 0)
        response.headers.setdefault("X-RateLimit-Limit", str(limit))
        response.headers.setdefault("X-RateLimit-Remaining", str(left))
        response.headers.setdefault("X-RateLimit-Reset", str(self.seconds_left(key)))
        response.headers.setdefault("X-RateLimit-Policy", OLD_POLICY if old else POLICY)
