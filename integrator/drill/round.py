"""One round: a customer between two new systems, an hour of trouble in a minute, a healing, and the count."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django_q.models import OrmQ

from audit.actions import Action
from audit.models import AuditEntry
from connections.models import Connection
from integrator.drill import haste
from integrator.drill.people import People
from integrator.drill.weather import Sky
from integrator.fates import Fate, Verdict, compare
from integrator.processes import Processes
from integrator.stage import Simulated, Stage, set_up
from syncjobs import doorbell
from syncjobs.models import Flow, State, SyncRecord, WebhookEvent

SLUGS = ("acumatica", "shipstation")
WORKERS = 3
ORDERS = 40
SHARE_OF_WORKERS = 0.65
"""Of the time of trouble; in the rest a real cluster works, and dies as a whole."""
CLUSTER_LIVES = (4.0, 8.0)
HEALED_WITHIN = 150.0
SCHEDULES = {"orders": 2, "shipments": 2, "customers": 7, "items": 7, "order_changes": 5}
LEFT_OUT = "Its last change was left out by the filter"
PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass
class Outcome:
    """What a round came to."""

    seed: int
    records: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)
    left_sending: int = 0
    unsettled: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Tasks that raised: the engine survives them, and they are still mistakes."""
    seconds: float = 0.0


