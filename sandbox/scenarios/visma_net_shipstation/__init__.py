"""Visma.net and ShipStation: purchase orders go out, are shipped, and come back as receipts; invoices find their orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import requests
from django.conf import settings as django_settings

from sandbox.scenarios import warehouse
from sandbox.scenarios.consistency import Fate, State, Verdict
from sandbox.scenarios.fault_profile import Trouble, Weather
from sandbox.scenarios.fixture import DIRECTOR, Simulated, Stage
from sandbox.scenarios.scenario import CALLS_A_MINUTE, CALLS_AN_HOUR, Act, Deed, Play, Settings
from sandbox.scenarios.shipstation import REVOKED, WEATHER
from sandbox.scenarios.visma_net_shipstation.actions import Office
from sandbox.scenarios.visma_net_shipstation.consistency import Comparison
from sandbox.scenarios.warehouse import Warehouse
from syncjobs.engine.replay import replay_records
from syncjobs.models import State as RecordState
from syncjobs.models import SyncRecord

# What goes straight to a customer carries the number of the sales order, so that invoices find it. Purchase and sales
# orders are numbered alike, hence the prefix.
NUMBER = "if(orderType == 'DropShip' && salesOrderNbr, join('', ['SO-', salesOrderNbr || '']), orderNbr)"
BILLED = "[customerOrder, customerRefNumber, externalReference, soOrderNbr && join('', ['SO-', soOrderNbr])][?@]"
REJECT = {"receiptAction": "Reject", "maxReceipt": 100}
OTHER_WAREHOUSE = "2"
"""In Visma.net, and not in the value map."""
SHOP = 6
"""Orders that a web shop brought to both systems."""


class VismaNetShipStation(Play):
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
    bench_switches: ClassVar[Settings] = {**Play.bench_switches, "visma_net": {"limit": 0}}
    weather: ClassVar[Mapping[str, Weather]] = {
        "visma_net": Weather(
            doors=("GET /erp/", "POST /erp/", "PUT /erp/"),
            at_once=2,
            own={
                "gateway_html": "GET /erp/",
                "gateway_empty": "GET /erp/",
                "gateway_after": "POST /erp/",
                "licence": "GET /erp/",
                "forbidden": "GET /erp/",
                "token_lost": "GET /erp/",
                "row_moved": "PUT /erp/",
            },
            hooks=True,
            moods={"release_queued": {"release": "queued"}, "release_lost": {"release": "lost"}},
            calm={"release": "done"},
        ),
        "shipstation": WEATHER,
    }
    trouble_names = ("revoked_shipstation", "revoked_visma_net", "not_approved", "hourly_limit")

    def __init__(self, left: Simulated, right: Simulated, seed: int = 1) -> None:
        super().__init__(left, right, seed)
        self.office = Office(left, right, self.dice)
        self.warehouse = Warehouse(right, self.dice, carriers=("ups", "fedex"))

    @staticmethod
    def verdict(left: State, right: State, fates: Iterable[Fate]) -> Verdict:
        return Comparison(left, right, fates).run()

    def figures(self, left: State) -> dict[str, int]:
        statuses = [order["status"] for order in left["purchaseOrders"]]
        return {
            "closed_in_visma_net": statuses.count("Closed"),
            "open_in_visma_net": statuses.count("Open"),
            "released_receipts": sum(one["status"] == "Released" for one in left["purchaseReceipts"]),
            "invoices": len(left["customerInvoices"]),
        }

    # What there is to begin with

    def seed(self, orders: int) -> None:
        """Orders of all kinds, one for the warehouse that nobody mapped, one without goods, and those of a web shop."""
        self.left.do("clear")
        self.left.do("make_orders", count=orders, ugly=True)
        self._order([{"inventory": "STOL-101", "orderQty": 6, **REJECT}], "Ikke mer enn bestilt")
        self._order([{"lineType": "Description", "lineDescription": "Se vedlagt tegning"}], "Bare tekst")
        self.left.switch(default_warehouse=OTHER_WAREHOUSE)
        self._order([{"inventory": "LAMPE-7", "orderQty": 4}], "Til Göteborg")
        self.left.switch(default_warehouse="1")
        self.left.do("make_sales_orders", count=SHOP)
        for sale in self._shop():
            self._shop_order(sale)

    def seed_plain(self, orders: int) -> None:
        self.left.do("clear")
        if orders:
            self.left.do("make_orders", count=orders, ugly=False)

    def _order(self, lines: list[dict[str, Any]], description: str) -> str:
        made = self.left.do("make_order", lines=lines, fields={"description": description})
        return str(made["orderNbr"])

    def _shop(self) -> list[dict[str, Any]]:
        """Sales orders that no purchase order is for."""
        left = self.left.state()
        bought = {order.get("salesOrderNbr") for order in left["purchaseOrders"]}
        return [sale for sale in left["salesOrders"] if sale["orderId"] not in bought]

    def _shop_order(self, sale: dict[str, Any]) -> None:
        """The shop's own connection brings an order to ShipStation, under the number that the customer knows."""
        known, person = self.right.simulator.credentials, sale["customer"]
        home = sale["shipping"]["address"]
        address = {
            "name": person["name"],
            "street1": home["line1"],
            "city": home["city"],
            "postalCode": home["postalCode"],
            "country": home["country"]["id"],
        }
        items = [
            {"lineItemKey": f"shop-{line['lineId']}", "sku": line["inventory"]["id"], "name": line["description"]}
            | {"quantity": int(line["quantity"]), "unitPrice": float(line["unitPrice"])}
            for line in sale["orderLines"]
        ]
        order = {
            "orderNumber": person["order"],
            "orderKey": f"shop/{person['order']}",
            "orderDate": sale["date"],
            "orderStatus": "awaiting_shipment",
            "billTo": address,
            "shipTo": address,
            "items": items,
        }
        url, auth = f"{self.right.base_url}/orders/createorder", (known["api_key"], known["api_secret"])
        requests.post(url, json=order, auth=auth, timeout=20).raise_for_status()

    def listen(self, stage: Stage) -> None:
        """The subscription that a person makes in the Developer Portal."""
        url = f"{django_settings.PUBLIC_URL}/hooks/{stage.integration.left.webhook_token}/"
        self.left.do("subscribe", url=url, key=self.left.simulator.credentials["webhook_key"])

    # The demos

    def steps(self) -> Sequence[tuple[str, Act]]:
        return (
            ("Visma.net: an order is cancelled, a line deleted, goods received by hand, sales invoiced", self._change),
            ("More than ordered, a line that is deleted meanwhile, and most orders are shipped", self._ship_oddly),
            ("What was left is shipped, and the rest is invoiced", self._ship_rest),
        )

    def _waiting(self) -> list[dict[str, Any]]:
        """Open orders of several lines that nobody has shipped from, the newest last."""
        numbers = set(warehouse.untouched(self.right.state()))
        orders = self.left.state()["purchaseOrders"]
        return [one for one in orders if one["orderNbr"] in numbers and len(one["lines"]) > 1]

    def _change(self) -> str:
        cancelled, shorter, received = self._waiting()[:3]
        self.left.do("cancel_order", order_nbr=cancelled["orderNbr"])
        self.left.do("delete_line", order_nbr=shorter["orderNbr"], line_nbr=shorter["lines"][-1]["lineNbr"])
        part = {str(received["lines"][0]["lineNbr"]): 1}
        self.left.do("receive", order_nbr=received["orderNbr"], quantities=part)
        bought = [order["salesOrderNbr"] for order in self.left.state()["purchaseOrders"] if order.get("salesOrderNbr")]
        sales = [one for one in self.left.state()["salesOrders"] if one["orderId"] in bought]
        made = self.office.invoices(sales + self._shop()[: SHOP // 2])
        return f"{cancelled['orderNbr']}, {shorter['orderNbr']}, {received['orderNbr']}, {made} invoices"

    def _ship_oddly(self) -> str:
        strict = self._strict()
        self.right.do("edit", order_number=strict, changes={"quantities": {"STOL-101": 8}})
        self.right.do("ship", order_number=strict)
        raced = self._waiting()[-1]
        self.left.do("delete_line", order_nbr=raced["orderNbr"], line_nbr=raced["lines"][-1]["lineNbr"])
        self.right.do("ship", order_number=raced["orderNbr"])
        return f"{strict}, {raced['orderNbr']}; {warehouse.ship_all(self.right)}"

    def _strict(self) -> str:
        orders = self.left.state()["purchaseOrders"]
        return str(next(one["orderNbr"] for one in orders if one.get("description") == "Ikke mer enn bestilt"))

    def _ship_rest(self) -> str:
        told = warehouse.ship_all(self.right)
        return f"{told}; {self.office.invoices(self._shop())} invoices"

    def scenes(self) -> Mapping[str, tuple[float, float, Callable[[], str]]]:
        return {
            "ship": (30, 0, lambda: warehouse.ship_over_time(self.right)),
            "cancel": (12, 75, self._cancel),
            "orders": (50, 45, self._new_orders),
            "invoices": (65, 60, self._some_invoices),
        }

    def _cancel(self) -> str:
        waiting = self._waiting()
        if not waiting:
            return "Nothing is left to cancel."
        self.left.do("cancel_order", order_nbr=waiting[-1]["orderNbr"])
        return f"Purchase order {waiting[-1]['orderNbr']} was cancelled in Visma.net after it had gone out."

    def _new_orders(self) -> str:
        self.office.orders(3)
        return "Visma.net got 3 new purchase orders."

    def _some_invoices(self) -> str:
        self.left.do("make_sales_orders", count=1, seed=self.dice.randrange(10**6))
        newest = self._shop()[-1]
        self._shop_order(newest)
        made = self.office.invoices(self._shop())
        return f"A web shop got an order, and Visma.net made {made} invoices."

    # The drill

    def deeds(self) -> Iterator[Deed | None]:
        yield self.office.deed()
        yield self.warehouse.deed()

    def closing_time(self, stage: Stage) -> Iterator[Deed]:
        """The month is opened, nothing stays on hold; support replays what a closed month or bad weather had refused."""
        yield from self.office.tidying()
        records = SyncRecord.objects.filter(flow__integration=stage.integration, state=RecordState.ATTENTION)
        yield "replay", lambda: replay_records(records, DIRECTOR)

    def troubles(self) -> Sequence[Trouble]:
        """Rights revoked and given back on both sides, and no calls left in this hour, which is short here."""
        lost = {"kind": "token_lost", "path": self.left.simulator.base_path}
        short, long = {"limit": 2, "window_seconds": 3}, {"limit": 15000, "window_seconds": 3600}
        return (
            Trouble("revoked_shipstation", self.right, *REVOKED),
            Trouble("revoked_visma_net", self.left, {"secret_revoked": True}, {"secret_revoked": False}, lost),
            Trouble("not_approved", self.left, {"approved": False}, {"approved": True}),
            Trouble("hourly_limit", self.left, short, long),
        )
