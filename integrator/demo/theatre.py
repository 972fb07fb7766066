"""The demo to look at: runs until Ctrl-C, with people in both systems played by a script."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from integrator.demo import scene
from integrator.demo.installation import Place, Running, running
from integrator.demo.table import Board, lines
from integrator.fates import STILL_TO_SHIP
from integrator.stage import ADMIN, Stage
from syncjobs.engine import clock

ORDERS = 120
SIMULATOR_PORT = 9100
TICK = 2.0
EVERY = 10


@dataclass
class Play:
    """What happens by itself, and when: seconds since the start, then how often."""

    place: Running
    stage: Stage
    due: dict[str, float] = field(default_factory=dict)
    last: str = ""

    def go_on(self, now: float) -> None:
        scenes: dict[str, tuple[float, float, Callable[[], str]]] = {
            "ship": (25, 0, self.ship_over_time),
            "cancel": (8, 60, self.cancel),
            "orders": (40, 45, self.new_orders),
        }
        for name, (first, every, act) in scenes.items():
            if now < self.due.setdefault(name, first):
                continue
            self.due[name] = now + every if every else float("inf")
            try:
                self.last = act()
            except requests.RequestException as error:
                self.last = f"The script could not go on: {error}"

    def ship_over_time(self) -> str:
        self.place.shipstation.do("autoship", every=6.0, chance=0.08)
        return "ShipStation ships some orders every few seconds: whole, in part, in several parcels, or by hand."

    def cancel(self) -> str:
        waiting = [order for order in self.place.shipstation.state()["orders"] if order["orderStatus"] in STILL_TO_SHIP]
        begun = {parcel["orderId"] for parcel in self.place.shipstation.state()["shipments"]}
        untouched = [order["orderNumber"] for order in waiting if order["orderId"] not in begun]
        if not untouched:
            return "Nothing is left to cancel."
        self.place.acumatica.do("cancel", order_nbr=untouched[-1])
        return f"Order {untouched[-1]} was cancelled in Acumatica after it had gone out."

    def new_orders(self) -> str:
        self.place.acumatica.do("add_orders", count=3)
        return "Acumatica got 3 new orders."


def run(place: Place, *, orders: int) -> int:
    """Until Ctrl-C, which arrives as KeyboardInterrupt when everything has been stopped."""
    sys.stdout.write("Starting both simulated systems, the console and its workers ...\n")
    with running(place, simulator_port=SIMULATOR_PORT) as started:
        stage = scene.prepare(started, every=EVERY)
        started.acumatica.do("seed", orders=orders, ugly=True)
        stage.activate()
        sys.stdout.write("\n".join(introduction(place, started)) + "\n\n")
        play = Play(started, stage)
        board, began = Board(), time.monotonic()
        while True:
            clock.tick()
            play.go_on(time.monotonic() - began)
            board.show([*lines(stage.integration), "", play.last])
            started.processes.check()
            time.sleep(TICK)


def introduction(place: Place, started: Running) -> list[str]:
    taken = [f"Port {place.wanted_port} is taken, so the console is on {place.port}."]
    return [
        "",
        *(taken if place.port != place.wanted_port else []),
        f"Console                {started.url}",
        f"  user name            {ADMIN}",
        f"  password             {place.password}",
        f"ShipStation's screens  {started.shipstation.operator_url}",
        f"Control of ShipStation {started.shipstation.control_url}",
        f"Control of Acumatica   {started.acumatica.control_url}",
        f"Logs                   {place.folder}",
        "",
        f"Time-lapse: the tick that comes every minute comes every {TICK:.0f} seconds here, and flows read their sources",
        f"every {EVERY} seconds instead of every 5 to 60 minutes. Ctrl-C ends everything.",
    ]
