"""What the credentials of a connection may do, one line per endpoint that a flow needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connections.errors import ConnectionBroken, TryLater, VendorError
from connections.http import Http
from connections.vendor import ProbeLine
from connections.vendors.shipstation.client import ShipStationClient

API_SCREEN = "Settings > Account > API Settings"
PLAN_SCREEN = "Settings > Account > Billing"
ONE = {"pageSize": "1"}
# Marketplaces whose orders ShipStation can import by itself, beside the orders that we send.
OWN_IMPORTS = {14: "Shopify", 115: "Acumatica"}
ORDER_FLOWS = (
    "orders", "purchase_orders", "cancellations", "order_changes", "order_change_notes", "web_orders", "invoices",
)  # fmt: skip

_V1: tuple[tuple[str, str, dict[str, str], tuple[str, ...]], ...] = (
    ("Read orders", "/orders", ONE, ORDER_FLOWS),
    ("Read shipments", "/shipments", ONE, ("shipments", "receipts", "freight")),
    ("Read fulfillments", "/fulfillments", ONE, ("shipments", "receipts")),
    ("Read products", "/products", ONE, ("items",)),
    ("Read customers", "/customers", ONE, ("customers",)),
    ("Read webhooks", "/webhooks", {}, ("shipments", "receipts", "web_orders")),
    ("Read stores", "/stores", {}, ("orders", "purchase_orders")),
)
_V2: tuple[tuple[str, str, dict[str, str], tuple[str, ...]], ...] = (
    ("Read inventory", "/v2/inventory", {"limit": "1"}, ("stock",)),
    ("Read labels", "/v2/labels", {"page_size": "1"}, ("labels",)),
)


def probe(client: ShipStationClient) -> Sequence[ProbeLine]:
    """One line per right. Wrong credentials or an unreachable host are one failed line, never an exception."""
    lines: list[ProbeLine] = []
    if client.v1:
        lines += _api(client, client.v1, "V1", _V1)
    elif client.secrets.get("api_key") or client.secrets.get("api_secret"):
        lines.append(_half_given())
    if client.v2:
        lines += _api(client, client.v2, "V2", _V2)
    return lines


def _half_given() -> ProbeLine:
    return ProbeLine(
        "V1 credentials",
        ok=False,
        detail="V1 needs both API Key and API Secret; only one of them is given.",
        needed_by=_flows(_V1),
        screen=API_SCREEN,
    )


def _api(client: ShipStationClient, http: Http, name: str, checks: Any) -> list[ProbeLine]:
    lines: list[ProbeLine] = []
    for what, path, params, flows in checks:
        try:
            answer = http.get(path, params=params).json()
        except VendorError as error:
            if _ends_all(error) and not lines:
                what = f"{name} credentials" if isinstance(error, ConnectionBroken) else f"{name} address"
                return [_failed(what, error, _flows(checks))]
            lines.append(_failed(f"{what} ({name})", error, flows))
        else:
            lines.append(_passed(client, f"{what} ({name})", path, answer, flows))
    return lines


def _ends_all(error: VendorError) -> bool:
    """Whether the other endpoints would say the same: a wrong key, or nobody there."""
    refused = isinstance(error, ConnectionBroken) and error.status in {None, 401}
    return refused or (isinstance(error, TryLater) and error.status is None)


def _failed(what: str, error: VendorError, flows: tuple[str, ...]) -> ProbeLine:
    screen = PLAN_SCREEN if error.status in {402, 403} else API_SCREEN
    return ProbeLine(what, ok=False, detail=str(error), needed_by=flows, screen=screen)


def _passed(client: ShipStationClient, what: str, path: str, answer: Any, flows: tuple[str, ...]) -> ProbeLine:
    if path == "/stores" and isinstance(answer, list):
        return _stores(client, what, [row for row in answer if isinstance(row, dict)], flows)
    return ProbeLine(what, ok=True, needed_by=flows)


def _stores(client: ShipStationClient, what: str, stores: list[dict[str, Any]], flows: tuple[str, ...]) -> ProbeLine:
    wanted = str(client.settings.get("store_id") or "")
    if wanted and wanted not in {str(store.get("storeId")) for store in stores}:
        return ProbeLine(
            what,
            ok=False,
            detail=f"The account has no active store {wanted}; new orders could not be put there.",
            needed_by=flows,
            screen="Settings > Selling Channels > Store Setup",
        )
    own = {name for store in stores if (name := OWN_IMPORTS.get(store.get("marketplaceId") or 0))}
    warning = (
        f"ShipStation imports from {' and '.join(sorted(own))} by itself; the same orders must not also come from us."
        if own
        else ""
    )
    return ProbeLine(what, ok=True, detail=warning, needed_by=flows)


def _flows(checks: Any) -> tuple[str, ...]:
    return tuple(sorted({flow for *_, flows in checks for flow in flows}))
