"""The live table: how many documents of each flow are in which state."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from syncjobs.models import Integration, State, SyncRecord

COLUMNS: Sequence[str] = (
    "seen", "synced", "skipped", "waiting", "retrying", "unknown", "conflict", "attention", "closed", "due", "sending",
)  # fmt: skip
Counts = Mapping[str, Counter[str]]


def count(integration: Integration) -> dict[str, Counter[str]]:
    """Records by state of each flow, and `seen`: all of them."""
    rows = SyncRecord.objects.filter(flow__integration=integration).values_list("flow__slug", "state")
    counts: dict[str, Counter[str]] = {spec.slug: Counter() for spec in integration.declaration.flows}
    for slug, state, number in rows.annotate(Count("pk")).order_by():
        counts[slug][State(state).value] = number
        counts[slug]["seen"] += number
    return counts


def render(counts: Counts, titles: Mapping[str, str], width: int = 0) -> list[str]:
    """One line a flow, zeros left empty. In less than `width` columns flows go by their short names."""
    widths = [len(column) + 2 for column in COLUMNS]
    names = titles if not width or _longest(titles.values()) + sum(widths) <= width else {slug: slug for slug in titles}
    first = _longest(names.values())
    head = " " * first + "".join(f"{column:>{wide}}" for column, wide in zip(COLUMNS, widths, strict=True))
    rows = [
        f"{names[slug]:<{first}}"
        + "".join(f"{row[column] or '':>{wide}}" for column, wide in zip(COLUMNS, widths, strict=True))
        for slug, row in counts.items()
    ]
    return [head, *rows]


def _longest(texts: Iterable[str]) -> int:
    return max(len(text) for text in texts)


def terminal_width() -> int:
    """0 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def titles(integration: Integration) -> dict[str, str]:
    return {spec.slug: spec.label for spec in integration.declaration.flows}


@dataclass
class Board:
    """Lines that are written over each other on a terminal, and anywhere else one after the other, now and then."""

    every: float = 10.0
    shown: int = 0
    written: float = 0.0

    def show(self, lines: Sequence[str]) -> None:
        now = time.monotonic()
        if sys.stdout.isatty() or now - self.written >= self.every:
            self.write(lines)

    def write(self, lines: Sequence[str]) -> None:
        """Write at once. A line that the terminal would wrap is cut, since the next ones go over these."""
        width = terminal_width()
        lines = [line[:width] for line in lines] if width else lines
        if width and self.shown:
            sys.stdout.write(f"\x1b[{self.shown}A\x1b[J")
        sys.stdout.write("\n".join(line.rstrip() for line in lines) + "\n")
        sys.stdout.flush()
        self.shown, self.written = len(lines), time.monotonic()

    def keep(self, *lines: str) -> None:
        """Leave what is shown as it is, write these lines, and begin anew below."""
        self.shown = 0
        self.write(lines)
        self.shown = 0
