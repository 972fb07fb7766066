"""Orders: read by modify date, written by the upsert on `orderKey`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connections.http import Http
from connections.reader import to_text
from connections.vendor import Body, Cursor, Document, Found, Outcome, Outgoing, Page, Resource
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.codec import agrees
from connections.vendors.shipstation.orders import v2
from connections.vendors.shipstation.orders.batch import OrderBatch
from connections.vendors.shipstation.orders.codec_v2 import order_from
from connections.vendors.shipstation.orders.fields import ORDER_FIELDS, with_our_keys
from connections.vendors.shipstation.orders.lookup import (
    BY_MODIFY_DATE,
    FEW,
    order_by_id,
    order_document,
    order_url,
    orders_by_key,
)
from connections.vendors.shipstation.reader import ShipStationReader, start

# Their clock may stand a little behind ours.
CLOCK_MARGIN = timedelta(minutes=15)


class Orders(Resource):
    """Orders of the account. `skipped_rows` names rows that ShipStation could not answer in the last reading."""

    slug = "orders"
    label = "Orders"
    document = "order"
    fields = ORDER_FIELDS
    sample = "order.json"
    batch_size = 100
    upsert = True
    overlap = timedelta(hours=2)

    client: ShipStationClient

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.skipped_rows: list[dict[str, Any]] = []

    def start(self, since: datetime) -> Cursor:
        return start(since)

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        """Orders of every store, oldest change first. Our own writes come back too: they move `modifyDate`."""
        v1 = self.client.v1
        http, listing = (v1, BY_MODIFY_DATE) if v1 else (self.client.need_v2(), v2.BY_MODIFIED)
        reader = ShipStationReader(http, listing, cursor, self.overlap)
        self.skipped_rows = reader.skipped
        for rows, following in reader.steps():
            orders = rows if v1 else map(order_from, rows)
            yield Page([order_document(order) for order in orders], following)

    def get(self, key: str) -> Sequence[Document]:
        v1 = self.client.v1
        order = order_by_id(v1, key) if v1 else v2.by_id(self.client, key)
        return [order_document(order)] if order else []

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Upsert by `orderKey`, 100 in a call; an order that is there is read first and merged, or refused as locked."""
        if self.client.v1 is None:
            return v2.write(self.client, documents)
        return OrderBatch(self.client.v1, self.client.settings.get("store_id")).write(documents)

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """Few are looked up by number, many among the orders modified since."""
        if self.client.v1 is None:
            return v2.find(self.client, documents, since)
        by_key = {document.natural_key: document for document in documents}
        by_id = {document.target_key: document for document in documents if document.target_key}
        matches: dict[str, Found] = {}
        for row in self._candidates(self.client.v1, documents, since):
            document = by_id.get(str(row.get("orderId"))) or by_key.get(str(row.get("orderKey")))
            if document and document.natural_key not in matches:
                matches[document.natural_key] = _match(row, document, since)
                if len(matches) == len(by_key):
                    break
        return matches

    def _candidates(self, http: Http, documents: Sequence[Outgoing], since: datetime) -> Iterator[Body]:
        if len(documents) > FEW:
            for rows, _ in ShipStationReader(http, BY_MODIFY_DATE, start(since), CLOCK_MARGIN).steps():
                yield from rows
            return
        for document in documents:
            order = order_by_id(http, document.target_key) if document.target_key else None
            number = str(document.payload.get("orderNumber") or "")
            yield from [order] if order else orders_by_key(http, number, document.natural_key)


def _match(row: Body, document: Outgoing, since: datetime) -> Found:
    """Made since then, it is what we sent. An older order must say what we sent; sending it again does no harm."""
    proof = {name: row.get(name) for name in ("orderStatus", "modifyDate")}
    made_now = codec.sortable(row.get("createDate")) >= codec.sortable(to_text(since - CLOCK_MARGIN))
    if document.target_key or not made_now:
        sent = with_our_keys(document.payload, document.natural_key)
        return Found(str(row["orderId"]), order_url(row), agrees(row, codec.decode(sent)), proof)
    return Found(str(row["orderId"]), order_url(row), proof=proof)
