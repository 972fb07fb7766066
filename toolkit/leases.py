"""Leases: claims on work that run out by themselves if their holder dies.

Whatever can be leased has two columns, `lease`, a token of its holder, empty while nobody holds it, and `lease_until`,
the time until which it holds; where a row has several things to lease, their names begin with a `prefix`. Taking, keeping and giving back are one conditional UPDATE each, so any number of workers on any
number of machines may try at the same moment, and one of them gets it.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

M = TypeVar("M", bound=Model)

LEASE, UNTIL = "lease", "lease_until"
FREED: dict[str, Any] = {LEASE: "", UNTIL: None}
"""What a row says while nobody holds it."""


def new_token() -> str:
    return uuid.uuid4().hex


def ends(now: datetime, seconds: float | None = None) -> datetime:
    """When a lease taken now runs out: after `LEASE_SECONDS`, if not told otherwise."""
    return now + timedelta(seconds=settings.LEASE_SECONDS if seconds is None else seconds)


def is_free(now: datetime, prefix: str = "") -> Q:
    """Rows that nobody holds, or whose holder's time is over."""
    return Q(**{prefix + LEASE: ""}) | Q(**{f"{prefix}{UNTIL}__lt": now})


def take(rows: QuerySet[M], *, seconds: float | None = None, prefix: str = "", **changes: Any) -> str:
    """Lease every free row of these, and change it in the same statement.

    Returns the token, or an empty text where no row was free: somebody else has it, and that is fine.
    """
    now = timezone.now()
    token = new_token()
    lease = {prefix + LEASE: token, prefix + UNTIL: ends(now, seconds)}
    taken = rows.filter(is_free(now, prefix)).update(**lease, **changes)
    return token if taken else ""


def held(rows: QuerySet[M], token: str, prefix: str = "") -> QuerySet[M]:
    """Those of the rows that this token still holds."""
    return rows.filter(**{prefix + LEASE: token})


def give_back(rows: QuerySet[M], token: str, *, prefix: str = "", **changes: Any) -> bool:
    """Free the rows that the token holds, and change them in the same statement.

    Returns whether it held any: a holder whose lease was taken over changes nothing.
    """
    freed = {prefix + name: value for name, value in FREED.items()}
    return bool(held(rows, token, prefix).update(**freed, **changes))
