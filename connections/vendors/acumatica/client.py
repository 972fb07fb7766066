"""Talking to the contract-based API of one tenant: records, lists, writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from connections.errors import ConnectionBroken, NotThere, OutcomeUnknown, Surprise, VendorError, WrongAddress
from connections.http import Http
from connections.response import Response
from connections.vendor import Account, Body
from connections.vendors.acumatica import codec
from connections.vendors.acumatica.codec import Record
from connections.vendors.acumatica.errors import (
    FORMS,
    map_error,
    offered,
    wrong_address,
)
from connections.vendors.acumatica.session import (
    AcumaticaSession,
    map_sign_in_error,
    without_cookies,
)
from connections.vendors.acumatica.session import (
    headers as shown,
)

T = TypeVar("T")
TIMEOUT = (10.0, 120.0)  # the licence's queue delays calls for long before it refuses any
LOOKUPS = {"ShipVia": "CarrierID", "ShippingBox": "BoxID", "Warehouse": "WarehouseID"}


class AcumaticaClient:
    """Calls one endpoint of one tenant through the shared session."""

    def __init__(self, account: Account) -> None:
        self.settings = account.settings
        self.instance = str(account.settings["base_url"]).rstrip("/")
        self.endpoint_name = str(account.settings.get("endpoint_name") or "Default")
        self.endpoint_version = str(account.settings.get("endpoint_version") or "25.200.001")
        self.endpoint = f"/entity/{quote(self.endpoint_name)}/{quote(self.endpoint_version)}"
        budget = account.budget("api")
        self.auth_http = Http(
            self.instance,
            system="Acumatica",
            budget=budget,
            exchanges=account.exchanges,
            map_error=map_sign_in_error,
            timeout=TIMEOUT,
        )
        self.http = without_cookies(
            Http(
                self.instance,
                system="Acumatica",
                budget=budget,
                exchanges=account.exchanges,
                map_error=map_error,
                timeout=TIMEOUT,
            )
        )
        self.session = AcumaticaSession(account, self.auth_http)
        self.one_by_one: set[str] = set()
        """Entities whose lists this server cannot read in one query."""

    def close(self) -> None:
        self.auth_http.close()
        self.http.close()

    def sign_out(self) -> None:
        """Give the API seat back."""
        self.session.end()

    @property
    def contract(self) -> int:
        """The contract version: 5 from endpoint Default/26.200.001 on, 4 before it and for customers' own."""
        major = re.match(r"\d+", self.endpoint_version)
        newer = self.endpoint_name == "Default" and major is not None and int(major[0]) >= 26
        return 5 if newer else 4

    @property
    def pause(self) -> float:
        """Seconds between two looks at something that is under way."""
        return float(self.settings.get("poll_seconds") or 1)

    # Records

    def record(self, entity: str, keys: Sequence[str], expand: Sequence[str] = ()) -> Record | None:
        """One raw record by its keys, None where there is none."""
        params = self._expanding(expand)
        if any("/" in key for key in keys):
            return self._record_by_filter(entity, keys, params)
        path = "/".join(quote(key, safe="") for key in keys)
        try:
            record = self.call("GET", f"{self.endpoint}/{entity}/{path}", params=params).json()
        except NotThere:
            return None
        return record if isinstance(record, dict) else None

    def records(self, entity: str, **query: Any) -> tuple[list[Body], Response]:
        """Decoded records of a list, in the order they came, and the answer they came in; arguments as of `rows`."""
        return self.rows(entity, codec.decode, **query)

    def rows(
        self,
        entity: str,
        read: Callable[[Record], T],
        *,
        where: str = "",
        top: int = 0,
        expand: Sequence[str] = (),
        select: Sequence[str] = (),
    ) -> tuple[list[T], Response]:
        """What `read` makes of each record of a list, in the order they came, and the answer they came in."""
        params = self._expanding(expand)
        if where:
            params["$filter"] = where
        if select:
            params["$select"] = ",".join(select)
        if top:
            params["$top"] = str(top)
        response = self.call("GET", f"{self.endpoint}/{entity}", params=params)
        return response.rows(read), response

    def put(self, entity: str, body: Mapping[str, Any], *, expand: Sequence[str] = (), new: bool = False) -> Record:
        """Write a plain document and return the raw record. `new`: refused where the record is there already."""
        sent = codec.encode(body)
        headers = {"If-None-Match": "*"} if new else {}
        response = self.call(
            "PUT", f"{self.endpoint}/{entity}", params=self._expanding(expand), json=sent, headers=headers
        )
        return written(response)

    def put_raw(self, entity: str, record: Record, *, expand: Sequence[str] = ()) -> Record:
        """Write a record that is wrapped already, for lines named by their ids."""
        response = self.call("PUT", f"{self.endpoint}/{entity}", params=self._expanding(expand), json=record)
        return written(response)

    def delete(self, entity: str, keys: Sequence[str]) -> None:
        path = "/".join(quote(key, safe="") for key in keys)
        self.call("DELETE", f"{self.endpoint}/{entity}/{path}")

    def lookup(self, entity: str) -> dict[str, str]:
        """Key and description of every `ShipVia`, `ShippingBox` or `Warehouse`."""
        key = LOOKUPS[entity]
        rows, _ = self.records(entity, select=(key, "Description"))
        return {str(row.get(key, "")): str(row.get("Description", "")) for row in rows}

    def screen(self, form: str, **keys: str) -> str:
        """The address at which a person sees a record."""
        return f"{self.instance}/Main?{urlencode({'ScreenId': form, **keys})}"

    def absolute(self, location: str) -> str:
        """A link of Acumatica's as a URL. They are absolute paths that hold the virtual directory already.

        Raises `Surprise` where it leads out of the instance.
        """
        base, link = urlsplit(self.instance), urlsplit(location)
        same = not link.netloc or link.netloc == base.netloc
        if not same or not link.path.lower().startswith(base.path.lower() + "/"):
            raise Surprise("Acumatica sent us to an address outside of its own instance, so it was not followed.")
        return f"{base.scheme}://{base.netloc}{link.path}"

    # Calls

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any) -> Response:
        """One call in the shared session; where that has ended, sign in again and repeat it: 401 says not done.

        Raises `ConnectionBroken` with the cause where no contract API answers.
        """
        extra = dict(headers or {})
        try:
            return self.session.call(lambda session: self._checked(method, path, extra | shown(session), request))
        except WrongAddress as error:
            raise self._diagnosis(path, error) from error

    def _checked(self, method: str, path: str, extra: dict[str, str], request: dict[str, Any]) -> Response:
        try:
            response = self.http.request(method, path, headers=extra, **request)
        except ConnectionBroken as error:
            if error.status != 403:
                raise
            raise self._right_missing(path) from error
        if response.status == 200 and _is_page(response) and path.startswith(self.endpoint):
            raise _page_for_data(response, method)
        return response

    def _right_missing(self, path: str) -> ConnectionBroken:
        form = FORMS.get(self._entity(path), "behind this record")
        return ConnectionBroken(
            f"Our Acumatica user may not use the form {form}.",
            next_step=f"Grant its role access to {form} on form Access Rights by Role (SM201025), "
            "and see that the feature is switched on; then test the connection.",
            status=403,
        )

    def _entity(self, path: str) -> str:
        return path.removeprefix(self.endpoint).strip("/").partition("/")[0]

    def _diagnosis(self, path: str, error: WrongAddress) -> VendorError:
        session = self.session.store.current()
        sites = offered(self.auth_http, shown(session) if session else {})
        return wrong_address(sites, self.endpoint_name, self.endpoint_version, self._entity(path), error)

    def _record_by_filter(self, entity: str, keys: Sequence[str], params: dict[str, str]) -> Record | None:
        # A slash inside a key would end the key's part of the path.
        names = KEYS[entity]
        params["$filter"] = " and ".join(f"{name} eq {literal(key)}" for name, key in zip(names, keys, strict=True))
        rows = self.call("GET", f"{self.endpoint}/{entity}", params=params).json()
        return rows[0] if isinstance(rows, list) and rows else None

    def _expanding(self, names: Sequence[str]) -> dict[str, str]:
        if not names:
            return {}
        return {"$expand": ",".join(names if self.contract == 4 else _nested(names))}


