"""What can be read and written at ShipStation."""

from __future__ import annotations

from connections.vendor import Resource
from connections.vendors.shipstation.customers import Customers
from connections.vendors.shipstation.inventory import Inventory
from connections.vendors.shipstation.labels import Labels
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.orders.references import OrderReferences
from connections.vendors.shipstation.orders.status import OrderStatus
from connections.vendors.shipstation.products import Products
from connections.vendors.shipstation.shipments.shipments import Shipments

RESOURCES: tuple[type[Resource], ...] = (
    Orders,
    OrderStatus,
    OrderReferences,
    Shipments,
    Customers,
    Products,
    Inventory,
    Labels,
)
