"""What can be read and written at Example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connections.errors import Rejected
from connections.reader import to_text
from connections.vendor import Cursor, Document, Found, Outcome, Outgoing, Page, Resource, Written
from connections.vendors.example import codec
from connections.vendors.example.client import ExampleClient
from connections.vendors.example.reader import OrderReader
from connections.writing import one_by_one


class Orders(Resource):
    slug = "orders"
    label = "Orders"
    document = "order"
    sample = "order.json"
    overlap = timedelta(minutes=2)

    client: ExampleClient

    def start(self, since: datetime) -> Cursor:
        return {"since": to_text(since.astimezone(UTC).replace(microsecond=0)), "place": None}

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        reader = OrderReader(self.client, cursor, self.overlap)
        return (Page(documents, following) for documents, following in reader.steps())

    def get(self, key: str) -> Sequence[Document]:
        order = self.client.read(f"orders/{key}").get("order")
        return [codec.order(order)] if order else []


class Shipments(Resource):
    """Example makes a second shipment of the same request, so the natural key goes with each, to find it by."""

    slug = "shipments"
    label = "Shipments"
    document = "shipment"
    fields = frozenset({"order", "carrier", "tracking", "shippedOn"})
    batch_size = 20

    client: ExampleClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        return one_by_one(documents, self._write)

    def _write(self, document: Outgoing) -> Outcome:
        shipment = {**document.payload, "reference": document.natural_key}
        if document.target_key:
            written = self.client.send("PUT", f"shipments/{document.target_key}", shipment)
        else:
            written = self.client.send("POST", f"orders/{_order_of(document)}/shipments", shipment)
        return Written(str(written["shipment"]["id"]), answer=written["shipment"])

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
