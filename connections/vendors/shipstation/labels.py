"""V2 labels as they are, with cost and tracking state, for accounts that give us a V2 key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from connections.reader import to_instant
from connections.vendor import Body, Cursor, Document, Page, Resource
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import ShipStationClient, get_or_none, read_object
from connections.vendors.shipstation.reader import ShipStationReader, read_all, start
from connections.vendors.shipstation.shipments.v2 import LABELS, voided_labels


def label_document(label: Body) -> Document:
    """A label under its own id, in V2's own field names."""
    stamps = (codec.sortable(label.get(name)) for name in ("created_at", "voided_at"))
    return Document(
        key=str(label["label_id"]),
        version=max(stamps),
        body=label,
        status=str(label.get("status") or ""),
        label=str(label.get("tracking_number") or ""),
    )


class Labels(Resource):
    """Labels of the account: new ones by creation, voided ones by a second position."""

    slug = "labels"
    label = "Labels (V2)"
    document = "label"
    sample = "label.json"
    overlap = timedelta(hours=2)

    client: ShipStationClient

    def start(self, since: datetime) -> Cursor:
        return {name: start(since) for name in ("created", "voided")}

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        yield from read_all({"created": self._created, "voided": self._voided}, cursor)

    def get(self, key: str) -> Sequence[Document]:
        answer = get_or_none(self.client.need_v2(), f"/v2/labels/{quote(key, safe='')}")
        return [label_document(read_object(answer))] if answer else []

    def _created(self, position: Cursor) -> Iterator[tuple[list[Document], Cursor]]:
        for rows, cursor in ShipStationReader(self.client.need_v2(), LABELS, position, self.overlap).steps():
            yield [label_document(row) for row in rows], cursor

    def _voided(self, position: Cursor) -> Iterator[tuple[list[Document], Cursor]]:
        since = codec.sortable(position["since"])
        limit = codec.sortable((to_instant(since) - self.overlap).isoformat())
        documents = [label_document(row) for row in voided_labels(self.client, limit)]
        yield documents, {"since": max([since, *(d.version for d in documents)]), "place": None}
