"""Talking to one company in Visma.net: the ERP, and the separate sales order service, in one session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connections.errors import ConnectionBroken, NotThere, OutcomeUnknown, Surprise
from connections.http import Http
from connections.oauth import bearer
from connections.response import Response
from connections.vendor import Account, Budget
from connections.vendors.visma_net import codec
from connections.vendors.visma_net.codec import Record
from connections.vendors.visma_net.errors import RightMissing, map_error
from connections.vendors.visma_net.session import VismaSession, open_connect

ERP, SALES_ORDERS = "https://api.finance.visma.net", "https://salesorder.visma.net/api/v3"
TIMEOUT = (10.0, 120.0)
PAGE_SIZE = 500
PASSES = 3  # readings of a list whose records shift between its pages
RIGHTS = {"GET": "read", "POST": "create", "PUT": "update"}


class Listed(NamedTuple):
    """One page of a list, and when the server sent it, in the words of its `Date` header."""

    records: list[Record]
    date: str


class VismaClient:
    """Calls the ERP (`get`, `rows`, `create`, `change`, `act`) and the sales order service (`sales_order`)."""

    def __init__(self, account: Account) -> None:
        self.settings = account.settings
        self.secrets = account.secrets
        self.erp = self._open(account, "base_url", ERP, "api")
        self.orders = self._open(account, "salesorder_url", SALES_ORDERS, "salesorder")
        self.auth_http = open_connect(account)
        self.session = VismaSession(account, self.auth_http)
        self.known_sales_orders: dict[tuple[str, str], Record] = {}

    def _open(self, account: Account, setting: str, default: str, rate: str) -> Http:
        return Http(
            str(account.settings.get(setting) or default),
            system="Visma.net",
            budget=account.budget(rate),
            exchanges=account.exchanges,
            map_error=map_error,
            learn=learn_rate,
            timeout=TIMEOUT,
        )

    def close(self) -> None:
        for http in (self.erp, self.orders, self.auth_http):
            http.close()

    def sign_out(self) -> None:
        """Forget the token; see `SessionAuth.end`."""
        self.session.end()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the ERP's clock. Raises `ConnectionBroken` where the setting names none."""
        name = str(self.settings.get("time_zone") or "Europe/Oslo")
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConnectionBroken(
                f"The time zone {name!r} of this connection does not exist.",
                next_step="Enter a name such as Europe/Oslo in the setting Time zone.",
            ) from error

    @property
    def page_size(self) -> int:
        return max(1, int(self.settings.get("page_size") or PAGE_SIZE))

    @property
    def pause(self) -> float:
        """Seconds between two looks at something that is under way."""
        return float(self.settings.get("poll_seconds") or 2)

    @property
    def patience(self) -> float:
        """Seconds to wait for something that is under way before it is left for later."""
        return float(self.settings.get("release_seconds") or 60)

    # The ERP

    def get(self, path: str, **params: str) -> Record | None:
        """One raw record, None where there is none."""
        try:
            record = self.call("GET", path, params=params).json()
        except NotThere:
            return None
        if isinstance(record, list):  # some single reads of newer resources come as a list of one
            record = record[0] if record else None
        if record is not None and not isinstance(record, dict):
            raise Surprise("Visma.net answered a record with something else.")
        return record

    def page(self, path: str, number: int, size: int, params: Mapping[str, str]) -> Listed:
        """One page of a list: a bare array, or the records of an envelope. No page is an empty one."""
        query = {**params, "pageNumber": str(number), "pageSize": str(size)}
        try:
            response = self.call("GET", path, params=query)
        except NotThere:  # some lists answer so where there is nothing
            return Listed([], "")
        body = response.json()
        if isinstance(body, list) and len(body) == 1 and isinstance(body[0], dict) and "records" in body[0]:
            body = body[0]
        if isinstance(body, dict) and "records" in body:
            body = body["records"]
        if not isinstance(body, list) or not all(isinstance(record, dict) for record in body):
            raise Surprise("Visma.net answered a list with something else.")
        return Listed(body, response.headers.get("date", ""))

    def rows(self, path: str, key: str, **params: str) -> list[Record]:
        """Every record of a list, by its key, through all pages; read again where a record may have slipped between two."""
        records: dict[str, Record] = {}
        for _ in range(PASSES):
            known, claimed = len(records), 0
            for page in self._pages(path, params):
                records |= {str(record.get(key)): record for record in page}
                claimed = total(page) or 0
            if len(records) >= claimed or known == len(records):
                break
        return list(records.values())

    def _pages(self, path: str, params: Mapping[str, str]) -> Iterator[list[Record]]:
        number, seen = 1, 0
        before: list[Record] = []
        while True:
            page = self.page(path, number, self.page_size, params).records
            if not page or page == before:  # lists that know no pages answer the same again
                return
            yield page
            seen += len(page)
            claimed = total(page)
            if claimed is not None and seen >= claimed:
                return
            number, before = number + 1, page

    def create(self, path: str, body: Mapping[str, Any]) -> str:
        """Create a document from a plain body. Returns its number, which stands only in the `Location` header."""
        response = self.call("POST", path, json=codec.wrap(body))
        number = codec.key_of(response.headers.get("location", ""))
        if not number:
            raise OutcomeUnknown("Visma.net made a document and did not say its number.", status=response.status)
        return number

    def change(self, path: str, body: Mapping[str, Any], version: str) -> None:
        """Change a document, if it still has this row version. Raises `ChangedMeanwhile` if not."""
        precondition = {"If-Match": f'"{version}"'} if version else {}
        self.call("PUT", path, json=codec.wrap(body), headers=precondition)

    def act(self, path: str, body: Mapping[str, Any] | None = None) -> Record:
        """Run an action with a bare body, or none. Returns what it says of itself, empty where it says nothing."""
        response = self.call("POST", path, json=dict(body) if body else None)
        if not response.body.strip():
            return {}
        try:
            result = response.json()
        except Surprise as error:
            raise OutcomeUnknown("Visma.net answered an action with something that cannot be read.") from error
        return result if isinstance(result, dict) else {}

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any) -> Response:
        """One call to the ERP; a 401 is repeated once with a fresh token, because it says "not done"."""
        extra = {**self._company(), **(headers or {})}
        return self._signed_in(self.erp, method, path, extra, request)

    # The sales order service

    def sales_order(self, kind: str, number: str) -> Record:
        """A sales order of service v3 by type and number, remembered; empty where there is none."""
        known = self.known_sales_orders.get((kind, number))
        if known is None:
            path = f"SalesOrders/{codec.path_key(kind)}/{codec.path_key(number)}"
            try:
                order = self._signed_in(self.orders, "GET", path, {}, {"params": {"expand": "Customer"}}).json()
            except NotThere:
                order = {}
            known = self.known_sales_orders[kind, number] = order if isinstance(order, dict) else {}
        return known

    def check_sales_orders(self) -> None:
        """One cheap call to the sales order service. Raises what it says."""
        self._signed_in(self.orders, "GET", "SalesOrders", {}, {"params": {"pageSize": "1", "pageIndex": "0"}})

    # Both

    def _company(self) -> dict[str, str]:
        sent: dict[str, str] = {}
        if company := str(self.settings.get("company_id") or "").strip():
            sent |= {"ipp-company-id": company, "ipp-application-type": "Visma.net Financials"}
        if branch := str(self.settings.get("branch") or "").strip():
            sent["branchid"] = branch
        return sent

    def _signed_in(
        self, http: Http, method: str, path: str, extra: Mapping[str, str], request: Mapping[str, Any]
    ) -> Response:
        return self.session.call(
            lambda session: self._checked(http, method, path, {**extra, **bearer(session)}, request)
        )

    def _checked(
        self, http: Http, method: str, path: str, sent: Mapping[str, str], request: Mapping[str, Any]
    ) -> Response:
        try:
            return http.request(method, path, headers=sent, **request)
        except RightMissing as error:
            raise self._right_missing(http, method, path, error) from error

    def _right_missing(self, http: Http, method: str, path: str, error: RightMissing) -> ConnectionBroken:
        right = "update" if "/action/" in path else RIGHTS.get(method, "update")
        kind = "interactive" if self.session.granted_by_person else "service"
        scope = "visma.net.erp.salesorder:read" if http is self.orders else f"vismanet_erp_{kind}_api:{right}"
        return ConnectionBroken(
            f"Visma.net refused our rights: the scope {scope}, or the user's right to this screen, is missing.",
            next_step=f"Add the scope {scope} to the application in the Visma Developer Portal and approve it again in "
            "Visma App Store; for a sign-in by browser, the user needs the role API User too.",
            words=error.words,
            status=403,
            request_id=error.request_id,
        )


def total(page: list[Record]) -> int | None:
    """How many records a list has, as the metadata in each of its elements tells, None where there is none."""
    metadata = page[0].get("metadata") if page else None
    count = metadata.get("totalCount") if isinstance(metadata, dict) else None
    return count if isinstance(count, int) else None


def learn_rate(budget: Budget, response: Response) -> None:
    """Take over the fixed window that every answer tells."""

    def number(name: str) -> float | None:
        try:
            return float(response.headers[name])
        except (KeyError, ValueError):
            return None

    limit, remaining = number("x-ratelimit-limit"), number("x-ratelimit-remaining")
    budget.learn(
        limit=None if limit is None else int(limit),
        remaining=None if remaining is None else int(remaining),
        resets_in=number("x-ratelimit-reset"),
    )
