"""All that our client does at Visma.net, against one simulated company."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

from connections.errors import VendorError
from connections.vendor import Outgoing
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.order_notes import PurchaseOrderNotes
from connections.vendors.visma_net.probe import probe
from connections.vendors.visma_net.resources import CustomerInvoices, Inventory, PurchaseOrders, Suppliers
from connections.vendors.visma_net.webhooks import VismaWebhooks
from sandbox.kit.server import Running
from sandbox.visma_net.app import VismaNetSimulator
from tests.connections.vendors.visma_net.accounts import SECRETS
from tests.connections.vendors.visma_net.desk import ORDERS, RECEIPTS, Desk, again, goods, shipment
from tests.contracts.recording import Call, Recorder, recorded
from tests.contracts.visma_net_direct import make_direct_calls

READ = (PurchaseOrders, CustomerInvoices, Suppliers, Inventory)
WAYS = ("add_lines", "direct", "create_from_order")


class Company(Desk):
    """A desk whose calls are recorded."""

    def __init__(self, running: Running, recorder: Recorder) -> None:
        super().__init__(running)
        self.recorder = recorder

    def with_client(self, work: Callable[[VismaClient], Any], **settings: Any) -> None:
        """Done by a client of its own, whatever comes of it."""
        client = self.open(**settings)
        with contextlib.suppress(VendorError):
            work(client)
        client.close()


def sign_in(desk: Company) -> None:
    """Good, with the older headers, with sales orders, for the wrong tenant, with a wrong secret, with too few rights."""
    probe(desk.client)
    desk.with_client(probe, read_sales_orders=True)
    desk.with_client(probe, company_id="5102401", branch="1")
    desk.with_client(probe, tenant_id=desk.simulator.customer_tenant_id)
    desk.with_client(probe, secrets=SECRETS | {"client_secret": "wrong"})
    desk.fault("forbidden", "/erp/v1/branch", "GET")
    probe(desk.client)
    desk.switch(no_licence=True)
    probe(desk.client)
    desk.switch(no_licence=False)


def read_records(desk: Company) -> None:
    """Lists in small pages and records by key, with sales orders; a key with a slash; what is not there."""
    desk.simulator.actions.do_receive("000102", {"1": 1})
    small = desk.open(page_size=5, read_sales_orders=True)
    for kind in READ:
        resource = kind(small)
        keys = [
            one.key
            for page in resource.changes({"since": "2026-01-01T00:00:00.000", "place": None})
            for one in page.documents
        ]
        assert keys, kind
        for key in [*keys[:2], keys[0].partition("/")[0], "none", "A/B"]:
            resource.get(key)
    small.sales_order("SO", "none")
    small.close()
    hook = VismaWebhooks()
    body = (
        b'{"eventId": "1", "action": "Changed", "resourceUri": "https://api.finance.visma.net/v1/purchaseorder/000101"}'
    )
    list(hook.follow(desk.client, hook.read(body, {}), body, {}))


def order_of(desk: Company) -> str:
    return desk.order({"inventory": "MEL-25KG", "orderQty": 20}, {"inventory": "STOL-101", "orderQty": 20})


def full(order: str, way: str, **changes: Any) -> Outgoing:
    """A shipment that uses every field: lots, a line of its own, bins, a supplier's invoice."""
    lots = goods((1, 1), lotSerialNumber="L1", expirationDate="2027-01-01") + goods((1, 1), lotSerialNumber="L2")
    stranger = {"inventoryId": "BORD-220", "quantity": Decimal(1), "locationId": "1"}
    payload: dict[str, Any] = {
        "note": "n",
        **{f"customStr{at}": "c" for at in range(2, 6)},
        "branchNumber": "1",
        "warehouseId": "1",
        "createBill": True,
        "completePoLine": False,
        "linesWithoutOrder": "add",
    }
    lines = [*lots, *goods((2, 2.5), uom="STK"), stranger]
    return shipment(order, lines, f"shipstation:{way}:{changes.pop('mark', 1)}", way=way, **payload | changes)


def receive(desk: Company) -> None:
    """Each way: written, found, changed, voided; released; all that is open; two shipments of one order."""
    for way in WAYS:
        order = order_of(desk)
        made = full(order, way)
        key = _made(desk, made)
        desk.find(made)
        desk.write(again(made, key, lines=goods((2, 3)), note="other", date="2026-11-20"))
        desk.write(again(made, key, voided=True))
        released = full(order_of(desk), way, mark=2, release=True)
        _made(desk, released)
        desk.write(again(released, "", voided=True))
        _made(desk, shipment(order_of(desk), mark=f"shipstation:{way}:3", way=way, allOpenLines=True))
    order = order_of(desk)
    for mark in ("shipstation:one", "shipstation:two"):
        lot = goods((1, 2), lotSerialNumber="L1", expirationDate="2027-01-01", locationId="1")
        _made(desk, shipment(order, [*goods((2, 4)), *lot], mark))


