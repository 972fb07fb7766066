"""V1 reads of orders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.shipstation.api.v1.order_filters import matching
from sandbox.shipstation.api.v1.query import Query
from sandbox.shipstation.api.v1.responses import invalid, not_found, null_reference, paged, raw
from sandbox.shipstation.store import Account, Order


class V1OrderLists:
    def __init__(self, context: Context, account: Account) -> None:
        self.context = context
        self.account = account
        self._last: tuple[Any, list[Order]] = (None, [])
        """The list whose pages are being read."""

    def routes(self) -> Iterable[Rule]:
        yield Rule("/orders", endpoint=self.orders, methods=["GET"])
        yield Rule("/orders/<int:key>", endpoint=self.order, methods=["GET"])
        yield Rule("/orders/listbytag", endpoint=self.by_tag, methods=["GET"])

    def order(self, request: Request, key: int) -> Response:
        order = self.account.orders.get(key)
        if order is None:
            raise not_found("order")
        return raw(order.raw)

    def orders(self, request: Request) -> Response:
        query, range_ends = Query(request), self.context.switches["range_ends"]
        key = (query.key, range_ends, self.account.orders.version)
        if self._last[0] != key:
            self._last = (key, matching(self.account.orders, query, range_ends == "exclusive"))
        return self._page(query, self._last[1])

    def by_tag(self, request: Request) -> Response:
        query = Query(request)
        tag, status = query.whole("tagId"), query.text("orderStatus")
        if tag is None or status is None:
            return invalid({"request": ["orderStatus and tagId are required."]})
        orders = self.account.orders
        rows = [orders.rows[key] for key in sorted(orders.by_status.get(status, {}))]
        return self._page(query, [row for row in rows if tag in (row.open()["tagIds"] or [])])

    def _page(self, query: Query, rows: list[Order]) -> Response:
        page, size = query.page()
        shown = rows[(page - 1) * size : page * size]
        if any(row.id in self.account.poisoned for row in shown):
            return null_reference()
        zero = bool(self.context.switches["pages_zero"])
        return paged("orders", [row.raw for row in shown], len(rows), page, size, zero)
