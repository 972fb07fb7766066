"""Which records stand in which row of a report.

Dates and keys are inside of documents, where the database cannot sort or join by them. They are put into a temporary
file of SQLite's, whatever the database is: so the memory that a report needs does not grow with the period.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

CACHE_KIB = 8192
TABLES = """
    CREATE TABLE listed (day TEXT, record INTEGER);
    CREATE TABLE ours (key TEXT, record INTEGER);
    CREATE TABLE theirs (key TEXT, record INTEGER);
"""
# A record that finds nothing stays; one that is found by two keys is found once.
PAIRED = """
    CREATE TABLE pair AS
    SELECT listed.day, listed.record, match.joined FROM listed LEFT JOIN (
        SELECT DISTINCT ours.record, theirs.record AS joined FROM ours JOIN theirs ON theirs.key = ours.key
    ) AS match ON match.record = listed.record
    ORDER BY listed.day, listed.record, match.joined
"""


class ReportPair(NamedTuple):
    """A row of a report: its date, its record, and the record beside it."""

    day: str
    record: int
    joined: int | None


class ReportPairs:
    """Filled first, then sealed, then read in the order of dates."""

    def __init__(self) -> None:
        # An empty name is a file that SQLite removes by itself. A response may be sent by another thread than the one that made it.
        self.file = sqlite3.connect("", check_same_thread=False)
        self.file.execute("PRAGMA journal_mode = OFF")
        self.file.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.file.executescript(TABLES)

    def list(self, rows: Iterable[tuple[str, int]]) -> None:
        """Records that have a row, each with its date in ISO 8601."""
        self.file.executemany("INSERT INTO listed VALUES (?, ?)", rows)

    def ours(self, rows: Iterable[tuple[str, int]]) -> None:
        """Keys that a listed record looks for."""
        self.file.executemany("INSERT INTO ours VALUES (?, ?)", rows)

    def theirs(self, rows: Iterable[tuple[str, int]]) -> None:
        """Keys by which another record is found."""
        self.file.executemany("INSERT INTO theirs VALUES (?, ?)", rows)

    def seal(self) -> int:
        """Sort and join what was put in. Returns how many rows there are."""
        self.file.execute("CREATE INDEX theirs_key ON theirs (key)")
        self.file.execute(PAIRED)
        (count,) = self.file.execute("SELECT COUNT(*) FROM pair").fetchone()
        return int(count)

    def chunks(self, size: int, limit: int | None = None) -> Iterator[Iterable[ReportPair]]:
        """The rows in order, some at a time, and `limit` of them at most."""
        rows = self.file.execute("SELECT * FROM pair ORDER BY rowid LIMIT ?", [-1 if limit is None else limit])
        while chunk := rows.fetchmany(size):
            yield [ReportPair(*row) for row in chunk]

    def close(self) -> None:
        self.file.close()
