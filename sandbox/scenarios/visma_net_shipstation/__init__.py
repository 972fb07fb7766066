"""Visma.net and ShipStation: purchase orders go out, are shipped, and come back as receipts; invoices find their orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings as django_settings

from sandbox.scenarios import warehouse
from sandbox.scenarios.action import Action, PeriodicAction
from sandbox.scenarios.consistency import Findings, RecordStatus, State
from sandbox.scenarios.fault_profile import AccountFault, FaultProfile
from sandbox.scenarios.fixture import ACTOR, Fixture
from sandbox.scenarios.scenario import CALLS_A_MINUTE, CALLS_AN_HOUR, Scenario, Settings
from sandbox.scenarios.shipstation import FAULT_PROFILE, REVOKED
from sandbox.scenarios.simulator_client import SimulatorClient
from sandbox.scenarios.visma_net_shipstation.actions import ErpActions
from sandbox.scenarios.visma_net_shipstation.consistency import VismaNetConsistencyCheck
from sandbox.scenarios.visma_net_shipstation.web_shop import WebShop
from sandbox.scenarios.warehouse import WarehouseActions
from syncjobs.engine.replay import replay_records
from syncjobs.models import State as RecordState
from syncjobs.models import SyncRecord

# What goes straight to a customer carries the number of the sales order, so that invoices find it. Purchase and sales
# orders are numbered alike, hence the prefix.
NUMBER = "if(orderType == 'DropShip' && salesOrderNbr, join('', ['SO-', salesOrderNbr || '']), orderNbr)"
BILLED = "[customerOrder, customerRefNumber, externalReference, soOrderNbr && join('', ['SO-', soOrderNbr])][?@]"
REJECT = {"receiptAction": "Reject", "maxReceipt": 100}
STRICT = "Ikke mer enn bestilt"
"""The description of the order that takes no more than was ordered."""
OTHER_WAREHOUSE = "2"
"""In Visma.net, and not in the value map."""
SHOP = 6
"""Orders that a web shop brought to both systems."""


class VismaNetShipStation(Scenario):
    recipe = "visma_net_shipstation"
    customer = "Nordlys Interiør AS"
    slugs = ("visma_net", "shipstation")
    orders = "purchase_orders"
    parcels = "receipts"
    intervals: ClassVar[Mapping[str, int]] = {"purchase_orders": 1, "receipts": 1, "order_changes": 2, "invoices": 2}
    settings: ClassVar[Settings] = {
        "visma_net": {"poll_seconds": "0.2", "release_seconds": "4", "read_sales_orders": True},
    }
    tables: ClassVar[Mapping[str, Mapping[str, str]]] = {"warehouses": {"1": "511543"}}
    rows: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "purchase_orders": {"orderNumber": NUMBER},
        "cancellations": {"orderNumber": NUMBER},
        "invoices": {"candidates[]": BILLED},
        "receipts": {"release": "`true`"},
    }
    # Some receipts stay unreleased: only those can be taken back when their label is voided.
    drill_rows: ClassVar[Mapping[str, Mapping[str, str]]] = {"receipts": {"release": "carrierCode == 'ups'"}}
    demo_switches: ClassVar[Settings] = {
        "visma_net": {"limit": CALLS_AN_HOUR},
        "shipstation": {"v1_limit": CALLS_A_MINUTE, "v2_limit": CALLS_A_MINUTE},
    }
    drill_switches: ClassVar[Settings] = {"shipstation": {"v1_limit": 0, "v2_limit": 0, "side_effect_delay": 0.3}}
    bench_switches: ClassVar[Settings] = {**Scenario.bench_switches, "visma_net": {"limit": 0}}
    fault_profiles: ClassVar[Mapping[str, FaultProfile]] = {
        "visma_net": FaultProfile(
            endpoints=("GET /erp/", "POST /erp/", "PUT /erp/"),
            at_once=2,
            vendor_faults={
                "gateway_html": "GET /erp/",
                "gateway_empty": "GET /erp/",
                "gateway_after": "POST /erp/",
                "licence": "GET /erp/",
                "forbidden": "GET /erp/",
                "token_lost": "GET /erp/",
                "row_moved": "PUT /erp/",
            },
            webhooks=True,
            modes={"release_queued": {"release": "queued"}, "release_lost": {"release": "lost"}},
            normal={"release": "done"},
        ),
        "shipstation": FAULT_PROFILE,
    }
    account_fault_names = ("revoked_shipstation", "revoked_visma_net", "not_approved", "hourly_limit")

    def __init__(self, left: SimulatorClient, right: SimulatorClient, seed: int = 1) -> None:
        super().__init__(left, right, seed)
        self.erp = ErpActions(left, right, self.random)
        self.warehouse = WarehouseActions(right, self.random, carriers=("ups", "fedex"))
        self.shop = WebShop(left, right)

    @staticmethod
    def check(left: State, right: State, statuses: Iterable[RecordStatus]) -> Findings:
        return VismaNetConsistencyCheck(left, right, statuses).run()

    def figures(self, left: State) -> dict[str, int]:
        statuses = [order["status"] for order in left["purchaseOrders"]]
        return {
            "closed_in_visma_net": statuses.count("Closed"),
            "open_in_visma_net": statuses.count("Open"),
            "released_receipts": sum(receipt["status"] == "Released" for receipt in left["purchaseReceipts"]),
            "invoices": len(left["customerInvoices"]),
        }

    # What there is to begin with

    def seed(self, orders: int) -> None:
        """Orders of all kinds, one for the warehouse that nobody mapped, one without goods, and those of a web shop."""
        self.left.do("clear")
        self.left.do("make_orders", count=orders, ugly=True)
        self._make_order([{"inventory": "STOL-101", "orderQty": 6, **REJECT}], STRICT)
        self._make_order([{"lineType": "Description", "lineDescription": "Se vedlagt tegning"}], "Bare tekst")
        self.left.switch(default_warehouse=OTHER_WAREHOUSE)
        self._make_order([{"inventory": "LAMPE-7", "orderQty": 4}], "Til Göteborg")
        self.left.switch(default_warehouse="1")
        self.left.do("make_sales_orders", count=SHOP)
        for sale in self.shop.sales():
            self.shop.send(sale)

    def seed_plain(self, orders: int) -> None:
        self.left.do("clear")
        if orders:
            self.left.do("make_orders", count=orders, ugly=False)

    def _make_order(self, lines: list[dict[str, Any]], description: str) -> None:
        self.left.do("make_order", lines=lines, fields={"description": description})

    def subscribe(self, fixture: Fixture) -> None:
        """The subscription that a person makes in the Developer Portal."""
        url = f"{django_settings.PUBLIC_URL}/hooks/{fixture.integration.left.webhook_token}/"
        self.left.do("subscribe", url=url, key=self.left.simulator.credentials["webhook_key"])

    # The demos

    def steps(self) -> Sequence[Action]:
        return (
            Action("Change orders", self._change),
            Action("Ship", self._ship),
            Action("Ship the rest", self._ship_rest),
        )

    def _waiting(self) -> list[dict[str, Any]]:
        """Open orders of several lines that nobody has shipped from, the newest last."""
        numbers = set(warehouse.untouched(self.right.state()))
        orders = self.left.state()["purchaseOrders"]
        return [order for order in orders if order["orderNbr"] in numbers and len(order["lines"]) > 1]

    def _change(self) -> str:
        cancelled, shorter, received = self._waiting()[:3]
        self.left.do("cancel_order", order_nbr=cancelled["orderNbr"])
        self.left.do("delete_line", order_nbr=shorter["orderNbr"], line_nbr=shorter["lines"][-1]["lineNbr"])
        part = {str(received["lines"][0]["lineNbr"]): 1}
        self.left.do("receive", order_nbr=received["orderNbr"], quantities=part)
        state = self.left.state()
        purchased = {order["salesOrderNbr"] for order in state["purchaseOrders"] if order.get("salesOrderNbr")}
        sales = [sale for sale in state["salesOrders"] if sale["orderId"] in purchased]
        count = self.erp.make_invoices(sales + self.shop.sales()[: SHOP // 2])
        return (
            f"in Visma.net {cancelled['orderNbr']} is cancelled, a line of {shorter['orderNbr']} is deleted, "
            f"goods of {received['orderNbr']} are received by hand, {count} sales are invoiced"
        )

    def _ship(self) -> str:
        strict = self._strict()
        self.right.do("edit", order_number=strict, changes={"quantities": {"STOL-101": 8}})
        self.right.do("ship", order_number=strict)
        raced = self._waiting()[-1]
        self.left.do("delete_line", order_nbr=raced["orderNbr"], line_nbr=raced["lines"][-1]["lineNbr"])
        self.right.do("ship", order_number=raced["orderNbr"])
        return (
            f"more of {strict} than was ordered, {raced['orderNbr']} while a line of it is deleted in Visma.net; "
            + warehouse.ship_all(self.right)
        )

    def _strict(self) -> str:
        orders = self.left.state()["purchaseOrders"]
        return str(next(order["orderNbr"] for order in orders if order.get("description") == STRICT))

    def _ship_rest(self) -> str:
        shipped = warehouse.ship_all(self.right)
        return f"{shipped}; {self.erp.make_invoices(self.shop.sales())} sales are invoiced"

    def periodic_actions(self) -> Sequence[PeriodicAction]:
        return (
            PeriodicAction(30, 0, lambda: warehouse.ship_over_time(self.right)),
            PeriodicAction(12, 75, self._cancel),
            PeriodicAction(50, 45, self._new_orders),
            PeriodicAction(65, 60, self._some_invoices),
        )

    def _cancel(self) -> str:
        waiting = self._waiting()
        if not waiting:
            return "Nothing is left to cancel."
        self.left.do("cancel_order", order_nbr=waiting[-1]["orderNbr"])
        return f"Purchase order {waiting[-1]['orderNbr']} was cancelled in Visma.net after it had gone out."

    def _new_orders(self) -> str:
        self.erp.make_orders(3)
        return "Visma.net got 3 new purchase orders."

    def _some_invoices(self) -> str:
        self.left.do("make_sales_orders", count=1, seed=self.random.randrange(10**6))
        self.shop.send(self.shop.sales()[-1])
        count = self.erp.make_invoices(self.shop.sales())
        return f"A web shop got an order, and Visma.net made {count} invoices."

    # The drill

    def random_actions(self) -> Iterator[Action]:
        yield from self.erp.random_action()
        yield from self.warehouse.random_action()

    def final_actions(self, fixture: Fixture) -> Iterator[Action]:
        """The month is opened, nothing stays on hold; support replays what a closed month or a fault had refused."""
        yield from self.erp.final_actions()
        records = SyncRecord.objects.filter(flow__integration=fixture.integration, state=RecordState.ATTENTION)
        yield Action("replay", lambda: replay_records(records, ACTOR))

    def account_faults(self) -> Sequence[AccountFault]:
        """Rights revoked and given back on both sides, and no calls left in this hour, which is short here."""
        lost = {"kind": "token_lost", "path": self.left.simulator.base_path}
        short, long = {"limit": 2, "window_seconds": 3}, {"limit": 15000, "window_seconds": 3600}
        return (
            AccountFault("revoked_shipstation", self.right, *REVOKED),
            AccountFault("revoked_visma_net", self.left, {"secret_revoked": True}, {"secret_revoked": False}, lost),
            AccountFault("not_approved", self.left, {"approved": False}, {"approved": True}),
            AccountFault("hourly_limit", self.left, short, long),
        )
