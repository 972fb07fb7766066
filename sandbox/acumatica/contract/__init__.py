"""The entities that the simulator serves, as in the contract Default/25.200.001."""

from __future__ import annotations

from sandbox.acumatica.contract.directory import CARRIER, CUSTOMER, SHIP_VIA, SHIPPING_BOX, STOCK_ITEM, WAREHOUSE
from sandbox.acumatica.contract.sales import SALES_INVOICE, SALES_ORDER, SHIPMENT

ENTITIES = {
    schema.name: schema
    for schema in (
        SALES_ORDER,
        SHIPMENT,
        CUSTOMER,
        STOCK_ITEM,
        SALES_INVOICE,
        SHIP_VIA,
        CARRIER,
        SHIPPING_BOX,
        WAREHOUSE,
    )
}
# The form behind each entity, its graph and main view, as file links name them, and the table's name in messages.
FORMS = {
    "SalesOrder": ("SO301000", "PX.Objects.SO.SOOrderEntry/Document", "SOOrder"),
    "Shipment": ("SO302000", "PX.Objects.SO.SOShipmentEntry/Document", "SOShipment"),
    "Customer": ("AR303000", "PX.Objects.AR.CustomerMaint/BAccount", "BAccount"),
    "StockItem": ("IN202500", "PX.Objects.IN.InventoryItemMaint/Item", "InventoryItem"),
    "SalesInvoice": ("SO303000", "PX.Objects.SO.SOInvoiceEntry/Document", "ARInvoice"),
    "ShipVia": ("CS207500", "PX.Objects.CS.CarrierMaint/Carrier", "Carrier"),
    "Carrier": ("CS207700", "PX.Objects.CS.CarrierPluginMaint/Plugin", "CarrierPlugin"),
    "ShippingBox": ("CS207600", "PX.Objects.CS.CSBoxMaint/Records", "CSBox"),
    "Warehouse": ("IN204000", "PX.Objects.IN.INSiteMaint/site", "INSite"),
}
