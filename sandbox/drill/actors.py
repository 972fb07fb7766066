"""What people do meanwhile. The play says what; what a system does not allow is refused there, as on the screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import requests

from sandbox.scenarios.fixture import Stage
from sandbox.scenarios.scenario import Deed, Play


@dataclass
class People:
    play: Play
    stage: Stage
    done: Counter[str] = field(default_factory=Counter)

    def act(self) -> None:
        """One thing each."""
        for deed in self.play.deeds():
            self._try(deed)

    def close(self) -> None:
        for deed in self.play.closing_time(self.stage):
            self._try(deed)

    def _try(self, deed: Deed | None) -> None:
        if deed is None:
            return
        name, work = deed
        try:
            work()
        except requests.HTTPError:
            self.done[f"{name} refused"] += 1
        else:
            self.done[name] += 1
