"""V2 over HTTP: shipments (V1: orders), labels (V1: shipments), fulfillments and signed webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.account import Account, Locked
from sandbox.shipstation.api import v2_views as views
from sandbox.shipstation.api import v2_writes as writes
from sandbox.shipstation.api.v2_directory import V2Catalogue
from sandbox.shipstation.api.v2_inventory import V2Inventory
from sandbox.shipstation.api.v2_responses import (
    instant,
    number_of,
    v2_body,
    v2_missing,
    v2_paged,
    v2_refused,
)
from sandbox.shipstation.api.v2_webhooks import V2Webhooks
from sandbox.shipstation.rules.documents import Unreadable
from sandbox.shipstation.store import Document, Order, Shipment

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator


class V2:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator
        self.inventory = V2Inventory(simulator)
        self.parts = (self.inventory, V2Catalogue(simulator), V2Webhooks(simulator))
        self._last: tuple[Any, list[Order]] = (None, [])

    @property
    def account(self) -> Account:
        return self.simulator.account

    def routes(self) -> Iterable[Rule]:
        for part in self.parts:
            yield from part.routes()
        found = [
            ("GET", "/v2/shipments", self.shipments),
            ("POST", "/v2/shipments", self.create_shipments),
            ("GET", "/v2/shipments/<key>", self.shipment),
            ("PUT", "/v2/shipments/<key>", self.update_shipment),
            ("GET", "/v2/shipments/external_shipment_id/<path:key>", self.shipment_by_key),
            ("PUT", "/v2/shipments/<key>/cancel", self.cancel),
            ("POST", "/v2/shipments/<key>/tags/<name>", self.tag),
            ("DELETE", "/v2/shipments/<key>/tags/<name>", self.untag),
            ("GET", "/v2/labels", self.labels),
            ("GET", "/v2/labels/<key>", self.label),
            ("POST", "/v2/labels/shipment/<key>", self.buy_label),
            ("POST", "/v2/labels/<key>/return", self.return_label),
            ("PUT", "/v2/labels/<key>/void", self.void),
            ("GET", "/v2/labels/<key>/track", self.track),
            ("GET", "/v2/fulfillments", self.fulfillments),
            ("POST", "/v2/fulfillments", self.fulfill),
        ]
        for method, path, handler in found:
            yield Rule(path, endpoint=handler, methods=[method])

    # Shipments

    def _view(self, order: Order) -> Document:
        return views.shipment(order, self.account)

    def _order(self, key: str) -> Order:
        order = self.account.orders.get(number_of(key, "shipment_id"))
        if order is None:
            raise v2_missing("Shipment")
        return order

    def shipments(self, request: Request) -> Response:
        wanted = {name: value for name, value in request.args.items() if name not in ("page", "page_size")}
        key = (tuple(sorted(wanted.items())), self.account.orders.version)
        if self._last[0] != key:
            self._last = (key, self._find(request))
        rows = self._last[1]
        return v2_paged(request, self.simulator.base_url, "shipments", rows, self._view)

    def _find(self, request: Request) -> list[Order]:
        orders = self.account.orders
        if batch := request.args.get("import_batch_id"):
            rows = [orders.rows[key] for key in orders.by_batch.get(batch, [])]
        elif batch := request.args.get("batch_id"):
            labels = self.account.shipments.values()
            keys = {row.order for row in labels if views.se(row.batch) == batch}
            rows = [orders.rows[key] for key in sorted(keys)]
        else:
            rows = list(orders)
            rows = _within(request, "modified_at", rows, lambda row: row.modified_at)
            rows = _within(request, "created_at", rows, lambda row: row.created_at)
        rows = [row for row in rows if not row.deleted and row.merged_into is None]
        rows = [row for row in rows if all(want(row) for want in _wanted(request, self.account))]
        by_creation = request.args.get("sort_by") == "created_at"
        rows.sort(key=lambda row: (row.created_at if by_creation else row.modified_at, row.id))
        return _directed(request, rows)

    def shipment(self, request: Request, key: str) -> Response:
        return json_response(self._view(self._order(key)))

    def shipment_by_key(self, request: Request, key: str) -> Response:
        order = self.account.orders.of_key(key)
        if order is None:
            raise v2_missing("Shipment")
        return json_response(self._view(order))

    def create_shipments(self, request: Request) -> Response:
        """200 with an error list in each entry; partial success is normal."""
        entries = v2_body(request, "shipments")["shipments"]
        if not isinstance(entries, list) or not entries:
            raise v2_refused("field_value_required", "'shipments' should not be empty.")
        batch = self.account.guid()
        made: list[Order] = []
        shown: list[Document] = []
        for entry in entries:
            order, errors = writes.create(self.simulator, entry, batch)
            body = entry if order is None or not isinstance(entry, dict) else self._view(order)
            shown.append({**body, "errors": errors, "address_validation": None})
            made += [order] if order else []
        self._after(batch, made)
        failed = any(one["errors"] for one in shown)
        return json_response({"has_errors": failed, "shipments": shown})

    def _after(self, batch: str, made: list[Order]) -> None:
        if made:
            self.simulator.hooks.orders_imported(batch, made)
            keys = [order.id for order in made]
            delay = float(self.simulator.switches["side_effect_delay"])
            self.simulator.context.later(delay, lambda: self.account.side_effects(keys))

    def update_shipment(self, request: Request, key: str) -> Response:
        order, entry = self._order(key), v2_body(request)
        if views.status_of(order) != "pending":
            raise v2_refused("invalid_status", "Only pending shipments can be updated.")
        try:
            writes.update(self.simulator, order, entry)
        except Unreadable as fault:
            raise v2_refused("invalid_field_value", str(fault)) from None
        return json_response(self._view(order))

    def cancel(self, request: Request, key: str) -> Response:
        try:
            self.account.cancel(self._order(key))
        except Locked as fault:
            raise v2_refused("invalid_status", str(fault)) from None
        return Response(b"", 204)

    def tag(self, request: Request, key: str, name: str) -> Response:
        order = self._order(key)
        tag = self._tag(name) or self.account.number()
        self.account.tags.setdefault(tag, {"tagId": tag, "name": name, "color": "#000000"})
        self.account.tag(order, tag, wanted=True)
        return json_response({"shipment_id": key, "tag": {"name": name}})

    def untag(self, request: Request, key: str, name: str) -> Response:
        tag = self._tag(name)
        if tag is None:
            raise v2_missing("Tag")
        self.account.tag(self._order(key), tag, wanted=False)
        return Response(b"", 204)

    def _tag(self, name: str) -> int | None:
        return next((key for key, tag in self.account.tags.items() if tag["name"] == name), None)

    # Labels

    def _label(self, key: str) -> Shipment:
        row = self.account.shipments.get(number_of(key, "label_id"))
        if row is None:
            raise v2_missing("Label")
        return row

    def labels(self, request: Request) -> Response:
        rows = _within(request, "created_at", self._labels(request), lambda row: row.created_at)
        exact: dict[str, Callable[[Shipment], Any]] = {
            "batch_id": lambda row: views.se(row.batch),
            "shipment_id": lambda row: views.se(row.order),
            "tracking_number": lambda row: row.tracking,
            "carrier_id": lambda row: views.carrier_id(row.carrier),
            "label_status": lambda row: "voided" if row.voided else "completed",
            "service_code": lambda row: row.open()["serviceCode"],
            "warehouse_id": lambda row: views.se(row.open()["warehouseId"]),
        }
        for name, read in exact.items():
            if wanted := request.args.get(name):
                rows = [row for row in rows if read(row) == wanted]
        by_creation = request.args.get("sort_by") == "created_at"
        rows.sort(key=lambda row: (row.created_at if by_creation else row.modified_at, row.id))
        base_url = self.simulator.base_url
        rows = _directed(request, rows)
        return v2_paged(request, base_url, "labels", rows, lambda row: views.label(row, base_url))

    def _labels(self, request: Request) -> list[Shipment]:
        if not (key := request.args.get("shipment_id")):
            return list(self.account.shipments.values())
        order = self.account.orders.rows.get(number_of(key, "shipment_id"))
        return [self.account.shipments[one] for one in order.shipments] if order else []

    def label(self, request: Request, key: str) -> Response:
        return json_response(views.label(self._label(key), self.simulator.base_url))

    def buy_label(self, request: Request, key: str) -> Response:
        order = self._order(key)
        document = order.open()
        carrier = document["carrierCode"]
        if carrier not in catalogue.carrier_codes():
            carrier = "ups"
        service = document["serviceCode"] if carrier == document["carrierCode"] else None
        try:
            made = self.simulator.shipping.ship(order, None, 1, carrier, service)[0]
        except Locked as fault:
            raise v2_refused("invalid_status", str(fault)) from None
        return json_response(views.label(made, self.simulator.base_url))

    def return_label(self, request: Request, key: str) -> Response:
        row = self._label(key)
        order = self.account.orders.rows[row.order]
        made = self.simulator.shipping.return_label(order, row.carrier)
        return json_response(views.label(made, self.simulator.base_url))

    def void(self, request: Request, key: str) -> Response:
        if self.simulator.shipping.void(self._label(key)):
            return json_response({"approved": True, "message": "Label voided successfully", "reason_code": None})
        message = "This label has already been voided."
        return json_response({"approved": False, "message": message, "reason_code": "label_already_voided"})

    def track(self, request: Request, key: str) -> Response:
        row = self._label(key)
        return json_response(
            {
                "tracking_number": row.tracking,
                "tracking_url": f"https://tracking.example.com/{row.tracking}",
                "status_code": "NY",
                "carrier_status_code": "NY",
                "status_description": "Not Yet In System",
                "carrier_code": row.carrier,
                "carrier_id": views.carrier_id(row.carrier),
                "ship_date": None,
                "estimated_delivery_date": None,
                "actual_delivery_date": None,
                "exception_description": None,
                "events": [],
            }
        )

    # Fulfillments

    def fulfillments(self, request: Request) -> Response:
        rows = list(self.account.fulfillments.values())
        rows = _within(request, "create_date", rows, lambda row: row.created_at)
        exact: dict[str, Callable[[Any], Any]] = {
            "fulfillment_id": lambda row: views.se(row.id),
            "shipment_id": lambda row: views.se(row.order),
            "shipment_number": lambda row: row.number,
            "tracking_number": lambda row: row.tracking,
        }
        for name, read in exact.items():
            if wanted := request.args.get(name):
                rows = [row for row in rows if read(row) == wanted]
        if request.args.get("sort_dir", "asc").lower() == "desc":
            rows = rows[::-1]
        return v2_paged(request, self.simulator.base_url, "fulfillments", rows, views.fulfillment)

    def fulfill(self, request: Request) -> Response:
        """Mark shipped without a label; partial success is normal."""
        entries = v2_body(request, "fulfillments")["fulfillments"]
        results = [self._fulfill(entry) for entry in entries]
        failed = any(one["error_message"] for one in results)
        return json_response({"has_errors": failed, "fulfillments": results})

    def _fulfill(self, entry: Document) -> Document:
        order = self.account.orders.get(number_of(entry.get("shipment_id"), "shipment_id"))
        result = {
            "shipment_id": entry.get("shipment_id"),
            "shipment_number": order and order.number,
        }
        if order is None:
            return result | {"error_message": "Shipment not found."}
        if not entry.get("carrier_code"):
            return result | {"error_message": "'carrier_code' should not be empty."}
        day = str(entry["ship_date"])[:10] if entry.get("ship_date") else None
        try:
            self.simulator.shipping.mark_shipped(order, entry.get("tracking_number"), entry["carrier_code"], day)
        except Locked as fault:
            return result | {"error_message": str(fault)}
        return result | {"error_message": None}


def _directed(request: Request, rows: list[Any]) -> list[Any]:
    """Newest first unless asked otherwise."""
    return rows if request.args.get("sort_dir", "desc").lower() == "asc" else rows[::-1]


def _within(request: Request, name: str, rows: list[Any], read: Callable[[Any], float]) -> list[Any]:
    start, end = instant(request, f"{name}_start"), instant(request, f"{name}_end")
    # Stamps are shown in milliseconds, so they are compared in milliseconds.
    if start is not None:
        rows = [row for row in rows if int(read(row) * 1000) >= int(start * 1000)]
    if end is not None:
        rows = [row for row in rows if int(read(row) * 1000) <= int(end * 1000)]
    return rows


Want = Callable[[Order], bool]


def _wanted(request: Request, account: Account) -> list[Want]:
    """Filters of a shipment list; a batch makes the vendor ignore status and tag."""
    wants: list[Want] = []
    asked = request.args
    if number := asked.get("shipment_number"):
        wants.append(lambda row: row.number == number)
    if key := asked.get("external_shipment_id"):
        wants.append(lambda row: row.key == key)
    if store := asked.get("store_id"):
        wants.append(lambda row: str(row.store) == store.removeprefix("se-"))
    if name := asked.get("ship_to_name", "").lower():
        wants.append(lambda row: name in row.name.lower())
    if asked.get("batch_id"):
        return wants
    if status := asked.get("shipment_status"):
        wants.append(lambda row: views.status_of(row) == status)
    if tag := asked.get("tag"):
        ids = {key for key, one in account.tags.items() if one["name"] == tag}
        wants.append(lambda row: bool(ids & set(row.open()["tagIds"] or [])))
    return wants
