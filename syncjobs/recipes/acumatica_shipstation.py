"""Acumatica ERP and ShipStation: orders go out to be shipped, shipments come back and complete them."""

from __future__ import annotations

from dataclasses import replace

from syncjobs.recipe import NULL, STOP, FlowSpec, Map, Recipe, Table
from syncjobs.recipes.into_shipstation import COMPARED, PARCEL_NUMBER, PARCEL_WEBHOOKS

# The order number serves as ShipStation's orderKey; types other than SO put theirs in front.
ORDER_KEY = "if(OrderType == 'SO', OrderNbr, join('-', [OrderType, OrderNbr]))"

ORDERS = FlowSpec(
    slug="orders",
    label="Orders to ShipStation",
    help="Sales orders that are open in Acumatica appear in ShipStation, and follow later changes until they ship.",
    source="acumatica.orders",
    target="shipstation.orders",
    natural_key=ORDER_KEY,
    # What our own shipments do to an order (Back Order, less to ship) must not come back as a change.
    filter="(Status == 'Open' || (Status == 'Back Order' && !sent())) && !Hold && !WillCall",
    filter_says="not open, on hold, or picked up by the customer",
    schedule=300,
    maps=(
        Map("orderNumber", "OrderNbr", when_empty=STOP),
        Map("orderDate", "Date", when_empty=STOP),
        Map("shipByDate", "RequestedOn"),
        Map("orderStatus", "'awaiting_shipment'"),
        Map("customerUsername", "CustomerID"),
        Map("customerEmail", "ShipToContact.Email || BillToContact.Email"),
        Map(
            "billTo.name",
            "BillToContact.Attention || BillToContact.BusinessName || ShipToContact.Attention || ShipToContact.BusinessName || CustomerID",
            when_empty=STOP,
        ),
        Map("billTo.company", "BillToContact.BusinessName"),
        Map("billTo.street1", "BillToAddress.AddressLine1"),
        Map("billTo.street2", "BillToAddress.AddressLine2"),
        Map("billTo.city", "BillToAddress.City"),
        Map("billTo.state", "BillToAddress.State"),
        Map("billTo.postalCode", "BillToAddress.PostalCode"),
        Map("billTo.country", "BillToAddress.Country"),
        Map("billTo.phone", "BillToContact.Phone1"),
        Map("shipTo.name", "ShipToContact.Attention || ShipToContact.BusinessName", when_empty=STOP),
        Map("shipTo.company", "ShipToContact.BusinessName"),
        Map("shipTo.street1", "ShipToAddress.AddressLine1", when_empty=STOP),
        Map("shipTo.street2", "ShipToAddress.AddressLine2"),
        Map("shipTo.city", "ShipToAddress.City"),
        Map("shipTo.state", "ShipToAddress.State"),
        Map("shipTo.postalCode", "ShipToAddress.PostalCode"),
        Map("shipTo.country", "ShipToAddress.Country", when_empty=STOP),
        Map("shipTo.phone", "ShipToContact.Phone1"),
        Map("shipTo.residential", "ShippingSettings.ResidentialDelivery"),
        Map("items[]", "Details[?OpenQty > `0`]", when_empty=STOP),
        Map("items[].lineItemKey", "join('/', [natural_key(), to_string(LineNbr)])"),
        Map("items[].sku", "InventoryID"),
        Map("items[].name", "LineDescription || InventoryID", when_empty=STOP),
        Map("items[].quantity", "whole(OpenQty)"),
        Map("items[].unitPrice", "UnitPrice"),
        Map("items[].warehouseLocation", "Location"),
        Map("taxAmount", "TaxTotal"),
        Map("requestedShippingService", "ShippingSettings.ShipVia || ShipVia"),
        Map("internalNotes", "Description"),
        Map("advancedOptions.customField1", "CustomerOrder"),
        Map("advancedOptions.source", "'Acumatica'"),
    ),
)

CANCELLATIONS = FlowSpec(
    slug="cancellations",
    label="Holds and cancellations to ShipStation",
    help="An order that is put on hold, cancelled or completed elsewhere in Acumatica is no longer shipped.",
    source="acumatica.orders",
    target="shipstation.order_status",
    natural_key=ORDER_KEY,
    filter=(
        "(Hold || contains(['On Hold', 'Credit Hold', 'Canceled', 'Cancelled', 'Rejected', 'Expired', 'Completed', 'Invoiced'], Status))"
        " && reached('orders', key())"
    ),
    filter_says="neither on hold, cancelled nor completed, or never sent to ShipStation",
    polled_with="orders",
    maps=(
        Map("orderNumber", "OrderNbr", when_empty=STOP),
        Map(
            "orderStatus",
            "if(contains(['Canceled', 'Cancelled', 'Rejected', 'Expired', 'Completed', 'Invoiced'], Status), 'cancelled', 'on_hold')",
        ),
        Map("orderId", "linked('orders', key())"),
        Map("ifShipped", "if(contains(['Completed', 'Invoiced'], Status), 'fine', 'conflict')"),
    ),
)

