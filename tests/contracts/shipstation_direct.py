"""Calls that our client never makes, so that the rest of the simulator is held against the contract too."""

from __future__ import annotations

from typing import Any

from tests.contracts.shipstation_desk import Desk

WEIGHT = {"value": 2, "units": "pounds"}
ADDRESS = {
    "name": "Kari Nordmann",
    "company": "Fjell AS",
    "street1": "1 Main St",
    "city": "Austin",
    "state": "TX",
    "postalCode": "78703",
    "country": "US",
    "phone": "555",
    "residential": False,
}


def call_v1(desk: Desk) -> None:
    _orders(desk)
    _labels(desk)
    _directory(desk)


def _orders(desk: Desk) -> None:
    order = int(desk.send(desk.v1, "DIRECT"))
    tag = desk.call("GET", "/accounts/listtags")[0]["tagId"]
    user = desk.call("GET", "/users", showInactive="false")[0]["userId"]
    desk.call("POST", "/orders/addtag", {"orderId": order, "tagId": tag})
    desk.call("GET", "/orders/listbytag", orderStatus="awaiting_shipment", tagId=str(tag), page="1", pageSize="5")
    desk.call("POST", "/orders/removetag", {"orderId": order, "tagId": tag})
    desk.call("POST", "/orders/assignuser", {"orderIds": [order], "userId": user})
    desk.call("POST", "/orders/unassignuser", {"orderIds": [order]})
    desk.call("POST", "/orders/holduntil", {"orderId": order, "holdUntilDate": "2027-01-01"})
    desk.call("POST", "/orders/restorefromhold", {"orderId": order})
    shipped = {"orderId": order, "carrierCode": "usps", "shipDate": "2026-11-21", "trackingNumber": "9"}
    desk.call("POST", "/orders/markasshipped", shipped | {"notifyCustomer": False, "notifySalesChannel": True})
    desk.call("DELETE", f"/orders/{desk.send(desk.v1, 'DELETED')}")
    for path in ("/orders", "/fulfillments", "/shipments"):
        desk.call("GET", path, orderNumber="FULL", sortDir="DESC", page="1", pageSize="1")


def _labels(desk: Desk) -> None:
    order = int(desk.send(desk.v1, "LABELLED"))
    label: dict[str, Any] = {
        "carrierCode": "ups",
        "serviceCode": "ups_ground",
        "packageCode": "package",
        "confirmation": "none",
    }
    label |= {"shipDate": "2026-11-21", "weight": WEIGHT, "testLabel": False}
    made = desk.call("POST", "/orders/createlabelfororder", label | {"orderId": order})
    desk.call("POST", "/shipments/voidlabel", {"shipmentId": made["shipmentId"]})
    desk.call("POST", "/shipments/createlabel", label | {"shipFrom": ADDRESS, "shipTo": ADDRESS})
    asked: dict[str, Any] = {"carrierCode": "ups", "serviceCode": None, "packageCode": None, "weight": WEIGHT}
    asked |= {"fromPostalCode": "78703", "toState": "DC", "toCountry": "US", "toPostalCode": "20500", "toCity": "W"}
    desk.call("POST", "/shipments/getrates", asked | {"confirmation": "delivery", "residential": False})


def _directory(desk: Desk) -> None:
    for path in ("getcarrier", "listservices", "listpackages"):
        desk.call("GET", f"/carriers/{path}", carrierCode="stamps_com")
    desk.call("GET", "/carriers")
    warehouse = desk.call("GET", "/warehouses")[0]["warehouseId"]
    desk.call("GET", f"/warehouses/{warehouse}")
    store = desk.call("GET", "/stores", showInactive="false", marketplaceId="0")[0]["storeId"]
    desk.call("GET", f"/stores/{store}")
    desk.call("GET", "/stores/marketplaces")
    desk.call("POST", "/stores/refreshstore", {"storeId": store, "refreshDate": "2026-11-20 15:05:02"})
    desk.call("GET", "/stores/getrefreshstatus", storeId=str(store))
    customer = desk.call("GET", "/customers", countryCode="NO", page="1")["customers"][0]["customerId"]
    desk.call("GET", f"/customers/{customer}")
    desk.call("GET", "/products", sku="SKI-180", showInactive="true")
    desk.call("POST", "/webhooks/subscribe", {"target_url": "https://x.example", "event": "NONE"})


def call_v2(desk: Desk) -> None:
    shipment = desk.send(desk.v2, "V2-DIRECT")
    for path in ("users", "tags", "products", "inventory_warehouses"):
        desk.call("GET", f"/v2/{path}")
    for name, key in (("warehouses", "warehouse_id"), ("carriers", "carrier_id")):
        first = desk.call("GET", f"/v2/{name}")[name][0][key]
        desk.call("GET", f"/v2/{name}/{first}")
    for part in ("services", "packages", "options"):
        desk.call("GET", f"/v2/carriers/{first}/{part}")
    desk.call("POST", f"/v2/shipments/{shipment}/tags/Fragile")
    desk.call("DELETE", f"/v2/shipments/{shipment}/tags/Fragile")
    desk.call("PUT", f"/v2/shipments/{desk.send(desk.v2, 'V2-CANCELLED')}/cancel")
    _v2_labels(desk, shipment)
    _v2_stock(desk)
    fulfilled = {"shipment_id": desk.send(desk.v2, "V2-FULFILLED"), "tracking_number": "T", "carrier_code": "ups"}
    desk.call("POST", "/v2/fulfillments", {"fulfillments": [fulfilled]})
    hook = {"name": "direct", "event": "batch", "url": "https://x.example/direct"}
    made = desk.call("POST", "/v2/environment/webhooks", hook)
    desk.call("POST", "/v2/environment/webhooks", hook)
    desk.call("GET", f"/v2/environment/webhooks/{made['webhook_id']}")
    with_status(desk)


def _v2_labels(desk: Desk, shipment: str) -> None:
    label = desk.call("POST", f"/v2/labels/shipment/{shipment}", {})
    key = label["label_id"]
    desk.call("GET", f"/v2/labels/{key}/track")
    desk.call("POST", f"/v2/labels/{key}/return", {})
    desk.call("PUT", f"/v2/labels/{key}/void")


def _v2_stock(desk: Desk) -> None:
    home = desk.call("POST", "/v2/inventory_warehouses", {"name": "Second"})["inventory_warehouse_id"]
    desk.call("GET", f"/v2/inventory_warehouses/{home}")
    shelf = {"name": "Shelf", "inventory_warehouse_id": home}
    place = desk.call("POST", "/v2/inventory_locations", shelf)["inventory_location_id"]
    desk.call("GET", f"/v2/inventory_locations/{place}")


def with_status(desk: Desk) -> None:
    """Carriers with an error beside the list."""
    desk.simulator.switches["v2_multi_status"] = True
    desk.call("GET", "/v2/carriers")
