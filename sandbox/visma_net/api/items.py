"""Inventory items over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.wrappers import Response

from sandbox.kit.context import Context
from sandbox.visma_net.api import lists
from sandbox.visma_net.api.erp import Call, Route
from sandbox.visma_net.api.responses import action_result, single
from sandbox.visma_net.errors import not_found
from sandbox.visma_net.rules.items import rename
from sandbox.visma_net.schema import json_body, unrecognized
from sandbox.visma_net.store import Record, Row, Store, row_of

RENAME_DTO = "ChangeInventoryNbrActionDto"
STATUSES = ("Active", "NoSales", "NoPurchases", "NoRequest", "Inactive", "MarkedForDeletion", "Unknown")
EXPANDS = {
    "expandCrossReference": "crossReferences",
    "expandAttachment": "attachments",
    "expandAttribute": "attributes",
    "expandWarehouseDetail": "warehouseDetails",
    "expandAccountInformation": "accountInformation",
    "expandInventoryUnits": "inventoryUnits",
    "expandSupplierDetails": "supplierDetails",
    "expandSalesCategories": "salesCategories",
    "expandNote": "note",
}


def show_item(store: Store, row: Row) -> Record:
    """Items write `timestamp` with a small s."""
    shown = store.show(row)
    shown["timestamp"] = shown.pop("timeStamp")
    return shown


class Items:
    def __init__(self, context: Context) -> None:
        self.context = context

    def routes(self) -> Iterable[Route]:
        yield "GET", "v1/inventory", self.list
        yield "GET", "v1/inventory/{}", self.get
        yield "GET", "v1/inventory/internal/{}", self.get_by_id
        yield "POST", "v1/inventory/action/changeInventoryNbr/{}", self.rename

    def list(self, call: Call) -> Response:
        """What is not expanded is left out; by default everything is, which is announced to change: a switch."""
        request, store = call.request, call.store
        rows: lists.Rows = lists.choice(request, store.items, "status", "status", STATUSES)
        rows = lists.same_field(request, rows, "inventoryNumber", "description")
        alternate = request.args.get("alternateID")
        if alternate:
            rows = [row for row in rows if alternate in _alternates(row)]
        types = request.args.getlist("inventoryTypes")
        if types:
            rows = [row for row in rows if row.body["type"] in types]
        rows = lists.created(request, lists.modified(request, rows, store), store)
        default = bool(self.context.switches["expand_by_default"])
        hidden = {field for name, field in EXPANDS.items() if not lists.flag(request, name, default)}

        def show(row: Row) -> Record:
            return {name: value for name, value in show_item(store, row).items() if name not in hidden}

        return lists.page(call, rows, show, "inventory")

    def get(self, call: Call) -> Response:
        row = row_of(call.store.items, call.key, "Inventory item")
        return single(row, show_item(call.store, row))

    def get_by_id(self, call: Call) -> Response:
        row = _by_id(call)
        return single(row, show_item(call.store, row))

    def rename(self, call: Call) -> Response:
        sent = json_body(call.request, RENAME_DTO)
        if not isinstance(sent, dict) or not isinstance(sent.get("inventoryNbr"), str):
            raise unrecognized(RENAME_DTO)
        rename(call.store, _by_id(call).key, sent["inventoryNbr"])
        return action_result(self.context)


def _alternates(row: Row) -> set[str]:
    return {reference["alternateID"] for reference in row.body["crossReferences"]}


def _by_id(call: Call) -> Row:
    for row in call.store.items:
        if str(row.body["inventoryId"]) == call.key:
            return row
    raise not_found("Inventory item", call.key)
