"""All that our client does at ShipStation, and all that the simulator can, against one simulated account each."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from connections.vendor import Outgoing
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.customers import Customers
from connections.vendors.shipstation.inventory import Inventory
from connections.vendors.shipstation.labels import Labels
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.orders.references import OrderReferences
from connections.vendors.shipstation.orders.status import OrderStatus
from connections.vendors.shipstation.probe import probe
from connections.vendors.shipstation.products import Products
from connections.vendors.shipstation.shipments.shipments import Shipments
from connections.vendors.shipstation.webhooks import ShipStationWebhooks
from connections.vendors.shipstation.webhooks.follow_up import v2_documents
from sandbox.kit.faults import Fault
from sandbox.shipstation.app import ShipStationSimulator
from tests.connections.vendors.shipstation.accounts import V1_KEYS, item, opened, outgoing
from tests.connections.vendors.shipstation.simulated import eventually
from tests.contracts.recording import Call, recorded
from tests.contracts.shipstation_desk import BEFORE, Desk
from tests.contracts.shipstation_direct import call_v1, call_v2

HOOK = "https://console.example/hook"

FULL: dict[str, Any] = {
    "orderDate": "2026-11-20T16:15:00Z",
    "paymentDate": "2026-11-20T16:15:00.5Z",
    "shipByDate": "2026-11-24T08:00:00Z",
    "shipDate": "2026-11-21",
    "customerUsername": "CUST-1",
    "customerEmail": "kari@example.com",
    "amountPaid": 10.5,
    "taxAmount": 1,
    "shippingAmount": 2.5,
    "customerNotes": "ring twice",
    "internalNotes": "ERP 1",
    "gift": True,
    "giftMessage": "hello",
    "paymentMethod": "Invoice",
    "requestedShippingService": "Express",
    "carrierCode": "ups",
    "serviceCode": "ups_ground",
    "packageCode": "package",
    "confirmation": "delivery",
    "weight": {"value": 25, "units": "ounces"},
    "dimensions": {"length": 7, "width": 5, "height": 6, "units": "inches"},
    "insuranceOptions": {"provider": "carrier", "insureShipment": True, "insuredValue": 200},
    "advancedOptions": {"customField1": "A", "source": "ERP", "nonMachinable": False},
}
LINE = item(1, "SKI-180", 2) | {
    "weight": {"value": 10, "units": "ounces"},
    "options": [{"name": "Size", "value": "Large"}],
    "taxAmount": 1.5,
    "warehouseLocation": "A-01",
    "adjustment": False,
    "upc": "42",
}


def write_orders(desk: Desk) -> None:
    """New ones, an update over a person's changes, a refused one, locked ones, and looking them up."""
    orders = Orders(desk.v1)
    discount = item(9, "OFF", 1) | {"adjustment": True, "unitPrice": -5.5}
    key = desk.send(desk.v1, "FULL", items=[LINE, discount], **FULL)
    desk.click("edit", order_id=int(key), changes={"internalNotes": "fragile"})
    sent = outgoing("FULL", items=[LINE, discount], **FULL)
    orders.write([Outgoing("FULL", sent.payload | {"giftMessage": "bye"}, key, sent.payload)])
    orders.write([outgoing("GOOD"), outgoing("BAD", shipTo={"name": "", "street1": "x"})])
    with desk.recorder.direct():  # a wrong mapping sends it, not our client
        orders.write([outgoing("FINE"), outgoing("SPOILT", amountPaid="a lot")])
    done = desk.send(desk.v1, "DONE")
    desk.click("ship", order_id=int(done))
    orders.write([outgoing("DONE", target_key=done), outgoing("DONE")])
    desk.send(desk.v1, "GONE")
    orders.write([outgoing("GONE", target_key="1")])
    placed = opened(desk.url, V1_KEYS, store_id=str(desk.call("GET", "/stores")[0]["storeId"]))
    desk.send(placed, "STORED")
    placed.close()
    orders.find([outgoing("GOOD")], BEFORE)
    orders.find([outgoing(f"MANY{n}") for n in range(5)], BEFORE)
    orders.get(key)
    desk.read(orders, desk.read(orders))


