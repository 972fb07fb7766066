"""What all recipes into ShipStation share."""

from __future__ import annotations

from syncjobs.recipe import Map

PARCEL_WEBHOOKS = ("SHIP_NOTIFY", "FULFILLMENT_SHIPPED", "label_created_v2", "fulfillment_shipped_v2")

# A parcel's own number, such as s-21466118: short enough for the fields in which target systems keep it.
PARCEL_NUMBER = "join('-', [left(key(), `1`), part(key(), '-', `2`) || part(key(), '-', `1`)])"

# What of an order is compared with what was sent. ShipStation rewrites addresses by itself (capitals, ZIP+4, and in the
# United States the words of a street): that is no difference.
QUANTITIES = "items[?adjustment != `true`].join(' x ', [sku || '', to_string(quantity)]) | sort(@)"
NAME = "upper(trim(shipTo.name))"
COMPANY = "upper(trim(shipTo.company))"
STREET = (
    "if(shipTo.country == 'US', part(replace(upper(trim(shipTo.street1)), '.', ''), ' ', `0`),"
    " upper(trim(shipTo.street1)))"
)
CITY = "upper(trim(shipTo.city))"
POSTAL_CODE = "left(replace(shipTo.postalCode, ' ', ''), `5`)"
COUNTRY = "upper(shipTo.country)"

COMPARED = (
    Map("quantities", QUANTITIES),
    Map("shipTo.name", NAME),
    Map("shipTo.company", COMPANY),
    Map("shipTo.street1", STREET),
    Map("shipTo.city", CITY),
    Map("shipTo.postalCode", POSTAL_CODE),
    Map("shipTo.country", COUNTRY),
)
