"""Sales orders and the customer invoices made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.visma_net import clock
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.store import ZERO, Record, Row, Store, cents, number

VAT = Decimal("0.25")
DUE_DAYS = 14


def create(store: Store, customer: Row, lines: Sequence[tuple[Row, Decimal]], **about: Any) -> Row:
    """A sales order of (item, quantity) pairs. `about`: type, order, refNo, description, moment, status."""
    key, moment = store.sales.next_number(), about.get("moment")
    when = clock.utc(store.moment() if moment is None else moment)
    person = customer.body
    order: Record = {
        "orderId": key,
        "type": about.get("type") or "SO",
        "status": {"description": "Open", "hold": False, "cancelled": False},
        "date": when,
        "requestOn": when,
        "createdBy": "",
        "currencyId": "NOK",
        "description": about.get("description") or "",
        "note": "",
        "branch": {"id": store.switches["branch"]["number"], "description": store.switches["branch"]["name"]},
        "customer": {
            "id": customer.key,
            "internalId": person["internalId"],
            "name": person["name"],
            "order": about.get("order") or "",
            "refNo": about.get("refNo") or "",
            "taxZone": {"id": "01", "description": "Norway"},
        },
        "billing": {"address": person["address"], "contact": person["contact"]},
        "shipping": {"address": person["address"], "contact": person["contact"], "shipVia": {"id": "BRING"}},
        "freight": {"premiumAmount": ZERO},
        "financialInformation": {"invoiceSeparately": False},
        "paymentSettings": {"paymentMethod": {"id": "10", "description": "Bank transfer"}},
        "attachments": [],
        "orderLines": [_line(place, item.body, quantity) for place, (item, quantity) in enumerate(lines, 1)],
    }
    total(order)
    return store.add(store.sales, key, order, moment)


def _line(place: int, item: Record, quantity: Decimal) -> Record:
    price = item["defaultPrice"]
    return {
        "lineId": place,
        "sortOrder": place,
        "operation": "Issue",
        "inventory": {"id": item["inventoryNumber"], "description": item["description"], "baseUnit": item["baseUnit"]},
        "description": item["description"],
        "quantity": number(quantity),
        "openQuantity": number(quantity),
        "quantityOnShipments": ZERO,
        "billedQuantity": ZERO,
        "completed": False,
        "unitOfMeasure": item["salesUnit"],
        "unitPrice": price,
        "hasManualPrice": False,
        "extendedPrice": cents(quantity * price),
        "discountPercent": ZERO,
        "discountAmount": ZERO,
        "warehouseId": "1",
    }


def total(order: Record) -> None:
    worth = cents(sum((line["extendedPrice"] for line in order["orderLines"]), ZERO))
    tax = cents(worth * VAT)
    order["orderQty"] = number(sum((line["quantity"] for line in order["orderLines"]), ZERO))
    order["totals"] = {"orderTotal": cents(worth + tax), "taxTotal": tax, "taxableTotal": worth}


# Invoices


def invoice(store: Store, sales: Sequence[Row], quantities: Mapping[int, Decimal] | None = None) -> Row:
    """One invoice for all these orders, of what is not billed yet, or of these quantities by line of the first."""
    first = sales[0].body
    key = store.invoices.next_number()
    moment = store.moment()
    when = clock.day(moment, store.zone)
    shipment = f"{int(key) - 300000 + 300:06d}"
    lines: list[Record] = []
    for place, sale in enumerate(sales):
        wanted = quantities if place == 0 else None
        lines += _billed(store, sale, wanted, shipment, len(lines))
    if not lines:
        raise Refusal(400, f"Sales order {sales[0].key} has nothing left to invoice.")
    one = len(sales) == 1 and store.switches["invoice_carries_reference"]
    period = when[:7].replace("-", "")
    customer = first["customer"]
    body: Record = {
        "documentType": "Invoice",
        "referenceNumber": key,
        "customer": {"number": customer["id"], "name": customer["name"]},
        "documentDate": when,
        "documentDueDate": clock.day(moment + DUE_DAYS * 86_400_000, store.zone),
        "postPeriod": period,
        "financialPeriod": period,
        "status": "Balanced",
        "hold": False,
        "currencyId": "NOK",
        "exchangeRate": Decimal("1.0"),
        "creditTerms": {"id": "14", "description": "14 days"},
        "customerRefNumber": customer["order"] if one else "",
        "externalReference": customer["order"] if one else "",
        "paymentReference": f"{key}{sum(int(digit) for digit in key) % 10}",
        "invoiceText": "",
        "note": "",
        "location": {"countryId": "NO", "id": "Main", "name": "Primary location"},
        "branchNumber": dict(store.switches["branch"]),
        "roundingDiff": ZERO,
        "sendToAutoInvoice": False,
        "invoiceLines": lines,
        "attachments": [],
        "applications": [],
        "_reads_left": None,
    }
    body |= _worth(lines)
    return store.add(store.invoices, key, body)


def _billed(store: Store, sale: Row, wanted: Mapping[int, Decimal] | None, shipment: str, before: int) -> list[Record]:
    if sale.body["status"]["cancelled"] or sale.body["status"]["hold"]:
        raise Refusal(400, f"Sales order {sale.key} is {sale.body['status']['description']} and cannot be invoiced.")
    made: list[Record] = []
    for line in sale.body["orderLines"]:
        left = line["quantity"] - line["billedQuantity"]
        quantity = left if wanted is None else min(wanted.get(line["lineId"], ZERO), left)
        if quantity > 0:
            made.append(_invoice_line(store, sale, line, quantity, shipment, before + len(made) + 1))
            line["billedQuantity"] = line["quantityOnShipments"] = number(line["billedQuantity"] + quantity)
            line["openQuantity"] = number(line["quantity"] - line["billedQuantity"])
            line["completed"] = not line["openQuantity"]
    if all(line["completed"] for line in sale.body["orderLines"]):
        sale.body["status"] = sale.body["status"] | {"description": "Completed"}
    store.touch(store.sales, sale)
    return made


def _invoice_line(store: Store, sale: Row, line: Record, quantity: Decimal, shipment: str, place: int) -> Record:
    worth = cents(quantity * line["unitPrice"])
    return {
        "lineNumber": place,
        "inventoryNumber": line["inventory"]["id"],
        "description": line["description"],
        "quantity": number(quantity),
        "uom": line["unitOfMeasure"],
        "unitPrice": line["unitPrice"],
        "unitPriceInCurrency": line["unitPrice"],
        "amount": worth,
        "amountInCurrency": worth,
        "manualDiscount": False,
        "vatCode": {"id": "3", "description": "Output VAT 25%"},
        "soOrderType": sale.body["type"],
        "soOrderNbr": sale.key,
        "soShipmentNbr": shipment,
        "branchNumber": dict(store.switches["branch"]),
    }


def _worth(lines: list[Record]) -> Record:
    net = cents(sum((line["amount"] for line in lines), ZERO))
    tax = cents(net * VAT)
    about = {"taxId": "3", "recordId": 1, "vatId": {"number": "3", "description": "Output VAT 25%"}}
    made: Record = {"taxDetails": [about | {"vatRate": Decimal("25.0"), "taxableAmount": net, "vatAmount": tax}]}
    worth = {"amount": cents(net + tax), "balance": cents(net + tax), "vatTotal": tax, "detailTotal": net}
    for name, value in (worth | {"vatTaxableTotal": net, "discountTotal": ZERO}).items():
        made |= {name: value, f"{name}InCurrency": value}
    return made


def release(store: Store, row: Row) -> None:
    row.body |= {"status": "Open", "hold": False, "_reads_left": None}
    store.touch(store.invoices, row, "Status Changed")


def may_release(row: Row) -> None:
    if row.body["status"] != "Balanced" or row.body["_reads_left"] is not None:
        raise Refusal(400, f"Customer invoice {row.key} is {row.body['status']} and cannot be released.")
