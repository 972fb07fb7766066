"""Example and ShipStation: orders go out to be shipped, shipments come back."""

from __future__ import annotations

from syncjobs.recipe import STOP, FlowSpec, Map, Recipe, Table

ORDERS = FlowSpec(
    slug="orders",
    label="Orders to ShipStation",
    help="Orders that are open in Example appear in ShipStation.",
    source="example.orders",
    target="shipstation.orders",
    natural_key="number",
    filter="status == 'open'",
    filter_says="not open",
    maps=(
        Map("orderNumber", "number", when_empty=STOP),
        Map("orderDate", "changed", when_empty=STOP),
        Map("orderStatus", "'awaiting_shipment'"),
        Map("customerEmail", "customer.email"),
        Map("billTo.name", "customer.name", when_empty=STOP),
        Map("shipTo.name", "customer.name", when_empty=STOP),
        Map("shipTo.street1", "address.street", when_empty=STOP),
        Map("shipTo.city", "address.city"),
        Map("shipTo.state", "address.state"),
        Map("shipTo.postalCode", "address.postcode"),
        Map("shipTo.country", "address.country", when_empty=STOP),
        Map("items[]", "lines", when_empty=STOP),
        Map("items[].sku", "sku"),
        Map("items[].name", "name", when_empty=STOP),
        Map("items[].quantity", "whole(quantity)"),
        Map("items[].unitPrice", "price"),
    ),
)

SHIPMENTS = FlowSpec(
    slug="shipments",
    label="Shipments to Example",
    help="What ShipStation shipped is written on the order, with carrier, tracking number and date.",
    source="shipstation.shipments",
    target="example.shipments",
    natural_key="join('-', ['parcel', to_string(shipmentId)])",
    belongs_to="orderKey",
    filter="kind == 'shipment' && !voided && source_of('orders', orderKey)",
    filter_says="no parcel, voided, or of an order that did not come from Example",
    schedule=900,
    webhooks=("SHIP_NOTIFY",),
    maps=(
        Map("order", "source_of('orders', orderKey)", when_empty=STOP),
        Map("carrier", "lookup('carriers', carrierCode)"),
        Map("tracking", "trackingNumber", when_empty=STOP),
        Map("shippedOn", "date(shipDate)"),
    ),
)

RECIPE = Recipe(
    slug="example_shipstation",
    label="Example and ShipStation",
    help="Orders from Example are shipped in ShipStation; shipments come back.",
    left="example",
    right="shipstation",
    flows=(ORDERS, SHIPMENTS),
    tables=(
        Table("carriers", "Carriers", "ShipStation's carrier → Example's.", rows=(("ups", "UPS"),), fallback="OTHER"),
    ),
)
