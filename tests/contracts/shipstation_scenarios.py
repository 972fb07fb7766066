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


def play_v1(desk: Desk) -> None:
    _play_orders(desk)
    _play_labels(desk)
    _play_directory(desk)


def _play_orders(desk: Desk) -> None:
    order = int(desk.send(desk.v1, "PLAYED"))
    tag = desk.play("GET", "/accounts/listtags")[0]["tagId"]
    user = desk.play("GET", "/users", showInactive="false")[0]["userId"]
    desk.play("POST", "/orders/addtag", {"orderId": order, "tagId": tag})
    desk.play("GET", "/orders/listbytag", orderStatus="awaiting_shipment", tagId=str(tag), page="1", pageSize="5")
    desk.play("POST", "/orders/removetag", {"orderId": order, "tagId": tag})
    desk.play("POST", "/orders/assignuser", {"orderIds": [order], "userId": user})
    desk.play("POST", "/orders/unassignuser", {"orderIds": [order]})
    desk.play("POST", "/orders/holduntil", {"orderId": order, "holdUntilDate": "2027-01-01"})
    desk.play("POST", "/orders/restorefromhold", {"orderId": order})
    shipped = {"orderId": order, "carrierCode": "usps", "shipDate": "2026-11-21", "trackingNumber": "9"}
    desk.play("POST", "/orders/markasshipped", shipped | {"notifyCustomer": False, "notifySalesChannel": True})
    desk.play("DELETE", f"/orders/{desk.send(desk.v1, 'DELETED')}")
    for path in ("/orders", "/fulfillments", "/shipments"):
        desk.play("GET", path, orderNumber="FULL", sortDir="DESC", page="1", pageSize="1")


def _play_labels(desk: Desk) -> None:
    order = int(desk.send(desk.v1, "LABELLED"))
    label: dict[str, Any] = {
        "carrierCode": "ups",
        "serviceCode": "ups_ground",
        "packageCode": "package",
        "confirmation": "none",
    }
    label |= {"shipDate": "2026-11-21", "weight": WEIGHT, "testLabel": False}
    made = desk.play("POST", "/orders/createlabelfororder", label | {"orderId": order})
    desk.play("POST", "/shipments/voidlabel", {"shipmentId": made["shipmentId"]})
    desk.play("POST", "/shipments/createlabel", label | {"shipFrom": ADDRESS, "shipTo": ADDRESS})
    asked: dict[str, Any] = {"carrierCode": "ups", "serviceCode": None, "packageCode": None, "weight": WEIGHT}
    asked |= {"fromPostalCode": "78703", "toState": "DC", "toCountry": "US", "toPostalCode": "20500", "toCity": "W"}
    desk.play("POST", "/shipments/getrates", asked | {"confirmation": "delivery", "residential": False})


def _play_directory(desk: Desk) -> None:
    for path in ("getcarrier", "listservices", "listpackages"):
        desk.play("GET", f"/carriers/{path}", carrierCode="stamps_com")
    desk.play("GET", "/carriers")
    warehouse = desk.play("GET", "/warehouses")[0]["warehouseId"]
    desk.play("GET", f"/warehouses/{warehouse}")
    store = desk.play("GET", "/stores", showInactive="false", marketplaceId="0")[0]["storeId"]
    desk.play("GET", f"/stores/{store}")
    desk.play("GET", "/stores/marketplaces")
    desk.play("POST", "/stores/refreshstore", {"storeId": store, "refreshDate": "2026-11-20 15:05:02"})
    desk.play("GET", "/stores/getrefreshstatus", storeId=str(store))
    customer = desk.play("GET", "/customers", countryCode="NO", page="1")["customers"][0]["customerId"]
    desk.play("GET", f"/customers/{customer}")
    desk.play("GET", "/products", sku="SKI-180", showInactive="true")
    desk.play("POST", "/webhooks/subscribe", {"target_url": "https://x.example", "event": "NONE"})


def play_v2(desk: Desk) -> None:
    shipment = desk.send(desk.v2, "V2-PLAYED")
    for path in ("users", "tags", "products", "inventory_warehouses"):
        desk.play("GET", f"/v2/{path}")
    for name, key in (("warehouses", "warehouse_id"), ("carriers", "carrier_id")):
        first = desk.play("GET", f"/v2/{name}")[name][0][key]
        desk.play("GET", f"/v2/{name}/{first}")
    for part in ("services", "packages", "options"):
        desk.play("GET", f"/v2/carriers/{first}/{part}")
    desk.play("POST", f"/v2/shipments/{shipment}/tags/Fragile")
    desk.play("DELETE", f"/v2/shipments/{shipment}/tags/Fragile")
    desk.play("PUT", f"/v2/shipments/{desk.send(desk.v2, 'V2-CANCELLED')}/cancel")
    _play_v2_labels(desk, shipment)
    _play_v2_stock(desk)
    fulfilled = {"shipment_id": desk.send(desk.v2, "V2-FULFILLED"), "tracking_number": "T", "carrier_code": "ups"}
    desk.play("POST", "/v2/fulfillments", {"fulfillments": [fulfilled]})
    hook = {"name": "played", "event": "batch", "url": "https://x.example/played"}
    made = desk.play("POST", "/v2/environment/webhooks", hook)
    desk.play("POST", "/v2/environment/webhooks", hook)
    desk.play("GET", f"/v2/environment/webhooks/{made['webhook_id']}")
    with_status(desk)


def _play_v2_labels(desk: Desk, shipment: str) -> None:
    label = desk.play("POST", f"/v2/labels/shipment/{shipment}", {})
    key = label["label_id"]
    desk.play("GET", f"/v2/labels/{key}/track")
    desk.play("POST", f"/v2/labels/{key}/return", {})
    desk.play("PUT", f"/v2/labels/{key}/void")


def _play_v2_stock(desk: Desk) -> None:
    home = desk.play("POST", "/v2/inventory_warehouses", {"name": "Second"})["inventory_warehouse_id"]
    desk.play("GET", f"/v2/inventory_warehouses/{home}")
    shelf = {"name": "Shelf", "inventory_warehouse_id": home}
    place = desk.play("POST", "/v2/inventory_locations", shelf)["inventory_location_id"]
    desk.play("GET", f"/v2/inventory_locations/{place}")


def with_status(desk: Desk) -> None:
    """Carriers with an error beside the list."""
    desk.simulator.switches["v2_multi_status"] = True
    desk.play("GET", "/v2/carriers")