def _made(desk: Company, document: Outgoing) -> str:
    outcome = desk.write(document)
    key = str(getattr(outcome, "key", ""))
    assert key, outcome
    return key


def release(desk: Company) -> None:
    """Queued, never done, failed with status 200, and refused because the period is closed."""
    for result in ("queued", "stuck", "failed"):
        desk.switch(release=result, release_reads=1)
        desk.write(shipment(order_of(desk), goods((2, 1)), f"shipstation:{result}", release=True))
    desk.switch(release="done", action_refusal="failed")
    desk.simulator.actions.do_close_period("202611")
    desk.write(shipment(order_of(desk), goods((2, 1)), "shipstation:closed", release=True))
    desk.simulator.actions.do_close_period("202611", closed=False)
    desk.switch(action_refusal="400")


def void(desk: Company) -> None:
    """Where receipts cannot be cancelled they are emptied."""
    desk.switch(cancel_receipt="gone")
    order = order_of(desk)
    made = shipment(order, goods((2, 1)), "shipstation:empty")
    desk.write(again(made, _made(desk, made), voided=True))
    desk.switch(cancel_receipt="any")


def refuse(desk: Company) -> None:
    """Orders that are over or not open; more than the order takes; an item, a warehouse and a period that are not there."""
    closed, held, strict = order_of(desk), order_of(desk), desk.order({"inventory": "STOL-101", "orderQty": 2})
    desk.simulator.actions.do_cancel_order(closed)
    desk.simulator.actions.do_hold_order(held)
    for at, document in enumerate(
        (
            shipment(closed, goods((2, 1))),
            shipment(held, goods((2, 1))),
            shipment(strict, goods((1, 50))),
            shipment("999999", goods((1, 1))),
            shipment(strict, [{"inventoryId": "NONE", "quantity": Decimal(1)}], linesWithoutOrder="add"),
            shipment(strict, goods((1, 1)), warehouseId="NOWHERE"),
            shipment(strict, goods((1, 1)), date="1999-01-01", release=True),
        )
    ):
        with contextlib.suppress(VendorError):
            desk.write(Outgoing(f"shipstation:refused-{at}", document.payload))


def write_notes(desk: Company) -> None:
    """Written, changed, taken out, of an order that somebody saves meanwhile, of one that is not there."""
    notes, order = PurchaseOrderNotes(desk.client), order_of(desk)
    desk.fault("row_moved", ORDERS, "PUT")
    for text in ("One", "Two", ""):
        notes.write([Outgoing("n", {"orderNbr": order, "note": text})])
    sent = Outgoing("n", {"orderNbr": order, "note": "Three"})
    notes.write([sent, sent, Outgoing("m", {"orderNbr": "999999", "note": "x"})])
    notes.find([sent], desk.begun)


def go_wrong(desk: Company) -> None:
    """Answers that nobody wants, to reads and writes."""
    kinds = ("throttle", "server_error", "gateway_html", "gateway_empty", "gateway_after", "licence", "business_500")
    for at, kind in enumerate((*kinds, "capital_message", "forbidden", "token_lost", "row_moved")):
        for path, method in ((RECEIPTS, "POST"), (RECEIPTS, "PUT"), ("/erp/v2/PurchaseReceipt", "GET")):
            desk.fault(kind, path, method)
            with contextlib.suppress(VendorError):
                desk.write(shipment(order_of(desk), goods((2, 1)), f"shipstation:wrong-{at}-{method}"))
    desk.simulator.faults.clear()


STEPS: tuple[Callable[[Company], None], ...] = (
    sign_in,
    read_records,
    receive,
    release,
    void,
    refuse,
    write_notes,
    go_wrong,
)


@cache
def calls() -> tuple[Call, ...]:
    """Every call of every step, recorded once."""
    with recorded(VismaNetSimulator()) as (running, recorder):
        desk = Company(running, recorder)
        try:
            for step in STEPS:
                step(desk)
            with recorder.direct():
                make_direct_calls(running)
        finally:
            desk.client.close()
        return tuple(recorder.calls)
