"""SalesOrders API v3: another service, with UTC times, problem details, pages from 0, and If-Match as a duty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.visma_net import clock
from sandbox.visma_net.api.companies import Companies
from sandbox.visma_net.api.erp import root_of, versions
from sandbox.visma_net.errors import empty, problem
from sandbox.visma_net.store import Record, Row, Store

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
    def __init__(self, context: Context, companies: Companies) -> None:
        self.context, self.companies = context, companies

    def routes(self) -> Iterable[Rule]:
        base = f"{PREFIX}/SalesOrders"
        yield Rule(base, endpoint=self.list, methods=["GET"])
        yield Rule(f"{base}/<kind>", endpoint=self.list, methods=["GET"])
        yield Rule(f"{base}/<kind>/<key>", endpoint=self.get, methods=["GET"])
        yield Rule(f"{base}/<kind>/<key>", endpoint=self.patch, methods=["PATCH"])

    def list(self, request: Request, kind: str = "") -> Response:
        store, args = self.companies.of(request), request.args
        rows = [row for row in (store.sales if store else ()) if _matches(row, kind, args)]
        if args.get("modifiedSince"):
            since = clock.since(args["modifiedSince"])
            if since is None:
                return _invalid("modifiedSince", "0003-InvalidValue", "The value is not a date and time.")
            rows = [row for row in rows if row.modified >= since]
        return _page(request, _ordered(rows, args.get("orderBy", "")))

    def _find(self, request: Request, kind: str, key: str) -> tuple[Store, Row] | None:
        store = self.companies.of(request)
        row = store.sales.get(key) if store else None
        return (store, row) if store and row and row.body["type"] == kind else None

    def get(self, request: Request, kind: str, key: str) -> Response:
        match = self._find(request, kind, key)
        if match is None:
            return _not_found(kind, key)
        sections = {section.strip().lower() for section in request.args.get("expand", "None").split(",")}
        if not sections <= {*SECTIONS, *OTHER_EXPANDS}:
            return _invalid("expand", "0003-InvalidValue", "The value is not a section.")
        _, row = match
        hidden = self._hidden(sections)
        shown = {name: value for name, value in show_sale(row).items() if name not in hidden}
        return json_response(shown, headers={"ETag": row.etag})

    def _hidden(self, sections: set[str]) -> set[str]:
        """Fields that are not shown because no section of them is expanded."""
        everything = "all" in sections or not self.context.switches["v3_expand_needed"]
        hidden = {field for name, field in SECTIONS.items() if not everything and name not in sections}
        if "lines" not in sections and self.context.switches["v3_lines_apart"]:
            hidden.add("orderLines")
        return hidden

    def patch(self, request: Request, kind: str, key: str) -> Response:
        match = self._find(request, kind, key)
        if match is None:
            return _not_found(kind, key)
        store, row = match
        header = request.headers.get("If-Match")
        if not header:
            return problem(428, "The If-Match header is required.")
        if row.stamp not in versions(header):
            return problem(412, "The order has another version.")
        try:
            sent = exact_json.loads(request.get_data())
        except exact_json.DecodeError:
            sent = None
        if not isinstance(sent, dict):
            return problem(400, "The request body is not valid JSON.")
        faults = _faults(sent) | _state_faults(row)
        if faults:
            return problem(400, "One or more validation errors occurred.", faults)
        _apply(row, sent)
        store.touch(store.sales, row)
        return empty(202, {"ETag": row.etag})


def _matches(row: Row, kind: str, args: Mapping[str, str]) -> bool:
    body = row.body
    return (
        (not kind or body["type"] == kind)
        and (not args.get("customerId") or body["customer"]["id"] == args["customerId"])
        and (not args.get("status") or body["status"]["description"].lower() == args["status"].lower())
        and (not args.get("filter") or args["filter"] in row.key)
    )


def _page(request: Request, rows: list[Row]) -> Response:
    """Any expand on a list keeps its pages at 100."""
    args, expanding = request.args, request.args.get("expand", "None").lower() != "none"
    size = min(int(args.get("pageSize") or 100), 100 if expanding else LARGEST)
    index = int(args.get("pageIndex") or 0)
    if size < 1 or index < 0:
        return _invalid("pageSize", "0100-OutsideValidRange", "The page is outside the valid range.")
    more = len(rows) > (index + 1) * size
    query = urlencode(dict(args.items()) | {"pageIndex": index + 1, "pageSize": size})
    next_page = f"{root_of(request)}{request.path}?{query}" if more else None
    shown = [_row(row) for row in rows[index * size : (index + 1) * size]]
    return json_response({"value": shown, "totalCount": len(rows), "nextPage": next_page})


def _not_found(kind: str, key: str) -> Response:
    return problem(404, f"Sales order {kind} {key} was not found.")


def _ordered(rows: list[Row], order_by: str) -> list[Row]:
    name, _, direction = order_by.partition(" ")
    key: Any = {"created": lambda row: row.created, "lastmodified": lambda row: row.modified}.get(name.lower())
    return sorted(rows, key=key or (lambda row: row.key), reverse=direction.lower() == "desc")


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


def _invalid(field: str, code: str, message: str) -> Response:
    return problem(400, "One or more validation errors occurred.", {field: (code, message)})


def _faults(sent: Record) -> dict[str, tuple[str, str]]:
    customer = sent.get("customer") or {}
    faults = {}
    checks = [(name, sent.get(name), most) for name, most in LENGTHS.items()]
    checks += [(f"customer.{name}", customer.get(name), most) for name, most in CUSTOMER_LENGTHS.items()]
    for name, value, most in checks:
        if value is not None and (not isinstance(value, str) or len(value) > most):
            faults[name] = ("0002-InvalidLength", f"The value is longer than {most} characters.")
    if sent.get("status") not in {None, *CHANGEABLE}:
        faults["status"] = ("0004-ValueNotAllowed", "The status is not allowed.")
    return faults


def _state_faults(row: Row) -> dict[str, tuple[str, str]]:
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
