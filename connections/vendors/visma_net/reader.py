"""Reading what changed: pages of one list, behind a moment of the server's own clock.

Visma.net tells no order, knows only page numbers, and moves records between pages when they change during a walk. So a
walk of several pages counts the different records it has met against the count that the server tells, and goes through
the pages again where one has slipped. Its cursor is the latest time of change the server showed, sent back as it came,
less an overlap; nothing is taken from our own clock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from connections.reader import PageGuard
from connections.vendor import Cursor, Document, Page
from connections.vendors.visma_net import codec
from connections.vendors.visma_net.client import PASSES, VismaClient, total
from connections.vendors.visma_net.codec import Record

MANY = 50_000  # keys a walk remembers; behind that, records that slip are left to reconciliation
STAMP = "lastModifiedDateTime"


@dataclass(frozen=True)
class Listing:
    """What a walk reads: the list, the key of its records, and the filters that go with every page."""

    path: str
    key: str
    params: Mapping[str, str] = field(default_factory=dict)


Make = Callable[[Record], Sequence[Document]]
"""The documents of one raw record."""


class Walk:
    """One walk over `listing`, from the cursor on."""

    def __init__(self, client: VismaClient, listing: Listing, cursor: Cursor, overlap: timedelta, make: Make) -> None:
        self.client = client
        self.listing = listing
        self.make = make
        self.since: str = cursor["since"]
        fresh: dict[str, Any] = {"page": 1, "size": client.page_size, "pass": 1, "read": 0, "claimed": 0, "before": 0}
        fresh |= {"keys": [], "seen": "", "started": ""}
        self.state: dict[str, Any] = {**fresh, **(cursor.get("walk") or {})}
        self.keys: dict[str, None] = dict.fromkeys(self.state["keys"])
        self.floor = codec.floor(self.since, overlap, client.zone)
        self.guard = PageGuard("Visma.net")

    def pages(self) -> Iterator[Page]:
        """Every page still to come. The last one's cursor begins the next walk."""
        while True:
            records = self._fetch()
            if records:
                self.guard.step((self.state["pass"], *(self._key(record) for record in records)))
            self._see(records)
            last = self._move_on(records)
            yield Page(self._documents(records), self._cursor(last=last))
            if last:
                return

    def _fetch(self) -> list[Record]:
        # Alone, the time would be ignored and everything come back.
        pair = {STAMP: self.floor, f"{STAMP}Condition": ">="}
        params = {**self.listing.params, **pair}
        records, date = self.client.page(self.listing.path, self.state["page"], self.state["size"], params)
        if not self.state["started"]:
            self.state["started"] = self._begun(records, date)
        return records

    def _begun(self, records: Sequence[Record], date: str) -> str:
        """A reading that the server's clock had passed for sure when the walk began."""
        readings = [moment for record in records if (moment := _moment(record))]
        if date:
            with contextlib.suppress(ValueError):
                readings.append(codec.to_local(parsedate_to_datetime(date), self.client.zone))
        return codec.stamp(max([codec.local(self.since), *readings]))

    def _documents(self, records: Sequence[Record]) -> list[Document]:
        """Oldest first. What lies days behind the filter came because it was ignored, and is left alone."""
        behind = codec.local(self.floor) - timedelta(days=1)
        dated = [(_moment(record) or behind, record) for record in records]
        dated.sort(key=lambda each: each[0])
        return [document for moment, record in dated if moment >= behind for document in self.make(record)]

    def _see(self, records: Sequence[Record]) -> None:
        for record in records:
            if len(self.keys) < MANY:
                self.keys[self._key(record)] = None
            text = codec.without_offset(str(record.get(STAMP) or ""))
            if text and (not self.state["seen"] or codec.local(text) > codec.local(self.state["seen"])):
                self.state["seen"] = text

    def _move_on(self, records: Sequence[Record]) -> bool:
        """Turn to the next page, or to the first one again; answers whether the walk is over instead."""
        claimed = total(list(records))
        self.state["claimed"] = self.state["claimed"] if claimed is None else claimed
        # Counted, not reckoned from the page size: a size over the maximum is cut without a word.
        self.state["read"] += len(records)
        if records and (claimed is None or self.state["read"] < claimed):
            self.state["page"] += 1
            return False
        slipped = len(self.keys) < min(self.state["claimed"], MANY)
        if not slipped or self.state["pass"] >= PASSES or len(self.keys) == self.state["before"]:
            return True
        again = {"pass": self.state["pass"] + 1, "page": 1, "read": 0, "before": len(self.keys)}
        self.state |= again
        return False

    def _cursor(self, *, last: bool) -> Cursor:
        if not last:
            return {"since": self.since, "walk": {**self.state, "keys": list(self.keys)}}
        # What changed while we walked may stand on a page behind us, so the next walk begins where this one began.
        reached = min(codec.local(self.state["seen"] or self.since), codec.local(self.state["started"]))
        since = self.state["seen"] if self.state["seen"] and codec.local(self.state["seen"]) == reached else ""
        if reached <= codec.local(self.since):
            since = self.since
        return {"since": since or codec.stamp(reached), "walk": None}

    def _key(self, record: Record) -> str:
        return str(record.get(self.listing.key) or "")


def start(since: datetime, client: VismaClient) -> Cursor:
    return {"since": codec.stamp(codec.to_local(since, client.zone)), "walk": None}


def _moment(record: Record) -> datetime | None:
    text = str(record.get(STAMP) or "")
    return codec.local(text) if text else None
