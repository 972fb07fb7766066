"""What is read from Acumatica and written to it."""

from __future__ import annotations

from connections.vendors.acumatica.client import AcumaticaClient, literal
from connections.vendors.acumatica.reader import Listing, Readable
from connections.vendors.acumatica.shipments.resource import Shipments


class Orders(Readable):
    """Sales orders of the types that the connection names; the key is `SO/000214`."""

    slug = "orders"
    label = "Sales orders"
    document = "sales_order"
    sample = "order.json"
    entity = "SalesOrder"
    expand = (
        "Details",
        "ShipToAddress",
        "ShipToContact",
        "BillToAddress",
        "BillToContact",
        "ShippingSettings",
        "Shipments",
    )

    def listing(self) -> Listing:
        groups = tuple(f"OrderType eq {literal(order_type)}" for order_type in order_types(self.client))
        # Contract 5 renamed the sales order's time of change to what all others call it.
        stamp = "LastModified" if self.client.contract == 4 else "LastModifiedDateTime"
        return Listing(self.entity, ("OrderType", "OrderNbr"), stamp, self.expand, groups)


class Customers(Readable):
    slug = "customers"
    label = "Customers"
    document = "customer"
    sample = "customer.json"
    entity = "Customer"
    expand = ("MainContact", "MainContact/Address", "ShippingContact", "ShippingContact/Address")


class Items(Readable):
    """Stock items. Services and kits without stock are another record type and do not come."""

    slug = "items"
    label = "Stock items"
    document = "item"
    sample = "item.json"
    entity = "StockItem"
    expand = ("CrossReferences",)


def order_types(client: AcumaticaClient) -> list[str]:
    """The order types of the connection: a list, or lines of text."""
    setting = client.settings.get("order_types") or "SO"
    lines = setting.splitlines() if isinstance(setting, str) else setting
    return [line.strip() for line in lines if line.strip()] or ["SO"]


RESOURCES = (Orders, Customers, Items, Shipments)
