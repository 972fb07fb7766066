"""Parts of reading page after page that every vendor needs."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime

from connections.errors import Surprise


class PageGuard:
    """Stops a walk that does not move: two equal positions in a row would read the same page for ever."""

    def __init__(self, system: str) -> None:
        self.system = system
        self.last: Hashable = None

    def step(self, position: Hashable) -> None:
        """Raises `Surprise` if the walk stands where it stood."""
        if position == self.last:
            raise Surprise(
                f"{self.system} answered the same page twice, so reading was stopped.",
                next_step="Run the flow again; if it stays so, tell the people who run this console.",
            )
        self.last = position


def to_text(instant: datetime) -> str:
    """An aware instant as ISO 8601 in UTC, the way instants stand in documents and cursors."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_instant(text: str) -> datetime:
    """An ISO 8601 text with a zone as an aware UTC instant. Raises `ValueError` without a zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return instant.astimezone(UTC)
