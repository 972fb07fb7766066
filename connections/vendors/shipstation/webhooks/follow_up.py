"""The documents that a notification points to, through all pages of its own address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from connections import exact_json
from connections.http import Http
from connections.reader import PageGuard
from connections.vendor import Body, Document
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import ShipStationClient, read_object, read_rows
from connections.vendors.shipstation.orders.codec_v2 import order_from
from connections.vendors.shipstation.orders.lookup import order_document
from connections.vendors.shipstation.orders.search import OrderRef, OrderSearch
from connections.vendors.shipstation.reader import all_rows
from connections.vendors.shipstation.shipments import v2 as parcel_v2
from connections.vendors.shipstation.shipments.shipments import (
    FULFILLMENTS,
    SHIPMENTS,
    WITH_ITEMS,
    fetch_orders,
    fulfillment_documents,
    shipment_documents,
)

ResourceDocuments = tuple[str, Sequence[Document]]
_ITEMS = re.compile(r"(?i)(includeShipmentItems=)[^&]*")


def v1_documents(client: ShipStationClient, url: str, path: str) -> Iterator[ResourceDocuments]:
    """What a V1 address lists: orders, or parcels with their items."""
    http = client.need_v1()
    for rows in _pages(http, _with_items(url) if path == "/shipments" else url, path[1:]):
        if path == "/orders":
            yield "orders", [order_document(row) for row in rows]
            continue
        fetch_orders(client, rows)
        make = shipment_documents if path == "/shipments" else fulfillment_documents
        yield "shipments", [document for row in rows for document in make(client, row)]


def _with_items(url: str) -> str:
    """SHIP_NOTIFY points to shipments without items; the same address answers with them."""
    if _ITEMS.search(url):
        return _ITEMS.sub(r"\1True", url)
    return f"{url}{'&' if urlsplit(url).query else '?'}includeShipmentItems=True"


def v2_documents(client: ShipStationClient, url: str, path: str) -> Iterator[ResourceDocuments]:
    """What a V2 address lists. With V1 credentials it is read there, so that a document keeps one key."""
    plural, *ids = path.split("/")[2:]
    for rows in _pages(client.need_v2(), url, plural, single=bool(ids)):
        if client.v1:
            yield from _in_v1(client, client.v1, plural, rows)
        elif plural == "shipments":
            yield "orders", [order_document(order_from(row)) for row in rows]
        else:
            make = parcel_v2.label_documents if plural == "labels" else parcel_v2.fulfillment_documents
            yield "shipments", [document for row in rows for document in make(client, row)]


def _in_v1(client: ShipStationClient, http: Http, plural: str, rows: list[Body]) -> Iterator[ResourceDocuments]:
    if plural == "shipments":
        numbers, orders = _values(rows, "shipment_number"), OrderSearch(http)
        orders.read(map(OrderRef, numbers))
        for number in numbers:
            same = [row for row in orders.by_number(number) if row.get("orderNumber") == number]
            yield "orders", [order_document(row) for row in same]
        return
    for number in _values(rows, "tracking_number"):
        params = {"trackingNumber": number}
        if plural == "labels":
            shipments = list(all_rows(http, SHIPMENTS, params | WITH_ITEMS))
            yield "shipments", [d for row in shipments for d in shipment_documents(client, row)]
        else:
            fulfillments = list(all_rows(http, FULFILLMENTS, params))
            yield "shipments", [d for row in fulfillments for d in fulfillment_documents(client, row)]


def _values(rows: list[Body], name: str) -> list[str]:
    return sorted({str(row[name]) for row in rows if row.get(name)})


def _pages(http: Http, url: str, plural: str, single: bool = False) -> Iterator[list[Any]]:
    """Every page of an address that stays as it was given; `single` for one that answers one object."""
    guard = PageGuard("ShipStation")
    page, count, has_more = 1, 0, True
    while has_more:
        response = http.get(url, params={"page": str(page)} if page > 1 else None)
        body = read_object(response)
        rows = [body] if single else read_rows(body, plural)
        if not rows:
            return
        guard.step(exact_json.digest(rows))
        yield codec.decode(rows, codec.received_at(response))
        count += len(rows)
        pages, total = _whole(body, "pages"), _whole(body, "total")
        has_more = not single and (page < pages if pages else count < total)
        page += 1


def _whole(body: Body, name: str) -> int:
    return body[name] if isinstance(body.get(name), int) else 0
