"""Turns: who comes first where not everybody can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from operator import itemgetter
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Candidate(NamedTuple):
    """Something that is due: its id, and whose turn it takes."""

    pk: int
    customer: int
    connection: int


def fairly(candidates: Iterable[Candidate], room: int) -> list[int]:
    """The ids of those that fit, out of candidates with the oldest first.

    One of each customer in turn, and within a customer one of each connection.
    """
    by_connection = in_turn(candidates, lambda candidate: candidate.connection)
    by_customer = in_turn(by_connection, lambda candidate: candidate.customer)
    return [candidate.pk for candidate in by_customer[:room]]


def in_turn(rows: Iterable[T], group: Callable[[T], Hashable]) -> list[T]:
    """The first row of each group, then the second of each, and so on; within a group the order stays."""
    seen: Counter[Hashable] = Counter()
    ranked = []
    for row in rows:
        seen[group(row)] += 1
        ranked.append((seen[group(row)], row))
    return [row for _, row in sorted(ranked, key=itemgetter(0))]
