"""The demo to look at: runs until Ctrl-C, and a script does what people do in all systems."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

import requests

from sandbox.demo import demo_scenario
from sandbox.demo.installation import Installation, RunningInstallation, running
from sandbox.demo.table import Board
from sandbox.scenarios.action import PeriodicAction
from sandbox.scenarios.fixture import ADMIN
from sandbox.scenarios.scenario import Scenario
from syncjobs.engine import clock

ORDERS = 120
SIMULATOR_PORT = 9100
TICK = 2.0
EVERY = 10


@dataclass
class Script:
    """Runs a scenario's periodic actions when their time has come."""

    scenario: Scenario
    due: dict[PeriodicAction, float] = field(init=False)
    """Seconds since the start."""
    last: str = ""
    """What was done last, or why it was not."""

    def __post_init__(self) -> None:
        self.due = {action: action.first for action in self.scenario.periodic_actions()}

    def run_due(self, now: float) -> None:
        for action, at in self.due.items():
            if now < at:
                continue
            self.due[action] = now + action.every if action.every else float("inf")
            try:
                self.last = action.run()
            except requests.RequestException as error:
                self.last = f"This could not be done: {error}"


def run(installation: Installation, *, orders: int) -> int:
    """Until Ctrl-C, which arrives as KeyboardInterrupt when everything has been stopped."""
    sys.stdout.write("Starting the simulated systems, the console and its workers ...\n")
    with running(installation, simulator_port=SIMULATOR_PORT) as started:
        demos = demo_scenario.prepare(started.scenarios, every=EVERY)
        for demo in demos:
            demo.scenario.seed(orders)
            demo.activate()
        sys.stdout.write("\n".join(introduction(installation, started)) + "\n\n")
        scripts = [Script(demo.scenario) for demo in demos]
        board, start = Board(), time.monotonic()
        while True:
            clock.tick()
            for script in scripts:
                script.run_due(time.monotonic() - start)
            board.show([*demo_scenario.table(demos), *(script.last for script in scripts)])
            started.processes.check()
            time.sleep(TICK)


def introduction(installation: Installation, started: RunningInstallation) -> list[str]:
    taken = [f"Port {installation.requested_port} is taken, so the console is on {installation.port}."]
    rows = [("Console", started.url), ("  user name", ADMIN), ("  password", installation.password)]
    for scenario in started.scenarios:
        rows.append((scenario.customer, scenario.recipe))
        systems = scenario.systems.values()
        rows += [
            (f"  {system.label}", system.operator_url or f"{system.control_url}/state (JSON)") for system in systems
        ]
    rows.append(("Logs", str(installation.folder)))
    width = max(len(name) for name, _ in rows) + 2
    return [
        "",
        *(taken if installation.port != installation.requested_port else []),
        *(f"{name:<{width}}{value}" for name, value in rows),
        "",
        f"Time-lapse: the tick that comes every minute comes every {TICK:.0f} seconds here, and flows read their sources",
        f"every {EVERY} seconds instead of every 5 to 60 minutes. Ctrl-C ends everything.",
    ]
