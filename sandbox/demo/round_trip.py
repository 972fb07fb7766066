"""One round trip without a browser: orders go out, are shipped, come back; then all systems' contents are compared."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.utils import timezone

from sandbox.demo import demo_scenario, progress
from sandbox.demo.demo_scenario import DemoScenario
from sandbox.demo.installation import Installation, running
from sandbox.demo.table import Board, count
from sandbox.runtime.processes import Processes
from sandbox.scenarios.consistency import Findings

ORDERS = 40
"""For each customer."""
EVERY = 1
WITHIN = 100.0
"""Seconds that each step may take."""
FIGURES = {
    "unaccounted": "source documents without exactly one record",
    "missing_in_target": "missing in the target without a reason",
    "doubled_in_target": "doubled in the target",
    "completed_in_acumatica": "orders completed in Acumatica",
    "back_order_in_acumatica": "orders on back order in Acumatica",
    "closed_in_visma_net": "purchase orders closed in Visma.net",
    "open_in_visma_net": "purchase orders open in Visma.net",
}
"""As they are printed."""


@dataclass
class RoundTrip:
    """The steps of all scenarios, side by side, and what came of them."""

    processes: Processes
    demos: Sequence[DemoScenario]
    board: Board = field(default_factory=Board)
    steps: list[str] = field(default_factory=list)
    """A line for each."""
    start: float = field(default_factory=time.monotonic)

    def run(self, orders: int) -> None:
        for demo in self.demos:
            self.step(demo, f"Make {orders} orders", lambda scenario=demo.scenario: scenario.seed(orders))  # type: ignore[misc]
            self.step(demo, "Activate the integration", demo.activate)
        self.wait()
        for actions in zip_longest(*(demo.scenario.steps() for demo in self.demos)):
            for demo, action in zip(self.demos, actions, strict=True):
                if action is not None:
                    self.step(demo, action.name, action.run)
            self.wait()

    def step(self, demo: DemoScenario, name: str, run: Callable[[], object]) -> None:
        result = run()
        at = f"{time.monotonic() - self.start:5.1f} s  {demo.fixture.customer.name}: "
        self.steps.append(at + (name if result is None else f"{name}: {result}"))
        self.board.keep("", self.steps[-1])

    def wait(self) -> None:
        """Tick until all that has happened so far has been delivered. Raises `progress.TooLong`."""
        integrations = [demo.integration for demo in self.demos]
        progress.tick_until_finished(integrations, timezone.now(), within=WITHIN, show=self.show)
        self.board.write(demo_scenario.table(self.demos))

    def show(self) -> None:
        self.processes.check()
        self.board.show(demo_scenario.table(self.demos))


def run(installation: Installation, *, orders: int, report: Path) -> int:
    """The whole trip; returns the exit code: 0 only if nothing was lost, doubled, or not accounted for."""
    start = time.monotonic()
    report.unlink(missing_ok=True)  # whoever reads it must not take an earlier one for this
    with running(installation) as started:
        trip = RoundTrip(started.processes, demo_scenario.prepare(started.scenarios, every=EVERY))
        error = ""
        try:
            trip.run(orders)
        except progress.TooLong as too_long:
            error = str(too_long)
        findings = {
            demo: demo.scenario.check_consistency(progress.record_statuses(demo.integration)) for demo in trip.demos
        }
        result = summary(findings, trip.steps)
    result |= {"error": error, "seconds": round(time.monotonic() - start, 1)}
    report.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    clean = all(of_demo.clean for of_demo in findings.values()) and not error
    sys.stdout.write("\n".join(_lines(result, report, clean)) + "\n")
    return 0 if clean else 1


def summary(findings: Mapping[DemoScenario, Findings], steps: Sequence[str]) -> dict[str, Any]:
    """All scenarios together, and each by its recipe."""
    recipes = {demo.scenario.recipe: _of_recipe(demo, of_demo) for demo, of_demo in findings.items()}
    flows: dict[str, Counter[str]] = {}
    for recipe in recipes.values():
        for slug, row in recipe["flows"].items():
            flows[slug] = flows.get(slug, Counter()) + Counter(row)
    totals: Counter[str] = Counter()
    for of_demo in findings.values():
        totals.update(of_demo.figures())
    return {
        "flows": flows,
        **totals,
        **{name: figure for demo in findings for name, figure in _figures(demo).items()},
        "not_completed": _all(recipe["not_completed"] for recipe in recipes.values()),
        "steps": list(steps),
        "explanations": _all(recipe["explanations"] for recipe in recipes.values()),
        "recipes": recipes,
    }


def _of_recipe(demo: DemoScenario, findings: Findings) -> dict[str, Any]:
    return {
        "customer": demo.fixture.customer.name,
        "flows": {slug: {"seen": row["seen"], **row} for slug, row in count(demo.integration).items()},
        **findings.figures(),
        **_figures(demo),
        "not_completed": findings.not_completed,
        "explanations": explanations(findings),
    }


def _figures(demo: DemoScenario) -> dict[str, int]:
    return demo.scenario.figures(demo.scenario.left.state())


def _all(lists: Iterable[list[str]]) -> list[str]:
    return [line for lines in lists for line in lines]


def explanations(findings: Findings) -> list[str]:
    """What is wrong first, then what is absent for a reason, and how often."""
    reasons = [f"{number} x {reason}" for reason, number in findings.explained.most_common()]
    return [*findings.unaccounted, *findings.missing, *findings.doubled, *findings.not_completed, *reasons]


def _lines(result: Mapping[str, Any], report: Path, clean: bool) -> list[str]:
    lines: list[str] = []
    for recipe, part in result["recipes"].items():
        lines += ["", f"{part['customer']} ({recipe})"]
        lines.append("  What is not the same in both systems, and why (flow: state of the record: cause):")
        lines += [f"    {line}" for line in part["explanations"]]
        lines.append("  Result:")
        figures = [(name, figure) for name, figure in part.items() if isinstance(figure, int)]
        lines += [f"    {figure:>4} {FIGURES.get(name) or name.replace('_', ' ')}" for name, figure in figures]
    lines += ["", *([result["error"]] if result["error"] else [])]
    outcome = "Nothing was lost or doubled" if clean else "SOMETHING IS WRONG, see above"
    lines.append(f"{outcome}. It took {result['seconds']} seconds; details are in {report}.")
    return lines
