"""Performs people's actions and counts them; what a system does not allow is refused there, as on the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import requests

from sandbox.scenarios.action import Action


@dataclass
class ActionRunner:
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, actions: Iterable[Action]) -> None:
        for action in actions:
            try:
                action.run()
            except requests.HTTPError:
                self.counts[f"{action.name} refused"] += 1
            else:
                self.counts[action.name] += 1
