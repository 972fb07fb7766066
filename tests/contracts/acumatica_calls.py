"""All that our client does at Acumatica, and all that the simulator can, in one endpoint version."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import requests

from connections.errors import VendorError
from connections.vendor import Outgoing, Written
from connections.vendors.acumatica.client import KEYS, LOOKUPS, AcumaticaClient
from connections.vendors.acumatica.probe import probe
from connections.vendors.acumatica.resources import Customers, Items, Orders
from connections.vendors.acumatica.shipments.resource import Shipments
from sandbox.acumatica.app import AcumaticaSimulator
from sandbox.kit.faults import Fault
from sandbox.kit.server import Running
from tests.connections.vendors.acumatica.accounts import client
from tests.contracts.recording import Call, Recorder, recorded

BEFORE = datetime.now(UTC) - timedelta(days=60)


class Site:
    """One site with our client signed in, and a person's hands."""

    def __init__(self, running: Running, recorder: Recorder, version: str) -> None:
        assert isinstance(running.simulator, AcumaticaSimulator)
        self.simulator = running.simulator
        self.recorder = recorder
        self.url = running.base_url
        self.version = version
        self.client = self.open()
        self.http = requests.Session()

    def open(self, **settings: Any) -> AcumaticaClient:
        return client(self.url, session=None, endpoint_version=self.version, **settings)

    def close(self) -> None:
        self.client.sign_out()
        self.client.close()
        self.http.close()

    def order(self, **quantities: int) -> str:
        """A new order of these items; its number."""
        lines = [
            {"InventoryID": self.items[int(name[1:])], "OrderQty": Decimal(count), "WarehouseID": "WHOLESALE"}
            for name, count in quantities.items()
        ]
        with self.simulator.lock:
            return str(self.simulator.actions.do_add_order(Details=lines)["OrderNbr"])

    @property
    def items(self) -> list[str]:
        return [str(each["InventoryID"]) for each in self.simulator.state()["items"]]

    def call(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        """A call that our client never makes."""
        params = {f"${name}": value for name, value in query.items()}
        url = f"{self.url}/entity/Default/{self.version}/{path}"
        session = self.client.session.current()
        headers = {"Cookie": session["cookie"]}
        with self.recorder.direct():
            return self.http.request(method, url, json=body, params=params, headers=headers, timeout=30)


def parcel(order: str, mark: str, target: str = "", tracking: str = "1Z9", **payload: Any) -> Outgoing:
    body = {
        "OrderType": "SO",
        "OrderNbr": order,
        "ShipmentDate": "2026-11-20",
        "ShipVia": "UPSGROUND",
        "FreightCost": Decimal("11.40"),
        "Packages": [{"Weight": Decimal("2.5"), "TrackingNbr": tracking, "Description": "box"}],
        "Details": [],
        "Voided": False,
    }
    return Outgoing(mark, body | payload, target)


def sign_in(site: Site) -> None:
    """With a cookie, with a token, with a wrong password, and probing all rights."""
    probe(site.client)
    tokens = site.open(auth_mode="oauth_password")
    tokens.records("SalesOrder", top=1, select=KEYS["SalesOrder"])
    tokens.sign_out()
    tokens.close()
    wrong = client(site.url, None, {"username": "x", "password": "y"}, endpoint_version=site.version)
    probe(wrong)
    wrong.close()
    lost = client(site.url, {"cookie": ".ASPXAUTH=AA"}, endpoint_version=site.version)
    lost.record("SalesOrder", ("SO", "nothing"))
    lost.sign_out()
    lost.close()


def read_records(site: Site) -> None:
    """Lists in pages and records by key, of all that is read; look-ups; what cannot be listed in one query."""
    small = site.open(page_size=5)
    for resource in (Orders(small), Customers(small), Items(small), Shipments(small)):
        keys = [one.key for page in resource.changes(resource.start(BEFORE)) for one in page.documents]
        for key in [*keys[:2], "SO/none" if isinstance(resource, Orders) else "none", "A/B"]:
            resource.get(key)
    for entity in LOOKUPS:
        small.lookup(entity)
    site.simulator.switches["cannot_optimize"] = ["ShippingSettings"]
    for page in Orders(small).changes(Orders(small).start(BEFORE)):
        assert page.cursor
    site.simulator.switches["cannot_optimize"] = []
    small.sign_out()
    small.close()


def ship(site: Site) -> None:
    """Whole, in parts, in several packages, changed afterwards, into a person's shipment, refused."""
    shipments = Shipments(site.client)
    order = site.order(_0=2, _1=3)
    part = [{"OrderLineNbr": 1, "InventoryID": site.items[0], "ShippedQty": Decimal(1)}]
    first = parcel(order, "shipment-1", Details=part)
    shipments.write([first])
    outcome = shipments.write([parcel(order, "shipment-2", Packages=[{"TrackingNbr": "A"}, {"TrackingNbr": "B"}])])[0]
    assert isinstance(outcome, Written), outcome
    changed = parcel(order, "shipment-2", outcome.key, Packages=[{"TrackingNbr": "C"}])
    shipments.write([changed])
    shipments.write([changed, parcel(order, "shipment-3"), parcel("none", "shipment-4")])
    shipments.find([changed, first, parcel(order, "shipment-9")], BEFORE)
    person = site.order(_2=1)
    site.client.put("Shipment", {"Details": [{"OrderType": "SO", "OrderNbr": person}], "Hold": True}, new=True)
    shipments.write([parcel(person, "shipment-5")])
    refused = site.order(_3=1)
    shipments.write(
        [parcel(refused, "shipment-6", ShipVia="NOWAY"), parcel(refused, "shipment-7", Packages=[{"BoxID": "NOBOX"}])]
    )


def void(site: Site) -> None:
    """Packages taken off a confirmed shipment; a shipment that is billed; one of ours that is still open."""
    shipments = Shipments(site.client)
    order = site.order(_0=1)
    outcome = shipments.write([parcel(order, "void-1")])[0]
    assert isinstance(outcome, Written), outcome
    gone = parcel(order, "void-1", outcome.key, Voided=True)
    shipments.write([gone])
    shipments.find([gone], BEFORE)
    billed = site.order(_1=1)
    done = shipments.write([parcel(billed, "void-2")])[0]
    assert isinstance(done, Written), done
    with site.simulator.lock:
        site.simulator.actions.do_invoice(done.key.partition("/")[0])
    shipments.write([parcel(billed, "void-2", done.key, Voided=True), parcel(billed, "void-2", done.key, "NEW")])
    _void_open(site, shipments)


def _void_open(site: Site, shipments: Shipments) -> None:
    """A confirmation that fails leaves our shipment open, and then it may be deleted."""
    order = site.order(_2=1)
    confirm = f"{site.simulator.base_path}/entity/Default/{site.version}/Shipment/ConfirmShipment"
    site.simulator.faults.append(Fault("server_error", confirm, "POST"))
    with contextlib.suppress(VendorError):
        shipments.write([parcel(order, "void-3")])
    shipments.write([parcel(order, "void-3", Voided=True)])


def go_wrong(site: Site) -> None:
    """Answers that nobody wants."""
    base = f"{site.simulator.base_path}/entity/Default/{site.version}"
    for fault in (
        Fault("throttle", base),
        Fault("server_error", base),
        Fault("lost_lock", f"{base}/Shipment", "PUT"),
        Fault("session_lost", base),
    ):
        site.simulator.faults.append(fault)
        with contextlib.suppress(VendorError):
            Shipments(site.client).write([parcel(site.order(_0=1), f"wrong-{fault.kind}")])
    site.simulator.switches["revoked"] = ["StockItem"]
    probe(site.client)
    site.simulator.switches["revoked"] = []
    stray = client(site.url, None, endpoint_version="20.200.001")
    with contextlib.suppress(VendorError):
        stray.record("SalesOrder", ("SO", "1"))
    stray.sign_out()
    stray.close()


def wrap(**fields: Any) -> dict[str, Any]:
    return {name: {"value": value} for name, value in fields.items()}


def make_direct_calls(site: Site) -> None:
    """What our client never asks: every entity, other verbs, the order's own actions, refusals."""
    for entity in (
        "SalesOrder",
        "Customer",
        "StockItem",
        "Shipment",
        "SalesInvoice",
        "ShipVia",
        "ShippingBox",
        "Warehouse",
        "Carrier",
    ):
        rows = site.call("GET", entity, top="2")
        for row in rows.json() if rows.ok else []:
            site.call("GET", f"{entity}/{row['id']}")
        site.call("GET", f"{entity}/$adHocSchema")
    number = site.order(_4=1)
    keys = {"entity": wrap(OrderType="SO", OrderNbr=number)}
    made = {"ShipmentDate": "2026-11-20T00:00:00Z", "WarehouseID": "WHOLESALE"}
    if site.version != "24.200.001":  # its document is of a build that had no PATCH yet
        for order in (number, "none"):
            site.call("PATCH", "SalesOrder", wrap(OrderType="SO", OrderNbr=order, Description="patched"))
    _act(site, "SalesOrder/SalesOrderCreateShipment", keys | {"parameters": wrap(**made)})
    _shipment(site, number)
    _orders(site)
    site.call("PUT", "Shipment")
    site.call("PUT", "Customer", wrap(CustomerName="Direct"))


def _shipment(site: Site, order: str) -> None:
    found = site.call("GET", f"SalesOrder/SO/{order}", expand="Shipments").json()["Shipments"]
    shipment = {"entity": wrap(ShipmentNbr=found[0]["ShipmentNbr"]["value"])}
    for action in ("ConfirmShipment", "CorrectShipment", "ConfirmShipment", "PrepareInvoice", "UpdateIN"):
        _act(site, f"Shipment/{action}", shipment)
    for row in site.call("GET", "SalesInvoice", top="1", expand="Details").json():
        keys = wrap(Type=row["Type"]["value"], ReferenceNbr=row["ReferenceNbr"]["value"])
        _act(site, "SalesInvoice/ReleaseSalesInvoice", {"entity": keys})


def _orders(site: Site) -> None:
    for action in ("CancelSalesOrder", "ReopenSalesOrder", "OpenSalesOrder", "ReleaseFromCreditHoldSalesOrder"):
        _act(site, f"SalesOrder/{action}", {"entity": wrap(OrderType="SO", OrderNbr=site.order(_5=1))})
    again = site.order(_5=1)
    for action in ("CancelSalesOrder", "ReopenSalesOrder"):
        _act(site, f"SalesOrder/{action}", {"entity": wrap(OrderType="SO", OrderNbr=again)})
    site.call("DELETE", f"SalesOrder/SO/{site.order(_5=1)}")
    lines = [wrap(InventoryID=site.items[0], OrderQty=1, WarehouseID="WHOLESALE")]
    customer = str(site.simulator.state()["customers"][0]["CustomerID"])
    site.call("PUT", "SalesOrder", wrap(OrderType="SO", CustomerID=customer) | {"Details": lines})


def _act(site: Site, path: str, body: Any) -> None:
    response = site.call("POST", path, body)
    if response.status_code == 202:
        session = site.client.session.current()
        root = site.url.removesuffix(site.simulator.base_path)
        site.http.get(root + response.headers["Location"], headers={"Cookie": session["cookie"]}, timeout=30)


STEPS: tuple[Callable[[Site], None], ...] = (sign_in, read_records, ship, void, go_wrong)


@cache
def calls(version: str) -> tuple[Call, ...]:
    """Every call of every step, recorded once for each endpoint version."""
    with recorded(AcumaticaSimulator(), operation_seconds=0, polls=1, seats=9) as (running, recorder):
        site = Site(running, recorder, version)
        site.simulator.actions.do_seed(customers=3, items=8, orders=12)
        try:
            for step in STEPS:
                step(site)
            with recorder.direct():
                make_direct_calls(site)
        finally:
            site.close()
        return tuple(recorder.calls)
