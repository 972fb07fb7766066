"""What all documents that are read from Acumatica have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from connections.vendor import Cursor, Document, Page, Resource
from connections.vendors.acumatica.client import KEYS, AcumaticaClient
from connections.vendors.acumatica.reader import AcumaticaReader, Listing, document, start


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
