"""Contents to begin with: a Nordic wholesaler with suppliers, items, two warehouses, orders and invoices."""

from __future__ import annotations

from random import Random

from sandbox.visma_net.seed import records
from sandbox.visma_net.seed.documents import DAY, Documents
from sandbox.visma_net.seed.tables import CUSTOMERS, ITEMS, SUPPLIERS, WAREHOUSES
from sandbox.visma_net.store import Store


def fill(store: Store, *, documents: bool) -> None:
    """The company's reference data, the same each time, and on demand one document of each kind."""
    _fill_directory(store, store.moment() - 60 * DAY)
    if documents:
        Documents(store, Random(7)).examples()


def _fill_directory(store: Store, start: int) -> None:
    for index, (key, name, city, code, country) in enumerate(WAREHOUSES):
        store.add(store.warehouses, key, records.warehouse(index, key, name, city, code, country), start)
    for index, supplier in enumerate(SUPPLIERS):
        store.add(store.suppliers, str(50000 + index), records.supplier(index, *supplier), start + index)
    for index, customer in enumerate(CUSTOMERS):
        store.add(store.customers, str(10000 + index), records.customer(index, *customer), start + index)
    for index, item in enumerate(ITEMS):
        store.add(store.items, item[0], records.item(index, *item), start + index)
