"""Acumatica and ShipStation: sales orders go out, are shipped, and come back as confirmed shipments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from sandbox.scenarios import warehouse
from sandbox.scenarios.acumatica_shipstation.actions import Office
from sandbox.scenarios.acumatica_shipstation.consistency import COMPLETED, Comparison
from sandbox.scenarios.consistency import Fate, State, Verdict
from sandbox.scenarios.fault_profile import Trouble, Weather
from sandbox.scenarios.fixture import CUSTOMER, RECIPE, Simulated, Stage
from sandbox.scenarios.scenario import CALLS_A_MINUTE, Act, Deed, Play, Settings
from sandbox.scenarios.shipstation import REVOKED, WEATHER
from sandbox.scenarios.warehouse import Warehouse


class AcumaticaShipStation(Play):
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
    weather: ClassVar[Mapping[str, Weather]] = {
        "acumatica": Weather(
            doors=("GET /", "PUT /", "POST /MyInstance/entity/Default"),
            own={"session_lost": "GET /", "lost_lock": "GET /"},
        ),
        "shipstation": WEATHER,
    }
    trouble_names = ("revoked_shipstation", "revoked_acumatica", "seat_limit")

    def __init__(self, left: Simulated, right: Simulated, seed: int = 1) -> None:
        super().__init__(left, right, seed)
        self.office = Office(left, right, self.dice)
        self.warehouse = Warehouse(right, self.dice)

    @staticmethod
    def verdict(left: State, right: State, fates: Iterable[Fate]) -> Verdict:
        return Comparison(left, right, fates).run()

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

    def steps(self) -> Sequence[tuple[str, Act]]:
        return (
            ("An order is cancelled in Acumatica", self._cancel_one),
            ("Most orders are shipped whole, some in part, in several parcels, or by hand", self._ship),
            ("What was left is shipped", self._ship),
        )

    def _cancel_one(self) -> str:
        waiting = warehouse.untouched(self.right.state())
        number = waiting[len(waiting) // 2]
        self.left.do("cancel", order_nbr=number)
        return number

    def _ship(self) -> str:
        return warehouse.ship_all(self.right)

    def scenes(self) -> Mapping[str, tuple[float, float, Callable[[], str]]]:
        return {
            "ship": (25, 0, lambda: warehouse.ship_over_time(self.right)),
            "cancel": (8, 60, self._cancel),
            "orders": (40, 45, self._new_orders),
        }

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

    def deeds(self) -> Iterator[Deed | None]:
        yield self.office.deed()
        yield self.warehouse.deed()

    def closing_time(self, stage: Stage) -> Iterable[Deed]:
        """Nobody leaves for the day with an order on hold that has a parcel waiting for it."""
        return self.office.releases()

    def troubles(self) -> Sequence[Trouble]:
        """Rights revoked and given back on both sides, and every seat taken."""
        lost = {"kind": "session_lost", "path": f"{self.left.simulator.base_path}/entity/Default"}
        rights = ["SalesOrder", "Shipment"]
        return (
            Trouble("revoked_shipstation", self.right, *REVOKED),
            Trouble("revoked_acumatica", self.left, {"revoked": rights}, {"revoked": []}),
            Trouble("seat_limit", self.left, {"seats": 0}, {"seats": 2}, lost),
        )
