"""Acumatica and ShipStation: sales orders go out, are shipped, and come back as confirmed shipments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from sandbox.scenarios import warehouse
from sandbox.scenarios.action import Action, PeriodicAction
from sandbox.scenarios.acumatica_shipstation.actions import ErpActions
from sandbox.scenarios.acumatica_shipstation.consistency import COMPLETED, AcumaticaConsistencyCheck
from sandbox.scenarios.consistency import Findings, RecordStatus, State
from sandbox.scenarios.fault_profile import AccountFault, FaultProfile
from sandbox.scenarios.fixture import CUSTOMER, RECIPE, Fixture
from sandbox.scenarios.scenario import CALLS_A_MINUTE, Scenario, Settings
from sandbox.scenarios.shipstation import FAULT_PROFILE, REVOKED
from sandbox.scenarios.simulator_client import SimulatorClient
from sandbox.scenarios.warehouse import WarehouseActions


class AcumaticaShipStation(Scenario):
    recipe = RECIPE
    customer = CUSTOMER
    slugs = ("acumatica", "shipstation")
    orders = "orders"
    parcels = "shipments"
    intervals: ClassVar[Mapping[str, int]] = {
        "orders": 1,
        "shipments": 1,
        "order_changes": 2,
        "customers": 5,
        "items": 5,
    }
    settings: ClassVar[Settings] = {
        "acumatica": {"poll_seconds": "0.1", "order_types": "SO\nSA", "default_box": "SMALL"},
    }
    demo_switches: ClassVar[Settings] = {"shipstation": {"v1_limit": CALLS_A_MINUTE, "v2_limit": CALLS_A_MINUTE}}
    drill_switches: ClassVar[Settings] = {
        "shipstation": {"v1_limit": 0, "v2_limit": 0, "side_effect_delay": 0.3},
        # A worker that is killed while it signs in leaves a seat behind, which idles out: 20 minutes are 6 seconds.
        "acumatica": {"session_idle": 6},
    }
    fault_profiles: ClassVar[Mapping[str, FaultProfile]] = {
        "acumatica": FaultProfile(
            endpoints=("GET /", "PUT /", "POST /MyInstance/entity/Default"),
            vendor_faults={"session_lost": "GET /", "lost_lock": "GET /"},
        ),
        "shipstation": FAULT_PROFILE,
    }
    account_fault_names = ("revoked_shipstation", "revoked_acumatica", "seat_limit")

    def __init__(self, left: SimulatorClient, right: SimulatorClient, seed: int = 1) -> None:
        super().__init__(left, right, seed)
        self.erp = ErpActions(left, right, self.random)
        self.warehouse = WarehouseActions(right, self.random)

    @staticmethod
    def check(left: State, right: State, statuses: Iterable[RecordStatus]) -> Findings:
        return AcumaticaConsistencyCheck(left, right, statuses).run()

    def figures(self, left: State) -> dict[str, int]:
        statuses = [order["Status"] for order in left["orders"]]
        return {
            "completed_in_acumatica": sum(status in COMPLETED for status in statuses),
            "back_order_in_acumatica": statuses.count("Back Order"),
        }

    def seed(self, orders: int) -> None:
        self.left.do("seed", orders=orders, ugly=True)

    def seed_plain(self, orders: int) -> None:
        if orders:
            self.left.do("add_orders", count=orders)

    # The demos

    def steps(self) -> Sequence[Action]:
        return (
            Action("Cancel an order", self._cancel_one),
            Action("Ship", self._ship),
            Action("Ship the rest", self._ship),
        )

    def _cancel_one(self) -> str:
        waiting = warehouse.untouched(self.right.state())
        number = waiting[len(waiting) // 2]
        self.left.do("cancel", order_nbr=number)
        return f"{number} is cancelled in Acumatica"

    def _ship(self) -> str:
        return warehouse.ship_all(self.right)

    def periodic_actions(self) -> Sequence[PeriodicAction]:
        return (
            PeriodicAction(25, 0, lambda: warehouse.ship_over_time(self.right)),
            PeriodicAction(8, 60, self._cancel),
            PeriodicAction(40, 45, self._new_orders),
        )

    def _cancel(self) -> str:
        waiting = warehouse.untouched(self.right.state())
        if not waiting:
            return "Nothing is left to cancel."
        self.left.do("cancel", order_nbr=waiting[-1])
        return f"Order {waiting[-1]} was cancelled in Acumatica after it had gone out."

    def _new_orders(self) -> str:
        self.left.do("add_orders", count=3)
        return "Acumatica got 3 new orders."

    # The drill

    def random_actions(self) -> Iterator[Action]:
        yield from self.erp.random_action()
        yield from self.warehouse.random_action()

    def final_actions(self, fixture: Fixture) -> Iterable[Action]:
        """No order stays on hold: parcels may be waiting for it."""
        return self.erp.releases()

    def account_faults(self) -> Sequence[AccountFault]:
        """Rights revoked and given back on both sides, and every seat taken."""
        lost = {"kind": "session_lost", "path": f"{self.left.simulator.base_path}/entity/Default"}
        rights = ["SalesOrder", "Shipment"]
        return (
            AccountFault("revoked_shipstation", self.right, *REVOKED),
            AccountFault("revoked_acumatica", self.left, {"revoked": rights}, {"revoked": []}),
            AccountFault("seat_limit", self.left, {"seats": 0}, {"seats": 2}, lost),
        )
