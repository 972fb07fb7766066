"""Reading the orders that changed. Example lists the oldest change first, and among equal times by number."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import timedelta

from connections.reader import IncrementalReader, Place, Step, to_instant, to_text
from connections.vendor import Cursor, Document
from connections.vendors.example import codec
from connections.vendors.example.client import ExampleClient
from connections.vendors.example.errors import SYSTEM


class OrderReader(IncrementalReader[Document]):
    """From a cursor to the end, a page at a time; a place is the time and the number of the last order read."""

    system = SYSTEM

    def __init__(self, client: ExampleClient, cursor: Cursor, overlap: timedelta) -> None:
        super().__init__(cursor)
        self.client = client
        self.overlap = overlap

    def first(self) -> Place:
        return {"changed": to_text(to_instant(self.since) - self.overlap), "number": ""}

    def position(self, place: Place) -> Hashable:
        return place["changed"], place["number"]

    def read(self, place: Place) -> Iterable[Step[Document]]:
        since, after = codec.to_wire(place["changed"]), place["number"]
        orders = self.client.read("orders", changed_since=since, after=after)["orders"]
        documents = [codec.order(order) for order in orders]
        last = documents[-1] if documents else None
        following = {"changed": last.version, "number": last.key} if last else None
        yield Step(documents, [document.version for document in documents], following)
