"""Clients of ShipStation opened from plain values, and the budgets that they spend."""

from __future__ import annotations

from typing import Any

from connections.auth import MemorySessions
from connections.http import NoBudget
from connections.vendor import Account, Outgoing
from connections.vendors.shipstation import VENDOR
from connections.vendors.shipstation.client import ShipStationClient

V1_URL = "https://ssapi.shipstation.com"
V2_URL = "https://api.shipstation.com"
V1_KEYS = {"api_key": "sim-key", "api_secret": "sim-secret"}
V2_KEYS = {"v2_api_key": "sim-v2-key"}


class SpentBudget(NoBudget):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.learned: list[dict[str, Any]] = []
        self.pauses: list[float] = []

    def learn(self, **said: Any) -> None:
        self.learned.append(said)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def opened(
    url: str = "",
    keys: dict[str, str] | None = None,
    budget: NoBudget | None = None,
    **settings: Any,
) -> ShipStationClient:
    """A client of the real addresses, or of the simulator at `url`."""
    addresses = {"base_url": url, "v2_base_url": url, "jwks_url": f"{url}/jwks"} if url else {}
    account = Account(
        settings=VENDOR.defaults() | addresses | settings,
        secrets=V1_KEYS if keys is None else keys,
        sessions=MemorySessions(),
        budget=lambda name: budget or NoBudget(),
    )
    client: ShipStationClient = VENDOR.open(account)
    return client


def outgoing(number: str, target_key: str = "", sent: dict[str, Any] | None = None, **changes: Any) -> Outgoing:
    """An order with two lines as the engine hands it over."""
    payload = {
        "orderNumber": number,
        "orderDate": "2026-11-20T16:15:00Z",
        "orderStatus": "awaiting_shipment",
        "billTo": {"name": "Kari Nordmann"},
        "shipTo": {
            "name": "Kari Nordmann",
            "street1": "Storgata 1",
            "city": "Oslo",
            "state": "",
            "postalCode": "0155",
            "country": "NO",
        },
        "items": [item(1, "SKI-180", 2), item(2, "POLE-1", 1)],
    }
    return Outgoing(number, payload | changes, target_key, sent)


def item(line: int, sku: str, quantity: int) -> dict[str, Any]:
    return {"lineItemKey": str(line), "sku": sku, "name": f"Item {sku}", "quantity": quantity, "unitPrice": 100}