class Round:
    def __init__(self, processes: Processes, seed: int, seconds: float, at_the_edge: bool) -> None:
        self.processes, self.seed, self.seconds, self.at_the_edge = processes, seed, seconds, at_the_edge
        self.dice = random.Random(seed)
        self.outcome = Outcome(seed)
        self.ledger = processes.folder / f"deaths-{seed}"
        self.buried = 0

    def run(self) -> Outcome:
        started = time.monotonic()
        self._raise_curtain()
        self._with_workers(self.seconds * SHARE_OF_WORKERS)
        self._with_cluster(self.seconds * (1 - SHARE_OF_WORKERS))
        self._heal()
        self._count()
        self._drop_curtain()
        self.outcome.seconds = round(time.monotonic() - started, 1)
        return self.outcome

    # The stage

    def _raise_curtain(self) -> None:
        urls = self.processes.simulators(*SLUGS, seed=self.seed)
        self.systems = {slug: Simulated(slug, urls[slug]) for slug in SLUGS}
        left, right = (self.systems[slug] for slug in SLUGS)
        right.switch(v1_limit=0, v2_limit=0, side_effect_delay=0.3)
        days = 30
        if self.at_the_edge:
            edge = last_fall_back(datetime.now(UTC))
            days = max(days, (datetime.now(UTC) - edge).days + 3)
            # The clock strikes the edge in the middle of the trouble, so that an hour of local time comes twice.
            offset = (edge - datetime.now(UTC)).total_seconds() - self.seconds / 2
            right.switch(clock_offset=offset)
            self.outcome.faults["clock_edge"] += 1
        # A worker that is killed while it signs in leaves a seat behind, which idles out: 20 minutes are 6 seconds.
        left.switch(session_idle=6)
        left.do("seed", orders=ORDERS)
        self.stage = self._staged(left, right, days)
        self.people = People(left, right, self.dice)
        self.sky = Sky(self.systems, self.dice)

    def _staged(self, left: Simulated, right: Simulated, days: int) -> Stage:
        limits = {"calls_per_minute": 0, "v1_calls_per_minute": 0, "v2_calls_per_minute": 0}
        settings: dict[str, dict[str, Any]] = {
            "acumatica": {**limits, "poll_seconds": "0.1", "order_types": "SO\nSA", "default_box": "SMALL"},
            "shipstation": {**limits, "v2_base_url": right.root_url},
        }
        stage = set_up(left, right, customer=f"Seed {self.seed}", days=days, settings=settings)
        stage.schedule(**SCHEDULES)
        stage.activate()
        return stage

    def _drop_curtain(self) -> None:
        Flow.objects.filter(integration=self.stage.integration).update(enabled=False)
        Connection.objects.filter(customer=self.stage.customer).update(state=Connection.State.PAUSED)
        OrmQ.objects.all().delete()
        self.processes.stop("simulators")

    # The trouble

    def _with_workers(self, seconds: float) -> None:
        script = ["-m", "integrator.drill.worker", str(self.seed), str(WORKERS), str(self.ledger)]
        self.processes.start("workers", [sys.executable, *script])
        self._go_on(seconds, self._account_troubles(seconds))
        self.processes.kill("workers")
        self._bury_the_dead()
        haste.bury()

    def _with_cluster(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            start_cluster(self.processes)
            self._go_on(min(left, self.dice.uniform(*CLUSTER_LIVES)), [])
            self.processes.kill("cluster")
            haste.bury()
            self.outcome.kills["whole cluster"] += 1

    def _go_on(self, seconds: float, events: list[tuple[float, Callable[[], None]]]) -> None:
        """Let time pass, with faults and people; `events` happen at their moments."""
        started = time.monotonic()
        while (now := time.monotonic() - started) < seconds:
            while events and events[0][0] <= now:
                events.pop(0)[1]()
            self.sky.worsen(self._stopped())
            self.people.act()
            self._bury_the_dead()
            haste.tick()
            doorbell.ring("tick")  # once more by a worker, which may be killed in it
            time.sleep(0.3)

    def _stopped(self) -> set[str]:
        stopped = Connection.objects.filter(customer=self.stage.customer, state=Connection.State.BROKEN)
        return set(stopped.values_list("vendor", flat=True))

    def _bury_the_dead(self) -> None:
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        for line in lines[self.buried :]:
            life, _, name = line.partition(" ")
            haste.bury(int(life))
            self.outcome.kills[name] += 1
        self.buried = len(lines)

    def _account_troubles(self, seconds: float) -> list[tuple[float, Callable[[], None]]]:
        """Rights revoked and given back on both sides, and every seat taken, one after the other."""
        left, right = (self.systems[slug] for slug in SLUGS)
        troubles: list[tuple[str, Simulated, dict[str, Any], dict[str, Any]]] = [
            ("revoked_shipstation", right, {"revoked": True}, {"revoked": False}),
            ("revoked_acumatica", left, {"revoked": ["SalesOrder", "Shipment"]}, {"revoked": []}),
            ("seat_limit", left, {"seats": 0}, {"seats": 2}),
        ]
        events = []
        for place, (name, system, wrong, right_again) in enumerate(self.dice.sample(troubles, len(troubles))):
            at = seconds * (0.15 + 0.25 * place)
            events.append((at, self._switching(name, system, wrong)))
            events.append((at + min(3.0, seconds * 0.1), self._switching("", system, right_again)))
        return events

    def _switching(self, name: str, system: Simulated, switches: dict[str, Any]) -> Callable[[], None]:
        def switch() -> None:
            system.switch(**switches)
            if name:
                self.outcome.faults[name] += 1
            if name == "seat_limit":
                system.fault("session_lost", path=f"{system.simulator.base_path}/entity/Default")

        return switch

    # The healing

    def _heal(self) -> None:
        self.sky.clear_up()
        self.people.release_all()
        start_cluster(self.processes)
        healed, until = timezone.now(), time.monotonic() + HEALED_WITHIN
        while not self._settled(healed) and time.monotonic() < until:
            haste.tick()
            time.sleep(0.5)
        self.processes.stop("cluster")

    def _settled(self, healed: datetime) -> bool:
        """Every source has been read again, twice over, and nothing is on its way any more."""
        hosts = [flow for flow in self._flows() if not flow.spec.rides_on]
        unread = [flow for flow in hosts if flow.read_up_to is None or flow.read_up_to < healed + timedelta(seconds=3)]
        if unread or self._on_their_way() or self._events().exists():
            return False
        # A notification that the weather has delayed may still be coming; then it must have been followed, too.
        waiting = self.systems["shipstation"].state()["deliveries"]["waiting"]
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

    def _count(self) -> None:
        outcome = self.outcome
        rows = self._records().values_list("flow__slug", "source_key", "state", "cause")
        fates = [Fate(*row) for row in rows]
        outcome.records.update(f"{fate.flow} {fate.state}" for fate in fates)
        left, right = (self.systems[slug].state() for slug in SLUGS)
        outcome.verdict = compare(left, right, fates)
        _excuse_changes(outcome.verdict, fates)
        open_ones = self._on_their_way()
        outcome.left_sending = sum(one.state in (State.SENDING, State.UNKNOWN) for one in open_ones)
        outcome.unsettled = [f"{one.flow.slug} {one} is {one.state}: {one.cause}" for one in open_ones]
        outcome.unsettled += [f"{event} is {event.state}: {event.cause}" for event in self._events()]
        outcome.faults.update(self.sky.injected)
        outcome.faults["locked_document"] += self._trail(Action.CONFLICT)
        outcome.kills["whole cluster"] += 0
        outcome.deeds.update(self.people.done)
        outcome.failures = failures(self.processes.folder)

    def _trail(self, action: Action) -> int:
        return AuditEntry.objects.filter(customer_id=self.stage.customer.pk, action=action.value).count()


def _excuse_changes(verdict: Verdict, fates: list[Fate]) -> None:
    """More in an order there than here is no doubling where its record says why the last change did not go."""
    told = {fate.source_key for fate in fates if fate.flow == "orders" and (fate.explains or LEFT_OUT in fate.cause)}
    for line in list(verdict.doubled):
        if line.startswith("Order ") and line.endswith(" ordered.") and line.split()[1].rstrip(",") in told:
            verdict.doubled.remove(line)
            verdict.explained["orders: a change that did not go, with its cause"] += 1


def start_cluster(processes: Processes) -> None:
    """A real cluster with the drill's sense of time, in a process group of its own."""
    processes.start("cluster", [sys.executable, "-m", "integrator.drill.cluster"])


def last_fall_back(now: datetime) -> datetime:
    """The last moment at which Los Angeles set its clocks back."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    while _offset(hour) >= _offset(hour - timedelta(hours=1)):
        hour -= timedelta(hours=1)
    return hour


def _offset(moment: datetime) -> timedelta:
    return moment.astimezone(PACIFIC).utcoffset() or timedelta()


def failures(folder: Path) -> list[str]:
    """What workers wrote about tasks that raised. A simulator may complain: its callers die."""
    logs = [folder / f"{name}.log" for name in ("workers", "cluster", "web")]
    lines = (line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines())
    return [line[:300] for line in lines if " failed: " in line or "Traceback" in line]