def set_statuses(desk: Desk) -> None:
    """Held, released, cancelled, and refused because it is shipped."""
    status = OrderStatus(desk.v1)
    key = desk.send(desk.v1, "STATUS", items=[LINE], **FULL)
    for order_status in ("on_hold", "awaiting_shipment", "cancelled"):
        status.write([Outgoing("STATUS", {"orderNumber": "STATUS", "orderStatus": order_status}, key)])
    shipped = desk.send(desk.v1, "STATUS-2")
    desk.click("ship", order_id=int(shipped))
    cancel = Outgoing("STATUS-2", {"orderNumber": "STATUS-2", "orderStatus": "cancelled"}, shipped)
    status.write([cancel, Outgoing("NEVER", {"orderNumber": "NEVER", "orderStatus": "cancelled"})])
    status.find([cancel], BEFORE)


def put_references(desk: Desk, client: ShipStationClient) -> None:
    """Two invoices on one order, one of them taken back, one looked up; a shipped order; one that is not there."""
    references, number = OrderReferences(client), "V1-REF" if client.v1 else "V2-REF"
    key = desk.send(client, number, items=[LINE], **FULL)

    def asked(reference: str, target_key: str = "", **fields: Any) -> Outgoing:
        return Outgoing(number, {"orderNumber": number, "reference": reference, **fields}, target_key)

    references.write([asked("INV-1"), asked("INV-2", field="internalNotes"), asked("", f"{key}#INV-1")])
    references.find([asked("INV-2", f"{key}#INV-2")], BEFORE)
    desk.click("ship", order_id=_row(key))
    missing = Outgoing("NONE", {"reference": "INV-4", "candidates": [{"orderNumber": "NONE"}]})
    references.write([asked("INV-3"), missing])


def ship_parcels(desk: Desk, client: ShipStationClient) -> None:
    """Whole, in parts, several parcels, voided, marked as shipped, returned, merged, without lines."""
    shipments, api = Shipments(client), "V1" if client.v1 else "V2"
    ids = {name: _row(desk.send(client, f"{api}-{name}")) for name in ("WHOLE", "PART", "MARKED", "A", "B", "BARE")}
    made = desk.click("ship", order_id=ids["WHOLE"])["shipments"][0]
    desk.click("ship", order_id=ids["PART"], items=[{"sku": "SKI-180", "quantity": 1}])
    desk.click("ship", order_id=ids["PART"], parcels=2)
    desk.click("mark_shipped", order_id=ids["MARKED"], tracking="EXT-1")
    desk.click("merge", order_ids=[ids["A"], ids["B"]])
    desk.click("ship", order_id=ids["A"])
    desk.click("ship", order_id=ids["BARE"], with_items=False)
    cursor = desk.read(shipments)
    desk.click("void", shipment_id=made["shipmentId"])
    desk.click("return_label", order_id=ids["PART"])
    documents = [document for page in shipments.changes(cursor) for document in page.documents]
    for document in documents[:2] + [one for one in documents if one.key.startswith("fulfillment")][:1]:
        shipments.get(document.key)


def _row(key: str) -> int:
    return int(key.removeprefix("se-"))


def read_catalog(desk: Desk) -> None:
    """Customers linked, products found alone and in the list, read, merged and put."""
    eventually(lambda: bool(desk.simulator.account.customers and desk.simulator.account.products))
    Customers(desk.v1).write([Outgoing("C", {"email": "kari@example.com"}), Outgoing("D", {"email": "x@y.example"})])
    products = Products(desk.v1)
    products.write([Outgoing("SKI-180", {"sku": "SKI-180", "name": "Ski", "weightOz": 12, "warehouseLocation": "A-1"})])
    products.write([Outgoing(f"SKU-{n}", {"sku": f"SKU-{n}"}) for n in range(7)])
    products.find([Outgoing("SKI-180", {"sku": "SKI-180", "name": "Ski"})], BEFORE)


