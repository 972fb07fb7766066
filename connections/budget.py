"""The shared rate budget: one row per account, spent by all workers, corrected by the vendor's headers."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from connections.errors import TryLater
from connections.models import RateWindow
from connections.vendor import Rate

# The vendor tells whole seconds: waiting one more keeps our new window from falling into its old one.
MARGIN = timedelta(seconds=1)
PATIENCE = 75.0  # seconds a worker waits for its turn before it gives its place to other work
HASTE = 5.0  # seconds a person waits


def account_name(vendor: str, rate: str, credentials: dict[str, str]) -> str:
    """The name of an account's budget: equal for equal credentials, and telling nothing about them."""
    text = "\0".join([vendor, rate, *(f"{name}={credentials[name]}" for name in sorted(credentials))])
    return hashlib.sha256(text.encode()).hexdigest()


class SharedBudget:
    """A `Budget` on a RateWindow row. `reserve` calls of each window are spent only where `for_person`."""

    def __init__(self, account: str, rate: Rate, calls: int, *, for_person: bool = False) -> None:
        self.account = account
        self.rate = rate
        self.calls = calls
        self.for_person = for_person
        self.rows = RateWindow.objects.filter(account=account)

    def take(self) -> None:
        """Spend one call of the current window; see `Budget.take`. Nothing is spent where it raises."""
        deadline = time.monotonic() + (HASTE if self.for_person else PATIENCE)
        while not self._spend():
            wait = self._wait()
            if time.monotonic() + wait > deadline:
                raise TryLater(
                    "The calls this account may make are used up for now.",
                    retry_after=wait,
                    next_step="It goes on by itself as soon as the account may call again.",
                )
            time.sleep(wait)

    def learn(self, *, limit: int | None, remaining: int | None, resets_in: float | None) -> None:
        if remaining is None or resets_in is None or not self.calls:
            return
        ends_at = timezone.now() + timedelta(seconds=resets_in) + MARGIN
        allowed = min(limit or self.calls, self.calls)
        used = max(0, allowed - remaining)
        row = self._row()
        same = self.rows.filter(ends_at=row.ends_at)
        drift = ends_at - row.ends_at
        if drift > timedelta(seconds=self.rate.seconds / 2):  # it is in its next window already
            same.update(used=used, limit=allowed, ends_at=ends_at)
        elif abs(drift) > MARGIN or row.used < used or row.limit != allowed:
            same.update(used=Greatest(F("used"), used), limit=allowed, ends_at=ends_at)

    def pause(self, seconds: float) -> None:
        until = timezone.now() + timedelta(seconds=seconds)
        self._row()
        self.rows.filter(Q(paused_until=None) | Q(paused_until__lt=until)).update(paused_until=until)

    def _spend(self) -> bool:
        now = timezone.now()
        if not self.calls:
            return not self.rows.filter(paused_until__gt=now).exists()
        free = self.rows.filter(Q(paused_until=None) | Q(paused_until__lte=now))
        reserve = 0 if self.for_person else self.rate.reserve
        if free.filter(ends_at__gt=now, used__lt=F("limit") - reserve).update(used=F("used") + 1):
            return True
        window = timedelta(seconds=self.rate.seconds)
        if free.filter(ends_at__lte=now).update(used=1, limit=self.calls, ends_at=now + window):
            return True
        first = {"used": 1, "limit": self.calls, "ends_at": now + window}
        return RateWindow.objects.get_or_create(account=self.account, defaults=first)[1]

    def _wait(self) -> float:
        row = self._row()
        now = timezone.now()
        paused = row.paused_until and row.paused_until > now
        until = row.paused_until if paused else row.ends_at
        return max(0.05, (until - now).total_seconds()) if until else 0.05

    def _row(self) -> RateWindow:
        return RateWindow.objects.get_or_create(account=self.account, defaults={"limit": self.calls})[0]