CUSTOMERS = FlowSpec(
    slug="customers",
    label="Customers",
    help="Links customers to those that ShipStation made from their first order; ShipStation cannot create them by API.",
    source="acumatica.customers",
    target="shipstation.customers",
    natural_key="CustomerID",
    schedule=3600,
    look_back_days=3650,
    maps=(
        Map("email", "MainContact.Email"),
        Map("username", "CustomerID", when_empty=STOP),
        Map("name", "CustomerName"),
    ),
)

ITEMS = FlowSpec(
    slug="items",
    label="Items to products",
    help="Keeps the products that ShipStation made from orders in line with stock items: name, weight, price, barcode.",
    source="acumatica.items",
    target="shipstation.products",
    natural_key="InventoryID",
    schedule=3600,
    look_back_days=3650,
    maps=(
        Map("sku", "InventoryID", when_empty=STOP),
        Map("name", "Description || InventoryID"),
        Map("upc", "CrossReferences[?AlternateType == 'Barcode'].AlternateID | [0]"),
        Map("weightOz", "if(DimensionWeight > `0`, weight(DimensionWeight, WeightUOM, 'oz'), null)"),
        Map("price", "DefaultPrice"),
    ),
)

SHIPMENTS = FlowSpec(
    slug="shipments",
    label="Shipments to Acumatica",
    help="What ShipStation shipped becomes a confirmed shipment of the order, with carrier, tracking number and date.",
    source="shipstation.shipments",
    target="acumatica.shipments",
    natural_key=PARCEL_NUMBER,
    belongs_to="orderKey",
    filter="!isReturnLabel && (!voided || sent()) && source_of('orders', orderKey)",
    filter_says="a return label, voided before it was moved, or of an order that did not come from Acumatica",
    schedule=900,
    webhooks=PARCEL_WEBHOOKS,
    maps=(
        Map("OrderType", "part(source_of('orders', orderKey), '/', `0`)", when_empty=STOP),
        Map("OrderNbr", "part(source_of('orders', orderKey), '/', `1`)", when_empty=STOP),
        Map("ShipmentDate", "date(shipDate)"),
        Map("ShipVia", "lookup_first('carriers', [join(':', [carrierCode || '', serviceCode || '']), carrierCode])"),
        Map("FreightCost", "shipmentCost"),
        Map("Packages[]", "[@]"),
        Map("Packages[].TrackingNbr", "trackingNumber"),
        Map("Packages[].Weight", "weight(weight.value, weight.units, 'lb')"),
        Map(
            "Packages[].Description",
            "left(batchNumber && join(' ', ['ShipStation batch', batchNumber]) || 'ShipStation', `30`)",
        ),
        # A label that names no lines takes what is left of its order; what is marked as shipped, what no label took.
        Map("Details[]", "if(kind == 'shipment' && itemsFrom == 'order', `[]`, items)"),
        Map("GoodsElsewhere", "if(kind == 'fulfillment' && !items, `true`, null)"),
        Map("Details[].OrderLineNbr", "orderLine"),
        Map("Details[].InventoryID", "sku"),
        Map("Details[].ShippedQty", "quantity"),
        Map("Voided", "voided", default=False, when_empty=NULL),
    ),
)

