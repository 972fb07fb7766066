"""Reading what changed: a walk over one list by time of change, which survives being stopped after any page.

The contract promises no order and names no next page. A list of changes mostly fits one page, and then order does not
matter. Where it does not fit, the walk goes on behind the last key, as long as every page proves to be in ascending
order of keys; a server that answers in another order is read by halving spans of time until each fits one page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

from connections.errors import Surprise
from connections.http import Answer
from connections.reader import PageGuard, to_instant
from connections.vendor import Cursor, Document, Page
from connections.vendors.acumatica import codec
from connections.vendors.acumatica.client import AcumaticaClient, literal
from connections.vendors.acumatica.codec import Record
from connections.vendors.acumatica.errors import CannotOptimize

SMALLEST = timedelta(milliseconds=20)  # Acumatica's own stamps are no finer than some milliseconds
LARGEST = 20_000  # records that one moment may hold, such as after a mass update


@dataclass(frozen=True)
class Listing:
    """What a walk reads. `groups` are filters whose lists are walked one after the other, such as one order type each."""

    entity: str
    keys: tuple[str, ...]
    stamp: str
    expand: tuple[str, ...]
    groups: tuple[str, ...] = ("",)


class Walk:
    """One walk over `listing`, from the cursor on."""

    def __init__(self, client: AcumaticaClient, listing: Listing, cursor: Cursor, overlap: timedelta) -> None:
        self.client = client
        self.listing = listing
        self.top = int(client.settings.get("page_size") or 100)
        self.since: str = cursor["since"]
        self.state: dict[str, Any] = dict(cursor.get("walk") or {"started": "", "after": "", "seen": self.since})
        self.floor = codec.stamp(_shifted(self.since, -overlap))
        self.guard = PageGuard("Acumatica")

    def pages(self) -> Iterator[Page]:
        """Every page still to come. The last one's cursor begins the next walk."""
        while True:
            page = self._by_time() if "from" in self.state else self._by_key()
            if page is None:
                continue
            yield page
            if page.cursor["walk"] is None:
                return

    # By key

    def _by_key(self) -> Page | None:
        group, after = self._position()
        where = self._where(group, self.floor, "", after)
        self.guard.step((group, after))
        documents = self._fetch(where, self.top)
        if len(documents) >= self.top and not self._ascending(documents, after):
            # Not the order of keys: what is missing from this page cannot be told from its last key.
            self.state |= {"after": "", "from": self.floor, "to": ""}
            return None
        if len(documents) >= self.top:
            self.state["after"] = f"{group}|{documents[-1].label}"
            return self._page(documents)
        if group + 1 < len(self.listing.groups):
            self.state["after"] = f"{group + 1}|"
            return self._page(documents)
        return self._page(documents, last=True)

    def _position(self) -> tuple[int, str]:
        group, _, after = str(self.state["after"]).partition("|")
        return int(group or 0), after

    def _ascending(self, documents: Sequence[Document], after: str) -> bool:
        keys = [after, *(document.label for document in documents)]
        return all(one < two for one, two in pairwise(keys))

    # By time

    def _by_time(self) -> Page | None:
        low, high = self.state["from"], self.state["to"]
        where = self._where(None, low, high, "")
        self.guard.step((low, high))
        documents = self._fetch(where, self.top)
        if len(documents) >= self.top:
            upper = high or self._upper(documents, low)
            if to_instant(upper) - to_instant(low) > SMALLEST:
                self.state["to"] = self._split(documents, low, upper)
                return None
            self.state["to"] = upper
            documents = self._all_of(self._where(None, low, upper, ""))
            high = upper
        if not high:
            return self._page(documents, last=True)
        self.state |= {"from": high, "to": self._wider(low, high)}
        return self._page(documents)

    def _wider(self, low: str, high: str) -> str:
        """The end of the next span, twice as long as the last one that fitted a page; the last span has no end."""
        end = codec.stamp(_shifted(high, 2 * (to_instant(high) - to_instant(low))))
        return end if end < self.state["started"] else ""

    def _split(self, documents: Sequence[Document], low: str, upper: str) -> str:
        """Where to cut a span: in its middle, or earlier if the documents at hand say that most lie early."""
        stamps = sorted(document.version for document in documents)
        middle, median = _middle(low, upper), stamps[len(stamps) // 2]
        return median if low < median < middle else middle

    def _upper(self, documents: Sequence[Document], low: str) -> str:
        """A moment behind which nothing is known to be, for the first halving of an open span."""
        greatest = max(document.version for document in documents)
        return max(greatest, str(self.state["started"]), low)

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
                documents, answer = self.client.rows(
                    listing.entity, self._read, where=where, top=top, expand=listing.expand
                )
            except CannotOptimize:
                self.client.one_by_one.add(listing.entity)
            else:
                self._start(answer, documents)
                return documents
        select = (*listing.keys, listing.stamp)
        documents, answer = self.client.rows(listing.entity, self._read, where=where, top=top, select=select)
        self._start(answer, documents)
        return documents

    def _whole(self, documents: Sequence[Document]) -> Iterator[Document]:
        """Each of them; where the list could hold no more than their keys, read one by one."""
        for document in documents:
            if self.listing.entity not in self.client.one_by_one:
                yield document
                continue
            keys = [str(document.body.get(name, "")) for name in self.listing.keys]
            if record := self.client.record(self.listing.entity, keys, self.listing.expand):
                yield self._read(record)

    def _start(self, answer: Answer, documents: Sequence[Document]) -> None:
        if self.state["started"]:
            return
        told = answer.headers.get("date", "")
        if told:
            self.state["started"] = codec.stamp(parsedate_to_datetime(told).isoformat())
        else:
            # All that changes from now on is later than anything there is now.
            self.state["started"] = max([self.since, *(document.version for document in documents)])

    def _read(self, record: Record) -> Document:
        return document(record, self.listing)

    def _page(self, documents: Sequence[Document], *, last: bool = False) -> Page:
        documents = list(self._whole(documents))
        self.state["seen"] = max([self.state["seen"], *(document.version for document in documents)])
        if not last:
            return Page(documents, {"since": self.since, "walk": dict(self.state)})
        # What changed while we walked may have moved behind us, so the next walk begins where this one began.
        reached = max(self.since, min(self.state["seen"], self.state["started"]))
        return Page(documents, {"since": reached, "walk": None})


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
    return {"since": codec.stamp(since.isoformat()), "walk": None}


def _literal(moment: str) -> str:
    return f"datetimeoffset'{moment.removesuffix('Z')}+00:00'"


def _shifted(moment: str, by: timedelta) -> str:
    return (to_instant(moment) + by).isoformat()


def _middle(low: str, high: str) -> str:
    one, two = to_instant(low), to_instant(high)
    return codec.stamp((one + (two - one) / 2).isoformat())