def notify(desk: Desk) -> None:
    """Subscribed, an old subscription given our token, followed to what they point to, unsubscribed."""
    hooks = ShipStationWebhooks()
    old = {
        "name": "old",
        "event": "label_created_v2",
        "url": HOOK,
        "headers": [{"key": "X-Console-Token", "value": "old"}],
    }
    desk.call("POST", "/v2/environment/webhooks", old)
    for _ in range(2):
        hooks.subscribe(desk.both, HOOK, hooks.topics)
    number = desk.send(desk.both, "HOOKED")
    made = desk.click("ship", order_id=int(number))["shipments"][0]
    for path in (f"/shipments?batchId={made['batchId']}&includeShipmentItems=False", "/orders?importBatch=none"):
        kind = "SHIP_NOTIFY" if path.startswith("/ship") else "ORDER_NOTIFY"
        body = json.dumps({"resource_url": desk.url + path, "resource_type": kind}).encode()
        list(hooks.follow(desk.both, hooks.read(body, {}), body, {}))
    for path in ("/v2/labels", "/v2/shipments", "/v2/fulfillments"):  # what follows a signed notification
        list(v2_documents(desk.both, f"{desk.url}{path}?page_size=5", path))
    hooks.unsubscribe(desk.both, HOOK)


def write_v2(desk: Desk) -> None:
    """Orders where there is only a V2 key: created, updated, refused, locked; labels and stock."""
    orders = Orders(desk.v2)
    key = desk.send(desk.v2, "V2-FULL", items=[LINE], **FULL)
    orders.write([outgoing("V2-FULL", target_key=key, items=[item(1, "SKI-180", 9)])])
    orders.write([Outgoing("V2-OTHER", outgoing("V2-FULL").payload)])
    orders.find([outgoing("V2-FULL", target_key=key), outgoing("V2-NONE")], BEFORE)
    orders.get(key)
    orders.get("se-1")
    desk.read(orders)
    desk.click("ship", order_id=_row(key))
    orders.write([outgoing("V2-FULL", target_key=key)])
    labels = Labels(desk.v2)
    desk.read(labels)
    labels.get(next(page.documents[0].key for page in labels.changes(labels.start(BEFORE)) if page.documents))
    labels.get("se-1")
    place = desk.call("GET", "/v2/inventory_locations")["inventory_locations"][0]["inventory_location_id"]
    stock = Outgoing("S", {"sku": "SKI-180", "quantity": 40, "inventory_location_id": place, "reason": "count"})
    Inventory(desk.v2).write([stock])
    Inventory(desk.v2).find([stock], BEFORE)


def go_wrong(desk: Desk) -> None:
    """Answers that nobody wants: throttled, failing, locked out, not there."""
    for path in ("/orders", "/v2/shipments"):
        for status in (400, 401, 402, 403, 404, 405, 429, 500):
            _with_fault(desk, path, status)
    probe(opened(desk.url, {"api_key": "x", "api_secret": "y", "v2_api_key": "z"}))
    probe(desk.both)
    for path in ("/orders/1", "/products/1", "/v2/shipments/x", "/v2/labels/se-1"):
        desk.call("GET", path)


def _with_fault(desk: Desk, path: str, status: int) -> None:
    kind = "throttle" if status == 429 else "status"
    desk.simulator.faults.append(Fault(kind, path, "GET", status=status))
    desk.call("GET", path)


STEPS: tuple[Callable[[Desk], None], ...] = (
    write_orders,
    set_statuses,
    lambda desk: put_references(desk, desk.v1),
    lambda desk: put_references(desk, desk.v2),
    lambda desk: ship_parcels(desk, desk.v1),
    lambda desk: ship_parcels(desk, desk.v2),
    read_catalog,
    notify,
    write_v2,
    go_wrong,
)


@cache
def calls() -> tuple[Call, ...]:
    """Every call of every step, recorded once."""
    switches = {"v1_limit": 0, "v2_limit": 0, "side_effect_delay": 0.0, "webhook_mode": "dropped"}
    with recorded(ShipStationSimulator(), **switches) as (running, recorder):
        desk = Desk(running, recorder)
        try:
            for step in STEPS:
                step(desk)
            with recorder.direct():
                call_v1(desk)
                call_v2(desk)
        finally:
            desk.close()
        return tuple(recorder.calls)
