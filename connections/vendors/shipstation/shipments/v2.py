"""Parcels where the account gives us only a V2 key: labels and fulfillments, in the body that V1 parcels have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from connections.reader import to_instant
from connections.vendor import Body, Cursor, Document, Page, Resource
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import ShipStationClient, get_or_none, read_object
from connections.vendors.shipstation.reader import Listing, ShipStationReader, all_rows, read_all
from connections.vendors.shipstation.shipments.codec_v2 import parcel_from_fulfillment, parcel_from_label
from connections.vendors.shipstation.shipments.lines import parts

LABELS = Listing(
    path="/v2/labels",
    plural="labels",
    stamp="created_at",
    start="created_at_start",
    end="created_at_end",
    sort={"sort_by": "created_at", "sort_dir": "asc"},
    size=100,
    size_name="page_size",
    pacific=False,
)
FULFILLMENTS = Listing(
    path="/v2/fulfillments",
    plural="fulfillments",
    stamp="created_at",
    start="create_date_start",
    end="create_date_end",
    sort={"sort_by": "created_at", "sort_dir": "asc"},
    size=100,
    size_name="page_size",
    pacific=False,
)
# A label that is still being made is no parcel yet; the overlap meets it again when it is.
READY = frozenset({"completed", "voided"})
SLICE = 25


def label_documents(client: ShipStationClient, label: Body) -> list[Document]:
    """A V2 label, one document per order in it; none while it is being made."""
    if label.get("status") not in READY and not label.get("voided"):
        return []
    parcel = parcel_from_label(label, _shipment(client, label.get("shipment_id")))
    return _documents(parcel, "shipment", f"label-{label['label_id']}")


def fulfillment_documents(client: ShipStationClient, fulfillment: Body) -> list[Document]:
    """A V2 fulfillment, one document per order in it."""
    shipment = _shipment(client, fulfillment.get("shipment_id"))
    parcel = parcel_from_fulfillment(fulfillment, shipment)
    return _documents(parcel, "fulfillment", f"fulfillment-{fulfillment['fulfillment_id']}")


def _documents(parcel: Body, kind: str, key: str) -> list[Document]:
    bodies = parts(parcel, kind, lambda order_id: None)
    stamps = (codec.sortable(parcel.get(name)) for name in ("createDate", "voidDate"))
    version, status = max(stamps), "voided" if parcel["voided"] else "shipped"
    label = str(parcel.get("trackingNumber") or parcel.get("orderNumber") or "")
    return [
        Document(key if len(bodies) == 1 else f"{key}:{body['orderKey']}", version, body, status, label)
        for body in bodies
    ]


def _shipment(client: ShipStationClient, shipment_id: Any) -> Body | None:
    if not shipment_id:
        return None
    if shipment_id not in client.v2_shipments:
        answer = get_or_none(client.need_v2(), f"/v2/shipments/{quote(str(shipment_id))}")
        client.v2_shipments[shipment_id] = read_object(answer) if answer else None
    return client.v2_shipments[shipment_id]


def changes(resource: Resource, cursor: Cursor) -> Iterator[Page]:
    """New labels, voided labels, fulfillments: the same three positions as in V1."""
    client: ShipStationClient = resource.client

    def read(listing: Listing, make: Any, position: Cursor) -> Iterator[tuple[list[Document], Cursor]]:
        reader = ShipStationReader(client.need_v2(), listing, position, resource.overlap, SLICE)
        for rows, following in reader.steps():
            yield [document for row in rows for document in make(client, row)], following

    def voided(position: Cursor) -> Iterator[tuple[list[Document], Cursor]]:
        documents, latest = [], codec.sortable(position["since"])
        limit = codec.sortable((to_instant(position["since"]) - resource.overlap).isoformat())
        for row in voided_labels(client, limit):
            latest = max(latest, codec.sortable(row.get("voided_at")))
            documents += label_documents(client, row)
        yield documents, {"since": latest, "place": None}

    sources = {
        "created": lambda position: read(LABELS, label_documents, position),
        "voided": voided,
        "fulfilled": lambda position: read(FULFILLMENTS, fulfillment_documents, position),
    }
    yield from read_all(sources, cursor)


def voided_labels(client: ShipStationClient, limit: str) -> Iterator[Body]:
    """Voided labels, newest first, down to `limit`: V2 has no filter by the time of a void."""
    params = {"label_status": "voided", "sort_by": "modified_at", "sort_dir": "desc"}
    for row in all_rows(client.need_v2(), LABELS, params):
        if (codec.sortable(row.get("voided_at")) or limit) < limit:
            return
        yield row


def get(client: ShipStationClient, key: str) -> Sequence[Document]:
    """A label by its id, a fulfillment by the filter on its id."""
    whole, _, part = key.partition(":")
    kind, _, parcel_id = whole.partition("-")
    http = client.need_v2()
    if kind == "fulfillment":
        rows = list(all_rows(http, FULFILLMENTS, {"fulfillment_id": parcel_id}))
        documents = [document for row in rows for document in fulfillment_documents(client, row)]
    else:
        answer = get_or_none(http, f"/v2/labels/{quote(parcel_id)}")
        documents = label_documents(client, read_object(answer)) if answer else []
    return [document for document in documents if not part or document.key == key]
