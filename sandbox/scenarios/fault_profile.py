"""What can go wrong at one system, said by the play that has it on stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.scenarios.fixture import Simulated

HOOKS = ("duplicated", "delayed", "dropped", "reordered", "wrong_host")
CALM_HOOKS = {"webhook_mode": "normal", "webhook_delay": 0}


@dataclass(frozen=True)
class Weather:
    """`doors` are the kinds of call that faults hit, as method and beginning of a path."""

    doors: tuple[str, ...]
    at_once: int = 3
    """Faults that wait for their call at any time."""
    own: Mapping[str, str] = field(default_factory=dict)
    """Faults that only its simulator knows, each with the kind of call that it hits."""
    hooks: bool = False
    """Whether its notifications come late, twice, or not at all."""
    moods: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Switches under which it goes on, in another way; by what the report calls it."""
    calm: Mapping[str, Any] = field(default_factory=dict)
    """The same switches as they are in peace."""


@dataclass(frozen=True)
class Trouble:
    """Something wrong with a whole account: switches that make it so, and that end it."""

    name: str
    system: Simulated
    wrong: Mapping[str, Any]
    right: Mapping[str, Any]
    fault: Mapping[str, Any] = field(default_factory=dict)
    """A fault that lets it be noticed at once."""

    def begin(self) -> None:
        self.system.switch(**self.wrong)
        if self.fault:
            self.system.fault(**self.fault)

    def end(self) -> None:
        self.system.switch(**self.right)
