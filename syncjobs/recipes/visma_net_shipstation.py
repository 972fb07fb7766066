"""Visma.net ERP and ShipStation: purchase orders go out to be shipped, shipments come back as receipts of their lines."""

from __future__ import annotations

from syncjobs.recipe import AMOUNT, DATE, NULL, STATE, STOP, Column, FlowSpec, Join, Map, Recipe, Report, Table
from syncjobs.recipes.into_shipstation import (
    CITY,
    COMPANY,
    COMPARED,
    COUNTRY,
    NAME,
    PARCEL_NUMBER,
    PARCEL_WEBHOOKS,
    POSTAL_CODE,
    QUANTITIES,
    STREET,
)

# Our own receipts must not come back as a change: what is still to ship is what was ordered less what others
# received, and a line that we completed stays. Where a person completed it short, what we received is all there is.
TO_SHIP = "subtract(orderQty, receivedElsewhere)"
WAREHOUSE = "warehouse.id || lines[0].warehouse.id"
RECEIVED_BY_US = "subtract(qtyOnReceipts, receivedElsewhere)"
# Lines of goods that we are still to ship, or have shipped.
GOODS = "!canceled && inventory.number && !contains(['Freight', 'Service', 'Description'], lineType)"
OURS = "orderQty > receivedElsewhere && (!completed || qtyOnReceipts > receivedElsewhere)"
TO_COME = f"lines[?{GOODS} && {OURS}]"

PURCHASE_ORDERS = FlowSpec(
    slug="purchase_orders",
    label="Purchase orders to ShipStation",
    help="Purchase orders that are open in Visma.net appear in ShipStation, and follow later changes until they ship.",
    source="visma_net.purchase_orders",
    target="shipstation.orders",
    natural_key="orderNbr",
    filter=(
        "status == 'Open' && !hold && contains(['RegularOrder', 'DropShip'], orderType)"
        f" && length({TO_COME} || `[]`) > `0`"
    ),
    filter_says="not open, on hold, a blanket order, or without a line that is still to come",
    schedule=300,
    webhooks=("purchase_order",),
    maps=(
        Map("orderNumber", "orderNbr", when_empty=STOP),
        Map("orderDate", "date", when_empty=STOP),
        Map("shipByDate", "promisedOn"),
        Map("orderStatus", "'awaiting_shipment'"),
        Map("customerUsername", "shipTo.number || supplier.number"),
        Map("customerEmail", "shippingContact.email"),
        Map("billTo.name", "branch.name || shippingContact.name || supplier.name", when_empty=STOP),
        Map("shipTo.name", "shippingContact.attention || shippingContact.name || shipTo.name", when_empty=STOP),
        Map("shipTo.company", "shippingContact.name"),
        Map("shipTo.street1", "shippingAddress.addressLine1", when_empty=STOP),
        Map("shipTo.street2", "shippingAddress.addressLine2"),
        Map("shipTo.street3", "shippingAddress.addressLine3"),
        Map("shipTo.city", "shippingAddress.city"),
        Map("shipTo.state", "shippingAddress.county.name"),
        Map("shipTo.postalCode", "shippingAddress.postalCode"),
        Map("shipTo.country", "shippingAddress.country.id", when_empty=STOP),
        Map("shipTo.phone", "shippingContact.phone1"),
        Map("items[]", TO_COME, when_empty=STOP),
        Map("items[].lineItemKey", "join('/', [natural_key(), to_string(lineNbr)])"),
        Map("items[].sku", "inventory.number"),
        Map("items[].name", "lineDescription || inventory.description || inventory.number", when_empty=STOP),
        Map(
            "items[].quantity",
            f"whole(if(completed && {RECEIVED_BY_US} < {TO_SHIP}, {RECEIVED_BY_US}, {TO_SHIP}))",
        ),
        Map("items[].unitPrice", "unitCost"),
        Map("requestedShippingService", "shipVia"),
        Map("internalNotes", "description"),
        Map("advancedOptions.customField1", "supplierRef"),
        Map("advancedOptions.customField2", "salesOrderNbr"),
        Map("advancedOptions.source", "'Visma.net'"),
        Map(
            "advancedOptions.warehouseId",
            f"({WAREHOUSE}) && to_number(lookup('warehouses', {WAREHOUSE}))",
        ),
    ),
)