# The other setup: the warehouse makes shipments in Acumatica, and those go out instead of the orders. The key names
# the shipment and its order, because the way back needs both.
WAREHOUSE_ORDERS = FlowSpec(
    slug="warehouse_orders",
    label="Warehouse shipments to ShipStation",
    help="Instead of “Orders to ShipStation”: open shipments that the warehouse makes in Acumatica go out to be packed.",
    source="acumatica.shipments",
    target="shipstation.orders",
    natural_key="join('.', [ShipmentNbr, Orders[0].OrderType || '', Orders[0].OrderNbr || ''])",
    filter="Status == 'Open' && Type == 'Shipment' && Operation == 'Issue' && length(Orders || `[]`) == `1`",
    filter_says="not open, no issue to a customer, or of several orders at once",
    enabled=False,
    maps=(
        Map("orderNumber", "Orders[0].OrderNbr", when_empty=STOP),
        Map("orderDate", "ShipmentDate", when_empty=STOP),
        Map("orderStatus", "'awaiting_shipment'"),
        Map("customerUsername", "CustomerID"),
        Map("customerEmail", "ShippingSettings.ShipToContact.Email"),
        Map(
            "billTo.name",
            "ShippingSettings.ShipToContact.[Attention, BusinessName][?@] | [0] || CustomerID",
            when_empty=STOP,
        ),
        Map("shipTo.name", "ShippingSettings.ShipToContact.[Attention, BusinessName][?@] | [0]", when_empty=STOP),
        Map("shipTo.company", "ShippingSettings.ShipToContact.BusinessName"),
        Map("shipTo.street1", "ShippingSettings.ShipToAddress.AddressLine1", when_empty=STOP),
        Map("shipTo.street2", "ShippingSettings.ShipToAddress.AddressLine2"),
        Map("shipTo.city", "ShippingSettings.ShipToAddress.City"),
        Map("shipTo.state", "ShippingSettings.ShipToAddress.State"),
        Map("shipTo.postalCode", "ShippingSettings.ShipToAddress.PostalCode"),
        Map("shipTo.country", "ShippingSettings.ShipToAddress.Country", when_empty=STOP),
        Map("shipTo.phone", "ShippingSettings.ShipToContact.Phone1"),
        Map("items[]", "Details[?ShippedQty > `0`]", when_empty=STOP),
        Map("items[].lineItemKey", "join('/', [natural_key(), to_string(OrderLineNbr)])"),
        Map("items[].sku", "InventoryID"),
        Map("items[].name", "Description || InventoryID", when_empty=STOP),
        Map("items[].quantity", "whole(ShippedQty)"),
        Map("items[].warehouseLocation", "LocationID"),
        Map("requestedShippingService", "ShipVia"),
        Map("advancedOptions.customField2", "ShipmentNbr"),
        Map("advancedOptions.source", "'Acumatica'"),
    ),
)

WAREHOUSE_SHIPMENTS = replace(
    SHIPMENTS,
    slug="warehouse_shipments",
    label="Parcels to warehouse shipments",
    help="With “Warehouse shipments to ShipStation”: carrier, tracking and date go to the shipment they came from, and confirm it.",
    filter="!isReturnLabel && (!voided || sent()) && source_of('warehouse_orders', orderKey)",
    filter_says="a return label, voided before it was moved, or not of a warehouse shipment",
    polled_with="shipments",
    enabled=False,
    maps=(
        Map("OrderType", "part(orderKey, '.', `1`)", when_empty=STOP),
        Map("OrderNbr", "part(orderKey, '.', `2`)", when_empty=STOP),
        *(row for row in SHIPMENTS.maps if row.target not in ("OrderType", "OrderNbr")),
    ),
)

ORDER_CHANGES = FlowSpec(
    slug="order_changes",
    label="Changes made in ShipStation",
    help="Compares orders that people edit in ShipStation with what was sent, and shows the differences. Writes nothing.",
    source="shipstation.orders",
    target="shipstation.orders",
    compares="orders",
    natural_key="orderKey",
    filter="source_of('orders', orderKey)",
    filter_says="an order that did not come from Acumatica",
    schedule=86400,
    webhooks=("ORDER_NOTIFY",),
    maps=(
        # What our own cancellations did is no difference.
        Map("cancelled", "orderStatus == 'cancelled' && !reached('cancellations', source_of('orders', orderKey))"),
        *COMPARED,
    ),
)

RECIPE = Recipe(
    slug="acumatica_shipstation",
    label="Acumatica and ShipStation",
    help="Sales orders raised in Acumatica are shipped in ShipStation; shipments come back and complete the orders.",
    left="acumatica",
    right="shipstation",
    flows=(ORDERS, CANCELLATIONS, CUSTOMERS, ITEMS, SHIPMENTS, ORDER_CHANGES, WAREHOUSE_ORDERS, WAREHOUSE_SHIPMENTS),
    tables=(
        Table(
            "carriers",
            "Carriers and services",
            "ShipStation carrier and service (“ups:ups_ground”, or “ups” for all of its services) → ship-via code in Acumatica.",
            rows=(
                ("ups", "UPSGROUND"),
                ("ups:ups_2nd_day_air", "UPS2DAY"),
                ("ups:ups_next_day_air", "UPSNEXT"),
                ("ups_walleted", "UPSGROUND"),
                ("UPS", "UPSGROUND"),
                ("fedex", "FEDEXGRND"),
                ("fedex:fedex_2day", "FEDEX2DAY"),
                ("fedex_walleted", "FEDEXGRND"),
                ("FedEx", "FEDEXGRND"),
                ("stamps_com", "USPSPRI"),
                ("stamps_com:usps_ground_advantage", "USPSGA"),
                ("usps", "USPSPRI"),
                ("USPS", "USPSPRI"),
                ("dhl_express", "DHLEXP"),
            ),
        ),
    ),
)
