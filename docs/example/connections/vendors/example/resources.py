"""What can be read and written at Example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connections.errors import Rejected
from connections.reader import PageGuard, to_instant, to_text
from connections.vendor import Body, Cursor, Document, Found, Outcome, Outgoing, Page, Resource, Written
from connections.vendors.example import codec
from connections.vendors.example.client import ExampleClient
from connections.vendors.example.errors import SYSTEM


class Orders(Resource):
    """Read by time of change. Example lists the oldest change first, and behind `after` among equal times."""

    slug = "orders"
    label = "Orders"
    document = "order"
    sample = "order.json"
    overlap = timedelta(minutes=2)

    client: ExampleClient

    def start(self, since: datetime) -> Cursor:
        return {"since": to_text(since.astimezone(UTC).replace(microsecond=0))}

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        since, after = to_text(to_instant(cursor["since"]) - self.overlap), ""
        guard = PageGuard(SYSTEM)
        while True:
            wire = self.client.read("orders", changed_since=codec.to_wire(since), after=after)["orders"]
            documents = [order_document(order) for order in wire]
            if not documents:
                return
            since, after = documents[-1].version, documents[-1].key
            guard.step((since, after))
            yield Page(documents, {"since": since})

    def get(self, key: str) -> Sequence[Document]:
        order = self.client.read(f"orders/{key}").get("order")
        return [order_document(order)] if order else []


def order_document(wire: Body) -> Document:
    body = codec.decode(wire)
    return Document(body["number"], body["changed"], body, status=body["status"], label=body["number"])


class Shipments(Resource):
    """Written one by one. Example makes a second shipment of the same request, so the natural key goes with each."""

    slug = "shipments"
    label = "Shipments"
    document = "shipment"
    fields = frozenset({"order", "carrier", "tracking", "shippedOn"})

    client: ExampleClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        return [self._write(document) for document in documents]

    def _write(self, document: Outgoing) -> Outcome:
        shipment = {**document.payload, "reference": document.natural_key}
        if document.target_key:
            shipment = self.client.send("PUT", f"shipments/{document.target_key}", shipment)["shipment"]
        else:
            shipment = self.client.send("POST", f"orders/{_order_of(document)}/shipments", shipment)["shipment"]
        return Written(str(shipment["id"]), answer=shipment)

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        keys = {document.natural_key for document in documents}
        orders = {_order_of(document) for document in documents}
        shipments = [row for order in orders for row in self.client.read(f"orders/{order}/shipments")["shipments"]]
        return {row["reference"]: Found(str(row["id"]), proof=row) for row in shipments if row["reference"] in keys}


def _order_of(document: Outgoing) -> str:
    order = str(document.payload.get("order") or "")
    if not order:
        raise Rejected("A shipment needs the number of its order.", fields={"order": "is empty"})
    return order


RESOURCES: tuple[type[Resource], ...] = (Orders, Shipments)
