"""V1 reads of what an account is set up with: carriers, warehouses, stores, users, tags."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation import catalogue, clock
from sandbox.shipstation.api.v1.query import Query
from sandbox.shipstation.api.v1.responses import done, fields_of, not_found, whole_of
from sandbox.shipstation.store import Account, Document


class V1Directory:
    def __init__(self, context: Context, account: Account) -> None:
        self.context = context
        self.account = account

    def routes(self) -> Iterable[Rule]:
        account = self.account
        reads = {
            "/carriers": lambda request: json_response(catalogue.carriers()),
            "/carriers/getcarrier": self.carrier,
            "/carriers/listservices": self.services,
            "/carriers/listpackages": self.packages,
            "/warehouses": lambda request: json_response(list(account.warehouses.values())),
            "/warehouses/<int:key>": self.warehouse,
            "/stores": self.stores,
            "/stores/<int:key>": self.store,
            "/stores/marketplaces": lambda request: json_response(catalogue.MARKETPLACES),
            "/stores/getrefreshstatus": self.refresh_status,
            "/users": lambda request: json_response(catalogue.USERS),
            "/accounts/listtags": lambda request: json_response(list(account.tags.values())),
        }
        for path, handler in reads.items():
            yield Rule(path, endpoint=handler, methods=["GET"])
        yield Rule("/stores/refreshstore", endpoint=self.refresh, methods=["POST"])

    # Carriers and warehouses

    def carrier(self, request: Request) -> Response:
        code = _carrier_code(request)
        return json_response(next(carrier for carrier in catalogue.carriers() if carrier["code"] == code))

    def services(self, request: Request) -> Response:
        return json_response(catalogue.services(_carrier_code(request)))

    def packages(self, request: Request) -> Response:
        return json_response(catalogue.packages(_carrier_code(request)))

    def warehouse(self, request: Request, key: int) -> Response:
        if key not in self.account.warehouses:
            raise not_found("warehouse")
        return json_response(self.account.warehouses[key])

    # Stores

    def stores(self, request: Request) -> Response:
        query = Query(request)
        rows = [row for row in self.account.stores.values() if row["active"] or query.flag("showInactive")]
        marketplace = query.whole("marketplaceId")
        return json_response([row for row in rows if marketplace in (None, row["marketplaceId"])])

    def store(self, request: Request, key: int) -> Response:
        return json_response(self._store(key))

    def _store(self, key: int | None) -> Document:
        if key not in self.account.stores:
            raise not_found("store")
        return self.account.stores[key]

    def refresh(self, request: Request) -> Response:
        store = self._store(whole_of(fields_of(request, "storeId"), "storeId"))
        store["lastRefreshAttempt"] = clock.three(self.context.now())
        return done(f"A store refresh has been initiated for Store ID {store['storeId']}")

    def refresh_status(self, request: Request) -> Response:
        store = self._store(Query(request).whole("storeId"))
        dates = {name: store[name] for name in ("lastRefreshAttempt", "refreshDate")}
        status = {"refreshStatusId": 2, "refreshStatus": "Updating orders"}
        return json_response({"storeId": store["storeId"], **status, **dates})


def _carrier_code(request: Request) -> str:
    code = Query(request).text("carrierCode")
    if code not in catalogue.carrier_codes():
        raise not_found("carrier")
    return code
