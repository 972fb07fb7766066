"""What can go wrong at one system, as a scenario declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.scenarios.simulator_client import SimulatorClient

WEBHOOK_MODES = ("duplicated", "delayed", "dropped", "reordered", "wrong_host")
NORMAL_WEBHOOKS = {"webhook_mode": "normal", "webhook_delay": 0}


@dataclass(frozen=True)
class FaultProfile:
    """`endpoints` are the kinds of call that faults hit, as method and beginning of a path."""

    endpoints: tuple[str, ...]
    at_once: int = 3
    """Faults that wait for their call at any time."""
    vendor_faults: Mapping[str, str] = field(default_factory=dict)
    """Faults that only its simulator knows, each with the kind of call that it hits."""
    webhooks: bool = False
    """Whether its notifications come late, twice, or not at all."""
    modes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Switches under which it still works, but in another way; by the name in the report."""
    normal: Mapping[str, Any] = field(default_factory=dict)
    """The same switches as they usually are."""


@dataclass(frozen=True)
class AccountFault:
    """Something wrong with a whole account: switches that make it so, and those that end it."""

    name: str
    system: SimulatorClient
    switches: Mapping[str, Any]
    normal: Mapping[str, Any]
    fault: Mapping[str, Any] = field(default_factory=dict)
    """A fault that lets it be noticed at once."""

    def begin(self) -> None:
        self.system.switch(**self.switches)
        if self.fault:
            self.system.fault(**self.fault)

    def end(self) -> None:
        self.system.switch(**self.normal)
