"""Customer invoices, made of sales orders and released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sandbox.visma_net import clock
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules.queued_release import due_by_read
from sandbox.visma_net.store import VAT, ZERO, Record, Row, Store, cents, number

DUE_DAYS = 14


def create(store: Store, sales: Sequence[Row], quantities: Mapping[int, Decimal] | None = None) -> Row:
    """One invoice for all these orders, of what is not billed yet, or of these quantities by line of the first."""
    key = store.invoices.next_number()
    shipment = f"{int(key) - 300000 + 300:06d}"
    lines: list[Record] = []
    for sale in sales:
        lines += _bill(store, sale, quantities if sale is sales[0] else None, shipment, len(lines))
    if not lines:
        raise Refusal(400, f"Sales order {sales[0].key} has nothing left to invoice.")
    customer = sales[0].body["customer"]
    reference = customer["order"] if len(sales) == 1 and store.switches["invoice_carries_reference"] else ""
    return store.add(store.invoices, key, _header(store, key, customer, reference) | _lines_and_totals(lines))


def _header(store: Store, key: str, customer: Record, reference: str) -> Record:
    moment = store.moment()
    date = clock.day(moment, store.zone)
    period = date[:7].replace("-", "")
    return {
        "documentType": "Invoice",
        "referenceNumber": key,
        "customer": {"number": customer["id"], "name": customer["name"]},
        "documentDate": date,
        "documentDueDate": clock.day(moment + DUE_DAYS * 86_400_000, store.zone),
        "postPeriod": period,
        "financialPeriod": period,
        "status": "Balanced",
        "hold": False,
        "currencyId": "NOK",
        "exchangeRate": Decimal("1.0"),
        "creditTerms": {"id": "14", "description": "14 days"},
        "customerRefNumber": reference,
        "externalReference": reference,
        "paymentReference": f"{key}{sum(int(digit) for digit in key) % 10}",
        "invoiceText": "",
        "note": "",
        "location": {"countryId": "NO", "id": "Main", "name": "Primary location"},
        "branchNumber": dict(store.switches["branch"]),
        "roundingDiff": ZERO,
        "sendToAutoInvoice": False,
        "attachments": [],
        "applications": [],
        "_reads_left": None,
    }


def _bill(
    store: Store, sale: Row, quantities: Mapping[int, Decimal] | None, shipment: str, before: int
) -> list[Record]:
    """Invoice lines of one order, numbered after the `before` lines that are there already."""
    status = sale.body["status"]
    if status["cancelled"] or status["hold"]:
        raise Refusal(400, f"Sales order {sale.key} is {status['description']} and cannot be invoiced.")
    lines: list[Record] = []
    for line in sale.body["orderLines"]:
        left = line["quantity"] - line["billedQuantity"]
        quantity = left if quantities is None else min(quantities.get(line["lineId"], ZERO), left)
        if quantity > 0:
            lines.append(_line(store, sale, line, quantity, shipment, before + len(lines) + 1))
            line["billedQuantity"] = line["quantityOnShipments"] = number(line["billedQuantity"] + quantity)
            line["openQuantity"] = number(line["quantity"] - line["billedQuantity"])
            line["completed"] = not line["openQuantity"]
    if all(line["completed"] for line in sale.body["orderLines"]):
        sale.body["status"] = status | {"description": "Completed"}
    store.touch(store.sales, sale)
    return lines


def _line(store: Store, sale: Row, line: Record, quantity: Decimal, shipment: str, line_number: int) -> Record:
    amount = cents(quantity * line["unitPrice"])
    return {
        "lineNumber": line_number,
        "inventoryNumber": line["inventory"]["id"],
        "description": line["description"],
        "quantity": number(quantity),
        "uom": line["unitOfMeasure"],
        "unitPrice": line["unitPrice"],
        "unitPriceInCurrency": line["unitPrice"],
        "amount": amount,
        "amountInCurrency": amount,
        "manualDiscount": False,
        "vatCode": {"id": "3", "description": "Output VAT 25%"},
        "soOrderType": sale.body["type"],
        "soOrderNbr": sale.key,
        "soShipmentNbr": shipment,
        "branchNumber": dict(store.switches["branch"]),
    }


def _lines_and_totals(lines: list[Record]) -> Record:
    net = cents(sum((line["amount"] for line in lines), ZERO))
    tax = cents(net * VAT)
    tax_detail = {"taxId": "3", "recordId": 1, "vatId": {"number": "3", "description": "Output VAT 25%"}}
    amounts = {"amount": cents(net + tax), "balance": cents(net + tax), "vatTotal": tax, "detailTotal": net}
    amounts |= {"vatTaxableTotal": net, "discountTotal": ZERO}
    return {
        "invoiceLines": lines,
        "taxDetails": [tax_detail | {"vatRate": Decimal("25.0"), "taxableAmount": net, "vatAmount": tax}],
        **amounts,
        **{f"{name}InCurrency": amount for name, amount in amounts.items()},
    }


def may_release(row: Row) -> None:
    if row.body["status"] != "Balanced" or row.body["_reads_left"] is not None:
        raise Refusal(400, f"Customer invoice {row.key} is {row.body['status']} and cannot be released.")


def release(store: Store, row: Row) -> None:
    row.body |= {"status": "Open", "hold": False, "_reads_left": None}
    store.touch(store.invoices, row, "Status Changed")


def read(store: Store, row: Row) -> None:
    """The invoice was read, which does a release that is due by it."""
    if due_by_read(row):
        release(store, row)
