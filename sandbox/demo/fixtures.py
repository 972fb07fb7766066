"""What both demos begin with: simulated systems on a faster clock, and a customer between each two of them."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.demo.installation import Running
from sandbox.demo.table import count, render, terminal_width, titles
from sandbox.scenarios.fixture import Stage
from sandbox.scenarios.scenario import TIME_LAPSE, Play
from syncjobs.models import Integration


@dataclass(frozen=True)
class Show:
    """A play with its customer on stage."""

    play: Play
    stage: Stage

    @property
    def integration(self) -> Integration:
        return self.stage.integration

    def activate(self) -> None:
        self.stage.activate()
        self.play.listen(self.stage)

    def lines(self) -> list[str]:
        """Its part of the live table, as wide as the terminal."""
        integration = self.integration
        title = f"{self.stage.customer.name}: {integration.declaration.label}"
        return [title, *render(count(integration), titles(integration), terminal_width()), ""]


def prepare(place: Running, *, every: int) -> list[Show]:
    """A draft integration for each play, whose flows read every so many seconds."""
    earlier = Integration.objects.count()
    # In a kept database the customers of earlier starts stay; their simulated systems are gone.
    Integration.objects.update(state=Integration.State.PAUSED)
    return [_show(play, every, earlier // len(place.plays)) for play in place.plays]


def _show(play: Play, every: int, earlier: int) -> Show:
    play.switch(play.demo_switches)
    stage = play.staged(TIME_LAPSE, customer=f"{play.customer} {earlier + 1}" if earlier else play.customer)
    play.schedule(stage, every)
    return Show(play, stage)


def table(shows: list[Show]) -> list[str]:
    return [line for show in shows for line in show.lines()]
