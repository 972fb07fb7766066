"""Fixed windows of calls, and the headers that say how many are left."""

from __future__ import annotations

import math

from werkzeug.wrappers import Response

from sandbox.kit.context import Context


class RateLimit:
    """Windows of `window_seconds`, one for each key, with as many calls as the switch `limit_switch` says; 0 is no limit.

    `nominal` is the limit that the headers name while there is none.
    """

    def __init__(self, context: Context, limit_switch: str, nominal: int) -> None:
        self.context = context
        self.limit_switch = limit_switch
        self.nominal = nominal
        self.windows: dict[str, tuple[float, int]] = {}

    @property
    def limit(self) -> int:
        return int(self.context.switches[self.limit_switch])

    @property
    def _length(self) -> float:
        return float(self.context.switches["window_seconds"])

    def take(self, key: str = "") -> bool:
        """Count one call; False when none was left in this window."""
        start, used = self._window(key)
        if self.limit and used >= self.limit:
            return False
        self.windows[key] = (start, used + 1)
        return True

    def _window(self, key: str) -> tuple[float, int]:
        now = self.context.now()
        start, used = self.windows.get(key, (now, 0))
        return (start, used) if 0 <= now - start < self._length else (now, 0)

    def seconds_left(self, key: str = "") -> int:
        """Until the next window begins; at least 1."""
        start, _ = self._window(key)
        return max(1, math.ceil(start + self._length - self.context.now()))

    def set_headers(self, response: Response, prefix: str, key: str = "") -> None:
        """Set `<prefix>Limit`, `Remaining` and `Reset`; those that the response has already stay."""
        limit = self.limit or self.nominal
        used = self._window(key)[1] if self.limit else 0
        left = 0 if response.status_code == 429 else max(limit - used, 0)
        response.headers.setdefault(f"{prefix}Limit", str(limit))
        response.headers.setdefault(f"{prefix}Remaining", str(left))
        response.headers.setdefault(f"{prefix}Reset", str(self.seconds_left(key)))
