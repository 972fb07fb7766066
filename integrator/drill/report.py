"""What all rounds came to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrator.drill.round import Outcome


@dataclass
class Report:
    seeds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    records: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unaccounted: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    left_sending: int = 0

    def add(self, outcome: Outcome) -> None:
        self.seeds.append(outcome.seed)
        self.seconds += outcome.seconds
        self.left_sending += outcome.left_sending
        for name in ("records", "faults", "kills", "deeds"):
            getattr(self, name).update(getattr(outcome, name))
        verdict = outcome.verdict
        self.explained.update(verdict.explained)
        for mine, theirs in (
            (self.lost, verdict.missing),
            (self.doubled, verdict.doubled),
            (self.unaccounted, [*verdict.unaccounted, *outcome.unsettled]),
        ):
            mine += [f"seed {outcome.seed}: {line}" for line in theirs]
        self.failures.update(outcome.failures)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.unaccounted or self.left_sending)

    @property
    def missed(self) -> list[str]:
        """What this run should have done to the engine, and did not come to do."""
        from integrator.drill.kill_points import POINTS
        from integrator.drill.weather import WANTED

        unhurt = [f"killed {point.name}" for point in POINTS if not self.kills[point.name]]
        return [*(kind for kind in WANTED if not self.faults[kind]), *unhurt]

    def figures(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 1),
            "seeds": self.seeds,
            "records": self.records.total(),
            "faults": dict(self.faults.most_common()),
            "kills": dict(self.kills.most_common()),
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "unaccounted": len(self.unaccounted),
            "left_sending": self.left_sending,
            "not_reached": self.missed,
            "findings": [*self.lost, *self.doubled, *self.unaccounted],
            "fates": dict(sorted(self.records.items())),
            "deeds": dict(self.deeds.most_common()),
            "failures": dict(self.failures.most_common(20)),
        }

    def as_json(self) -> str:
        return json.dumps(self.figures(), indent=2) + "\n"

    def summary(self) -> str:
        found = self.figures()
        lines = [f"{name:<14} {found[name]}" for name in ("seconds", "seeds", "records")]
        lines += [
            f"{name:<14} {sum(found[name].values())}, of {len(found[name])} kinds" for name in ("faults", "kills")
        ]
        lines += [f"{name:<14} {found[name]}" for name in ("lost", "doubled", "unaccounted", "left_sending")]
        if found["not_reached"]:
            lines.append(f"not reached    {', '.join(found['not_reached'])}")
        return "\n".join(lines)
