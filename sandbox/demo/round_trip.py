"""One round trip without a browser: orders go out, are shipped, come back; then all systems' contents are compared."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.utils import timezone

from sandbox.demo import fixtures as scene
from sandbox.demo import progress
from sandbox.demo.fixtures import Show
from sandbox.demo.installation import Place, Running, running
from sandbox.demo.table import Board, count
from sandbox.scenarios.consistency import Verdict

ORDERS = 40
"""For each customer."""
EVERY = 3
WITHIN = 100.0
"""Seconds that each step may take."""


@dataclass
class RoundTrip:
    """The steps of all plays, side by side, and what came of them."""

    place: Running
    shows: list[Show]
    board: Board = field(default_factory=Board)
    told: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def run(self, orders: int) -> None:
        for show in self.shows:
            self.step(show, f"{orders} orders are made", lambda play=show.play: play.seed(orders))  # type: ignore[misc]
            self.step(show, "The integration is activated; orders go to ShipStation", show.activate)
        self.rest()
        for steps in zip_longest(*(show.play.steps() for show in self.shows)):
            for show, step in zip(self.shows, steps, strict=True):
                if step is not None:
                    self.step(show, *step)
            self.rest()

    def step(self, show: Show, what: str, act: Callable[[], object]) -> None:
        result = act()
        at = f"{time.monotonic() - self.began:5.1f} s  {show.stage.customer.name}: "
        self.told.append(at + (what if result is None else f"{what}: {result}"))
        self.board.keep("", self.told[-1])

    def rest(self) -> None:
        """Tick until all that has happened so far has come to rest."""
        integrations = [show.integration for show in self.shows]
        progress.tick_until_rest(integrations, timezone.now(), within=WITHIN, show=self.show)
        self.board.write(scene.table(self.shows))

    def show(self) -> None:
        self.place.processes.check()
        self.board.show(scene.table(self.shows))


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
        verdicts = {show: show.play.compare(progress.fates(show.integration)) for show in trip.shows}
        result = summary(verdicts, trip.told)
    result |= {"trouble": trouble, "seconds": round(time.monotonic() - began, 1)}
    report.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    clean = all(verdict.clean for verdict in verdicts.values()) and not trouble
    _tell(result, report, clean)
    return 0 if clean else 1


def summary(verdicts: dict[Show, Verdict], steps: Sequence[str]) -> dict[str, Any]:
    """All plays together, and each by its recipe."""
    recipes = {show.play.recipe: _of_recipe(show, verdict) for show, verdict in verdicts.items()}
    flows: dict[str, Counter[str]] = {}
    for told in recipes.values():
        for slug, row in told["flows"].items():
            flows[slug] = flows.get(slug, Counter()) + Counter(row)
    totals: Counter[str] = Counter()
    for verdict in verdicts.values():
        totals.update(verdict.figures())
    return {
        "flows": flows,
        **totals,
        **{name: figure for show in verdicts for name, figure in show.play.figures(show.play.left.state()).items()},
        "not_completed": _all(told["not_completed"] for told in recipes.values()),
        "steps": list(steps),
        "explanations": _all(told["explanations"] for told in recipes.values()),
        "recipes": recipes,
    }


def _of_recipe(show: Show, verdict: Verdict) -> dict[str, Any]:
    return {
        "customer": show.stage.customer.name,
        "flows": {slug: {"seen": row["seen"], **row} for slug, row in count(show.integration).items()},
        **verdict.figures(),
        **show.play.figures(show.play.left.state()),
        "not_completed": verdict.behind,
        "explanations": explanations(verdict),
    }


def _all(lists: Iterable[list[str]]) -> list[str]:
    return [line for lines in lists for line in lines]


def explanations(verdict: Verdict) -> list[str]:
    """What is wrong first, then what is absent for a reason, and how often."""
    reasons = [f"{number} x {reason}" for reason, number in verdict.explained.most_common()]
    return [*verdict.unaccounted, *verdict.missing, *verdict.doubled, *verdict.behind, *reasons]


def _tell(result: dict[str, Any], report: Path, clean: bool) -> None:
    told: list[str] = []
    for recipe, found in result["recipes"].items():
        told += ["", f"{found['customer']} ({recipe})", *(f"  {line}" for line in found["explanations"])]
        figures = [(name, figure) for name, figure in found.items() if isinstance(figure, int)]
        told.append("  " + ", ".join(f"{figure} {name.replace('_', ' ')}" for name, figure in figures) + ".")
    told += ["", *([f"  {result['trouble']}"] if result["trouble"] else [])]
    told.append(f"{'Clean' if clean else 'NOT clean'} after {result['seconds']} seconds; details in {report}.")
    sys.stdout.write("\n".join(told) + "\n")
