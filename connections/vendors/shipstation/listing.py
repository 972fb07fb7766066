"""The lists of both APIs: how they are filtered, sorted and paged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connections import exact_json
from connections.http import Http
from connections.reader import PageGuard
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import read_object, read_rows

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
        answer = http.get(self.path, params=paged)
        body = read_object(answer)
        rows = read_rows(body, self.plural)
        total = body["total"] if isinstance(body.get("total"), int) else 0
        # Samples show `pages: 0` beside rows, so the total decides, and without it a full page.
        more = bool(rows) and (page * size < total if total else len(rows) >= size)
        return Chunk(rows, total, more, codec.received_at(answer))

    def decoded(self, chunk: Chunk) -> list[Row]:
        rows: list[Row] = codec.decode(chunk.rows, chunk.received_at) if self.pacific else chunk.rows
        return rows


@dataclass(frozen=True)
class Chunk:
    """Raw rows of a stretch of a list, how many there are in all (0: not said), and whether more follow."""

    rows: list[Row]
    total: int
    more: bool
    received_at: datetime | None


def all_rows(http: Http, listing: Listing, params: Mapping[str, str]) -> Iterator[Row]:
    """Every row of a list by page number, decoded: for lists that do not move while we look."""
    guard = PageGuard("ShipStation")
    page, more = 1, True
    while more:
        chunk = listing.fetch(http, params, page, listing.size)
        guard.step(exact_json.digest(chunk.rows) if chunk.rows else page)
        yield from listing.decoded(chunk)
        more, page = chunk.more, page + 1
