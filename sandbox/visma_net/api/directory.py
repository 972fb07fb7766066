"""Reference data over HTTP: suppliers, items, warehouses, branches, organisations, periods, carriers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from sandbox.kit.responses import json_response
from sandbox.visma_net import clock
from sandbox.visma_net import schema as wrapping
from sandbox.visma_net.api import lists
from sandbox.visma_net.api.erp import Call, Route, row_of
from sandbox.visma_net.errors import Refusal, missing
from sandbox.visma_net.store import Record, Row, Store

if TYPE_CHECKING:
    from sandbox.visma_net.app import VismaNetSimulator

SUPPLIER_STATUSES = ("Active", "OnHold", "HoldPayments", "Inactive", "OneTime")
ITEM_STATUSES = ("Active", "NoSales", "NoPurchases", "NoRequest", "Inactive", "MarkedForDeletion", "Unknown")
CARRIERS = (("BRING", "Bring Servicepakke"), ("DHL", "DHL Freight"), ("PICKUP", "Picked up"))
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


def show_warehouse(store: Store, row: Row) -> Record:
    shown = store.show(row)
    shown["timestamp"] = shown.pop("timeStamp")
    del shown["lastModifiedDateTime"]
    return shown


class Directory:
    def __init__(self, simulator: VismaNetSimulator) -> None:
        self.simulator = simulator

    def routes(self) -> Iterable[Route]:
        yield "GET", "v1/supplier", self.suppliers
        yield "GET", "v1/supplier/{}", self.supplier
        yield "GET", "v1/inventory", self.items
        yield "GET", "v1/inventory/{}", self.item
        yield "GET", "v1/inventory/internal/{}", self.item_by_id
        yield "POST", "v1/inventory/action/changeInventoryNbr/{}", self.rename
        yield "GET", "v1/warehouse", self.warehouses
        yield "GET", "v1/warehouse/{}", self.warehouse
        yield from self._fixed("branch", "number", self._branches)
        yield from self._fixed("organization", "organizationCd", self._organizations)
        yield from self._fixed("financialPeriod", "", self._periods)
        yield from self._fixed("carrier", "carrierId", self._carriers)

    def suppliers(self, call: Call) -> Response:
        request, store = call.request, call.store
        rows: lists.Rows = lists.choice(request, store.suppliers, "status", "status", SUPPLIER_STATUSES)
        for name in ("name", "corporateId", "vatRegistrationId"):
            rows = lists.same(request, rows, name, lambda body, name=name: body.get(name))  # type: ignore[misc]
        rows = lists.modified(request, rows, store)
        return lists.page(request, rows, store.show, "supplier", self.simulator.switches)

    def supplier(self, call: Call) -> Response:
        row = row_of(call.store.suppliers, call.key, "Supplier")
        return self.simulator.erp.single(row, call.store.show(row))

    # Items

    def items(self, call: Call) -> Response:
        """What is not expanded is left out; by default everything is, which is announced to change: a switch."""
        request, store = call.request, call.store
        rows: lists.Rows = lists.choice(request, store.items, "status", "status", ITEM_STATUSES)
        for name, field in (("inventoryNumber", "inventoryNumber"), ("description", "description")):
            rows = lists.same(request, rows, name, lambda body, field=field: body.get(field))  # type: ignore[misc]
        alternate = request.args.get("alternateID")
        if alternate:
            rows = [row for row in rows if alternate in {each["alternateID"] for each in row.body["crossReferences"]}]
        types = request.args.getlist("inventoryTypes")
        if types:
            rows = [row for row in rows if row.body["type"] in types]
        rows = lists.created(request, lists.modified(request, rows, store), store)
        default = bool(self.simulator.switches["expand_by_default"])
        hidden = {field for name, field in EXPANDS.items() if not lists.flag(request, name, default)}

        def show(row: Row) -> Record:
            return {name: value for name, value in show_item(store, row).items() if name not in hidden}

        return lists.page(request, rows, show, "inventory", self.simulator.switches)

    def item(self, call: Call) -> Response:
        row = row_of(call.store.items, call.key, "Inventory item")
        return self.simulator.erp.single(row, show_item(call.store, row))

    def _by_id(self, call: Call) -> Row:
        found = [row for row in call.store.items if str(row.body["inventoryId"]) == call.key]
        if not found:
            raise missing("Inventory item", call.key)
        return found[0]

    def item_by_id(self, call: Call) -> Response:
        row = self._by_id(call)
        return self.simulator.erp.single(row, show_item(call.store, row))

    def rename(self, call: Call) -> Response:
        dto = "ChangeInventoryNbrActionDto"
        sent = wrapping.received(call.request, dto)
        if not isinstance(sent, dict) or not isinstance(sent.get("inventoryNbr"), str):
            raise wrapping.unrecognized(dto)
        rename_item(call.store, self._by_id(call).key, sent["inventoryNbr"])
        return json_response({"actionId": str(self.simulator.new_id()), "actionResult": "Done", "errorInfo": ""})

    def warehouses(self, call: Call) -> Response:
        request, store = call.request, call.store
        rows = lists.same(request, store.warehouses, "active", lambda body: str(body["active"]))
        show = lambda row: show_warehouse(store, row)  # noqa: E731
        return lists.page(request, rows, show, "warehouse", self.simulator.switches, metadata=False)

    def warehouse(self, call: Call) -> Response:
        row = row_of(call.store.warehouses, call.key, "Warehouse")
        return self.simulator.erp.single(row, show_warehouse(call.store, row))

    # Small lists without pages

    def _fixed(self, path: str, key: str, made: Callable[[Store], list[Record]]) -> Iterable[Route]:
        def whole(call: Call) -> Response:
            return json_response(made(call.store))

        def single(call: Call) -> Response:
            for each in made(call.store):
                if call.key == (each[key] if key else f"{each['year']}{each['period']}"):
                    return json_response(each)
            raise missing(path, call.key)

        yield "GET", f"v1/{path}", whole
        yield "GET", f"v1/{path}/{{}}", single

    def _branches(self, store: Store) -> list[Record]:
        branch = {"branchId": 1, **store.switches["branch"], "organizationId": 1, "isMainBranch": True}
        return [branch | {"isActive": True, "corporateId": "918273645", "currency": {"id": "NOK", "symbol": "kr"}}]

    def _organizations(self, store: Store) -> list[Record]:
        about = {"organizationCd": store.company, "name": store.name, "organizationType": "Without branches"}
        return [about | {"baseCurrency": "NOK", "corporateId": "918273645", "vatRegistrationId": "NO918273645MVA"}]

    def _periods(self, store: Store) -> list[Record]:
        year = clock.wall(store.moment(), store.zone).year
        return [_period(store, each, month) for each in (year - 1, year, year + 1) for month in range(1, 13)]

    def _carriers(self, store: Store) -> list[Record]:
        return [{"carrierId": key, "carrierDescription": text} for key, text in CARRIERS]


def _period(store: Store, year: int, month: int) -> Record:
    closed = f"{year}{month:02d}" in store.closed_periods
    after = f"{year + month // 12}-{month % 12 + 1:02d}-01T00:00:00"
    shut: dict[str, Any] = dict.fromkeys(
        ("closedInSupplierLedger", "closedInCustomerLedger", "closedInInventoryManagement", "closedInGeneralLedger"),
        closed,
    )
    about = {"year": year, "period": f"{month:02d}", "startDate": f"{year}-{month:02d}-01T00:00:00", "endDate": after}
    return about | {"description": f"{month:02d}-{year}", "active": True} | shut


def rename_item(store: Store, old: str, new: str) -> Row:
    """The number changes everywhere it is shown; the internal id stays, and documents keep their versions."""
    row = store.items.get(old)
    if row is None:
        raise missing("Inventory item", old)
    if not new or store.items.get(new):
        raise Refusal(400, f"Inventory item {new} exists already or is not a number.")
    del store.items.rows[old]
    row.key = row.body["inventoryNumber"] = new
    store.items.rows[new] = row
    store.touch(store.items, row)
    for table in (store.orders, store.receipts):
        for document in table:
            for line in document.body["lines"]:
                if line.get("_item") == row.body["inventoryId"]:
                    line["inventory"] = line["inventory"] | {"number": new}
    for invoice in store.invoices:
        for line in invoice.body["invoiceLines"]:
            if line["inventoryNumber"] == old:
                line["inventoryNumber"] = new
    for sale in store.sales:
        for line in sale.body["orderLines"]:
            if line["inventory"]["id"] == old:
                line["inventory"] = line["inventory"] | {"id": new}
    return row
