"""SalesOrders API v3: another service, with UTC times, problem details, pages from 0, and If-Match as a duty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.responses import json_response
from sandbox.visma_net import clock
from sandbox.visma_net.api.erp import versions
from sandbox.visma_net.errors import empty, problem
from sandbox.visma_net.store import Record, Row, Store

if TYPE_CHECKING:
    from sandbox.visma_net.app import VismaNetSimulator

PREFIX = "/salesorder/api/v3"
LARGEST = 1000
SECTIONS = {
    "billing": "billing",
    "payment": "paymentSettings",
    "financialinformation": "financialInformation",
    "shipping": "shipping",
    "customer": "customer",
    "note": "note",
    "freight": "freight",
    "attachments": "attachments",
    "lines": "orderLines",
}
OTHER_EXPANDS = {"none", "owner", "origin", "all"}
LENGTHS = {"description": 255, "note": 2048}
CUSTOMER_LENGTHS = {"order": 40, "refNo": 40}
CHANGEABLE = {"Open", "Hold", "BackOrder"}


class SalesOrders:
    def __init__(self, simulator: VismaNetSimulator) -> None:
        self.simulator = simulator

    def routes(self) -> Iterable[Rule]:
        base = f"{PREFIX}/SalesOrders"
        yield Rule(base, endpoint=self.orders, methods=["GET"])
        yield Rule(f"{base}/<kind>", endpoint=self.orders, methods=["GET"])
        yield Rule(f"{base}/<kind>/<key>", endpoint=self.get, methods=["GET"])
        yield Rule(f"{base}/<kind>/<key>", endpoint=self.patch, methods=["PATCH"])

    def orders(self, request: Request, kind: str = "") -> Response:
        store = self.simulator.store_of(request)
        rows = list(store.sales) if store else []
        args = request.args
        if kind:
            rows = [row for row in rows if row.body["type"] == kind]
        if args.get("customerId"):
            rows = [row for row in rows if row.body["customer"]["id"] == args["customerId"]]
        if args.get("status"):
            rows = [row for row in rows if row.body["status"]["description"].lower() == args["status"].lower()]
        if args.get("filter"):
            rows = [row for row in rows if args["filter"] in row.key]
        if args.get("modifiedSince"):
            since = clock.since(args["modifiedSince"])
            if since is None:
                return _invalid("modifiedSince", "0003-InvalidValue", "The value is not a date and time.")
            rows = [row for row in rows if row.modified >= since]
        return self._page(request, _ordered(rows, args.get("orderBy", "")))

    def _page(self, request: Request, rows: list[Row]) -> Response:
        """Any expand on a list keeps its pages at 100."""
        args, expanding = request.args, request.args.get("expand", "None").lower() != "none"
        size = min(int(args.get("pageSize") or 100), 100 if expanding else LARGEST)
        index = int(args.get("pageIndex") or 0)
        if size < 1 or index < 0:
            return _invalid("pageSize", "0100-OutsideValidRange", "The page is outside the valid range.")
        more = len(rows) > (index + 1) * size
        query = urlencode(dict(args.items()) | {"pageIndex": index + 1, "pageSize": size})
        following = f"{self.simulator.root(request)}{request.path}?{query}" if more else None
        shown = [_row(row) for row in rows[index * size : (index + 1) * size]]
        return json_response({"value": shown, "totalCount": len(rows), "nextPage": following})

    def _find(self, request: Request, kind: str, key: str) -> Row | None:
        store = self.simulator.store_of(request)
        row = store.sales.get(key) if store else None
        return row if row and row.body["type"] == kind else None

    def get(self, request: Request, kind: str, key: str) -> Response:
        row = self._find(request, kind, key)
        if row is None:
            return problem(404, f"Sales order {kind} {key} was not found.")
        asked = {each.strip().lower() for each in request.args.get("expand", "None").split(",")}
        if not asked <= {*SECTIONS, *OTHER_EXPANDS}:
            return _invalid("expand", "0003-InvalidValue", "The value is not a section.")
        if not self.simulator.switches["v3_expand_needed"]:
            asked.add("all")
        hidden = {field for name, field in SECTIONS.items() if not asked & {name, "all"}}
        if "lines" not in asked and self.simulator.switches["v3_lines_apart"]:
            hidden.add("orderLines")
        shown = {name: value for name, value in show_sale(row).items() if name not in hidden}
        return json_response(shown, headers={"ETag": row.etag})

    def patch(self, request: Request, kind: str, key: str) -> Response:
        row = self._find(request, kind, key)
        if row is None:
            return problem(404, f"Sales order {kind} {key} was not found.")
        wanted = request.headers.get("If-Match")
        if not wanted:
            return problem(428, "The If-Match header is required.")
        if row.stamp not in versions(wanted):
            return problem(412, "The order has another version.")
        try:
            sent = exact_json.loads(request.get_data())
        except exact_json.DecodeError:
            sent = None
        if not isinstance(sent, dict):
            return problem(400, "The request body is not valid JSON.")
        faults = _faults(sent) | _state_faults(row, sent)
        if faults:
            return problem(400, "One or more validation errors occurred.", faults)
        _apply(row, sent)
        store = self.simulator.store_of(request)
        if store:
            store.touch(store.sales, row)
        return empty(202, {"ETag": row.etag})


def _ordered(rows: list[Row], said: str) -> list[Row]:
    name, _, way = said.partition(" ")
    by: Any = {"created": lambda row: row.created, "lastmodified": lambda row: row.modified}.get(name.lower())
    return sorted(rows, key=by or (lambda row: row.key), reverse=way.lower() == "desc")


def _row(row: Row) -> Record:
    """An order as lists show it: its status is plain text there."""
    body = row.body
    path = f"{PREFIX.removeprefix('/salesorder')}/SalesOrders/{body['type']}/{row.key}"
    return {
        "orderId": row.key,
        "type": body["type"],
        "status": body["status"]["description"],
        "date": body["date"],
        "requestOn": body["requestOn"],
        "lastModified": clock.utc(row.modified),
        "customerId": body["customer"]["id"],
        "customerName": body["customer"]["name"],
        "customerOrder": body["customer"]["order"],
        "customerRefNo": body["customer"]["refNo"],
        "description": body["description"],
        "currency": body["currencyId"],
        "orderQty": body["orderQty"],
        "orderTotal": body["totals"]["orderTotal"],
        "_links": {"self": {"href": path}},
    }


def show_sale(row: Row) -> Record:
    return row.body | {"lastModified": clock.utc(row.modified), "version": row.stamp}


def _invalid(field: str, code: str, words: str) -> Response:
    return problem(400, "One or more validation errors occurred.", {field: (code, words)})


def _faults(sent: Record) -> dict[str, tuple[str, str]]:
    customer = sent.get("customer") or {}
    found = {}
    checks = [(name, sent.get(name), most) for name, most in LENGTHS.items()]
    checks += [(f"customer.{name}", customer.get(name), most) for name, most in CUSTOMER_LENGTHS.items()]
    for name, value, most in checks:
        if value is not None and (not isinstance(value, str) or len(value) > most):
            found[name] = ("0002-InvalidLength", f"The value is longer than {most} characters.")
    if sent.get("status") not in {None, *CHANGEABLE}:
        found["status"] = ("0004-ValueNotAllowed", "The status is not allowed.")
    return found


def _state_faults(row: Row, sent: Record) -> dict[str, tuple[str, str]]:
    if row.body["status"]["description"] in CHANGEABLE:
        return {}
    return {"status": ("0005-InvalidState", "The order cannot be changed in its status.")}


def _apply(row: Row, sent: Record) -> None:
    body = row.body
    for name in ("description", "note"):
        if name in sent:
            body[name] = sent[name] or ""
    customer = sent.get("customer") or {}
    body["customer"] = body["customer"] | {name: customer[name] or "" for name in CUSTOMER_LENGTHS if name in customer}
    if sent.get("status"):
        body["status"] = {"description": sent["status"], "hold": sent["status"] == "Hold", "cancelled": False}


def show_sales(store: Store) -> list[Record]:
    return [show_sale(row) for row in store.sales]