KEYS = {
    "SalesOrder": ("OrderType", "OrderNbr"),
    "Shipment": ("ShipmentNbr",),
    "Customer": ("CustomerID",),
    "StockItem": ("InventoryID",),
    "ShippingBox": ("BoxID",),
}


def literal(text: str) -> str:
    """A text in a filter."""
    return "'" + text.replace("'", "''") + "'"


def written(response: Response) -> Record:
    """The record that a write answered. Raises `OutcomeUnknown` where that cannot be read."""
    try:
        record = response.json()
    except Surprise as error:
        raise OutcomeUnknown(
            "Acumatica answered a write with something we cannot read.", status=response.status
        ) from error
    if not isinstance(record, dict):
        raise OutcomeUnknown("Acumatica answered a write with something other than a record.", status=response.status)
    return record


def _nested(names: Sequence[str]) -> list[str]:
    """`MainContact/Address` in the way of contract 5: `MainContact($expand=Address)`."""
    inner: dict[str, list[str]] = {}
    for name in names:
        top, _, rest = name.partition("/")
        inner.setdefault(top, []).extend([rest] if rest else [])
    return [f"{top}($expand={','.join(rest)})" if rest else top for top, rest in inner.items()]


def _is_page(response: Response) -> bool:
    return "html" in response.content_type or response.body[:1] == b"<"


def _page_for_data(response: Response, method: str) -> VendorError:
    if method == "GET":
        return WrongAddress("Acumatica answered with a page instead of data.", status=response.status)
    return OutcomeUnknown("Acumatica answered a write with a page instead of data.", status=response.status)
