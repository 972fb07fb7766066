"""Compares what two simulated systems hold, document by document: is anything missing, twice, or without a fate?

The comparison trusts neither our tables nor our counts. It reads both systems' own contents, and of our records only
which documents have one and which ones say why they did not arrive. Each play compares in its own way what its two
systems must agree on; what all of them share is here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

State = Mapping[str, Any]
Lines = dict[int, Decimal]
"""Quantity by line of the order."""
NOTHING = Decimal(0)

EXPLAINING = {"attention", "conflict", "waiting", "closed", "skipped"}
"""States of a record that say, with a cause, why a document is not in the target."""


@dataclass(frozen=True)
class Fate:
    """What one of our records says of its source document."""

    flow: str
    source_key: str
    state: str
    cause: str = ""

    @property
    def explains(self) -> bool:
        return self.state in EXPLAINING and bool(self.cause)


@dataclass
class Verdict:
    """What is wrong, one sentence each. Nothing in the lists means that nothing was lost or doubled."""

    unaccounted: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    """Orders that were shipped as a whole and are not completed."""
    explained: Counter[str] = field(default_factory=Counter)
    """Documents that are absent for a reason, by flow and reason."""

    @property
    def clean(self) -> bool:
        return not (self.unaccounted or self.missing or self.doubled or self.behind)

    def figures(self) -> dict[str, int]:
        return {
            "unaccounted": len(self.unaccounted),
            "missing_in_target": len(self.missing),
            "doubled_in_target": len(self.doubled),
        }


class Comparison:
    """The two systems' contents, our records, and the verdict that grows from them."""

    parcels_flow = "shipments"

    def __init__(self, left: State, right: State, fates: Iterable[Fate]) -> None:
        self.left, self.right = left, right
        self.fates: dict[str, dict[str, list[Fate]]] = defaultdict(lambda: defaultdict(list))
        for fate in fates:
            self.fates[fate.flow][fate.source_key].append(fate)
        self.verdict = Verdict()

    def run(self) -> Verdict:
        self._accounts()
        self.compare()
        return self.verdict

    # What a play provides

    def sources(self) -> Mapping[str, Iterable[str]]:
        """By flow, the key of every document that it must have one record of."""
        raise NotImplementedError

    def compare(self) -> None:
        """Hold one system against the other."""
        raise NotImplementedError

    # Every source document has exactly one record

    def _accounts(self) -> None:
        for flow, keys in self.sources().items():
            for key in keys:
                count = len(self.of(flow, key))
                if count != 1:
                    self.verdict.unaccounted.append(f"{flow}: {key} has {count} records.")

    def of(self, flow: str, key: str) -> list[Fate]:
        """The records of a document. A parcel with goods of several orders has one for each of them."""
        found = self.fates[flow].get(key, [])
        if found or flow != self.parcels_flow:
            return found
        parts = [fates for name, fates in self.fates[flow].items() if name.startswith(f"{key}:")]
        return [fates[0] for fates in parts[:1] if all(len(each) == 1 for each in parts)]

    def fate(self, flow: str, key: str) -> Fate | None:
        return next(iter(self.of(flow, key)), None)

    def excused(self, flow: str, key: str, states: Collection[str] = EXPLAINING) -> bool:
        fate = self.fate(flow, key)
        excused = fate is not None and fate.explains and fate.state in states
        if fate is not None and excused:
            self.verdict.explained[f"{flow}: {fate.state}: {fate.cause}"] += 1
        return excused

    def same(self, what: str, wanted: Lines, found: Lines) -> None:
        """Of every line as much here as there."""
        for line in sorted(set(wanted) | set(found)):
            left, right = wanted.get(line, NOTHING), found.get(line, NOTHING)
            if right < left:
                self.verdict.missing.append(f"{what}, line {line}: {right:f} of {left:f} shipped units.")
            elif right > left:
                self.verdict.doubled.append(f"{what}, line {line}: {right:f} units for {left:f} shipped.")


# Quantities of lines


def rest(lines: Lines, gone: Lines) -> Lines:
    left = {number: quantity - gone.get(number, NOTHING) for number, quantity in lines.items()}
    return {number: quantity for number, quantity in left.items() if quantity > 0}


def total(lines: Iterable[Lines]) -> Lines:
    found: Lines = {}
    for each in lines:
        for number, quantity in each.items():
            found[number] = found.get(number, NOTHING) + quantity
    return found
