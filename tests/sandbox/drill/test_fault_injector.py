from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from connections import vendors
from sandbox import systems
from sandbox.drill.fault_injector import Sky, injected, wanted
from sandbox.drill.scenario_run import last_fall_back
from sandbox.drill.times import LATE, SHORTER
from sandbox.kit.faults import FAULTS
from sandbox.kit.webhooks import MODES
from sandbox.scenarios import PLAYS
from sandbox.scenarios.fault_profile import HOOKS
from sandbox.scenarios.fixture import Simulated
from sandbox.scenarios.scenario import Play

SLUGS = sorted({slug for play in PLAYS for slug in play.slugs})


def _played(kind: type[Play]) -> Play:
    left, right = (Simulated(slug, "http://127.0.0.1:1") for slug in kind.slugs)
    return kind(left, right)


@pytest.fixture(params=PLAYS, ids=lambda kind: kind.recipe)
def kind(request: pytest.FixtureRequest) -> type[Play]:
    found: type[Play] = request.param
    return found


def test_it_asks_only_for_faults_and_switches_that_the_simulators_know(kind: type[Play]) -> None:
    for slug, weather in kind.weather.items():
        simulator = systems.get(slug)
        assert set(weather.own) <= set(simulator.vendor_faults)
        known = set(simulator().switches)
        assert {name for switches in (weather.calm, *weather.moods.values()) for name in switches} <= known
        assert not weather.hooks or {"webhook_mode", "webhook_delay"} <= known
    assert set(HOOKS) <= set(MODES)


def test_it_brings_every_common_fault(kind: type[Play]) -> None:
    assert all(set(FAULTS) - {"status"} <= injected(weather) for weather in kind.weather.values())


def test_it_plans_every_fault_for_every_system(kind: type[Play]) -> None:
    sky = Sky(_played(kind), random.Random(1))
    for slug, weather in kind.weather.items():
        kinds = {fault["kind"] for fault in islice(sky.plans[slug], 60)}
        assert {*FAULTS, *weather.own} - {"status"} <= kinds


def test_it_names_the_troubles_of_whole_accounts(kind: type[Play]) -> None:
    assert [trouble.name for trouble in _played(kind).troubles()] == list(kind.trouble_names)
    assert {*kind.trouble_names, "late", "locked_document"} <= wanted(kind)


def _careful() -> list[type]:
    found = [resource for slug in SLUGS for resource in vendors.get(slug).resources]
    return [resource for resource in found if not resource.upsert]


@pytest.mark.parametrize("resource", _careful(), ids=lambda resource: resource.__name__)
def test_it_applies_late_writes_after_the_first_look_and_before_the_last(resource: type) -> None:
    delays = [delay / SHORTER for delay in resource.settle_delays]  # type: ignore[attr-defined]
    assert delays[0] < LATE < sum(delays)


def test_it_finds_the_hour_that_comes_twice() -> None:
    assert last_fall_back(datetime(2026, 11, 21, 12, tzinfo=UTC)) == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert last_fall_back(datetime(2026, 10, 31, tzinfo=UTC)) > datetime(2026, 10, 31, tzinfo=UTC) - timedelta(days=370)
