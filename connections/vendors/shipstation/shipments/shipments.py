"""What left the warehouse: shipments, their voids, and fulfillments, as one kind of document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from connections.http import Http
from connections.reader import to_instant
from connections.vendor import Body, Cursor, Document, Page, Resource
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.lookup import BY_MODIFY_DATE, order_by_id
from connections.vendors.shipstation.reader import Listing, ShipStationReader, all_rows, read_all, start
from connections.vendors.shipstation.shipments import v2
from connections.vendors.shipstation.shipments.lines import needs_order, not_in, parts

# Parcels that may cost one call each are handed over in portions, so that a spent budget loses little.
SLICE = 50
FEW = 3
CLOCK_MARGIN = timedelta(minutes=5)
WITH_ITEMS = {"includeShipmentItems": "true"}
SHIPMENTS = Listing(
    path="/shipments",
    plural="shipments",
    stamp="createDate",
    start="createDateStart",
    end="createDateEnd",
    sort={"sortBy": "CreateDate", "sortDir": "ASC"},
    extra=WITH_ITEMS,
)
FULFILLMENTS = Listing(
    path="/fulfillments",
    plural="fulfillments",
    stamp="createDate",
    start="createDateStart",
    end="createDateEnd",
    sort={"sortBy": "CreateDate", "sortDir": "ASC"},
)


def _since(stamp: str) -> Cursor:
    return {"since": stamp, "place": None}


def shipment_documents(client: ShipStationClient, row: Body) -> list[Document]:
    """A decoded shipment, one document per order in it. The key holds the order's id, since only that finds it again."""
    key = f"shipment-{row.get('orderId')}-{row['shipmentId']}"
    return _documents(client, row, "shipment", key)


def fulfillment_documents(client: ShipStationClient, row: Body) -> list[Document]:
    """A decoded fulfillment. It names no lines and no `orderKey`: both come from its order.

    An order is marked as shipped as a whole; what of it was in labels before is in those, so it is subtracted.
    """
    labels = client.labels.pop(row.get("orderId"), None)
    if labels is None:
        labels = list(all_rows(client.need_v1(), SHIPMENTS, {"orderId": str(row.get("orderId")), **WITH_ITEMS}))
    return _documents(client, row, "fulfillment", f"fulfillment-{row['fulfillmentId']}", labels)


