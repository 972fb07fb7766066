"""Reference data over HTTP: suppliers, warehouses, branches, organisations, periods, carriers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from werkzeug.wrappers import Response

from sandbox.kit.responses import json_response
from sandbox.visma_net import clock
from sandbox.visma_net.api import lists
from sandbox.visma_net.api.erp import Call, Route
from sandbox.visma_net.api.responses import single
from sandbox.visma_net.errors import not_found
from sandbox.visma_net.store import Record, Row, Store, row_of

SUPPLIER_STATUSES = ("Active", "OnHold", "HoldPayments", "Inactive", "OneTime")
CARRIERS = (("BRING", "Bring Servicepakke"), ("DHL", "DHL Freight"), ("PICKUP", "Picked up"))
LEDGERS = ("SupplierLedger", "CustomerLedger", "InventoryManagement", "GeneralLedger")


def routes() -> Iterable[Route]:
    yield "GET", "v1/supplier", list_suppliers
    yield "GET", "v1/supplier/{}", get_supplier
    yield "GET", "v1/warehouse", list_warehouses
    yield "GET", "v1/warehouse/{}", get_warehouse
    yield from _fixed_routes("branch", _branches, lambda record: record["number"])
    yield from _fixed_routes("organization", _organizations, lambda record: record["organizationCd"])
    yield from _fixed_routes("financialPeriod", _periods, lambda record: f"{record['year']}{record['period']}")
    yield from _fixed_routes("carrier", _carriers, lambda record: record["carrierId"])


def list_suppliers(call: Call) -> Response:
    request, store = call.request, call.store
    rows: lists.Rows = lists.choice(request, store.suppliers, "status", "status", SUPPLIER_STATUSES)
    rows = lists.same_field(request, rows, "name", "corporateId", "vatRegistrationId")
    return lists.page(call, lists.modified(request, rows, store), store.show, "supplier")


def get_supplier(call: Call) -> Response:
    row = row_of(call.store.suppliers, call.key, "Supplier")
    return single(row, call.store.show(row))


def list_warehouses(call: Call) -> Response:
    rows = lists.same(call.request, call.store.warehouses, "active", lambda body: str(body["active"]))
    return lists.page(call, rows, lambda row: show_warehouse(call.store, row), "warehouse", metadata=False)


def get_warehouse(call: Call) -> Response:
    row = row_of(call.store.warehouses, call.key, "Warehouse")
    return single(row, show_warehouse(call.store, row))


def show_warehouse(store: Store, row: Row) -> Record:
    shown = store.show(row)
    shown["timestamp"] = shown.pop("timeStamp")
    del shown["lastModifiedDateTime"]
    return shown


# Small lists without pages


def _fixed_routes(
    path: str, records: Callable[[Store], list[Record]], key_of: Callable[[Record], str]
) -> Iterable[Route]:
    def list_all(call: Call) -> Response:
        return json_response(records(call.store))

    def get(call: Call) -> Response:
        for record in records(call.store):
            if call.key == key_of(record):
                return json_response(record)
        raise not_found(path, call.key)

    yield "GET", f"v1/{path}", list_all
    yield "GET", f"v1/{path}/{{}}", get


def _branches(store: Store) -> list[Record]:
    branch = {"branchId": 1, **store.switches["branch"], "organizationId": 1, "isMainBranch": True}
    return [branch | {"isActive": True, "corporateId": "918273645", "currency": {"id": "NOK", "symbol": "kr"}}]


def _organizations(store: Store) -> list[Record]:
    names = {"organizationCd": store.company, "name": store.name, "organizationType": "Without branches"}
    return [names | {"baseCurrency": "NOK", "corporateId": "918273645", "vatRegistrationId": "NO918273645MVA"}]


def _periods(store: Store) -> list[Record]:
    this_year = clock.wall(store.moment(), store.zone).year
    years = (this_year - 1, this_year, this_year + 1)
    return [_period(store, year, month) for year in years for month in range(1, 13)]


def _period(store: Store, year: int, month: int) -> Record:
    closed = f"{year}{month:02d}" in store.closed_periods
    return {
        "year": year,
        "period": f"{month:02d}",
        "startDate": f"{year}-{month:02d}-01T00:00:00",
        "endDate": f"{year + month // 12}-{month % 12 + 1:02d}-01T00:00:00",
        "description": f"{month:02d}-{year}",
        "active": True,
        **{f"closedIn{ledger}": closed for ledger in LEDGERS},
    }


def _carriers(store: Store) -> list[Record]:
    return [{"carrierId": key, "carrierDescription": text} for key, text in CARRIERS]
