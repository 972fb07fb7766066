"""What goes wrong: faults of both systems of a play, each at every kind of call it can hit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests

from sandbox.drill.times import LATE
from sandbox.scenarios.fault_profile import CALM_HOOKS, HOOKS, Weather
from sandbox.scenarios.fixture import Simulated
from sandbox.scenarios.scenario import Play

ANY = ("throttle", "server_error", "error_after", "slow", "cut_before", "cut_after", "half", "not_json")
WRITES = ("late", "cut_after", "error_after", "late")
"""Once more on writes, where they leave the outcome open; the late one is the worst of all."""
CHANGE = 0.3
"""Chance of another mood."""
OWN = 2
"""How often a system's own faults come for each time that one of the others comes at one of its doors."""
SECONDS = {"slow": 1.0, "late": LATE}


def injected(weather: Weather) -> set[str]:
    """Kinds that the simulator of this weather injects and counts."""
    return {*ANY, "late", *weather.own, *(f"webhook_{mode}" for mode in HOOKS if weather.hooks)}


def wanted(play: type[Play]) -> set[str]:
    """All that a run of this play must have done at least once."""
    kinds = {kind for weather in play.weather.values() for kind in (*injected(weather), *weather.moods)}
    return {*kinds, *play.trouble_names, "locked_document", "clock_edge"}


@dataclass
class Sky:
    """Arms one fault after the other, a few at once, in an order of chance, until it is told to clear up."""

    play: Play
    dice: Random
    injected: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.plans = {slug: self._plan(weather) for slug, weather in self.play.weather.items()}
        self.modes = {slug: self._modes() for slug, weather in self.play.weather.items() if weather.hooks}

    def _plan(self, weather: Weather) -> Iterator[dict[str, Any]]:
        while True:
            faults = [(kind, door) for door in weather.doors for kind in ANY]
            faults += [(kind, door) for door in weather.doors if not door.startswith("GET") for kind in WRITES]
            faults += [*weather.own.items()] * OWN
            for kind, door in self.dice.sample(faults, len(faults)):
                method, _, path = door.partition(" ")
                yield {"kind": kind, "method": method, "path": path, "seconds": SECONDS.get(kind, 1.0)}

    def _modes(self) -> Iterator[str]:
        while True:
            yield from ("normal", *self.dice.sample(HOOKS, len(HOOKS)))

    def worsen(self, spared: Collection[str] = ()) -> None:
        """Arm what has room, and let webhooks and everything else come in another way than before.

        A system whose connection is stopped is spared: a test of it makes many calls, and never would all pass.
        """
        for slug, system in self.play.systems.items():
            if slug in spared:
                system.clear_faults()
                continue
            for _ in range(self.play.weather[slug].at_once - waiting(system)):
                system.fault(**next(self.plans[slug]))
        for slug, modes in self.modes.items():
            # Without a delay of ours, a delayed one comes minutes later.
            mode, delay = next(modes), self.dice.choice((0, 0.3, 2))
            delay = 2 if mode == "delayed" else delay
            self.play.systems[slug].switch(webhook_mode=mode, webhook_delay=delay)
        for slug, weather in self.play.weather.items():
            if weather.moods and self.dice.random() < CHANGE:
                self._turn(self.play.systems[slug], weather)

    def _turn(self, system: Simulated, weather: Weather) -> None:
        name = self.dice.choice(("", *weather.moods))
        system.switch(**{**weather.calm, **weather.moods.get(name, {})})
        if name:
            self.injected[name] += 1

    def clear_up(self) -> None:
        """The end of all trouble; what was injected is kept."""
        for trouble in self.play.troubles():
            trouble.end()
        for slug, system in self.play.systems.items():
            weather = self.play.weather[slug]
            system.switch(**weather.calm, **(CALM_HOOKS if weather.hooks else {}))
            self.injected.update(system.clear_faults())


def waiting(system: Simulated) -> int:
    """Faults that are armed and have not met their call yet."""
    found = requests.get(f"{system.control_url}/faults", timeout=10).json()
    return sum(fault["times"] > 0 for fault in found["armed"])
