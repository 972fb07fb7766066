"""One scenario in one round: its systems, its customer, its faults and its people, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from audit.actions import Action as AuditAction
from audit.models import AuditEntry
from connections.models import Connection
from sandbox.drill.actions import ActionRunner
from sandbox.drill.fault_schedule import FaultSchedule
from sandbox.runtime.processes import Processes
from sandbox.scenarios.consistency import Findings, RecordStatus
from sandbox.scenarios.fault_profile import AccountFault
from sandbox.scenarios.scenario import UNLIMITED, Scenario
from syncjobs.models import Flow, State, SyncRecord, WebhookEvent

ORDERS = 40
EVERY = 2
PACIFIC = ZoneInfo("America/Los_Angeles")
Event = tuple[float, Callable[[], None]]
"""Seconds since the faults began, and what happens then."""


@dataclass
class RunResult:
    """What a scenario came to in one round."""

    records: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    findings: Findings = field(default_factory=Findings)
    left_sending: int = 0
    unsettled: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        findings = self.findings
        return [*findings.missing, *findings.doubled, *findings.unaccounted, *self.unsettled]


class ScenarioRun:
    def __init__(
        self, kind: type[Scenario], processes: Processes, seed: int, seconds: float, repeated_hour: bool
    ) -> None:
        self.processes, self.seconds = processes, seconds
        self.random = Random(seed)
        self.scenario = kind.start(processes, seed=seed)
        self.result = RunResult()
        self.scenario.switch(kind.drill_switches)
        days = max(30, self._move_clock_to_repeated_hour() if repeated_hour else 0)
        self.scenario.seed(ORDERS)
        self.fixture = self.scenario.create_fixture(
            UNLIMITED, customer=f"Seed {seed} {kind.recipe}", days=days, rows=kind.drill_rows
        )
        self.scenario.schedule(self.fixture, EVERY)
        self.fixture.activate()
        self.scenario.subscribe(self.fixture)
        self.action_runner = ActionRunner()
        self.injector = FaultSchedule(self.scenario, self.random)

    def _move_clock_to_repeated_hour(self) -> int:
        """ShipStation's clock is set back in the middle of the faults, so that an hour of local time comes twice.

        Returns how many days back flows must read for that.
        """
        now = datetime.now(UTC)
        moment = last_fall_back(now)
        self.scenario.right.switch(clock_offset=(moment - now).total_seconds() - self.seconds / 2)
        self.result.faults["repeated_hour"] += 1
        return (now - moment).days + 3

    def close(self) -> None:
        Flow.objects.filter(integration=self.fixture.integration).update(enabled=False)
        Connection.objects.filter(customer=self.fixture.customer).update(state=Connection.State.PAUSED)
        self.processes.stop(self.scenario.simulators())

    def has_orders(self) -> bool:
        """Whether the first orders have gone out."""
        return bool(self._records().filter(flow__slug=self.scenario.orders, state=State.SYNCED).exists())

    # With faults

    def step(self) -> None:
        """More faults, and an action of each person."""
        self.injector.arm(spared=self._stopped())
        self.action_runner.run(self.scenario.random_actions())

    def _stopped(self) -> set[str]:
        stopped = Connection.objects.filter(customer=self.fixture.customer, state=Connection.State.BROKEN)
        return set(stopped.values_list("vendor", flat=True))

    def account_fault_events(self, seconds: float) -> list[Event]:
        """Faults of whole accounts, one after the other, each ended again."""
        faults = self.scenario.account_faults()
        events: list[Event] = []
        for place, fault in enumerate(self.random.sample(faults, len(faults))):
            at = seconds * (0.15 + 0.75 * place / len(faults))
            events.append((at, self._counting(fault)))
            events.append((at + min(3.0, seconds * 0.1), fault.end))
        return events

    def _counting(self, fault: AccountFault) -> Callable[[], None]:
        def begin() -> None:
            fault.begin()
            self.result.faults[fault.name] += 1

        return begin

    # Without faults, until everything has arrived

    def recover(self) -> None:
        self.injector.disarm()
        self.action_runner.run(self.scenario.final_actions(self.fixture))

    def is_settled(self, since: datetime) -> bool:
        """Every source has been read again, twice over, and nothing is on its way any more."""
        hosts = [flow for flow in self._flows() if not flow.spec.polled_with]
        unread = [flow for flow in hosts if flow.read_up_to is None or flow.read_up_to < since + timedelta(seconds=3)]
        if unread or self._on_their_way() or self._open_events().exists():
            return False
        # A notification that was delayed may still be coming; then it must have been followed, too.
        states = (system.state() for system in self.scenario.systems.values())
        delayed = any(state.get("deliveries", {}).get("waiting") for state in states)
        return not delayed and not self._open_events().exists() and not self._on_their_way()

    def _flows(self) -> list[Flow]:
        flows = Flow.objects.filter(integration=self.fixture.integration, enabled=True)
        return list(flows.select_related("integration"))

    def _records(self) -> Any:
        return SyncRecord.objects.filter(flow__integration=self.fixture.integration)

    def _on_their_way(self) -> list[SyncRecord]:
        moving = [State.DUE, State.SENDING, State.UNKNOWN, State.RETRYING]
        return list(self._records().filter(state__in=moving).without_bodies().select_related("flow"))

    def _open_events(self) -> Any:
        ended = [WebhookEvent.State.DONE, WebhookEvent.State.REFUSED]
        return WebhookEvent.objects.filter(connection__customer=self.fixture.customer).exclude(state__in=ended)

    # The result

    def finish(self) -> RunResult:
        """Compare both systems and count everything; called once."""
        result = self.result
        rows = self._records().values_list("flow__slug", "source_key", "state", "cause")
        statuses = [RecordStatus(*row) for row in rows]
        result.records.update(f"{status.flow} {status.state}" for status in statuses)
        result.findings = self.scenario.check_consistency(statuses)
        moving = self._on_their_way()
        result.left_sending = sum(record.state in (State.SENDING, State.UNKNOWN) for record in moving)
        result.unsettled = [f"{record.flow.slug} {record} is {record.state}: {record.cause}" for record in moving]
        result.unsettled += [f"{event} is {event.state}: {event.cause}" for event in self._open_events()]
        result.faults.update(self.injector.injected)
        locked = AuditEntry.objects.filter(customer_id=self.fixture.customer.pk, action=AuditAction.CONFLICT.value)
        result.faults["locked_document"] += locked.count()
        result.actions.update(self.action_runner.counts)
        return result


def last_fall_back(now: datetime) -> datetime:
    """The last moment at which Los Angeles set its clocks back."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    while _offset(hour) >= _offset(hour - timedelta(hours=1)):
        hour -= timedelta(hours=1)
    return hour


def _offset(moment: datetime) -> timedelta:
    return moment.astimezone(PACIFIC).utcoffset() or timedelta()
