"""V2 shipments (V1: orders) over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v2.filters import ordered, shipment_filters, within
from sandbox.shipstation.api.v2.responses import body_of, missing, number_of, paged, refused
from sandbox.shipstation.api.v2.values import se, status_of
from sandbox.shipstation.api.v2.views import shipment_view
from sandbox.shipstation.api.v2.writes import ShipmentWrites
from sandbox.shipstation.rules.imports import Imports
from sandbox.shipstation.rules.readers import Unreadable
from sandbox.shipstation.rules.statuses import Locked, Statuses
from sandbox.shipstation.store import Account, Document, Order


class V2Shipments:
    def __init__(self, context: Context, account: Account, imports: Imports, statuses: Statuses) -> None:
        self.context = context
        self.account = account
        self.imports = imports
        self.statuses = statuses
        self.writes = ShipmentWrites(context, account, imports)
        self._last: tuple[Any, list[Order]] = (None, [])
        """The list whose pages are being read."""

    def routes(self) -> Iterable[Rule]:
        rules = [
            ("GET", "", self.shipments),
            ("POST", "", self.create),
            ("GET", "/<key>", self.shipment),
            ("PUT", "/<key>", self.update),
            ("GET", "/external_shipment_id/<path:key>", self.shipment_by_key),
            ("PUT", "/<key>/cancel", self.cancel),
            ("POST", "/<key>/tags/<name>", self.tag),
            ("DELETE", "/<key>/tags/<name>", self.untag),
        ]
        for method, path, handler in rules:
            yield Rule(f"/v2/shipments{path}", endpoint=handler, methods=[method])

    def _view(self, order: Order) -> Document:
        return shipment_view(order, self.account)

    def _order(self, key: str) -> Order:
        order = self.account.orders.get(number_of(key, "shipment_id"))
        if order is None:
            raise missing("Shipment")
        return order

    # Reading

    def shipments(self, request: Request) -> Response:
        query = {name: value for name, value in request.args.items() if name not in ("page", "page_size")}
        key = (tuple(sorted(query.items())), self.account.orders.version)
        if self._last[0] != key:
            self._last = (key, self._matching(request))
        return paged(request, self.context.base_url, "shipments", self._last[1], self._view)

    def _matching(self, request: Request) -> list[Order]:
        rows = [row for row in self._candidates(request) if not row.deleted and row.merged_into is None]
        filters = shipment_filters(request, self.account)
        return ordered(request, [row for row in rows if all(keep(row) for keep in filters)])

    def _candidates(self, request: Request) -> list[Order]:
        orders = self.account.orders
        if batch := request.args.get("import_batch_id"):
            return [orders.rows[key] for key in orders.by_batch.get(batch, [])]
        if batch := request.args.get("batch_id"):
            keys = {row.order for row in self.account.shipments.values() if se(row.batch) == batch}
            return [orders.rows[key] for key in sorted(keys)]
        rows = within(request, "modified_at", list(orders), lambda row: row.modified_at)
        return within(request, "created_at", rows, lambda row: row.created_at)

    def shipment(self, request: Request, key: str) -> Response:
        return json_response(self._view(self._order(key)))

    def shipment_by_key(self, request: Request, key: str) -> Response:
        order = self.account.orders.of_key(key)
        if order is None:
            raise missing("Shipment")
        return json_response(self._view(order))

    # Writing

    def create(self, request: Request) -> Response:
        """200 with an error list in each entry; partial success is normal."""
        entries = body_of(request, "shipments")["shipments"]
        if not isinstance(entries, list) or not entries:
            raise refused("field_value_required", "'shipments' should not be empty.")
        batch = self.imports.new_batch()
        created: list[Order] = []
        shown: list[Document] = []
        for entry in entries:
            order, errors = self.writes.create(entry, batch)
            body = self._view(order) if order else entry if isinstance(entry, dict) else {}
            shown.append({**body, "errors": errors, "address_validation": None})
            created += [order] if order else []
        self.imports.finish(batch, created, created)
        failed = any(entry["errors"] for entry in shown)
        return json_response({"has_errors": failed, "shipments": shown})

    def update(self, request: Request, key: str) -> Response:
        order, entry = self._order(key), body_of(request)
        if status_of(order) != "pending":
            raise refused("invalid_status", "Only pending shipments can be updated.")
        try:
            self.writes.update(order, entry)
        except Unreadable as error:
            raise refused("invalid_field_value", str(error)) from None
        return json_response(self._view(order))

    def cancel(self, request: Request, key: str) -> Response:
        try:
            self.statuses.cancel(self._order(key))
        except Locked as error:
            raise refused("invalid_status", str(error)) from None
        return Response(b"", 204)

    def tag(self, request: Request, key: str, name: str) -> Response:
        order = self._order(key)
        tag = self._tag(name) or self.account.next_number()
        self.account.tags.setdefault(tag, {"tagId": tag, "name": name, "color": "#000000"})
        self.statuses.tag(order, tag, present=True)
        return json_response({"shipment_id": key, "tag": {"name": name}})

    def untag(self, request: Request, key: str, name: str) -> Response:
        tag = self._tag(name)
        if tag is None:
            raise missing("Tag")
        self.statuses.tag(self._order(key), tag, present=False)
        return Response(b"", 204)

    def _tag(self, name: str) -> int | None:
        return next((key for key, tag in self.account.tags.items() if tag["name"] == name), None)
