"""Finding an order, and saying why it may not be changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from connections.errors import Locked
from connections.http import Http
from connections.vendor import Body, Document
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import get_or_none, read_object
from connections.vendors.shipstation.walks import Listing, all_rows

LOCKED = frozenset({"shipped", "cancelled"})
BY_MODIFY_DATE = Listing(
    path="/orders",
    plural="orders",
    stamp="modifyDate",
    start="modifyDateStart",
    end="modifyDateEnd",
    sort={"sortBy": "ModifyDate", "sortDir": "ASC"},
)


def order_document(body: Body) -> Document:
    """A decoded order as a document."""
    return Document(
        key=str(body["orderId"]),
        version=codec.sortable(body.get("modifyDate")),
        body=body,
        status=str(body.get("orderStatus") or ""),
        label=str(body.get("orderNumber") or ""),
    )


def order_url(order: Mapping[str, Any]) -> str:
    """The order's page in ShipStation."""
    number = quote(str(order.get("orderNumber") or ""), safe="")
    return f"https://ship.shipstation.com/orders/all-orders-search-result?quickSearch={number}"


def order_by_id(http: Http, order_id: str) -> Body | None:
    """The decoded order as it is now, or None."""
    answer = get_or_none(http, f"/orders/{order_id}")
    if answer is None:
        return None
    body: Body = codec.decode(read_object(answer), codec.received_at(answer))
    return body


def orders_by_key(http: Http, order_number: str, order_key: str) -> Iterator[Body]:
    """The orders with exactly this `orderKey`. The vendor's filter knows the beginning of the number only."""
    if order_number:
        rows = all_rows(http, BY_MODIFY_DATE, {"orderNumber": order_number})
        yield from (row for row in rows if row.get("orderKey") == order_key)


def gone(order_id: str, order_number: Any) -> Locked:
    """The refusal to write an order that somebody deleted there, or merged into another: that would double it."""
    return Locked(
        f"Order {order_number} is no longer in ShipStation: it was deleted, or merged into another order.",
        current={"orderId": order_id, "orderStatus": "deleted"},
        next_step="Look for the order in ShipStation; close this record, or restore the order and replay.",
    )


def locked(order: Mapping[str, Any]) -> Locked:
    """The refusal to change an order that is shipped or cancelled, or whose lines were split or merged."""
    status = order.get("orderStatus") if order.get("orderStatus") in LOCKED else "split or merged"
    told = ("orderId", "orderNumber", "orderStatus", "modifyDate", "shipDate")
    return Locked(
        f"Order {order.get('orderNumber')} is {status} in ShipStation and can no longer be changed.",
        current={name: order.get(name) for name in told},
        next_step="Compare the two orders; change the shipment by hand if need be, then close or replay this record.",
    )
