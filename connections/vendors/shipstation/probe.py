"""What the credentials of a connection may do, one line per endpoint that a resource needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from connections.errors import ConnectionBroken, Rejected, TryLater, VendorError
from connections.http import Http
from connections.probes import Check, try_check
from connections.vendor import ProbeLine
from connections.vendors.shipstation.client import ShipStationClient

API_SCREEN = "Settings > Account > API Settings"
PLAN_SCREEN = "Settings > Account > Billing"
STORE_SCREEN = "Settings > Selling Channels > Store Setup"
ONE = {"pageSize": "1"}
# Marketplaces whose orders ShipStation can import by itself, beside the orders that we send.
OWN_IMPORTS = {14: "Shopify", 115: "Acumatica"}
Endpoint = tuple[str, str, dict[str, str], tuple[str, ...]]

_V1: tuple[Endpoint, ...] = (
    ("Read orders", "/orders", ONE, ("orders", "order_status", "order_references")),
    ("Read shipments", "/shipments", ONE, ("shipments",)),
    ("Read fulfillments", "/fulfillments", ONE, ("shipments",)),
    ("Read products", "/products", ONE, ("products",)),
    ("Read customers", "/customers", ONE, ("customers",)),
    ("Read webhooks", "/webhooks", {}, ("shipments",)),
    ("Read stores", "/stores", {}, ("orders",)),
)
_V2: tuple[Endpoint, ...] = (
    ("Read inventory", "/v2/inventory", {"limit": "1"}, ("inventory",)),
    ("Read labels", "/v2/labels", {"page_size": "1"}, ("labels",)),
)


def probe(client: ShipStationClient) -> Sequence[ProbeLine]:
    """One line per right. Wrong credentials or an unreachable host are one failed line, never an exception."""
    lines: list[ProbeLine] = []
    if client.v1:
        lines += _api(client, client.v1, "V1", _V1)
    elif client.secrets.get("api_key") or client.secrets.get("api_secret"):
        lines.append(_half_entered())
    if client.v2:
        lines += _api(client, client.v2, "V2", _V2)
    return lines


def _half_entered() -> ProbeLine:
    return ProbeLine(
        "V1 credentials",
        ok=False,
        detail="V1 needs both API Key and API Secret; only one of them is given.",
        resources=_resources(_V1),
        screen=API_SCREEN,
    )


def _api(client: ShipStationClient, http: Http, name: str, endpoints: Sequence[Endpoint]) -> list[ProbeLine]:
    lines: list[ProbeLine] = []
    for what, path, params, resources in endpoints:
        check = Check(f"{what} ({name})", _reader(http, path, params), resources, _screen)
        line, error = try_check(client, check)
        if error and not lines and _ends_all(error):
            what = f"{name} credentials" if isinstance(error, ConnectionBroken) else f"{name} address"
            return [replace(line, what=what, resources=_resources(endpoints))]
        lines.append(line)
    return lines


def _ends_all(error: VendorError) -> bool:
    """Whether the other endpoints would say the same: a wrong key, or nobody there."""
    refused = isinstance(error, ConnectionBroken) and error.status in {None, 401}
    return refused or (isinstance(error, TryLater) and error.status is None)


def _screen(error: VendorError) -> str:
    if isinstance(error, NoSuchStore):
        return STORE_SCREEN
    return PLAN_SCREEN if error.status in {402, 403} else API_SCREEN


def _reader(http: Http, path: str, params: dict[str, str]) -> Callable[[ShipStationClient], str]:
    def read(client: ShipStationClient) -> str:
        body = http.get(path, params=params).json()
        if path == "/stores" and isinstance(body, list):
            return _stores(client, [row for row in body if isinstance(row, dict)])
        return ""

    return read


class NoSuchStore(Rejected):
    """The store of the connection's settings is not there."""


def _stores(client: ShipStationClient, stores: list[dict[str, Any]]) -> str:
    store_id = str(client.settings.get("store_id") or "")
    if store_id and store_id not in {str(store.get("storeId")) for store in stores}:
        raise NoSuchStore(f"The account has no active store {store_id}; new orders could not be put there.")
    own = {name for store in stores if (name := OWN_IMPORTS.get(store.get("marketplaceId") or 0))}
    if not own:
        return ""
    return (
        f"ShipStation imports from {' and '.join(sorted(own))} by itself; the same orders must not also come from us."
    )


def _resources(endpoints: Sequence[Endpoint]) -> tuple[str, ...]:
    return tuple(sorted({resource for *_, resources in endpoints for resource in resources}))
