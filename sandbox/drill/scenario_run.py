"""One play's part in a round: its systems, its customer, its weather and its people, and what they came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from audit.actions import Action
from audit.models import AuditEntry
from connections.models import Connection
from integrator.processes import Processes
from sandbox.drill.actors import People
from sandbox.drill.fault_injector import Sky
from sandbox.scenarios.consistency import Fate, Verdict
from sandbox.scenarios.scenario import UNLIMITED, Play
from syncjobs.models import Flow, State, SyncRecord, WebhookEvent

ORDERS = 40
EVERY = 2
PACIFIC = ZoneInfo("America/Los_Angeles")
Event = tuple[float, Callable[[], None]]


@dataclass
class Count:
    """What a play came to."""

    records: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)
    left_sending: int = 0
    unsettled: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        return [*self.verdict.missing, *self.verdict.doubled, *self.verdict.unaccounted, *self.unsettled]


class Part:
    def __init__(self, kind: type[Play], processes: Processes, seed: int, seconds: float, at_the_edge: bool) -> None:
        self.processes, self.seconds = processes, seconds
        self.dice = Random(seed)
        self.play = kind.begun(processes, seed=seed)
        self.count = Count()
        self.play.switch(kind.drill_switches)
        days = max(30, self._strike_the_edge() if at_the_edge else 0)
        self.play.seed(ORDERS)
        self.stage = self.play.staged(UNLIMITED, customer=f"Seed {seed} {kind.recipe}", days=days, rows=kind.drill_rows)
        self.play.schedule(self.stage, EVERY)
        self.stage.activate()
        self.play.listen(self.stage)
        self.people = People(self.play, self.stage)
        self.sky = Sky(self.play, self.dice)

    def _strike_the_edge(self) -> int:
        """ShipStation's clock strikes it in the middle of the trouble, so that an hour of local time comes twice."""
        now = datetime.now(UTC)
        edge = last_fall_back(now)
        self.play.right.switch(clock_offset=(edge - now).total_seconds() - self.seconds / 2)
        self.count.faults["clock_edge"] += 1
        return (now - edge).days + 3

    def drop_curtain(self) -> None:
        Flow.objects.filter(integration=self.stage.integration).update(enabled=False)
        Connection.objects.filter(customer=self.stage.customer).update(state=Connection.State.PAUSED)
        self.processes.stop(self.play.simulators())

    def opened(self) -> bool:
        """Whether the first orders have gone out."""
        return bool(self._records().filter(flow__slug=self.play.orders, state=State.SYNCED).exists())

    # The trouble

    def go_on(self) -> None:
        self.sky.worsen(self._stopped())
        self.people.act()

    def _stopped(self) -> set[str]:
        stopped = Connection.objects.filter(customer=self.stage.customer, state=Connection.State.BROKEN)
        return set(stopped.values_list("vendor", flat=True))

    def account_troubles(self, seconds: float) -> list[Event]:
        """Troubles of whole accounts, one after the other, each ended again."""
        troubles = self.play.troubles()
        events: list[Event] = []
        for place, trouble in enumerate(self.dice.sample(troubles, len(troubles))):
            at = seconds * (0.15 + 0.75 * place / len(troubles))
            events.append((at, self._noting(trouble.name, trouble.begin)))
            events.append((at + min(3.0, seconds * 0.1), trouble.end))
        return events

    def _noting(self, name: str, begin: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            begin()
            self.count.faults[name] += 1

        return run

    # The healing

    def clear_up(self) -> None:
        self.sky.clear_up()
        self.people.close()

    def settled(self, healed: datetime) -> bool:
        """Every source has been read again, twice over, and nothing is on its way any more."""
        hosts = [flow for flow in self._flows() if not flow.spec.polled_with]
        unread = [flow for flow in hosts if flow.read_up_to is None or flow.read_up_to < healed + timedelta(seconds=3)]
        if unread or self._on_their_way() or self._events().exists():
            return False
        # A notification that the weather has delayed may still be coming; then it must have been followed, too.
        states = (system.state() for system in self.play.systems.values())
        waiting = any(state.get("deliveries", {}).get("waiting") for state in states)
        return not waiting and not self._events().exists() and not self._on_their_way()

    def _flows(self) -> list[Flow]:
        return list(Flow.objects.filter(integration=self.stage.integration, enabled=True).select_related("integration"))

    def _records(self) -> Any:
        return SyncRecord.objects.filter(flow__integration=self.stage.integration)

    def _on_their_way(self) -> list[SyncRecord]:
        moving = [State.DUE, State.SENDING, State.UNKNOWN, State.RETRYING]
        return list(self._records().filter(state__in=moving).without_bodies().select_related("flow"))

    def _events(self) -> Any:
        ended = [WebhookEvent.State.DONE, WebhookEvent.State.REFUSED]
        return WebhookEvent.objects.filter(connection__customer=self.stage.customer).exclude(state__in=ended)

    # The count

    def counted(self) -> Count:
        count = self.count
        rows = self._records().values_list("flow__slug", "source_key", "state", "cause")
        fates = [Fate(*row) for row in rows]
        count.records.update(f"{fate.flow} {fate.state}" for fate in fates)
        count.verdict = self.play.compare(fates)
        open_ones = self._on_their_way()
        count.left_sending = sum(one.state in (State.SENDING, State.UNKNOWN) for one in open_ones)
        count.unsettled = [f"{one.flow.slug} {one} is {one.state}: {one.cause}" for one in open_ones]
        count.unsettled += [f"{event} is {event.state}: {event.cause}" for event in self._events()]
        count.faults.update(self.sky.injected)
        locked = AuditEntry.objects.filter(customer_id=self.stage.customer.pk, action=Action.CONFLICT.value)
        count.faults["locked_document"] += locked.count()
        count.deeds.update(self.people.done)
        return count


def last_fall_back(now: datetime) -> datetime:
    """The last moment at which Los Angeles set its clocks back."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    while _offset(hour) >= _offset(hour - timedelta(hours=1)):
        hour -= timedelta(hours=1)
    return hour


def _offset(moment: datetime) -> timedelta:
    return moment.astimezone(PACIFIC).utcoffset() or timedelta()