def fetch_labels(client: ShipStationClient, rows: Sequence[Body]) -> None:
    """Fetch the labels of many orders by a few list calls; `fulfillment_documents` uses each of them once.

    A label is not older than its order. What the lists do not show within a fair number of calls is left out, and
    asked for order by order.
    """
    orders = [client.orders.get(row["orderId"]) for row in rows if row.get("orderId")]
    since = min((codec.sortable(order.get("createDate")) for order in orders if order), default="")
    if len(rows) <= FEW or not since or len(list(filter(None, orders))) < len(rows):
        return
    by_order: dict[Any, dict[Any, Body]] = {row.get("orderId"): {} for row in rows}
    reader = ShipStationReader(client.need_v1(), SHIPMENTS, _since(since), CLOCK_MARGIN)
    for labels, cursor in islice(reader.steps(), max(1, len(rows) // FEW)):
        for label in labels:
            if label.get("orderId") in by_order:
                by_order[label["orderId"]][label["shipmentId"]] = label  # a row may come twice
        if cursor["place"] is None:
            client.labels |= {order: list(own.values()) for order, own in by_order.items()}
            return


def _documents(
    client: ShipStationClient, row: Body, kind: str, key: str, labels: Sequence[Body] = ()
) -> list[Document]:
    bodies = parts(row, kind, lambda order_id: known_order(client, order_id))
    bodies = [{**body, "items": not_in(labels, body["items"])} for body in bodies] if labels else bodies
    stamps = (codec.sortable(row.get(name)) for name in ("createDate", "voidDate"))
    version, status = max(stamps), "voided" if row.get("voided") else "shipped"
    return [
        Document(
            key=key if len(bodies) == 1 else f"{key}:{body['orderKey']}",
            version=version,
            body=body,
            status=status,
            label=str(row.get("trackingNumber") or row.get("orderNumber") or ""),
        )
        for body in bodies
    ]


def known_order(client: ShipStationClient, order_id: Any) -> Body | None:
    """The order of a parcel, asked for once in the life of the client."""
    if order_id is None:
        return None
    if order_id not in client.orders:
        client.orders[order_id] = order_by_id(client.need_v1(), str(order_id))
    return client.orders[order_id]


def fetch_orders(client: ShipStationClient, rows: Sequence[Body]) -> None:
    """Fetch the orders of many parcels by a few list calls: an order changes when its parcel is made.

    What the lists do not show within a fair number of calls is asked for one by one, when it is needed.
    """
    asking = [row for row in rows if needs_order(row)]
    missing = {row.get("orderId") for row in asking} - {None, *client.orders}
    since = min((codec.sortable(row.get("createDate")) for row in asking), default="")
    if len(missing) <= FEW or not since:
        return
    reader = ShipStationReader(client.need_v1(), BY_MODIFY_DATE, _since(since), CLOCK_MARGIN)
    for orders, _ in islice(reader.steps(), len(missing) // FEW):
        client.orders |= {row["orderId"]: row for row in orders}
        if client.orders.keys() >= missing:
            return


class Shipments(Resource):
    """Parcels of the account. `skipped_rows` names rows that ShipStation could not answer in the last reading.

    V1 tells of a voided fulfillment only as long as it is young enough for the overlap: its list has no filter for it.
    """

    slug = "shipments"
    label = "Shipments and fulfillments"
    document = "parcel"
    sample = "shipment.json"
    overlap = timedelta(hours=2)

    client: ShipStationClient

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.skipped_rows: list[dict[str, Any]] = []

    def start(self, since: datetime) -> Cursor:
        return {name: start(since) for name in ("created", "voided", "fulfilled")}

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        """New labels, then voids, then fulfillments, each by its own position; one that fails spares the others."""
        if self.client.v1 is None:
            yield from v2.changes(self, cursor)
            return
        self.skipped_rows = []
        sources = {"created": self._created, "voided": self._voided, "fulfilled": self._fulfilled}
        yield from read_all(sources, cursor)

    def get(self, key: str) -> Sequence[Document]:
        """Shipments by their order's id (there is no `GET /shipments/{id}`), fulfillments by their own."""
        if self.client.v1 is None:
            return v2.get(self.client, key)
        whole, _, part = key.partition(":")
        kind, _, ids = whole.partition("-")
        documents = self._get_one(self.client.v1, kind, ids)
        return [document for document in documents if not part or document.key == key]

    def _get_one(self, http: Http, kind: str, ids: str) -> list[Document]:
        if kind == "fulfillment":
            rows = all_rows(http, FULFILLMENTS, {"fulfillmentId": ids})
            match = [row for row in rows if str(row.get("fulfillmentId")) == ids]
            return [document for row in match for document in fulfillment_documents(self.client, row)]
        order_id, _, shipment_id = ids.partition("-")
        rows = all_rows(http, SHIPMENTS, {"orderId": order_id, **WITH_ITEMS})
        match = [row for row in rows if str(row.get("shipmentId")) == shipment_id]
        return [document for row in match for document in shipment_documents(self.client, row)]

    def _created(self, position: Cursor) -> Iterator[tuple[list[Document], Cursor]]:
        return self._read(SHIPMENTS, position, shipment_documents)

    def _fulfilled(self, position: Cursor) -> Iterator[tuple[list[Document], Cursor]]:
        return self._read(FULFILLMENTS, position, fulfillment_documents)

    def _read(self, listing: Listing, position: Cursor, make: Any) -> Iterator[tuple[list[Document], Cursor]]:
        reader = ShipStationReader(self.client.need_v1(), listing, position, self.overlap, SLICE)
        for rows, cursor in reader.steps():
            fetch_orders(self.client, rows)
            if listing is FULFILLMENTS:
                fetch_labels(self.client, rows)
            documents = [document for row in rows for document in make(self.client, row)]
            self.skipped_rows += reader.skipped
            reader.skipped.clear()
            yield documents, cursor

    def _voided(self, position: Cursor) -> Iterator[tuple[list[Document], Cursor]]:
        """Voids cannot be sorted by their date, so one reading takes them all; what is voided meanwhile comes next time."""
        latest = codec.sortable(position["since"])
        beginning = codec.filter_text(to_instant(position["since"]) - self.overlap)
        params = {"voidDateStart": beginning, **SHIPMENTS.sort, **WITH_ITEMS}
        rows = list(all_rows(self.client.need_v1(), SHIPMENTS, params))
        fetch_orders(self.client, rows)
        documents = [document for row in rows for document in shipment_documents(self.client, row)]
        since = max([latest, *(codec.sortable(row.get("voidDate")) for row in rows)])
        yield documents, _since(since)
