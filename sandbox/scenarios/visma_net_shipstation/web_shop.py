"""A web shop that sells what Visma.net holds: its sales orders are in Visma.net and, by a connection of its own, in ShipStation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from sandbox.scenarios.simulator_client import SimulatorClient


@dataclass(frozen=True)
class WebShop:
    visma: SimulatorClient
    shipstation: SimulatorClient

    def sales(self) -> list[dict[str, Any]]:
        """Its sales orders in Visma.net: those that no purchase order is for."""
        state = self.visma.state()
        purchased = {order.get("salesOrderNbr") for order in state["purchaseOrders"]}
        return [sale for sale in state["salesOrders"] if sale["orderId"] not in purchased]

    def send(self, sale: dict[str, Any]) -> None:
        """Bring a sales order to ShipStation, under the number that the customer knows."""
        known, customer = self.shipstation.simulator.credentials, sale["customer"]
        home = sale["shipping"]["address"]
        address = {
            "name": customer["name"],
            "street1": home["line1"],
            "city": home["city"],
            "postalCode": home["postalCode"],
            "country": home["country"]["id"],
        }
        order = {
            "orderNumber": customer["order"],
            "orderKey": f"shop/{customer['order']}",
            "orderDate": sale["date"],
            "orderStatus": "awaiting_shipment",
            "billTo": address,
            "shipTo": address,
            "items": [_item(line) for line in sale["orderLines"]],
        }
        url, auth = f"{self.shipstation.base_url}/orders/createorder", (known["api_key"], known["api_secret"])
        requests.post(url, json=order, auth=auth, timeout=20).raise_for_status()


def _item(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "lineItemKey": f"shop-{line['lineId']}",
        "sku": line["inventory"]["id"],
        "name": line["description"],
        "quantity": int(line["quantity"]),
        "unitPrice": float(line["unitPrice"]),
    }
