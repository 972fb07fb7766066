"""The plain loop to compare with: it makes the same calls, builds the same orders, and stores nothing at all.

    python -m sandbox.bench.plain_acumatica_shipstation <acumatica URL> <shipstation URL> <credentials as JSON> <since>

Written as one would write a script: no exact decimals, no claims, no retries, no trail.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import requests

PAGE = BATCH = 100
EXPAND = "Details,ShipToAddress,ShipToContact,BillToAddress,BillToContact,ShippingSettings,Shipments"
ENDPOINT = "/entity/Default/25.200.001"


def main(acumatica: str, shipstation: str, credentials: str, since: str) -> None:
    known = json.loads(credentials)
    started, used = time.monotonic(), time.process_time()
    source, target = _sign_in(acumatica, known), requests.Session()
    target.auth = (known["api_key"], known["api_secret"])
    orders = 0
    for page in _pages(source, acumatica, since):
        batch = [_payload(order) for order in page if not order["Hold"]["value"] and order["Status"]["value"] == "Open"]
        orders += _post(target, shipstation, batch)
    figures = {"orders": orders, "seconds": time.monotonic() - started, "cpu": time.process_time() - used}
    sys.stdout.write(json.dumps(figures) + "\n")


def _sign_in(base: str, known: dict[str, str]) -> requests.Session:
    session = requests.Session()
    login = {"name": known["username"], "password": known["password"], "tenant": known["tenant"]}
    if known.get("branch"):
        login["branch"] = known["branch"]
    session.post(f"{base}/entity/auth/login", json=login).raise_for_status()
    return session


def _pages(session: requests.Session, base: str, since: str) -> Iterator[list[dict[str, Any]]]:
    where = after = f"(OrderType eq 'SO') and LastModified gt datetimeoffset'{since}+00:00'"
    while True:
        params = {"$expand": EXPAND, "$filter": after, "$top": str(PAGE)}
        response = session.get(f"{base}{ENDPOINT}/SalesOrder", params=params)
        response.raise_for_status()
        page = response.json()
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = f"{where} and OrderNbr gt '{page[-1]['OrderNbr']['value']}'"


def _post(session: requests.Session, base: str, batch: list[dict[str, Any]]) -> int:
    if not batch:
        return 0
    response = session.post(f"{base}/orders/createorders", json=batch)
    response.raise_for_status()
    return sum(1 for row in response.json()["results"] if row["success"])


def _payload(order: dict[str, Any]) -> dict[str, Any]:
    bill, ship = order["BillToContact"], order["ShipToContact"]
    number, settings = _get(order, "OrderNbr"), order["ShippingSettings"]
    payload = {
        "orderNumber": number,
        "orderKey": number,
        "orderDate": _get(order, "Date"),
        "shipByDate": _get(order, "RequestedOn"),
        "orderStatus": "awaiting_shipment",
        "customerUsername": _get(order, "CustomerID"),
        "customerEmail": _get(ship, "Email") or _get(bill, "Email"),
        "billTo": _address(
            _get(bill, "Attention") or _get(bill, "BusinessName") or _get(ship, "Attention"),
            bill,
            order["BillToAddress"],
        ),
        "shipTo": _address(_get(ship, "Attention") or _get(ship, "BusinessName"), ship, order["ShipToAddress"])
        | {"residential": _get(settings, "ResidentialDelivery")},
        "items": [_item(number, line) for line in order["Details"] if (_get(line, "OpenQty") or 0) > 0],
        "taxAmount": _get(order, "TaxTotal"),
        "requestedShippingService": _get(settings, "ShipVia") or _get(order, "ShipVia"),
        "internalNotes": _get(order, "Description"),
        "advancedOptions": {"customField1": _get(order, "CustomerOrder"), "source": "Acumatica"},
    }
    return {name: value for name, value in payload.items() if value is not None}


def _address(name: Any, contact: dict[str, Any], address: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "company": _get(contact, "BusinessName"),
        "street1": _get(address, "AddressLine1"),
        "street2": _get(address, "AddressLine2"),
        "city": _get(address, "City"),
        "state": _get(address, "State"),
        "postalCode": _get(address, "PostalCode"),
        "country": _get(address, "Country"),
        "phone": _get(contact, "Phone1"),
    }


def _item(number: Any, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "lineItemKey": f"{number}/{_get(line, 'LineNbr')}",
        "sku": _get(line, "InventoryID"),
        "name": _get(line, "LineDescription") or _get(line, "InventoryID"),
        "quantity": int(_get(line, "OpenQty")),
        "unitPrice": _get(line, "UnitPrice"),
        "warehouseLocation": _get(line, "Location"),
    }


def _get(record: dict[str, Any], name: str) -> Any:
    return record.get(name, {}).get("value")


if __name__ == "__main__":
    main(*sys.argv[1:])
