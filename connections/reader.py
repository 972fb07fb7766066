"""Reading what changed, page after page: what every vendor needs of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from connections.errors import Surprise
from connections.vendor import Cursor

Row = TypeVar("Row")
Place = dict[str, Any]
"""Where inside a reading the next page is read. Its keys are the reader's own; it must survive JSON."""


class PageGuard:
    """Stops a reading that does not move: two equal positions in a row would read the same page for ever."""

    def __init__(self, system: str) -> None:
        self.system = system
        self.last: Hashable = None

    def step(self, position: Hashable) -> None:
        """Raises `Surprise` if the reading stands where it stood."""
        if position == self.last:
            raise Surprise(
                f"{self.system} answered the same page twice, so reading was stopped.",
                next_step="Run the flow again; if it stays so, tell the people who run this console.",
            )
        self.last = position


@dataclass(frozen=True)
class Step(Generic[Row]):
    """What a read brought: rows to hand on, the stamps it met, and the place behind the rows, None at the end.

    `rows` is None where the read brought nothing but the place to go on from.
    """

    rows: Sequence[Row] | None
    stamps: Sequence[str]
    place: Place | None


class IncrementalReader(ABC, Generic[Row]):
    """One reading of a list by time of change, from a cursor to the end; it may be stopped after any page.

    A cursor is `since`, the stamp up to which everything was read, and inside a reading the place where it goes on. `since`
    moves when a reading has ended, and never past the moment at which it began: what changed meanwhile may have moved to a
    page behind us. A vendor brings `first`, `position` and `read`, and reads an overlap behind `since` again.
    """

    system: ClassVar[str]

    def __init__(self, cursor: Cursor) -> None:
        place: Place = dict(cursor.get("place") or {})
        self.since: str = cursor["since"]
        self.seen: str = place.pop("seen", "") or self.since
        """The latest stamp met so far."""
        self.started: str = place.pop("started", "")
        """The system's time when the reading began; `read` sets it, if the system tells. Without it `seen` alone counts."""
        self.place: Place | None = place or None
        self.guard = PageGuard(self.system)

    @abstractmethod
    def first(self) -> Place:
        """Where a new reading begins."""

    @abstractmethod
    def position(self, place: Place) -> Hashable:
        """What must differ between two reads in a row."""

    @abstractmethod
    def read(self, place: Place) -> Iterable[Step[Row]]:
        """Read the page at this place. Several steps are slices of it: each place is one behind the rows before it."""

    def order(self, stamp: str) -> Any:
        """What stamps are compared by."""
        return stamp

    def steps(self) -> Iterator[tuple[Sequence[Row], Cursor]]:
        """Rows and the cursor that has passed them, page after page. The last cursor begins the next reading."""
        place: Place | None = self.place or self.first()
        while place is not None:
            self.guard.step(self.position(place))
            following: Place | None = place
            for step in self.read(place):
                self.seen = max([self.seen, *step.stamps], key=self.order)
                following = step.place
                if step.rows is not None:
                    yield step.rows, self._cursor(following)
            place = following

    def _cursor(self, place: Place | None) -> Cursor:
        if place is not None:
            return {"since": self.since, "place": {**place, "seen": self.seen, "started": self.started}}
        reached = min(self.seen, self.started, key=self.order) if self.started else self.seen
        return {"since": max(self.since, reached, key=self.order), "place": None}


def to_text(instant: datetime) -> str:
    """An aware instant as ISO 8601 in UTC, the way instants stand in documents and cursors."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_instant(text: str) -> datetime:
    """An ISO 8601 text with a zone as an aware UTC instant. Raises `ValueError` without a zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return instant.astimezone(UTC)
