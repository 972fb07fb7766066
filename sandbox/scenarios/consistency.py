"""Compares what two simulated systems hold, document by document: is anything missing, twice, or without a record?

The comparison trusts neither our tables nor our counts. It reads both systems' own contents, and of our records only
which documents have one and which ones say why they did not arrive. Each scenario says in its own way what its two
systems must agree on; what all of them share is here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

State = Mapping[str, Any]
"""Everything that a simulated system holds."""
Lines = dict[int, Decimal]
"""Quantity by line of the order."""
NOTHING = Decimal(0)

EXPLAINING = {"attention", "conflict", "waiting", "closed", "skipped"}
"""States of a record that say, with a cause, why a document is not in the target."""


@dataclass(frozen=True)
class RecordStatus:
    """What one of our records says of its source document."""

    flow: str
    source_key: str
    state: str
    cause: str = ""

    @property
    def explains_absence(self) -> bool:
        return self.state in EXPLAINING and bool(self.cause)


@dataclass
class Findings:
    """What is wrong, one sentence each. Nothing in the lists means that nothing was lost or doubled."""

    unaccounted: list[str] = field(default_factory=list)
    """Source documents that have no record, or more than one."""
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    not_completed: list[str] = field(default_factory=list)
    """Orders that were shipped as a whole and are not completed."""
    explained: Counter[str] = field(default_factory=Counter)
    """Documents that are absent for a reason, by flow and reason."""

    @property
    def clean(self) -> bool:
        return not (self.unaccounted or self.missing or self.doubled or self.not_completed)

    def figures(self) -> dict[str, int]:
        return {
            "unaccounted": len(self.unaccounted),
            "missing_in_target": len(self.missing),
            "doubled_in_target": len(self.doubled),
        }


class ConsistencyCheck:
    """Both systems' contents and the status of our records; `run` returns what does not agree."""

    parcels_flow = "shipments"

    def __init__(self, left: State, right: State, statuses: Iterable[RecordStatus]) -> None:
        self.left, self.right = left, right
        self.statuses: dict[str, dict[str, list[RecordStatus]]] = defaultdict(lambda: defaultdict(list))
        for status in statuses:
            self.statuses[status.flow][status.source_key].append(status)
        self.findings = Findings()

    def run(self) -> Findings:
        self._check_records()
        self.compare()
        return self.findings

    # What a scenario provides

    def sources(self) -> Mapping[str, Iterable[str]]:
        """By flow, the key of every document that must have exactly one record."""
        raise NotImplementedError

    def compare(self) -> None:
        """Compare one system with the other."""
        raise NotImplementedError

    # Every source document has exactly one record

    def _check_records(self) -> None:
        for flow, keys in self.sources().items():
            for key in keys:
                count = len(self.records_of(flow, key))
                if count != 1:
                    self.findings.unaccounted.append(f"{flow}: {key} has {count} records.")

    def records_of(self, flow: str, key: str) -> list[RecordStatus]:
        """The records of a document. A parcel with goods of several orders has one for each of them."""
        records = self.statuses[flow].get(key, [])
        if records or flow != self.parcels_flow:
            return records
        parts = [statuses for name, statuses in self.statuses[flow].items() if name.startswith(f"{key}:")]
        return [statuses[0] for statuses in parts[:1] if all(len(part) == 1 for part in parts)]

    def record_of(self, flow: str, key: str) -> RecordStatus | None:
        return next(iter(self.records_of(flow, key)), None)

    def is_explained(self, flow: str, key: str, states: Collection[str] = EXPLAINING) -> bool:
        """Whether the record of a document says why it is not there; then the reason is counted."""
        record = self.record_of(flow, key)
        if record is None or not record.explains_absence or record.state not in states:
            return False
        self.findings.explained[f"{flow}: {record.state}: {record.cause}"] += 1
        return True

    def compare_lines(self, title: str, expected: Lines, actual: Lines) -> None:
        """Of every line as much here as there."""
        for line in sorted(set(expected) | set(actual)):
            left, right = expected.get(line, NOTHING), actual.get(line, NOTHING)
            if right < left:
                self.findings.missing.append(f"{title}, line {line}: {right:f} of {left:f} shipped units.")
            elif right > left:
                self.findings.doubled.append(f"{title}, line {line}: {right:f} units for {left:f} shipped.")


# Quantities of lines


def subtract(lines: Lines, less: Lines) -> Lines:
    """What is left of each line; lines of which nothing is left are left out."""
    left = {number: quantity - less.get(number, NOTHING) for number, quantity in lines.items()}
    return {number: quantity for number, quantity in left.items() if quantity > 0}


def total(parts: Iterable[Lines]) -> Lines:
    sums: Lines = {}
    for lines in parts:
        for number, quantity in lines.items():
            sums[number] = sums.get(number, NOTHING) + quantity
    return sums
