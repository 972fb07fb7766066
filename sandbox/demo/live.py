"""The demo to look at: runs until Ctrl-C, with people in all systems played by a script."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

import requests

from sandbox.demo import fixtures as scene
from sandbox.demo.fixtures import Show
from sandbox.demo.installation import Place, Running, running
from sandbox.demo.table import Board
from sandbox.scenarios.fixture import ADMIN
from syncjobs.engine import clock

ORDERS = 120
SIMULATOR_PORT = 9100
TICK = 2.0
EVERY = 10


@dataclass
class Script:
    """What happens by itself, and when: seconds since the start, then how often."""

    show: Show
    due: dict[str, float] = field(default_factory=dict)
    last: str = ""

    def go_on(self, now: float) -> None:
        for name, (first, every, act) in self.show.play.scenes().items():
            if now < self.due.setdefault(name, first):
                continue
            self.due[name] = now + every if every else float("inf")
            try:
                self.last = act()
            except requests.RequestException as error:
                self.last = f"The script could not go on: {error}"


def run(place: Place, *, orders: int) -> int:
    """Until Ctrl-C, which arrives as KeyboardInterrupt when everything has been stopped."""
    sys.stdout.write("Starting the simulated systems, the console and its workers ...\n")
    with running(place, simulator_port=SIMULATOR_PORT) as started:
        shows = scene.prepare(started, every=EVERY)
        for show in shows:
            show.play.seed(orders)
            show.activate()
        sys.stdout.write("\n".join(introduction(place, started)) + "\n\n")
        scripts = [Script(show) for show in shows]
        board, began = Board(), time.monotonic()
        while True:
            clock.tick()
            for script in scripts:
                script.go_on(time.monotonic() - began)
            board.show([*scene.table(shows), *(script.last for script in scripts)])
            started.processes.check()
            time.sleep(TICK)


def introduction(place: Place, started: Running) -> list[str]:
    taken = [f"Port {place.wanted_port} is taken, so the console is on {place.port}."]
    rows = [("Console", started.url), ("  user name", ADMIN), ("  password", place.password)]
    for play in started.plays:
        rows.append((play.customer, play.recipe))
        systems = play.systems.values()
        rows += [(f"  {system.label}", system.operator_url or system.control_url) for system in systems]
    rows.append(("Logs", str(place.folder)))
    width = max(len(name) for name, _ in rows) + 2
    return [
        "",
        *(taken if place.port != place.wanted_port else []),
        *(f"{name:<{width}}{value}" for name, value in rows),
        "",
        f"Time-lapse: the tick that comes every minute comes every {TICK:.0f} seconds here, and flows read their sources",
        f"every {EVERY} seconds instead of every 5 to 60 minutes. Ctrl-C ends everything.",
    ]
