"""What is aimed at, and how figures are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    figure: str
    text: str
    met: Callable[[Any], bool]


def at_most(figure: str, limit: float) -> Target:
    return Target(figure, f"at most {limit:g}", lambda value: value <= limit)


def at_least(figure: str, limit: float) -> Target:
    return Target(figure, f"at least {limit:g}", lambda value: value >= limit)


# None for the speed of Visma.net's pair: a page holds five batches there, so that writing alone takes the time, and its
# orders are so small that the plain loop has next to nothing to do.
_MOVED = (at_most("wall_ratio", 2.0), at_most("cpu_ratio", 3.0))
_INTAKE = (at_least("share_of_bare", 0.5), at_most("p99_times_bare", 3), at_most("outside_calls", 0))
TITLES = {
    "orders": "one worker moves orders, beside a plain loop that stores nothing; ratios are worker to loop",
    "delay": "the same, with a wait on every answer",
    "queries": "database queries of one worker that reads and delivers orders in batches",
    "calls": "calls of the systems' APIs for new orders",
    "hooks": "the web process stores notifications, beside a view that only inserts a row",
    "stub": "one worker and the plain loop against prepared replies, so that only their own work is measured",
    "tick": "the tick, with 10,000 flows of which few, all or none are due",
    "rate": "two workers share one limit of calls",
    "memory": "peak memory of one worker, with few orders and with many",
}
TARGETS: dict[str, tuple[Target, ...]] = {
    "orders": _MOVED,
    "orders_postgres": _MOVED,
    "delay": (at_least("times_as_fast", 1.5),),
    "stub": (at_least("times_as_fast", 0.4), at_most("cpu_ratio", 3.0)),
    "stub_postgres": (at_least("times_as_fast", 0.33), at_most("cpu_ratio", 3.0)),
    "stub_delay": (at_least("times_as_fast", 1.7),),
    "queries": (at_most("for_a_batch", 25), at_most("more_for_many_than_for_one", 3)),
    "visma_queries": (at_most("for_a_batch", 25), at_most("more_for_many_than_for_one", 3)),
    "memory": (at_most("ratio", 1.2),),
    "visma_memory": (at_most("ratio", 1.2),),
    "rate": (at_least("share", 0.95), at_most("refused_429", 0)),
    "hooks": _INTAKE,
    "hooks_postgres": _INTAKE,
    "tick": (at_most("seconds_at_most", 1),),
    "tick_postgres": (at_most("seconds_at_most", 1),),
}


def lines(name: str, figures: dict[str, Any]) -> Iterator[str]:
    yield f"{name}: {_title(name)}"
    marks = {target.figure: _mark(target, figures) for target in TARGETS.get(name, ()) if target.figure in figures}
    for figure, value in figures.items():
        if isinstance(value, dict):
            yield f"  {figure}"
            yield from (f"    {part:<36} {number}" for part, number in value.items())
        else:
            yield f"  {figure:<38} {value}{marks.get(figure, '')}"


def _title(name: str) -> str:
    recipe = "Visma.net and ShipStation" if name.startswith("visma_") else "Acumatica and ShipStation"
    database = ", PostgreSQL" if name.endswith("_postgres") else ""
    kind = name.removeprefix("visma_").removesuffix("_postgres")
    return f"{TITLES.get(kind, kind)} ({recipe}{database})"


def _mark(target: Target, figures: dict[str, Any]) -> str:
    return f"   {'met' if target.met(figures[target.figure]) else 'MISSED'}: {target.text}"