CANCELLATIONS = FlowSpec(
    slug="cancellations",
    label="Holds and cancellations to ShipStation",
    help="A purchase order that is put on hold, cancelled or closed in Visma.net, or received by others, is no longer shipped.",
    source="visma_net.purchase_orders",
    target="shipstation.order_status",
    natural_key="orderNbr",
    filter=(
        "(hold || contains(['Hold', 'Balanced', 'Cancelled', 'Voided', 'Closed'], status)"
        f" || length({TO_COME} || `[]`) == `0`) && reached('purchase_orders', key())"
    ),
    filter_says="neither on hold, cancelled, closed nor received by others, or never sent to ShipStation",
    polled_with="purchase_orders",
    maps=(
        Map("orderNumber", "orderNbr", when_empty=STOP),
        Map("orderStatus", "if(contains(['Cancelled', 'Voided', 'Closed'], status), 'cancelled', 'on_hold')"),
        Map("orderId", "linked('purchase_orders', key())"),
        # Closed is what our own receipts make of an order; an open one is here because others received all of it.
        Map("ifShipped", "if(!hold && contains(['Closed', 'Open'], status), 'fine', 'conflict')"),
    ),
)

RECEIPTS = FlowSpec(
    slug="receipts",
    label="Shipments to purchase receipts",
    help="What ShipStation shipped becomes a purchase receipt on the lines of its purchase order, with date and tracking number.",
    source="shipstation.shipments",
    target="visma_net.purchase_receipts",
    natural_key=f"join(':', ['shipstation', orderKey || '', {PARCEL_NUMBER}])",
    belongs_to="orderKey",
    filter="!isReturnLabel && (!voided || sent()) && source_of('purchase_orders', orderKey) && (items || sent())",
    filter_says=(
        "a return label, voided before it was moved, nothing that another label did not hold,"
        " or of an order that did not come from Visma.net"
    ),
    schedule=900,
    webhooks=PARCEL_WEBHOOKS,
    maps=(
        Map("orderNbr", "source_of('purchase_orders', orderKey)", when_empty=STOP),
        Map("date", "date(shipDate)"),
        Map("supplierRef", "left(trackingNumber, `40`)"),
        Map(
            "note",
            "join(' ', ['ShipStation order', orderNumber || '', carrierCode || '', serviceCode || '', trackingNumber || '']) | trim(@)",
        ),
        Map("customStr2", "trackingNumber"),
        Map("customStr3", "carrierCode"),
        # How the receipt is made: add_lines, direct, or create_from_order.
        Map("way", "'add_lines'"),
        # Whether it is released, and whether that makes a supplier invoice.
        Map("release", "`false`"),
        Map("createBill", "`false`"),
        Map("completePoLine", "`false`"),
        # What is shipped and on no line of the order: stop, or add.
        Map("linesWithoutOrder", "'stop'"),
        Map("allOpenLines", "if(kind == 'shipment' && itemsFrom == 'order', `true`, null)"),
        Map("lines[]", "if(kind == 'shipment' && itemsFrom == 'order', `[]`, items)"),
        Map("lines[].lineNbr", "orderLine"),
        Map("lines[].inventoryId", "sku"),
        Map("lines[].quantity", "quantity"),
        Map("voided", "voided", default=False, when_empty=NULL),
    ),
)

SEEN = (
    f"{{quantities: {QUANTITIES}, name: {NAME}, company: {COMPANY}, street: {STREET}, city: {CITY},"
    f' "postal code": {POSTAL_CODE}, country: {COUNTRY}}}'
)
DIFFERENCES = f"differences(sent_by('purchase_orders', orderKey) | {SEEN}, @ | {SEEN})"

ORDER_CHANGES = FlowSpec(
    slug="order_changes",
    label="Changes made in ShipStation",
    help="Compares orders that people edit in ShipStation with what was sent, and shows the differences. Writes nothing.",
    source="shipstation.orders",
    target="shipstation.orders",
    compares="purchase_orders",
    natural_key="orderKey",
    filter="source_of('purchase_orders', orderKey)",
    filter_says="an order that did not come from Visma.net",
    schedule=86400,
    webhooks=("ORDER_NOTIFY",),
    maps=(
        # What our own cancellations did is no difference either.
        Map(
            "cancelled",
            "orderStatus == 'cancelled' && !reached('cancellations', source_of('purchase_orders', orderKey))",
        ),
        *COMPARED,
    ),
)

