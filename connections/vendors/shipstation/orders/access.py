"""The orders of an account, by the API that its credentials are for."""

from __future__ import annotations

from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.v1 import V1Orders
from connections.vendors.shipstation.orders.v2 import V2Orders

OrderAccess = V1Orders | V2Orders


def orders_of(client: ShipStationClient) -> OrderAccess:
    return V1Orders(client.v1) if client.v1 else V2Orders(client)
