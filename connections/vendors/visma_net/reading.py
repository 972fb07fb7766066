"""What all reading resources share: a walk by time of change, and single reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from connections.vendor import Cursor, Document, Page, Resource
from connections.vendors.visma_net import codec
from connections.vendors.visma_net import reader as walk
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.codec import Record


class Reading(Resource):
    """A list of `listing`; `documents` makes what the engine takes of one raw record."""

    listing: ClassVar[walk.Listing]
    one: ClassVar[dict[str, str]] = {}
    """Parameters of a single read."""
    left_out: ClassVar[frozenset[str]] = frozenset()
    """Parts that lists and single reads bring differently, so that both read the same without them."""
    overlap = timedelta(minutes=5)
    client: VismaClient

    def start(self, since: datetime) -> Cursor:
        return walk.start(since, self.client)

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        return walk.VismaReader(self.client, self.listing, cursor, self.overlap, self.documents).pages()

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
