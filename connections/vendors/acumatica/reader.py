"""Reading what changed: one list by time of change, in a reading that survives being stopped after any page.

The contract promises no order and names no next page. A list of changes mostly fits one page, and then order does not
matter. Where it does not fit, the reading goes on behind the last key, as long as every page proves to be in ascending
order of keys; a server that answers in another order is read by halving spans of time until each fits one page.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any, ClassVar

from connections.errors import Surprise
from connections.reader import IncrementalReader, Place, Step, to_instant
from connections.response import Response
from connections.vendor import Cursor, Document, Page, Resource
from connections.vendors.acumatica import codec
from connections.vendors.acumatica.client import KEYS, AcumaticaClient, literal
from connections.vendors.acumatica.codec import Record
from connections.vendors.acumatica.errors import CannotOptimize

SMALLEST = timedelta(milliseconds=20)  # Acumatica's own stamps are no finer than some milliseconds
LARGEST = 20_000  # records that one moment may hold, such as after a mass update


@dataclass(frozen=True)
class Listing:
    """What is read. `groups` are filters whose lists are read one after the other, such as one order type each."""

    entity: str
    keys: tuple[str, ...]
    stamp: str
    expand: tuple[str, ...]
    groups: tuple[str, ...] = ("",)


class AcumaticaReader(IncrementalReader[Document]):
    """One reading of `listing`, from the cursor on. A place has `after` where it reads by key, `from` and `to` by time."""

    system = "Acumatica"

    def __init__(self, client: AcumaticaClient, listing: Listing, cursor: Cursor, overlap: timedelta) -> None:
        super().__init__(cursor)
        self.client = client
        self.listing = listing
        self.top = int(client.settings.get("page_size") or 100)
        self.floor = codec.stamp(_shifted(self.since, -overlap))

    def pages(self) -> Iterator[Page]:
        for documents, cursor in self.steps():
            yield Page(documents, cursor)

    def first(self) -> Place:
        return {"after": ""}

    def position(self, place: Place) -> Hashable:
        return (place["from"], place["to"]) if "from" in place else self._key_of(place)

    def read(self, place: Place) -> Iterator[Step[Document]]:
        yield self._by_time(place["from"], place["to"]) if "from" in place else self._by_key(*self._key_of(place))

    def _key_of(self, place: Place) -> tuple[int, str]:
        group, _, after = str(place["after"]).partition("|")
        return int(group or 0), after

    # By key

    def _by_key(self, group: int, after: str) -> Step[Document]:
        documents = self._fetch(self._where(group, self.floor, "", after), self.top)
        if len(documents) < self.top:
            last = group + 1 == len(self.listing.groups)
            return self._step(documents, None if last else {"after": f"{group + 1}|"})
        if not self._ascending(documents, after):
            # Not the order of keys: what is missing from this page cannot be told from its last key.
            return Step(None, (), {"from": self.floor, "to": ""})
        return self._step(documents, {"after": f"{group}|{documents[-1].label}"})

    def _ascending(self, documents: Sequence[Document], after: str) -> bool:
        keys = [after, *(document.label for document in documents)]
        return all(earlier < later for earlier, later in pairwise(keys))

    # By time

    def _by_time(self, low: str, high: str) -> Step[Document]:
        documents = self._fetch(self._where(None, low, high, ""), self.top)
        if len(documents) >= self.top:
            upper = high or self._upper(documents, low)
            if to_instant(upper) - to_instant(low) > SMALLEST:
                return Step(None, (), {"from": low, "to": self._split(documents, low, upper)})
            documents = self._all_of(self._where(None, low, upper, ""))
            high = upper
        return self._step(documents, {"from": high, "to": self._wider(low, high)} if high else None)

    def _wider(self, low: str, high: str) -> str:
        """The end of the next span, twice as long as the last one that fitted a page; the last span has no end."""
        end = codec.stamp(_shifted(high, 2 * (to_instant(high) - to_instant(low))))
        return end if end < self.started else ""

    def _split(self, documents: Sequence[Document], low: str, upper: str) -> str:
        """Where to cut a span: in its middle, or earlier if the documents at hand say that most lie early."""
        stamps = sorted(document.version for document in documents)
        middle, median = _middle(low, upper), stamps[len(stamps) // 2]
        return median if low < median < middle else middle

    def _upper(self, documents: Sequence[Document], low: str) -> str:
        """A moment behind which nothing is known to be, for the first halving of an open span."""
        greatest = max(document.version for document in documents)
        return max(greatest, self.started, low)

    def _all_of(self, where: str) -> list[Document]:
        """Everything of one moment, in one page as large as it takes."""
        top = self.top
        while top < LARGEST:
            top *= 4
            documents = self._fetch(where, top)
            if len(documents) < top:
                return documents
        raise Surprise(
            f"More than {LARGEST} {self.listing.entity} records changed in one moment, and Acumatica lists them in no order.",
            next_step="Tell the people who run this console; a greater page size in the connection's settings may help.",
        )

    # Both

    def _where(self, group: int | None, low: str, high: str, after: str) -> str:
        """The filter of one page: a group, or all of them, in a span of time, behind a key."""
        chosen = self.listing.groups if group is None else (self.listing.groups[group],)
        parts = [f"({' or '.join(chosen)})"] if any(chosen) else []
        parts.append(f"{self.listing.stamp} gt {_literal(low)}")
        if high:
            parts.append(f"{self.listing.stamp} le {_literal(high)}")
        if after:
            parts.append(f"{self.listing.keys[-1]} gt {literal(after)}")
        return " and ".join(parts)

    def _fetch(self, where: str, top: int) -> list[Document]:
        listing = self.listing
        if listing.entity not in self.client.one_by_one:
            try:
                documents, response = self.client.rows(
                    listing.entity, self._read, where=where, top=top, expand=listing.expand
                )
            except CannotOptimize:
                self.client.one_by_one.add(listing.entity)
            else:
                self._start(response, documents)
                return documents
        select = (*listing.keys, listing.stamp)
        documents, response = self.client.rows(listing.entity, self._read, where=where, top=top, select=select)
        self._start(response, documents)
        return documents

    def _whole(self, documents: Sequence[Document]) -> Iterator[Document]:
        """Each of them; where the list could hold no more than their keys, read one by one."""
        for listed in documents:
            if self.listing.entity not in self.client.one_by_one:
                yield listed
                continue
            keys = [str(listed.body.get(name, "")) for name in self.listing.keys]
            if record := self.client.record(self.listing.entity, keys, self.listing.expand):
                yield self._read(record)

    def _start(self, response: Response, documents: Sequence[Document]) -> None:
        if self.started:
            return
        date = response.headers.get("date", "")
        if date:
            self.started = codec.stamp(parsedate_to_datetime(date).isoformat())
        else:
            # All that changes from now on is later than anything there is now.
            self.started = max([self.since, *(document.version for document in documents)])

    def _read(self, record: Record) -> Document:
        return document(record, self.listing)

    def _step(self, documents: Sequence[Document], following: Place | None) -> Step[Document]:
        whole = list(self._whole(documents))
        return Step(whole, [document.version for document in whole], following)


def document(record: Record, listing: Listing) -> Document:
    """A record as the engine takes it."""
    body = codec.decode(record)
    keys = [str(body.get(name, "")) for name in listing.keys]
    made = Document(
        key="/".join(keys),
        version=codec.stamp(_stamp_in(body, listing.stamp)),
        body=body,
        status=str(body.get("Status") or body.get("ItemStatus") or ""),
        label=keys[-1],
    )
    _ = made.text  # now, while the processor still has the body at hand: later it costs three times as much
    return made


def _stamp_in(body: Mapping[str, Any], name: str) -> Any:
    """When a record last changed. Endpoints differ in the name; the record itself says which it has."""
    return body.get(name) or body.get("LastModifiedDateTime") or body.get("LastModified")


def start(since: datetime) -> Cursor:
    return {"since": codec.stamp(since.isoformat()), "place": None}


def _literal(moment: str) -> str:
    return f"datetimeoffset'{moment.removesuffix('Z')}+00:00'"


def _shifted(moment: str, by: timedelta) -> str:
    return (to_instant(moment) + by).isoformat()


def _middle(low: str, high: str) -> str:
    one, two = to_instant(low), to_instant(high)
    return codec.stamp((one + (two - one) / 2).isoformat())


class Readable(Resource):
    """A record type that is read by its time of change. A document's key is its key fields joined by slashes."""

    client: AcumaticaClient
    entity: ClassVar[str]
    stamp: ClassVar[str] = "LastModifiedDateTime"
    expand: ClassVar[tuple[str, ...]] = ()

    def listing(self) -> Listing:
        return Listing(self.entity, KEYS[self.entity], self.stamp, self.expand)

    def start(self, since: datetime) -> Cursor:
        return start(since)

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        yield from AcumaticaReader(self.client, self.listing(), cursor, self.overlap).pages()

    def get(self, key: str) -> Sequence[Document]:
        listing = self.listing()
        keys = key.split("/", len(listing.keys) - 1)
        if len(keys) != len(listing.keys):
            return []
        record = self.client.record(self.entity, keys, self.expand)
        return [document(record, listing)] if record else []
