"""Reading a long list oldest first, while it grows and its rows move.

Deep page numbers skip rows when a row changes and moves to the end, so a reading restarts behind the last stamp that
it has seen. Rows of one crowded second cannot be passed like that: their window is closed at both ends and read
from its last page down to its first, so that a row that leaves can only be read twice, never missed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connections import exact_json
from connections.errors import Surprise, TryLater, VendorError
from connections.http import Http
from connections.reader import IncrementalReader, PageGuard, Place, Step, to_instant, to_text
from connections.vendor import Cursor, Document, Page
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import read_object, read_rows

SECOND = timedelta(seconds=1)
# What a page that answers 500 is cut into, to find the one row that ShipStation cannot write out.
SMALLER = {500: 250, 250: 125, 125: 25, 100: 50, 50: 25, 25: 5, 5: 1}

Row = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """A list of one of the two APIs that can be filtered and sorted by a stamp."""

    path: str
    plural: str
    stamp: str
    start: str
    end: str
    sort: dict[str, str]
    extra: dict[str, str] = field(default_factory=dict)
    size: int = 500
    size_name: str = "pageSize"
    pacific: bool = True

    def start_text(self, instant: datetime) -> str:
        """The start of a filter that leaves nothing out that changed at or after this instant."""
        return codec.filter_text(instant) if self.pacific else codec.sortable(instant.isoformat())[:19] + "Z"

    def floor(self, row: Row) -> datetime | None:
        """The whole second of a row's stamp, in the clock of the list's own filters."""
        text = str(row.get(self.stamp) or "")[:19]
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None

    def text(self, wall: datetime) -> str:
        return wall.isoformat() + ("" if self.pacific else "Z")

    def fetch(self, http: Http, params: Mapping[str, str], page: int, size: int) -> Chunk:
        """One page of this list."""
        paged = {**params, "page": str(page), self.size_name: str(size)}
        response = http.get(self.path, params=paged)
        body = read_object(response)
        rows = read_rows(body, self.plural)
        total = body["total"] if isinstance(body.get("total"), int) else 0
        # Samples show `pages: 0` beside rows, so the total decides, and without it a full page.
        has_more = bool(rows) and (page * size < total if total else len(rows) >= size)
        return Chunk(rows, total, has_more, codec.received_at(response))

    def decoded(self, chunk: Chunk) -> list[Row]:
        rows: list[Row] = codec.decode(chunk.rows, chunk.received_at) if self.pacific else chunk.rows
        return rows


@dataclass(frozen=True)
class Chunk:
    """Raw rows of a stretch of a list, how many there are in all (0: not said), and whether more follow."""

    rows: list[Row]
    total: int
    has_more: bool
    received_at: datetime | None


class ShipStationReader(IncrementalReader[Row]):
    """Reads one list from the cursor on, decoded. `skipped` names the rows that ShipStation itself could not answer.

    Every place is a filter `from`, inside a crowded second also `until`, and a page.
    """

    system = "ShipStation"

    def __init__(self, http: Http, listing: Listing, cursor: Cursor, overlap: timedelta, slice_size: int = 500) -> None:
        super().__init__({**cursor, "since": codec.sortable(cursor["since"]) or cursor["since"]})
        self.http = http
        self.listing = listing
        self.slice_size = slice_size
        self.beginning = listing.start_text(to_instant(self.since) - overlap)
        self.skipped: list[Row] = []

    def first(self) -> Place:
        return {"from": self.beginning, "page": 1}

    def position(self, place: Place) -> Hashable:
        return place["from"], place.get("until"), place["page"]

    def read(self, place: Place) -> Iterator[Step[Row]]:
        """The page in slices, each but the last with the nearest place that does not pass its rows."""
        chunk = self._rows(place, self._offset(place), self.listing.size)
        rows, following = self.listing.decoded(chunk), self._following(place, chunk)
        last_cut = max(0, (len(rows) - 1) // self.slice_size * self.slice_size)
        for end in range(self.slice_size, last_cut + 1, self.slice_size):
            nearer = None if "until" in place else self._restart(place, chunk.rows[:end])
            yield self._step(rows[end - self.slice_size : end], nearer or place)
        yield self._step(rows[last_cut:], following)

    def _step(self, rows: list[Row], place: Place | None) -> Step[Row]:
        return Step(rows, [codec.sortable(row.get(self.listing.stamp)) for row in rows], place)

    def _offset(self, place: Place) -> int:
        return int((max(1, place["page"]) - 1) * self.listing.size)

    # Where it goes on

    def _following(self, place: Place, chunk: Chunk) -> Place | None:
        if "until" in place:
            return self._within_crowd(place, chunk)
        if not chunk.has_more:
            return None
        restart = self._restart(place, chunk.rows)
        if restart:
            return restart
        last = self._last_floor(chunk.rows)
        if last is None:
            return {"from": place["from"], "page": place["page"] + 1}
        until = self.listing.text(last + 2 * SECOND)
        return {"from": place["from"], "until": until, "page": 0}

    def _within_crowd(self, place: Place, chunk: Chunk) -> Place:
        if place["page"] == 0:
            pages = math.ceil(chunk.total / self.listing.size)
            return {"from": place["from"], "until": place["until"], "page": max(1, pages)}
        if place["page"] > 1:
            return {"from": place["from"], "until": place["until"], "page": place["page"] - 1}
        end = datetime.fromisoformat(place["until"].removesuffix("Z"))
        behind = self.listing.text(end - SECOND)
        if behind <= place["from"]:
            raise Surprise(
                "ShipStation answers rows older than asked for, so reading was stopped.",
                next_step="Run the flow again; if it stays so, tell the people who run this console.",
            )
        return {"from": behind, "page": 1}

    def _restart(self, place: Place, rows: list[Row]) -> Place | None:
        """A second behind the last stamp, since nobody says whether filters include their ends."""
        last = self._last_floor(rows)
        text = self.listing.text(last - SECOND) if last else ""
        return {"from": text, "page": 1} if text > place["from"] else None

    def _last_floor(self, rows: list[Row]) -> datetime | None:
        floors = (self.listing.floor(row) for row in reversed(rows))
        return next((floor for floor in floors if floor), None)

    # Pages that fail

    def _rows(self, place: Place, offset: int, size: int) -> Chunk:
        try:
            return self._fetch(place, offset // size + 1, size)
        except TryLater as error:
            if error.status != 500 or size not in SMALLER:
                raise
        chunks = self._pieces(place, offset, size, SMALLER[size])
        total = max(chunk.total for chunk in chunks)
        has_more = offset + size < total if total else chunks[-1].has_more
        rows = [row for chunk in chunks for row in chunk.rows]
        return Chunk(rows, total, has_more, chunks[0].received_at)

    def _pieces(self, place: Place, offset: int, size: int, smaller: int) -> list[Chunk]:
        """A failing page in smaller ones; at last row by row, stepping over what fails among others that answer."""
        chunks: dict[int, Chunk] = {}
        failed: list[int] = []
        for start in range(offset, offset + size, smaller):
            chunk = self._row(place, start) if smaller == 1 else self._rows(place, start, smaller)
            if chunk is None:
                failed.append(start)
                continue
            chunks[start] = chunk
            if not chunk.has_more:
                break
        if not chunks:
            raise TryLater(
                "ShipStation fails to answer, one page after the other.",
                next_step="It is tried again by itself.",
                status=503,  # that of an outage: larger pages must not go on cutting
            )
        again = {start: self._row(place, start) for start in failed}
        chunks |= {start: chunk for start, chunk in again.items() if chunk}
        self.skipped += [
            {"list": self.listing.path, "from": place["from"], "row": start}
            for start, chunk in again.items()
            if chunk is None
        ]
        return [chunks[start] for start in sorted(chunks)]

    def _row(self, place: Place, offset: int) -> Chunk | None:
        try:
            return self._fetch(place, offset + 1, 1)
        except TryLater as error:
            if error.status != 500:
                raise
            return None

    def _fetch(self, place: Place, page: int, size: int) -> Chunk:
        listing = self.listing
        params = {listing.start: place["from"], **listing.sort, **listing.extra}
        if "until" in place:
            params[listing.end] = place["until"]
        return listing.fetch(self.http, params, page, size)


def all_rows(http: Http, listing: Listing, params: Mapping[str, str]) -> Iterator[Row]:
    """Every row of a list by page number, decoded: for lists that do not move while we look."""
    guard = PageGuard("ShipStation")
    page, has_more = 1, True
    while has_more:
        chunk = listing.fetch(http, params, page, listing.size)
        guard.step(exact_json.digest(chunk.rows) if chunk.rows else page)
        yield from listing.decoded(chunk)
        has_more, page = chunk.has_more, page + 1


def start(since: datetime) -> Cursor:
    """A cursor before everything that changed at or after `since`."""
    return {"since": to_text(since), "place": None}


Source = Callable[[Cursor], Iterator[tuple[list[Document], Cursor]]]


def read_all(sources: Mapping[str, Source], cursor: Cursor) -> Iterator[Page]:
    """Pages of several lists, whose cursors are parts of one. Raises the first error after the last list."""
    first: VendorError | None = None
    for name, read in sources.items():
        try:
            for documents, position in read(cursor[name]):
                cursor = {**cursor, name: position}
                yield Page(documents, cursor)
        except VendorError as error:
            first = first or error
    if first:
        raise first
