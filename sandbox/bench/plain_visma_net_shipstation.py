"""The plain loop to compare with: it makes the same calls, builds the same orders, and stores nothing at all.

    python -m sandbox.bench.plain_visma_net_shipstation <visma.net URL> <shipstation URL> <credentials as JSON> <since>

Written as one would write a script: no exact decimals, no claims, no retries, no trail.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import requests

PAGE, BATCH = 500, 100
WAREHOUSES = {"1": 511543}


def main(visma: str, shipstation: str, credentials: str, since: str) -> None:
    known = json.loads(credentials)
    started, used = time.monotonic(), time.process_time()
    source, target = _sign_in(visma, known), requests.Session()
    target.auth = (known["api_key"], known["api_secret"])
    orders = 0
    for page in _pages(source, visma, since):
        payloads = [_payload(order) for order in page if order["status"] == "Open" and not order["hold"]]
        for start in range(0, len(payloads), BATCH):
            orders += _post(target, shipstation, payloads[start : start + BATCH])
    figures = {"orders": orders, "seconds": time.monotonic() - started, "cpu": time.process_time() - used}
    sys.stdout.write(json.dumps(figures) + "\n")


def _sign_in(base: str, known: dict[str, str]) -> requests.Session:
    session = requests.Session()
    login = {
        "grant_type": "client_credentials",
        "tenant_id": known["tenant_id"],
        "client_id": known["client_id"],
        "client_secret": known["client_secret"],
        "scope": SCOPES,
    }
    response = session.post(f"{base.removesuffix('/erp')}/connect-host/connect/token", data=login)
    response.raise_for_status()
    session.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
    return session


SCOPES = "vismanet_erp_service_api:read vismanet_erp_service_api:create vismanet_erp_service_api:update"


def _pages(session: requests.Session, base: str, since: str) -> Iterator[list[dict[str, Any]]]:
    number = 1
    while True:
        params = {
            "lastModifiedDateTime": since,
            "lastModifiedDateTimeCondition": ">=",
            "includeCustomFreeFields": "true",
            "pageNumber": str(number),
            "pageSize": str(PAGE),
        }
        response = session.get(f"{base}/v1/purchaseorder", params=params)
        response.raise_for_status()
        page = response.json()
        if page:
            yield page
        if len(page) < PAGE:
            return
        number += 1


def _post(session: requests.Session, base: str, batch: list[dict[str, Any]]) -> int:
    response = session.post(f"{base}/orders/createorders", json=batch)
    response.raise_for_status()
    return sum(1 for row in response.json()["results"] if row["success"])


def _payload(order: dict[str, Any]) -> dict[str, Any]:
    number, contact, address = order["orderNbr"], order["shippingContact"], order["shippingAddress"]
    payload = {
        "orderNumber": number,
        "orderKey": number,
        "orderDate": order["date"][:10],
        "shipByDate": order["promisedOn"][:10],
        "orderStatus": "awaiting_shipment",
        "customerUsername": order["supplier"]["number"],
        "customerEmail": contact.get("email"),
        "billTo": {"name": order["branch"]["name"]},
        "shipTo": {
            "name": contact.get("attention") or contact["name"],
            "company": contact["name"],
            "street1": address["addressLine1"],
            "city": address["city"],
            "postalCode": address["postalCode"],
            "country": address["country"]["id"],
            "phone": contact.get("phone1"),
        },
        "items": [_item(number, line) for line in order["lines"] if not line["canceled"] and not line["completed"]],
        "internalNotes": order.get("description"),
        "advancedOptions": {
            "customField1": order.get("supplierRef"),
            "source": "Visma.net",
            "warehouseId": WAREHOUSES[order["warehouse"]["id"]],
        },
    }
    return {name: value for name, value in payload.items() if value is not None}


def _item(number: str, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "lineItemKey": f"{number}/{line['lineNbr']}",
        "sku": line["inventory"]["number"],
        "name": line["lineDescription"],
        "quantity": int(line["orderQty"]),
        "unitPrice": line["unitCost"],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
