"""A system that knows customers and products, because an order named them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connections.vendors.shipstation.orders.orders import Orders
from tests.connections.vendors.shipstation.accounts import item, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated, eventually, simulated

SKUS = [f"SKU-{n}" for n in range(8)]


@contextmanager
def learned() -> Iterator[Simulated]:
    """A system that has learned a customer and eight products from one order."""
    with simulated(side_effect_delay=0) as system:
        client = opened(system.url)
        lines = [item(n, sku, 1) for n, sku in enumerate(SKUS, 1)]
        Orders(client).write(
            [outgoing("LEARN", items=lines, customerUsername="CUST-7", customerEmail="Kari@Example.com")]
        )
        client.close()
        eventually(lambda: len(system.get("/products")["products"]) >= len(SKUS), 5)
        yield system
