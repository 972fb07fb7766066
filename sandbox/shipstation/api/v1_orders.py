"""V1 orders over HTTP: /orders and all that hangs below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.account import Account, Locked
from sandbox.shipstation.api.v1_responses import (
    Query,
    body_of,
    done,
    exception,
    fields_of,
    invalid,
    not_found,
    paged,
    refused,
    unreadable,
    whole_of,
)
from sandbox.shipstation.rules.documents import (
    Document,
    Invalid,
    Unreadable,
    moment,
    read_order,
)
from sandbox.shipstation.store import Order, Sorted

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator

MAX_BATCH = 100
_ARRAY = (
    "Cannot deserialize the current JSON object into type 'List`1[ApiOrder]' because the type requires a"
    " JSON array (e.g. [1,2,3]) to deserialize correctly."
)


class V1Orders:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator
        self._last: tuple[Any, list[Order]] = (None, [])

    @property
    def account(self) -> Account:
        return self.simulator.account

    def routes(self) -> Iterable[Rule]:
        yield Rule("/orders", endpoint=self.listing, methods=["GET"])
        yield Rule("/orders/<int:key>", endpoint=self.one, methods=["GET"])
        yield Rule("/orders/<int:key>", endpoint=self.delete, methods=["DELETE"])
        yield Rule("/orders/listbytag", endpoint=self.by_tag, methods=["GET"])
        posts = {
            "createorder": self.create_one,
            "createorders": self.create_many,
            "createlabelfororder": self.create_label,
            "markasshipped": self.mark_shipped,
            "holduntil": self.hold,
            "restorefromhold": self.restore,
            "addtag": lambda request: self.tag(request, wanted=True),
            "removetag": lambda request: self.tag(request, wanted=False),
            "assignuser": lambda request: self.assign(request, assigned=True),
            "unassignuser": lambda request: self.assign(request, assigned=False),
        }
        for name, handler in posts.items():
            yield Rule(f"/orders/{name}", endpoint=handler, methods=["POST"])

    # Writing

    def create_one(self, request: Request) -> Response:
        """Create or update; 200 for both."""
        batch = self.account.guid()
        try:
            sent = read_order(body_of(request, "apiOrder"), "apiOrder")
            order, document, imported = self.account.upsert(sent, batch)
        except Unreadable as fault:
            return unreadable(fault)
        except Invalid as fault:
            return self._invalid(str(fault))
        except Locked as fault:
            return self._locked(sent, str(fault))
        response = json_response(document)
        self._after(batch, [order], [order] if imported else [])
        return response

    def _invalid(self, message: str) -> Response:
        if self.simulator.switches["invalid_answer"] == "500":
            return exception(message, "FluentValidation.ValidationException")
        return invalid({"apiOrder": [message]})

    def _locked(self, sent: Document, message: str) -> Response:
        match self.simulator.switches["locked_answer"]:
            case "silent":
                return Response(self._meant(sent).raw, content_type="application/json; charset=utf-8")
            case "server_error":
                return exception(message, "System.InvalidOperationException")
        return refused(message)

    def _meant(self, sent: Document) -> Order:
        orders = self.account.orders
        order = orders.get(sent["orderId"] or 0) or orders.of_key(sent["orderKey"] or "")
        if order is None:
            raise not_found("order")
        return order

    def create_many(self, request: Request) -> Response:
        """200 even when some fail; a malformed array fails as a whole."""
        posted = body_of(request, "apiOrders")
        if not isinstance(posted, list):
            return invalid({"apiOrders": [_ARRAY]})
        if len(posted) > MAX_BATCH:
            return refused(f"A maximum of {MAX_BATCH} orders may be created in one request.")
        try:
            sent = [read_order(one, f"apiOrders[{place}]") for place, one in enumerate(posted)]
        except Unreadable as fault:
            return unreadable(fault)
        batch, touched, imported = self.account.guid(), list[Order](), list[Order]()
        results = [self._create(one, batch, touched, imported) for one in sent]
        failed = any(not one["success"] for one in results)
        if any(one.pop("broken", False) for one in results):
            response = exception("Order is locked.", "System.InvalidOperationException")
        else:
            response = json_response({"hasErrors": failed, "results": results})
        self._after(batch, touched, imported)
        return response

    def _create(self, sent: Document, batch: str, touched: list[Order], imported: list[Order]) -> Document:
        names = {"orderNumber": sent["orderNumber"], "orderKey": sent["orderKey"]}
        try:
            order, _, new = self.account.upsert(sent, batch)
        except Invalid as fault:
            return {"orderId": None, **names, "success": False, "errorMessage": str(fault)}
        except Locked as fault:
            return self._locked_entry(sent, names, str(fault))
        touched.append(order)
        if new:
            imported.append(order)
        return _success(order)

    def _locked_entry(self, sent: Document, names: Document, message: str) -> Document:
        way = self.simulator.switches["locked_answer"]
        if way == "silent":
            return _success(self._meant(sent))
        failed = {"orderId": None, **names, "success": False, "errorMessage": message}
        return failed | {"broken": True} if way == "server_error" else failed

    def _after(self, batch: str, touched: list[Order], imported: list[Order]) -> None:
        """Webhook at once; customers, products and addresses some seconds later."""
        if imported:
            self.simulator.hooks.orders_imported(batch, imported)
        keys = [order.id for order in touched]
        delay = float(self.simulator.switches["side_effect_delay"])
        if delay > 0:
            self.simulator.context.later(delay, lambda: self.account.side_effects(keys))
        else:
            self.account.side_effects(keys)

    def delete(self, request: Request, key: int) -> Response:
        order = self._order(key)
        self.account.held.pop(order.id, None)
        self.account.orders.hide(order)
        return done("The requested order has been deleted.")

    def create_label(self, request: Request) -> Response:
        fields = fields_of(
            request,
            "orderId",
            "carrierCode",
            "serviceCode",
            "confirmation",
            "shipDate",
            "testLabel",
        )
        if not isinstance(fields["testLabel"], bool):
            return invalid({"request.testLabel": ["Could not convert to boolean. Path 'testLabel'."]})
        order = self._order(whole_of(fields, "orderId"))
        carrier = fields["carrierCode"]
        if carrier not in catalogue.carrier_codes():
            return exception("Invalid carrierCode")
        try:
            made = self.simulator.shipping.ship(order, None, 1, carrier, fields["serviceCode"])[0]
        except Locked as fault:
            return exception(str(fault), "System.InvalidOperationException")
        label = made.open()
        names = ("shipmentId", "shipmentCost", "insuranceCost", "trackingNumber")
        return json_response({name: label[name] for name in names} | {"labelData": PDF, "formData": None})

    def mark_shipped(self, request: Request) -> Response:
        fields = fields_of(request, "orderId", "carrierCode")
        order = self._order(whole_of(fields, "orderId"))
        try:
            shipped = moment(fields.get("shipDate"), "shipDate")
            day = shipped[:10] if shipped else None
            self.simulator.shipping.mark_shipped(order, fields.get("trackingNumber"), fields["carrierCode"], day)
        except Unreadable as fault:
            return unreadable(fault)
        except Locked as fault:
            return exception(str(fault), "System.InvalidOperationException")
        return json_response({"orderId": order.id, "orderNumber": order.number})

    def hold(self, request: Request) -> Response:
        fields = fields_of(request, "orderId", "holdUntilDate")
        try:
            until = moment(fields["holdUntilDate"], "holdUntilDate") or ""
        except Unreadable as fault:
            return unreadable(fault)
        return self._change(fields, lambda order: self.account.hold(order, until[:10]), "Order held successfully.")

    def restore(self, request: Request) -> Response:
        fields = fields_of(request, "orderId")
        order = self._order(whole_of(fields, "orderId"))
        if order.status == "on_hold":
            self.account.set_status(order, "awaiting_shipment")
        return done("The requested order has been restored")

    def tag(self, request: Request, wanted: bool) -> Response:
        fields = fields_of(request, "orderId", "tagId")
        tag = whole_of(fields, "tagId")
        if wanted and tag not in self.account.tags:
            return exception("The tag does not exist.")
        word = "added" if wanted else "removed"
        work: Callable[[Order], None] = lambda order: self.account.tag(order, tag, wanted)  # noqa: E731
        return self._change(fields, work, f"Tag {word} successfully.")

    def assign(self, request: Request, assigned: bool) -> Response:
        """All or nothing."""
        fields = fields_of(request, "orderIds", *(("userId",) if assigned else ()))
        orders = [self._order(int(key)) for key in fields["orderIds"]]
        user = fields["userId"] if assigned else None
        if user is not None and user not in {one["userId"] for one in catalogue.USERS}:
            raise not_found("user")
        for order in orders:
            self.account.save(order, order.open() | {"userId": user})
        return done(f"User {'assigned' if assigned else 'unassigned'} successfully.")

    def _change(self, fields: Document, work: Callable[[Order], None], message: str) -> Response:
        try:
            work(self._order(whole_of(fields, "orderId")))
        except Locked as fault:
            return exception(str(fault), "System.InvalidOperationException")
        return done(message)

    # Reading

    def _order(self, key: int) -> Order:
        order = self.account.orders.get(key)
        if order is None:
            raise not_found("order")
        return order

    def one(self, request: Request, key: int) -> Response:
        return Response(self._order(key).raw, content_type="application/json; charset=utf-8")

    def listing(self, request: Request) -> Response:
        query = Query(request)
        key = (query.key, self.simulator.switches["range_ends"], self.account.orders.version)
        if self._last[0] != key:
            self._last = (key, self.find(query))
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
            return exception(
                "Object reference not set to an instance of an object.",
                "System.NullReferenceException",
            )
        zero = bool(self.simulator.switches["pages_zero"])
        return paged("orders", [row.raw for row in shown], len(rows), page, size, zero)

    def find(self, query: Query) -> list[Order]:
        """All orders that match, in the wanted order."""
        orders = self.account.orders
        sort = query.sort("OrderDate", "ModifyDate", "CreateDate")
        wants = _wanted(query, exclusive=self.simulator.switches["range_ends"] == "exclusive")
        rows = [orders.rows[key] for key in self._candidates(query, sort)]
        rows = [row for row in rows if not row.deleted and row.merged_into is None and all(want(row) for want in wants)]
        if sort == "orderdate":
            rows.sort(key=lambda row: (row.open()["orderDate"], row.id))
        elif sort == "modifydate" and query.text("orderNumber"):
            rows.sort(key=lambda row: (row.modified, row.id))
        elif sort == "createdate" and query.text("orderNumber"):
            rows.sort(key=lambda row: (row.created, row.id))
        elif not sort:
            rows.sort(key=lambda row: row.id)
        return rows[::-1] if query.descending else rows

    def _candidates(self, query: Query, sort: str) -> Iterable[int]:
        """Ids from the index that leaves the fewest, or that has the wanted order already."""
        orders = self.account.orders
        if number := query.text("orderNumber"):
            return orders.by_number.starting_with(number)
        if not sort and (batch := query.text("importBatch")):
            return orders.by_batch.get(batch, [])
        created = _window(query, "createDate", orders.by_created)
        modified = _window(query, "modifyDate", orders.by_modified)
        if sort == "modifydate":
            return modified if modified is not None else orders.by_modified.between()
        if sort == "createdate":
            return created if created is not None else orders.by_created.between()
        if modified is not None:
            return modified
        return created if created is not None else list(orders.rows)


def _window(query: Query, field: str, index: Sorted) -> list[int] | None:
    start, end = query.moment(f"{field}Start"), query.moment(f"{field}End")
    return index.between(start, end) if start or end else None


Want = Callable[[Order], bool]


def _wanted(query: Query, exclusive: bool) -> list[Want]:
    """The filters of a query; those that need the whole document come last."""
    wants: list[Want] = []
    for name in ("modify", "create"):
        wants += _bounds(query, f"{name}Date", _STAMPS[name], exclusive)
    if status := query.text("orderStatus"):
        wants.append(lambda row: row.status == status)
    if (store := query.whole("storeId")) is not None:
        wants.append(lambda row: row.store == store)
    if batch := query.text("importBatch"):
        wants.append(lambda row: row.import_batch == batch)
    if name := (query.text("customerName") or "").lower():
        wants.append(lambda row: name in row.name.lower())
    for field in ("orderDate", "paymentDate"):
        wants += _bounds(query, field, _field(field), exclusive)
    if word := (query.text("itemKeyword") or "").lower():
        wants.append(lambda row: _mentions(row.open(), word))
    return wants


_STAMPS: dict[str, Callable[[Order], str]] = {
    "modify": lambda row: row.modified,
    "create": lambda row: row.created,
}


def _field(name: str) -> Callable[[Order], str]:
    return lambda row: row.open()[name] or ""


def _bounds(query: Query, field: str, read: Callable[[Order], str], exclusive: bool) -> list[Want]:
    start, end = query.moment(f"{field}Start"), query.moment(f"{field}End")
    wants: list[Want] = []
    if start:
        wants.append(lambda row: start < read(row) or (start == read(row) and not exclusive))
    if end:
        wants.append(lambda row: "" < read(row) < end or (end == read(row) and not exclusive))
    return wants


def _mentions(document: Document, word: str) -> bool:
    for line in document["items"]:
        options = [option["value"] for option in line["options"]]
        if any(word in (text or "").lower() for text in (line["sku"], line["name"], *options)):
            return True
    return False


def _success(order: Order) -> Document:
    names = {"orderId": order.id, "orderNumber": order.number, "orderKey": order.key}
    return {**names, "success": True, "errorMessage": None}


PDF = "JVBERi0xLjQKJeLjz9MKMSAwIG9iago8PD4+CmVuZG9iagp0cmFpbGVyCjw8Pj4KJSVFT0YK"
