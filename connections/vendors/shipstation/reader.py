"""Reading a long list oldest first, while it grows and its rows move.

Deep page numbers skip rows when a row changes and moves to the end, so a walk restarts behind the last stamp that
it has seen. Rows of one crowded second cannot be passed like that: their window is closed at both ends and read
from its last page down to its first, so that a row that leaves can only be read twice, never missed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connections import exact_json
from connections.errors import Surprise, TryLater
from connections.http import Http
from connections.reader import PageGuard, to_instant
from connections.vendor import Cursor
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import read_object, read_rows

SECOND = timedelta(seconds=1)
# What a page that answers 500 is cut into, to find the one row that ShipStation cannot write out.
SMALLER = {500: 250, 250: 125, 125: 25, 100: 50, 50: 25, 25: 5, 5: 1}


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
        return codec.filter_text(instant) if self.pacific else _utc_text(instant)

    def floor(self, row: dict[str, Any]) -> datetime | None:
        """The whole second of a row's stamp, in the clock of the list's own filters."""
        text = str(row.get(self.stamp) or "")[:19]
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None

    def text(self, wall: datetime) -> str:
        return wall.isoformat() + ("" if self.pacific else "Z")


def _utc_text(instant: datetime) -> str:
    return codec.sortable(instant.isoformat())[:19] + "Z"


@dataclass(frozen=True)
class Chunk:
    """Raw rows of a stretch of the list, how many there are in all, and whether more follow."""

    rows: list[dict[str, Any]]
    total: int
    more: bool
    received_at: datetime | None


@dataclass(frozen=True)
class Step:
    """Decoded rows and the cursor that has passed them."""

    rows: list[dict[str, Any]]
    cursor: Cursor


class StampWalk:
    """Walks one listing. `skipped` names the rows that ShipStation itself could not answer."""

    def __init__(self, http: Http, listing: Listing, slice_size: int = 500) -> None:
        self.http = http
        self.listing = listing
        self.slice_size = slice_size
        self.skipped: list[dict[str, Any]] = []

    def steps(self, cursor: Cursor, overlap: timedelta) -> Iterator[Step]:
        """Go on where the cursor stands: inside a walk, or an overlap before its `since`."""
        since = codec.sortable(cursor["since"]) or cursor["since"]
        start = self.listing.start_text(to_instant(since) - overlap)
        place = cursor.get("walk") or {"from": start, "page": 1, "greatest": since}
        guard = PageGuard("ShipStation")
        while place:
            guard.step((place["from"], place.get("until"), place["page"]))
            chunk = self._rows(place, self._offset(place), self.listing.size)
            decoded = codec.decode(chunk.rows, chunk.received_at) if self.listing.pacific else chunk.rows
            following = self._following(place, chunk)
            yield from self._sliced(since, place, chunk, decoded)
            stamps = [codec.sortable(row.get(self.listing.stamp)) for row in decoded]
            greatest = max([place["greatest"], *stamps])
            rest = decoded[self._last_cut(decoded) :]
            if following:
                place = {**following, "greatest": greatest}
                yield Step(rest, {"since": since, "walk": place})
            else:
                yield Step(rest, {"since": greatest, "walk": None})
                place = None

    def _last_cut(self, rows: list[Any]) -> int:
        return max(0, (len(rows) - 1) // self.slice_size * self.slice_size)

    def _sliced(self, since: str, place: dict[str, Any], chunk: Chunk, decoded: list[dict[str, Any]]) -> Iterator[Step]:
        """All slices of a page but the last, each with the nearest place that does not pass its rows."""
        for end in range(self.slice_size, self._last_cut(decoded) + 1, self.slice_size):
            nearer = None if "until" in place else self._restart(place, chunk.rows[:end])
            stands = {**place, **nearer} if nearer else place
            yield Step(decoded[end - self.slice_size : end], {"since": since, "walk": stands})

    def _offset(self, place: dict[str, Any]) -> int:
        return int((max(1, place["page"]) - 1) * self.listing.size)

    def _following(self, place: dict[str, Any], chunk: Chunk) -> dict[str, Any] | None:
        if "until" in place:
            return self._within_crowd(place, chunk)
        if not chunk.more:
            return None
        restart = self._restart(place, chunk.rows)
        if restart:
            return restart
        last = self._last_floor(chunk.rows)
        if last is None:
            return {"from": place["from"], "page": place["page"] + 1}
        until = self.listing.text(last + 2 * SECOND)
        return {"from": place["from"], "until": until, "page": 0}

    def _within_crowd(self, place: dict[str, Any], chunk: Chunk) -> dict[str, Any]:
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

    def _restart(self, place: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
        """A second behind the last stamp, since nobody says whether filters include their ends."""
        last = self._last_floor(rows)
        text = self.listing.text(last - SECOND) if last else ""
        return {"from": text, "page": 1} if text > place["from"] else None

    def _last_floor(self, rows: list[dict[str, Any]]) -> datetime | None:
        floors = (self.listing.floor(row) for row in reversed(rows))
        return next((floor for floor in floors if floor), None)

    def _rows(self, place: dict[str, Any], offset: int, size: int) -> Chunk:
        try:
            return self._fetch(place, offset // size + 1, size)
        except TryLater as error:
            if error.status != 500 or size not in SMALLER:
                raise
        chunks = self._pieces(place, offset, size, SMALLER[size])
        total = max(chunk.total for chunk in chunks)
        more = offset + size < total if total else chunks[-1].more
        rows = [row for chunk in chunks for row in chunk.rows]
        return Chunk(rows, total, more, chunks[0].received_at)

    def _pieces(self, place: dict[str, Any], offset: int, size: int, smaller: int) -> list[Chunk]:
        """A failing page in smaller ones; at last row by row, stepping over what fails among others that answer."""
        chunks: dict[int, Chunk] = {}
        failed: list[int] = []
        for start in range(offset, offset + size, smaller):
            chunk = self._row(place, start) if smaller == 1 else self._rows(place, start, smaller)
            if chunk is None:
                failed.append(start)
                continue
            chunks[start] = chunk
            if not chunk.more:
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

    def _row(self, place: dict[str, Any], offset: int) -> Chunk | None:
        try:
            return self._fetch(place, offset + 1, 1)
        except TryLater as error:
            if error.status != 500:
                raise
            return None

    def _fetch(self, place: dict[str, Any], page: int, size: int) -> Chunk:
        listing = self.listing
        params = {listing.start: place["from"], **listing.sort, **listing.extra}
        if "until" in place:
            params[listing.end] = place["until"]
        params |= {"page": str(page), listing.size_name: str(size)}
        answer = self.http.get(listing.path, params=params)
        body = read_object(answer)
        rows = read_rows(body, listing.plural)
        total = body["total"] if isinstance(body.get("total"), int) else 0
        # Samples show `pages: 0` beside rows, so the total decides, and without it a full page.
        more = bool(rows) and (page * size < total if total else len(rows) >= size)
        return Chunk(rows, total, more, codec.received_at(answer))


def all_rows(http: Http, listing: Listing, params: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Every row of a list by page number, decoded: for lists that do not move while we look."""
    guard = PageGuard("ShipStation")
    page, more = 1, True
    while more:
        asked = params | {"page": str(page), listing.size_name: str(listing.size)}
        answer = http.get(listing.path, params=asked)
        body = read_object(answer)
        rows = read_rows(body, listing.plural)
        guard.step(exact_json.digest(rows) if rows else page)
        total = body["total"] if isinstance(body.get("total"), int) else 0
        yield from codec.decode(rows, codec.received_at(answer)) if listing.pacific else rows
        more = bool(rows) and (page * listing.size < total if total else len(rows) >= listing.size)
        page += 1
