"""What all rounds came to, of each recipe and in total."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.drill.round import RoundResult
    from sandbox.drill.scenario_run import RunResult

RESULTS = {
    "lost": "documents that are missing in the target without a reason",
    "doubled": "documents that are in the target twice",
    "unaccounted": "documents without exactly one record, or whose record did not come to an end",
    "left_sending": "records whose outcome was still open in the end",
}


@dataclass
class Tally:
    """What one recipe's scenario came to in all rounds, or all of them."""

    records: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unaccounted: list[str] = field(default_factory=list)
    left_sending: int = 0

    def add(self, seed: int, result: RunResult) -> None:
        self.records.update(result.records)
        self.faults.update(result.faults)
        self.actions.update(result.actions)
        self.explained.update(result.findings.explained)
        self.left_sending += result.left_sending
        for mine, sentences in (
            (self.lost, result.findings.missing),
            (self.doubled, result.findings.doubled),
            (self.unaccounted, [*result.findings.unaccounted, *result.unsettled]),
        ):
            mine += [f"seed {seed}: {sentence}" for sentence in sentences]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.unaccounted or self.left_sending)

    def figures(self) -> dict[str, Any]:
        return {
            "records": self.records.total(),
            "faults": dict(self.faults.most_common()),
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "unaccounted": len(self.unaccounted),
            "left_sending": self.left_sending,
            "findings": [*self.lost, *self.doubled, *self.unaccounted],
            "states": dict(sorted(self.records.items())),
            "actions": dict(self.actions.most_common()),
        }


@dataclass
class DrillReport:
    seeds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    total: Tally = field(default_factory=Tally)
    recipes: dict[str, Tally] = field(default_factory=dict)

    def add(self, result: RoundResult) -> None:
        self.seeds.append(result.seed)
        self.seconds += result.seconds
        self.kills.update(result.kills)
        self.failures.update(result.failures)
        for recipe, of_recipe in result.recipes.items():
            for tally in (self.total, self.recipes.setdefault(recipe, Tally())):
                tally.add(result.seed, of_recipe)

    @property
    def clean(self) -> bool:
        return self.total.clean

    def not_injected(self, recipe: str) -> list[str]:
        """Faults that this run should have brought to this recipe, and did not."""
        from sandbox.drill.fault_schedule import expected_kinds
        from sandbox.scenarios import SCENARIOS

        kinds = next(expected_kinds(scenario) for scenario in SCENARIOS if scenario.recipe == recipe)
        return sorted(kind for kind in kinds if not self.recipes[recipe].faults[kind])

    @property
    def not_killed(self) -> list[str]:
        """Where a worker should have been killed, and was not."""
        from sandbox.drill.kill_points import POINTS

        return [f"killed {point.name}" for point in POINTS if not self.kills[point.name]]

    def figures(self) -> dict[str, Any]:
        recipes = {
            recipe: {**tally.figures(), "not_reached": self.not_injected(recipe)}
            for recipe, tally in self.recipes.items()
        }
        not_injected = [f"{recipe}: {kind}" for recipe, figures in recipes.items() for kind in figures["not_reached"]]
        return {
            "seconds": round(self.seconds, 1),
            "seeds": self.seeds,
            **self.total.figures(),
            "kills": dict(self.kills.most_common()),
            "not_reached": [*not_injected, *self.not_killed],
            "failures": dict(self.failures.most_common(20)),
            "recipes": recipes,
        }

    def as_json(self) -> str:
        return json.dumps(self.figures(), indent=2, ensure_ascii=False) + "\n"

    def summary(self) -> str:
        return "\n".join(_lines(self.figures()))


def _lines(figures: Mapping[str, Any]) -> Iterator[str]:
    for name in ("seconds", "seeds", "records"):
        yield f"{name:<14} {figures[name]}"
    yield f"{'faults':<14} {sum(figures['faults'].values())} injected, of {len(figures['faults'])} kinds"
    yield f"{'kills':<14} {sum(figures['kills'].values())} workers killed, at {len(figures['kills'])} points"
    for name, words in RESULTS.items():
        yield f"{name.replace('_', ' '):<14} {figures[name]:<6} {words}"
    for recipe, part in figures["recipes"].items():
        results = ", ".join(f"{part[name]} {name.replace('_', ' ')}" for name in RESULTS)
        yield f"{recipe:<22} {part['records']} records, {sum(part['faults'].values())} faults: {results}"
    if figures["not_reached"]:
        yield f"not reached    faults and points that this run had no chance to try: {', '.join(figures['not_reached'])}"
