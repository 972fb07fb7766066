"""One round trip without a browser: orders go out, are shipped, come back; then both systems' contents are compared."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone

from integrator.demo import progress, scene
from integrator.demo.installation import Place, Running, running
from integrator.demo.table import Board, count, lines
from integrator.fates import COMPLETED, STILL_TO_SHIP, Verdict, compare
from integrator.stage import Stage

ORDERS = 60
EVERY = 3
WITHIN = 100.0
"""Seconds that each step may take."""


@dataclass
class RoundTrip:
    """The steps, and what came of them."""

    place: Running
    stage: Stage
    board: Board = field(default_factory=Board)
    told: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def run(self, orders: int) -> None:
        self.step(f"Acumatica gets {orders} orders", lambda: self.seed(orders))
        self.step("The integration is activated; orders go to ShipStation", self.stage.activate)
        self.rest()
        self.step("An order is cancelled in Acumatica", self.cancel_one)
        self.rest()
        for which in ("most orders whole, some in part, in several parcels, or by hand", "what was left"):
            self.step(f"ShipStation ships: {which}", self.ship)
            self.rest()

    def step(self, what: str, act: Callable[[], object]) -> None:
        result = act()
        at = f"{time.monotonic() - self.began:5.1f} s  "
        self.told.append(at + (what if result is None else f"{what}: {result}"))
        self.board.keep("", self.told[-1])

    def rest(self) -> None:
        """Tick until all that has happened so far has come to rest."""
        progress.tick_until_rest(self.stage.integration, timezone.now(), within=WITHIN, show=self.show)
        self.board.write(lines(self.stage.integration))

    def show(self) -> None:
        self.place.processes.check()
        self.board.show(lines(self.stage.integration))

    # What people do in the two systems

    def seed(self, orders: int) -> None:
        self.place.acumatica.do("seed", orders=orders, ugly=True)

    def cancel_one(self) -> str:
        waiting = [order for order in self.place.shipstation.state()["orders"] if order["orderStatus"] in STILL_TO_SHIP]
        number: str = waiting[len(waiting) // 2]["orderNumber"]
        self.place.acumatica.do("cancel", order_nbr=number)
        return number

    def ship(self) -> str:
        counts: dict[str, int] = self.place.shipstation.do("ship_all")
        return ", ".join(f"{number} {name}" for name, number in counts.items())


def run(place: Place, *, orders: int, report: Path) -> int:
    """The whole trip; answers the exit code: 0 only if nothing was lost, doubled, or left without a fate."""
    began = time.monotonic()
    report.unlink(missing_ok=True)  # whoever reads it must not take an earlier one for this
    with running(place) as running_place:
        trip = RoundTrip(running_place, scene.prepare(running_place, every=EVERY))
        trouble = ""
        try:
            trip.run(orders)
        except progress.TooLong as error:
            trouble = str(error)
        left, right = running_place.acumatica.state(), running_place.shipstation.state()
        verdict = compare(left, right, progress.fates(trip.stage.integration))
        result = summary(trip, verdict, left)
    result |= {"trouble": trouble, "seconds": round(time.monotonic() - began, 1)}
    report.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    clean = verdict.clean and not trouble
    _tell(verdict, result, report, clean)
    return 0 if clean else 1


def summary(trip: RoundTrip, verdict: Verdict, left: dict[str, Any]) -> dict[str, Any]:
    statuses = [order["Status"] for order in left["orders"]]
    return {
        "flows": {slug: {"seen": row["seen"], **row} for slug, row in count(trip.stage.integration).items()},
        **verdict.figures(),
        "completed_in_acumatica": sum(status in COMPLETED for status in statuses),
        "back_order_in_acumatica": statuses.count("Back Order"),
        "not_completed": verdict.behind,
        "steps": trip.told,
        "explanations": explanations(verdict),
    }


def explanations(verdict: Verdict) -> list[str]:
    """What is wrong first, then what is absent for a reason, and how often."""
    reasons = [f"{number} x {reason}" for reason, number in verdict.explained.most_common()]
    return [*verdict.unaccounted, *verdict.missing, *verdict.doubled, *verdict.behind, *reasons]


def _tell(verdict: Verdict, result: dict[str, Any], report: Path, clean: bool) -> None:
    told: Sequence[str] = [
        "",
        *(f"  {line}" for line in result["explanations"]),
        *([f"  {result['trouble']}"] if result["trouble"] else []),
        "",
        f"{result['completed_in_acumatica']} orders are completed in Acumatica.",
        ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in verdict.figures().items()) + ".",
        f"{'Clean' if clean else 'NOT clean'} after {result['seconds']} seconds; details in {report}.",
    ]
    sys.stdout.write("\n".join(told) + "\n")
