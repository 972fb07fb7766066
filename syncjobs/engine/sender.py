"""Sending while reading: claimed batches are on their way to the target while the caller stores the next page."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from django.db import connections as databases

from connections import health
from connections.clients import Opened, opened
from connections.errors import ConnectionBroken
from connections.models import Connection
from connections.slots import slot
from connections.vendor import Exchange
from syncjobs.engine.collect import Batch
from syncjobs.engine.deliver import Shipment, make_ready, store_outcomes, write
from syncjobs.models import State

Result = tuple[ConnectionBroken | None, Sequence[Exchange]]
"""What broke the connection, and the calls that the write made."""


@dataclass
class Lane:
    """A client of the target, and the thread on which it writes. Only the writes run there; see `Sender`."""

    access: Opened
    executor: ThreadPoolExecutor | None
    slot: ExitStack = field(default_factory=ExitStack)
    under_way: deque[tuple[Shipment, Future[Result]]] = field(default_factory=deque)

    def write(self, shipment: Shipment) -> None:
        if self.executor:
            result = self.executor.submit(self._write, shipment)
        else:
            result = Future()
            result.set_result(self._write(shipment))
        self.under_way.append((shipment, result))

    def _write(self, shipment: Shipment) -> Result:
        """The calls are taken here, before the next write of this lane makes more."""
        return write(shipment, self.access), self.access.take_exchanges()

    def close(self) -> None:
        """Wait for what is still being written, and only then make room for another writer."""
        try:
            if self.executor:
                self.executor.submit(databases.close_all)  # its own, opened by the budget and the session store
                self.executor.shutdown()
        finally:
            self.slot.close()


class Sender:
    """Writes to one target, up to `depth` pages' batches at once, each in a slot and with a client of its own.

    All records are mapped and stored by the caller's thread, in the order of sending; with a depth of 0 it writes
    there, too. When the target breaks it is stopped, and no further write begins; nothing of that is raised, because
    what was read is stored all the same. Leaving the block waits for what is under way, and stores its outcomes.
    """

    def __init__(self, target: Connection, depth: int) -> None:
        self.target = target
        self.lanes_at_most = max(1, depth)
        self.threads = bool(depth)
        self.idle: list[Lane] = []
        self.busy: deque[Lane] = deque()
        self.lanes = ExitStack()
        """Closes every lane that was made, wherever it is, and then its client."""
        self.due_again = False
        """Whether a source changed while it was being sent, so that the newer version goes next."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.finish()
        finally:
            self.lanes.close()

    @property
    def broken(self) -> bool:
        return self.target.state == Connection.State.BROKEN

    def reserve(self) -> Lane | None:
        """A lane with a slot of the target; None where others have all of them, or the target is broken.

        Where as many writes are under way as may be, it waits for the oldest and takes its place.
        """
        if len(self.busy) >= self.lanes_at_most:
            return self._usable(self._finish_oldest())
        lane = None if self.broken else self._idle_lane()
        if lane is None or lane.slot.enter_context(slot(self.target, "write")):
            return lane
        self.release(lane)
        # Its own writes may hold the last slots: then the oldest of them makes room.
        return self._usable(self._finish_oldest()) if self.busy else None

    def _usable(self, lane: Lane) -> Lane | None:
        if self.broken:
            self.release(lane)
            return None
        return lane

    def send(self, lane: Lane, batches: Sequence[Batch]) -> None:
        """Map what was claimed and begin to write it; the slot is given back once the outcomes are stored."""
        self.busy.append(lane)
        for batch in batches:
            lane.write(make_ready(batch))
        if not self.threads:
            self.finish()

    def work_off(self, work: Callable[[Opened], object]) -> None:
        """Let `work` use a client of the target for what else is due, once all that is under way has ended."""
        self.finish()
        lane = self.reserve()
        if lane is None:
            return
        try:
            with health.stopping(self.target):
                work(lane.access)
        except ConnectionBroken:  # it is stopped now, and its records wait
            pass
        finally:
            self.release(lane)

    def release(self, lane: Lane) -> None:
        """Give back a reserved lane that has nothing to send."""
        lane.slot.close()
        self.idle.append(lane)

    def finish(self) -> None:
        """Wait for all that is under way, and store its outcomes: what cannot be stored keeps none of the rest."""
        while self.busy:
            try:
                lane = self._finish_oldest()
            except Exception:
                self.finish()
                raise
            self.release(lane)

    def _idle_lane(self) -> Lane | None:
        if self.idle:
            return self.idle.pop()
        try:
            access = self.lanes.enter_context(opened(self.target))
        except ConnectionBroken:  # no client can be made: the target is stopped now
            return None
        lane = Lane(access, ThreadPoolExecutor(1, "write") if self.threads else None)
        self.lanes.callback(lane.close)
        return lane

    def _finish_oldest(self) -> Lane:
        """Store the outcomes of what was sent first. Returns its lane, which still holds its slot."""
        lane = self.busy[0]
        while lane.under_way:
            shipment, result = lane.under_way.popleft()
            broken, calls = result.result()
            counts = store_outcomes(shipment, calls)
            if broken:
                health.stop(self.target, broken)
            self.due_again = self.due_again or bool(counts[State.DUE])
        return self.busy.popleft()
