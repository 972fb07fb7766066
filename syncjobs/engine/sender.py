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
from syncjobs.engine.deliver import ReadyBatch, make_ready, store_outcomes, write
from syncjobs.models import State

Result = tuple[ConnectionBroken | None, Sequence[Exchange]]
"""What broke the connection, and the calls that the write made."""


@dataclass
class Writer:
    """A client of the target, and the thread on which it writes. Only the writes run there; see `Sender`."""

    access: Opened
    executor: ThreadPoolExecutor | None
    slot: ExitStack = field(default_factory=ExitStack)
    under_way: deque[tuple[ReadyBatch, Future[Result]]] = field(default_factory=deque)

    def write(self, ready: ReadyBatch) -> None:
        if self.executor:
            result = self.executor.submit(self._write, ready)
        else:
            result = Future()
            result.set_result(self._write(ready))
        self.under_way.append((ready, result))

    def _write(self, ready: ReadyBatch) -> Result:
        """The calls are taken here, before the next write of this writer makes more."""
        return write(ready, self.access), self.access.take_exchanges()

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
        self.writers_at_most = max(1, depth)
        self.threads = bool(depth)
        self.idle: list[Writer] = []
        self.busy: deque[Writer] = deque()
        self.writers = ExitStack()
        """Closes every writer that was made, wherever it is, and then its client."""
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
            self.writers.close()

    @property
    def broken(self) -> bool:
        return self.target.state == Connection.State.BROKEN

    def reserve(self) -> Writer | None:
        """A writer with a slot of the target; None where others have all of them, or the target is broken.

        Where as many writes are under way as may be, it waits for the oldest and takes its place.
        """
        if len(self.busy) >= self.writers_at_most:
            return self._usable(self._finish_oldest())
        writer = None if self.broken else self._idle_writer()
        if writer is None or writer.slot.enter_context(slot(self.target, "write")):
            return writer
        self.release(writer)
        # Its own writes may hold the last slots: then the oldest of them makes room.
        return self._usable(self._finish_oldest()) if self.busy else None

    def _usable(self, writer: Writer) -> Writer | None:
        if self.broken:
            self.release(writer)
            return None
        return writer

    def send(self, writer: Writer, batches: Sequence[Batch]) -> None:
        """Map what was claimed and begin to write it; the slot is given back once the outcomes are stored."""
        self.busy.append(writer)
        for batch in batches:
            writer.write(make_ready(batch))
        if not self.threads:
            self.finish()

    def work_off(self, work: Callable[[Opened], object]) -> None:
        """Let `work` use a client of the target for what else is due, once all that is under way has ended."""
        self.finish()
        writer = self.reserve()
        if writer is None:
            return
        try:
            with health.stopping(self.target):
                work(writer.access)
        except ConnectionBroken:  # it is stopped now, and its records wait
            pass
        finally:
            self.release(writer)

    def release(self, writer: Writer) -> None:
        """Give back a reserved writer that has nothing to send."""
        writer.slot.close()
        self.idle.append(writer)

    def finish(self) -> None:
        """Wait for all that is under way, and store its outcomes: what cannot be stored keeps none of the rest."""
        while self.busy:
            try:
                writer = self._finish_oldest()
            except Exception:
                self.finish()
                raise
            self.release(writer)

    def _idle_writer(self) -> Writer | None:
        if self.idle:
            return self.idle.pop()
        try:
            access = self.writers.enter_context(opened(self.target))
        except ConnectionBroken:  # no client can be made: the target is stopped now
            return None
        writer = Writer(access, ThreadPoolExecutor(1, "write") if self.threads else None)
        self.writers.callback(writer.close)
        return writer

    def _finish_oldest(self) -> Writer:
        """Store the outcomes of what was sent first. Returns its writer, which still holds its slot."""
        writer = self.busy[0]
        while writer.under_way:
            ready, result = writer.under_way.popleft()
            broken, calls = result.result()
            counts = store_outcomes(ready, calls)
            if broken:
                health.stop(self.target, broken)
            self.due_again = self.due_again or bool(counts[State.DUE])
        return self.busy.popleft()
