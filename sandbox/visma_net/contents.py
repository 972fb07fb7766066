"""What a company holds, as it would be read with everything expanded, for comparing two systems' contents."""

from __future__ import annotations

from typing import Any

from sandbox.visma_net.api.customer_invoices import show_invoice
from sandbox.visma_net.api.directory import show_item, show_warehouse
from sandbox.visma_net.api.purchase_receipts import show_receipt
from sandbox.visma_net.api.sales_orders import show_sale
from sandbox.visma_net.store import Books, Record, Row


def contents(books: Books) -> dict[str, Any]:
    return {
        "purchaseOrders": [_order(books, row) for row in books.orders],
        "purchaseReceipts": [show_receipt(books, row, custom=True) for row in books.receipts],
        "customerInvoices": [show_invoice(books, row) for row in books.invoices],
        "salesOrders": [show_sale(row) for row in books.sales],
        "suppliers": [books.show(row) for row in books.suppliers],
        "inventory": [show_item(books, row) for row in books.items],
        "warehouses": [show_warehouse(books, row) for row in books.warehouses],
        "supplierInvoices": list(books.bills),
        "closedPeriods": sorted(books.closed_periods),
    }


def _order(books: Books, row: Row) -> Record:
    """With one field more on each line than the API has: what released receipts brought."""
    shown = books.show(row)
    for line, kept in zip(shown["lines"], row.body["lines"], strict=True):
        line["receivedQty"] = kept["_released"]
    return shown
