"""Items: the number of one changes everywhere it is shown, and its internal id stays."""

from __future__ import annotations

from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.store import Row, Store, row_of


def rename(store: Store, old: str, new: str) -> Row:
    """Documents keep their versions."""
    row = row_of(store.items, old, "Inventory item")
    if not new or store.items.get(new):
        raise Refusal(400, f"Inventory item {new} exists already or is not a number.")
    del store.items.rows[old]
    row.key = row.body["inventoryNumber"] = new
    store.items.rows[new] = row
    store.touch(store.items, row)
    _rename_on_purchases(store, row)
    _rename_on_sales(store, old, new)
    return row


def _rename_on_purchases(store: Store, item: Row) -> None:
    for table in (store.orders, store.receipts):
        for document in table:
            for line in document.body["lines"]:
                if line.get("_item") == item.body["inventoryId"]:
                    line["inventory"] = line["inventory"] | {"number": item.key}


def _rename_on_sales(store: Store, old: str, new: str) -> None:
    for invoice in store.invoices:
        for line in invoice.body["invoiceLines"]:
            if line["inventoryNumber"] == old:
                line["inventoryNumber"] = new
    for sale in store.sales:
        for line in sale.body["orderLines"]:
            if line["inventory"]["id"] == old:
                line["inventory"] = line["inventory"] | {"id": new}
