"""What all rounds came to, of each recipe and in total."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.drill.round import Outcome
    from sandbox.drill.scenario_run import Count


@dataclass
class Tally:
    """What the plays of one recipe came to in all rounds, or those of all recipes."""

    records: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unaccounted: list[str] = field(default_factory=list)
    left_sending: int = 0

    def add(self, seed: int, count: Count) -> None:
        for name in ("records", "faults", "deeds"):
            getattr(self, name).update(getattr(count, name))
        verdict = count.verdict
        self.explained.update(verdict.explained)
        self.left_sending += count.left_sending
        for mine, theirs in (
            (self.lost, verdict.missing),
            (self.doubled, verdict.doubled),
            (self.unaccounted, [*verdict.unaccounted, *count.unsettled]),
        ):
            mine += [f"seed {seed}: {line}" for line in theirs]

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
            "fates": dict(sorted(self.records.items())),
            "deeds": dict(self.deeds.most_common()),
        }


@dataclass
class Report:
    seeds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    total: Tally = field(default_factory=Tally)
    recipes: dict[str, Tally] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        self.seeds.append(outcome.seed)
        self.seconds += outcome.seconds
        self.kills.update(outcome.kills)
        self.failures.update(outcome.failures)
        for recipe, count in outcome.recipes.items():
            for tally in (self.total, self.recipes.setdefault(recipe, Tally())):
                tally.add(outcome.seed, count)

    @property
    def clean(self) -> bool:
        return self.total.clean

    def missed(self, recipe: str) -> list[str]:
        """What this run should have done to this recipe, and did not come to do."""
        from sandbox.drill.fault_injector import wanted
        from sandbox.scenarios import PLAYS

        kinds = next(wanted(play) for play in PLAYS if play.recipe == recipe)
        return sorted(kind for kind in kinds if not self.recipes[recipe].faults[kind])

    @property
    def unhurt(self) -> list[str]:
        """Where a worker should have been killed, and was not."""
        from sandbox.drill.kill_points import POINTS

        return [f"killed {point.name}" for point in POINTS if not self.kills[point.name]]

    def figures(self) -> dict[str, Any]:
        recipes = {
            recipe: {**tally.figures(), "not_reached": self.missed(recipe)} for recipe, tally in self.recipes.items()
        }
        missed = [f"{recipe}: {kind}" for recipe, found in recipes.items() for kind in found["not_reached"]]
        return {
            "seconds": round(self.seconds, 1),
            "seeds": self.seeds,
            **self.total.figures(),
            "kills": dict(self.kills.most_common()),
            "not_reached": [*missed, *self.unhurt],
            "failures": dict(self.failures.most_common(20)),
            "recipes": recipes,
        }

    def as_json(self) -> str:
        return json.dumps(self.figures(), indent=2, ensure_ascii=False) + "\n"

    def summary(self) -> str:
        found = self.figures()
        lines = [f"{name:<14} {found[name]}" for name in ("seconds", "seeds", "records")]
        lines += [
            f"{name:<14} {sum(found[name].values())}, of {len(found[name])} kinds" for name in ("faults", "kills")
        ]
        results = ("lost", "doubled", "unaccounted", "left_sending")
        lines += [f"{name:<14} {found[name]}" for name in results]
        for recipe, part in found["recipes"].items():
            told = ", ".join(f"{part[name]} {name.replace('_', ' ')}" for name in results)
            lines.append(f"{recipe:<22} {part['records']} records, {sum(part['faults'].values())} faults: {told}")
        if found["not_reached"]:
            lines.append(f"not reached    {', '.join(found['not_reached'])}")
        return "\n".join(lines)
