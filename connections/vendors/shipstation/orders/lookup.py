"""Finding an order, and saying why it may not be changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from connections.errors import Locked
from connections.http import Http
from connections.vendor import Body, Document
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import get_or_none, read_object
from connections.vendors.shipstation.reader import Listing, all_rows

LOCKED = frozenset({"shipped", "cancelled"})
FEW = 3
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
    response = get_or_none(http, f"/orders/{order_id}")
    if response is None:
        return None
    body: Body = codec.decode(read_object(response), codec.received_at(response))
    return body


def orders_by_number(http: Http, beginning: str) -> Iterator[Body]:
    """The orders whose number begins so: V1 filters by nothing else that names an order."""
    if beginning:
        yield from all_rows(http, BY_MODIFY_DATE, {"orderNumber": beginning})


def orders_by_key(http: Http, order_number: str, order_key: str) -> Iterator[Body]:
    """The orders with exactly this `orderKey`."""
    yield from (row for row in orders_by_number(http, order_number) if row.get("orderKey") == order_key)


def existing_orders(http: Http, numbers: Mapping[str, str]) -> dict[str, Body]:
    """Which of these orders (key → number) are there, by key: those whose ids we do not know, before they are sent.

    A few are looked up one by one. For more there is one call, for what their numbers begin with in common: orders made
    one after the other are by_key by it, and of numbers that have little in common only the latest changed.
    """
    by_key: dict[str, Body] = {}
    beginnings = set(numbers.values()) if len(numbers) <= FEW else {common_beginning(numbers.values())}
    for beginning in sorted(beginnings - {""}):
        params = {"orderNumber": beginning, **BY_MODIFY_DATE.sort, "sortDir": "DESC"}
        for order in BY_MODIFY_DATE.decoded(BY_MODIFY_DATE.fetch(http, params, 1, BY_MODIFY_DATE.size)):
            key = str(order.get("orderKey"))
            if key in numbers and (key not in by_key or not (order.get("advancedOptions") or {}).get("parentId")):
                by_key[key] = order
    return by_key


def common_beginning(numbers: Iterable[str]) -> str:
    """The characters that all numbers begin with: those that the first and the last of them share."""
    numbers = sorted(numbers)
    first, last = numbers[0], numbers[-1]
    differing = (place for place, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1])
    return first[: next(differing, min(len(first), len(last)))]


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
    names = ("orderId", "orderNumber", "orderStatus", "modifyDate", "shipDate")
    return Locked(
        f"Order {order.get('orderNumber')} is {status} in ShipStation and can no longer be changed.",
        current={name: order.get(name) for name in names},
        next_step="Compare the two orders; change the shipment by hand if need be, then close or replay this record.",
    )