ORDER_CHANGE_NOTES = FlowSpec(
    slug="order_change_notes",
    label="Changes made in ShipStation, as notes",
    help="Also writes those differences into the note of the purchase order in Visma.net, and removes them when they are gone.",
    source="shipstation.orders",
    target="visma_net.purchase_order_notes",
    natural_key="orderKey",
    filter=f"source_of('purchase_orders', orderKey) && (sent() || {DIFFERENCES})",
    filter_says="it says what was sent, or did not come from Visma.net",
    polled_with="order_changes",
    enabled=False,
    maps=(
        Map("orderNbr", "source_of('purchase_orders', orderKey)", when_empty=STOP),
        Map("note", f"join('\n', {DIFFERENCES})", default="", when_empty=NULL),
    ),
)

# The number that the customer or the shop knows comes first: it is what ShipStation shows. Purchase orders are numbered
# by a series of their own, so a sales order may have the number of one: then it is not meant.
SALES_ORDER = "if(source_of('purchase_orders', soOrderNbr), null, soOrderNbr)"
ORDER_NUMBERS = f"[customerOrder, customerRefNumber, externalReference, {SALES_ORDER}][?@]"

INVOICES = FlowSpec(
    slug="invoices",
    label="Invoice numbers to ShipStation",
    help="Ties each customer invoice to the ShipStation order that it bills, and puts its number on that order while it may change.",
    source="visma_net.customer_invoices",
    target="shipstation.order_references",
    natural_key=f"{ORDER_NUMBERS} | [0]",
    filter=f"documentType == 'Invoice' && (contains(['Open', 'Closed'], status) || sent()) && {ORDER_NUMBERS}",
    filter_says="not released yet, no invoice, or without the number of an order",
    schedule=3600,
    maps=(
        Map("orderNumber", f"{ORDER_NUMBERS} | [0]", when_empty=STOP),
        Map("candidates[]", ORDER_NUMBERS),
        Map("candidates[].orderNumber", "@"),
        Map("reference", "if(status == 'Voided', '', referenceNumber)", default="", when_empty=NULL),
        Map("field", "'customField3'"),
    ),
)

INVOICED = Report(
    slug="invoiced",
    label="Invoiced, shipped, tracking",
    help="Customer invoices beside the parcels of their orders: what was invoiced in a period, and when its goods left.",
    flow="invoices",
    dated="documentDate",
    columns=(
        Column("Order", "natural_key()"),
        Column("Customer number", "customer.number"),
        Column("Customer", "customer.name"),
        Column("Net amount of this order", "sum(invoiceLines[].amountInCurrency || `[]`)", AMOUNT),
        Column("Total of the invoice", "amountInCurrency", AMOUNT),
        Column("Currency", "currencyId"),
        Column("Status", "status"),
        Column("Link to the order", kind=STATE),
    ),
    joined=Join(
        flow="receipts",
        ours="natural_key()",
        theirs="!isReturnLabel && !voided && orderNumber",
        columns=(
            Column("Shipped on", "shipDate", DATE),
            Column("Carrier", "carrierCode"),
            Column("Service", "serviceCode"),
            Column("Tracking", "trackingNumber"),
        ),
    ),
)

RECIPE = Recipe(
    slug="visma_net_shipstation",
    label="Visma.net and ShipStation",
    help="Purchase orders raised in Visma.net are shipped in ShipStation; shipments come back as purchase receipts; invoices find their orders.",
    left="visma_net",
    right="shipstation",
    flows=(PURCHASE_ORDERS, CANCELLATIONS, RECEIPTS, ORDER_CHANGES, ORDER_CHANGE_NOTES, INVOICES),
    tables=(
        Table(
            "warehouses",
            "Warehouses",
            "Warehouse in Visma.net → number of the ship-from location in ShipStation (Settings, Shipping, Ship From Locations).",
        ),
    ),
    reports=(INVOICED,),
)
