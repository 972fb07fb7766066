"""What a company holds, as it would be read with everything expanded, for comparing two systems' contents."""

from __future__ import annotations

from typing import Any

from sandbox.visma_net.api.customer_invoices import show_invoice
from sandbox.visma_net.api.directory import show_warehouse
from sandbox.visma_net.api.items import show_item
from sandbox.visma_net.api.purchase_receipts import show_receipt
from sandbox.visma_net.api.sales_orders import show_sale
from sandbox.visma_net.store import Record, Row, Store


def contents(store: Store) -> dict[str, Any]:
    return {
        "purchaseOrders": [_order(store, row) for row in store.orders],
        "purchaseReceipts": [show_receipt(store, row, custom=True) for row in store.receipts],
        "customerInvoices": [show_invoice(store, row) for row in store.invoices],
        "salesOrders": [show_sale(row) for row in store.sales],
        "suppliers": [store.show(row) for row in store.suppliers],
        "inventory": [show_item(store, row) for row in store.items],
        "warehouses": [show_warehouse(store, row) for row in store.warehouses],
        "supplierInvoices": list(store.bills),
        "closedPeriods": sorted(store.closed_periods),
    }


def _order(store: Store, row: Row) -> Record:
    """With one field more on each line than the API has: what released receipts brought."""
    shown = store.show(row)
    for line, stored in zip(shown["lines"], row.body["lines"], strict=True):
        line["receivedQty"] = stored["_released"]
    return shown
