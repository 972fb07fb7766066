"""Reading what changed: pages of one list, behind a moment of the server's own clock.

Visma.net tells no order, knows only page numbers, and moves records between pages when they change during a reading. So a
reading of several pages counts the different records it has met against the count that the server tells, and goes through
the pages again where one has slipped. Its cursor is the latest time of change the server showed, sent back as it came,
less an overlap; nothing is taken from our own clock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import ClassVar

from connections.reader import IncrementalReader, PageGuard, Place, Step
from connections.vendor import Cursor, Document, Page, Resource
from connections.vendors.visma_net import codec
from connections.vendors.visma_net.client import PASSES, VismaClient, total
from connections.vendors.visma_net.codec import Record

MANY = 50_000  # keys a reading remembers; behind that, records that slip are left to reconciliation
STAMP = "lastModifiedDateTime"


@dataclass(frozen=True)
class Listing:
    """What is read: the list, the key of its records, and the filters that go with every page."""

    path: str
    key: str
    params: Mapping[str, str] = field(default_factory=dict)


Make = Callable[[Record], Sequence[Document]]
"""The documents of one raw record."""


class VismaReader(IncrementalReader[Document]):
    """One reading of `listing`, from the cursor on."""

    system = "Visma.net"

    def __init__(self, client: VismaClient, listing: Listing, cursor: Cursor, overlap: timedelta, make: Make) -> None:
        super().__init__(cursor)
        self.client = client
        self.listing = listing
        self.make = make
        self.keys: dict[str, None] = dict.fromkeys((self.place or {}).get("keys", ()))
        self.floor = codec.floor(self.since, overlap, client.zone)
        self.contents = PageGuard(self.system)

    def pages(self) -> Iterator[Page]:
        for documents, cursor in self.steps():
            yield Page(documents, cursor)

    def first(self) -> Place:
        return {"page": 1, "size": self.client.page_size, "pass": 1, "read": 0, "claimed": 0, "before": 0, "keys": []}

    def position(self, place: Place) -> Hashable:
        return place["pass"], place["page"]

    def order(self, stamp: str) -> datetime:
        return codec.local(stamp)

    def read(self, place: Place) -> Iterator[Step[Document]]:
        records = self._fetch(place)
        if records:
            self.contents.step((place["pass"], *(self._key(record) for record in records)))
        for record in records:
            if len(self.keys) < MANY:
                self.keys[self._key(record)] = None
        stamps = [codec.without_offset(text) for record in records if (text := str(record.get(STAMP) or ""))]
        following = self._following(place, records)
        yield Step(self._documents(records), stamps, following)

    def _fetch(self, place: Place) -> list[Record]:
        # Alone, the time would be ignored and everything come back.
        pair = {STAMP: self.floor, f"{STAMP}Condition": ">="}
        params = {**self.listing.params, **pair}
        records, date = self.client.page(self.listing.path, place["page"], place["size"], params)
        if not self.started:
            self.started = self._began(records, date)
        return records

    def _began(self, records: Sequence[Record], date: str) -> str:
        """A reading that the server's clock had passed for sure when the reading began."""
        readings = [moment for record in records if (moment := _moment(record))]
        if date:
            with contextlib.suppress(ValueError):
                readings.append(codec.to_local(parsedate_to_datetime(date), self.client.zone))
        return codec.stamp(max([codec.local(self.since), *readings]))

    def _documents(self, records: Sequence[Record]) -> list[Document]:
        """Oldest first. What lies days behind the filter came because it was ignored, and is left alone."""
        behind = codec.local(self.floor) - timedelta(days=1)
        dated = [(_moment(record) or behind, record) for record in records]
        dated.sort(key=lambda pair: pair[0])
        return [document for moment, record in dated if moment >= behind for document in self.make(record)]

    def _following(self, place: Place, records: Sequence[Record]) -> Place | None:
        """The next page, or the first one again where a record has slipped; None where the reading is over."""
        count = total(list(records))
        claimed = place["claimed"] if count is None else count
        # Counted, not reckoned from the page size: a size over the maximum is cut without a word.
        read = place["read"] + len(records)
        following = {**place, "claimed": claimed, "read": read, "keys": list(self.keys)}
        if records and (count is None or read < count):
            return {**following, "page": place["page"] + 1}
        slipped = len(self.keys) < min(claimed, MANY)
        if not slipped or place["pass"] >= PASSES or len(self.keys) == place["before"]:
            return None
        return {**following, "pass": place["pass"] + 1, "page": 1, "read": 0, "before": len(self.keys)}

    def _key(self, record: Record) -> str:
        return str(record.get(self.listing.key) or "")


def start(since: datetime, client: VismaClient) -> Cursor:
    return {"since": codec.stamp(codec.to_local(since, client.zone)), "place": None}


def _moment(record: Record) -> datetime | None:
    text = str(record.get(STAMP) or "")
    return codec.local(text) if text else None


class Readable(Resource):
    """A list of `listing`; `documents` makes what the engine takes of one raw record."""

    listing: ClassVar[Listing]
    one: ClassVar[dict[str, str]] = {}
    """Parameters of a single read."""
    left_out: ClassVar[frozenset[str]] = frozenset()
    """Parts that lists and single reads bring differently, so that both read the same without them."""
    overlap = timedelta(minutes=5)
    client: VismaClient

    def start(self, since: datetime) -> Cursor:
        return start(since, self.client)

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        return VismaReader(self.client, self.listing, cursor, self.overlap, self.documents).pages()

    def get(self, key: str) -> Sequence[Document]:
        record = self.client.get(f"{self.listing.path}/{codec.path_key(key)}", **self.one)
        return self.documents(record) if record else []

    def documents(self, record: Record) -> Sequence[Document]:
        key = str(record.get(self.listing.key) or "")
        kept = {name: value for name, value in record.items() if name not in self.left_out}
        return [
            Document(
                key=key,
                version=codec.version(record, self.client.zone),
                body=codec.decode(kept, self.client.zone),
                status=str(record.get("status") or ""),
                label=key,
            )
        ]
