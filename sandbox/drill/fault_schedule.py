"""What goes wrong: faults of both systems of a scenario, each at every kind of call it can hit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sandbox.drill.times import LATE_SECONDS
from sandbox.scenarios.fault_profile import NORMAL_WEBHOOKS, WEBHOOK_MODES, FaultProfile
from sandbox.scenarios.scenario import Scenario
from sandbox.scenarios.simulator_client import SimulatorClient

EVERYWHERE = ("throttle", "server_error", "error_after", "slow", "cut_before", "cut_after", "half", "not_json")
ON_WRITES = ("late", "cut_after", "error_after", "late")
"""Once more on writes, where they leave the outcome open; the late one is the worst of all."""
MODE_CHANGE = 0.3
"""Chance that a system changes its mode."""
VENDOR_SHARE = 2
"""How often a system's own faults come for each time that one of the others comes at one of its endpoints."""
SECONDS = {"slow": 1.0, "late": LATE_SECONDS}


def injected_kinds(profile: FaultProfile) -> set[str]:
    """Kinds that the simulator of this profile injects and counts."""
    webhook_kinds = {f"webhook_{mode}" for mode in WEBHOOK_MODES if profile.webhooks}
    return {*EVERYWHERE, "late", *profile.vendor_faults, *webhook_kinds}


def expected_kinds(scenario: type[Scenario]) -> set[str]:
    """All that a drill of this scenario must have done at least once."""
    profiles = scenario.fault_profiles.values()
    kinds = {kind for profile in profiles for kind in (*injected_kinds(profile), *profile.modes)}
    return {*kinds, *scenario.account_fault_names, "locked_document", "repeated_hour"}


@dataclass
class FaultSchedule:
    """Arms one fault after the other, a few at once, in an order of chance, until it disarms them."""

    scenario: Scenario
    random: Random
    injected: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        profiles = self.scenario.fault_profiles
        self.plans = {slug: self._plan(profile) for slug, profile in profiles.items()}
        self.webhook_modes = {slug: self._webhook_modes() for slug, profile in profiles.items() if profile.webhooks}

    def _plan(self, profile: FaultProfile) -> Iterator[dict[str, Any]]:
        writes = [endpoint for endpoint in profile.endpoints if not endpoint.startswith("GET")]
        while True:
            faults = [(kind, endpoint) for endpoint in profile.endpoints for kind in EVERYWHERE]
            faults += [(kind, endpoint) for endpoint in writes for kind in ON_WRITES]
            faults += [*profile.vendor_faults.items()] * VENDOR_SHARE
            for kind, endpoint in self.random.sample(faults, len(faults)):
                method, _, path = endpoint.partition(" ")
                yield {"kind": kind, "method": method, "path": path, "seconds": SECONDS.get(kind, 1.0)}

    def _webhook_modes(self) -> Iterator[str]:
        while True:
            yield from ("normal", *self.random.sample(WEBHOOK_MODES, len(WEBHOOK_MODES)))

    def arm(self, spared: Collection[str] = ()) -> None:
        """Arm what has room, and let webhooks and everything else come in another way than before.

        A system whose connection is stopped is spared: a test of it makes many calls, and never would all pass.
        """
        for slug, system in self.scenario.systems.items():
            if slug in spared:
                system.clear_faults()
                continue
            for _ in range(self.scenario.fault_profiles[slug].at_once - len(system.armed())):
                system.fault(**next(self.plans[slug]))
        self._change_webhooks()
        for slug, profile in self.scenario.fault_profiles.items():
            if profile.modes and self.random.random() < MODE_CHANGE:
                self._change_mode(self.scenario.systems[slug], profile)

    def _change_webhooks(self) -> None:
        for slug, modes in self.webhook_modes.items():
            # Without a delay of ours, a delayed one comes minutes later.
            mode, delay = next(modes), self.random.choice((0, 0.3, 2))
            delay = 2 if mode == "delayed" else delay
            self.scenario.systems[slug].switch(webhook_mode=mode, webhook_delay=delay)

    def _change_mode(self, system: SimulatorClient, profile: FaultProfile) -> None:
        name = self.random.choice(("", *profile.modes))
        system.switch(**{**profile.normal, **profile.modes.get(name, {})})
        if name:
            self.injected[name] += 1

    def disarm(self) -> None:
        """End all faults; what was injected is kept."""
        for account_fault in self.scenario.account_faults():
            account_fault.end()
        for slug, system in self.scenario.systems.items():
            profile = self.scenario.fault_profiles[slug]
            system.switch(**profile.normal, **(NORMAL_WEBHOOKS if profile.webhooks else {}))
            self.injected.update(system.clear_faults())
