"""What can be read and written at ShipStation."""

from __future__ import annotations

from connections.vendor import Resource
from connections.vendors.shipstation.catalog import Customers, Products
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.orders.references import OrderReferences
from connections.vendors.shipstation.orders.status import OrderStatus
from connections.vendors.shipstation.parcels.labels import Labels
from connections.vendors.shipstation.parcels.shipments import Shipments
from connections.vendors.shipstation.stock import Inventory

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
