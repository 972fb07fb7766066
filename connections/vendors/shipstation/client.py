"""One account at ShipStation: V1, V2 or both, each with its own credentials and its own budget."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests

from connections import exact_json
from connections.auth import HeaderAuth
from connections.errors import ConnectionBroken, OutcomeUnknown, Rejected, Surprise
from connections.http import Http, Response
from connections.vendor import Account
from connections.vendors.shipstation.errors import learn, map_error

V1_URL = "https://ssapi.shipstation.com"
V2_URL = "https://api.shipstation.com"
JWKS_URL = "https://api.shipengine.com/jwks"
V2_HOSTS = frozenset({"api.shipstation.com", "api.shipengine.com"})
_V1_HOST = re.compile(r"ssapi\d*\.shipstation\.com")


class ShipStationClient:
    """`v1` and `v2` are None where their credentials are missing. Caches live as long as the client."""

    def __init__(self, account: Account) -> None:
        self.settings = account.settings
        self.secrets = account.secrets
        self.v1 = self._open_v1(account)
        self.v2 = self._open_v2(account)
        self.jwks = Http(
            str(account.settings.get("jwks_url") or JWKS_URL),
            system="ShipStation",
            exchanges=account.exchanges,
        )
        self.orders: dict[int, dict[str, Any] | None] = {}
        self.labels: dict[Any, list[dict[str, Any]]] = {}
        self.v2_shipments: dict[str, dict[str, Any] | None] = {}
        self.keys: dict[str, Any] = {}
        if self.v1 is None and self.v2 is None:
            raise ConnectionBroken(
                "This connection has no complete ShipStation credentials.",
                next_step="Enter API Key and API Secret (V1), or the V2 API key, or both.",
            )

    def _open_v1(self, account: Account) -> Http | None:
        key, secret = account.secrets.get("api_key"), account.secrets.get("api_secret")
        if not (key and secret):
            return None
        budget = account.budget("v1")
        return Http(
            str(account.settings.get("base_url") or V1_URL),
            system="ShipStation",
            auth=requests.auth.HTTPBasicAuth(key, secret),
            budget=budget,
            exchanges=account.exchanges,
            map_error=partial(map_error, api="V1", budget=budget),
            learn=learn,
            hosts=is_v1_host,
        )

    def _open_v2(self, account: Account) -> Http | None:
        key = account.secrets.get("v2_api_key")
        if not key:
            return None
        budget = account.budget("v2")
        return Http(
            str(account.settings.get("v2_base_url") or V2_URL),
            system="ShipStation",
            auth=HeaderAuth("API-Key", key),
            budget=budget,
            exchanges=account.exchanges,
            map_error=partial(map_error, api="V2", budget=budget),
            learn=learn,
            hosts=is_v2_host,
        )

    def need_v1(self) -> Http:
        """The V1 API. Raises `Rejected` where this connection has none: what needs only V2 goes on."""
        if self.v1 is None:
            raise Rejected(
                "This needs the V1 API of ShipStation, and the connection has no API Key and API Secret.",
                next_step="Enter API Key and API Secret (V1) in the connection, then test it.",
            )
        return self.v1

    def need_v2(self) -> Http:
        """The V2 API. Raises `Rejected` where this connection has none: what needs only V1 goes on."""
        if self.v2 is None:
            raise Rejected(
                "This needs the V2 API of ShipStation, and the connection has no V2 API key.",
                next_step="Enter the V2 API key in the connection, then test it.",
            )
        return self.v2

    def close(self) -> None:
        for http in (self.v1, self.v2, self.jwks):
            if http is not None:
                http.close()

    def sign_out(self) -> None:
        """Nothing to end: every call carries its credentials."""


def open_client(account: Account) -> ShipStationClient:
    """Open a connection. Raises `ConnectionBroken` unless one set of credentials is complete."""
    return ShipStationClient(account)


def is_v1_host(url: str) -> bool:
    """Whether an address from a V1 notification is ShipStation's own (hosts seen: ssapi, ssapi6)."""
    return _secure_host(url, _V1_HOST.fullmatch)


def is_v2_host(url: str) -> bool:
    return _secure_host(url, V2_HOSTS.__contains__)


def _secure_host(url: str, known: Any) -> bool:
    parts = urlsplit(url)
    try:
        port = parts.port or 443
    except ValueError:
        return False
    plain = parts.scheme == "https" and port == 443 and "@" not in parts.netloc
    return plain and bool(known(parts.hostname or ""))


def read_object(response: Response) -> dict[str, Any]:
    """The answer to a read, which must be a JSON object. Raises `Surprise`."""
    body = response.json()
    if not isinstance(body, dict):
        raise Surprise("ShipStation answered with a list where it documents an object.")
    return body


def read_rows(body: Mapping[str, Any], plural: str) -> list[dict[str, Any]]:
    """The named array of a list answer. Raises `Surprise` where it is missing."""
    rows = body.get(plural)
    if not isinstance(rows, list):
        raise Surprise(
            f"ShipStation answered a list of {plural} without {plural}.",
            sample=", ".join(sorted(map(str, body)))[:200],
        )
    return [row for row in rows if isinstance(row, dict)]


def written_object(response: Response) -> dict[str, Any]:
    """The answer to a write. Unreadable, it leaves the outcome open: raises `OutcomeUnknown`."""
    try:
        body = exact_json.loads(response.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise OutcomeUnknown(
            "ShipStation answered a write with something unreadable, so it may or may not have been done.",
            next_step="It is looked up there before anything is sent again.",
            status=response.status,
            request_id=response.request_id,
        )
    return body


def get_or_none(http: Http, path: str, **request: Any) -> Response | None:
    """GET what may not be there; a 404 is None."""
    try:
        return http.get(path, **request)
    except Rejected as refused:
        if refused.status == 404:
            return None
        raise
