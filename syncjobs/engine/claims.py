"""Claims: what says that a record is on its way, stored before anything of it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from syncjobs.engine.plans import CompiledFlow
from syncjobs.models import State, SyncRecord


@dataclass
class Claims:
    """Claims on new records, taken in the transaction that stores them.

    For a worker that already holds its turn at the target `connection`: what it has just read it sends at once, and
    nothing has to be looked up, read back or written a second time.
    """

    connection_id: int
    lease: str = field(default_factory=lambda: uuid.uuid4().hex)
    taken: dict[int, list[SyncRecord]] = field(default_factory=dict)
    """Claimed records by flow."""
    left: bool = False
    """Whether some of the new records are due and were not claimed."""

    def take(self, plan: CompiledFlow, new: Sequence[SyncRecord]) -> None:
        """Claim what one batch of the target holds; the others stay due. Records are not stored here."""
        due = [record for record in new if record.state == State.DUE]
        may = not plan.spec.compares and plan.flow.target.pk == self.connection_id
        one_each = {record.target_lock: record for record in reversed(due) if may}
        chosen = list(reversed(one_each.values()))[: plan.target.batch_size]
        self.left = self.left or len(chosen) < len(due)
        now = timezone.now()
        for record in chosen:
            record.state, record.due_at = State.SENDING, None
            record.in_flight = record.target_lock
            record.lease, record.lease_until = self.lease, now + timedelta(seconds=settings.LEASE_SECONDS)
            record.attempts += 1
            record.claimed_at, record.claimed_hash = now, record.source_hash
        self.taken[plan.flow.pk] = chosen

    def count(self) -> int:
        return sum(map(len, self.taken.values()))
