from __future__ import annotations

import random
from itertools import islice

import pytest

from connections import vendors
from sandbox import systems
from sandbox.drill.fault_schedule import FaultSchedule, expected_kinds, injected_kinds
from sandbox.drill.times import LATE_SECONDS, SPEED_UP
from sandbox.kit.faults import FAULTS
from sandbox.kit.webhooks import MODES
from sandbox.scenarios import SCENARIOS
from sandbox.scenarios.fault_profile import WEBHOOK_MODES
from sandbox.scenarios.scenario import Scenario
from sandbox.scenarios.simulator_client import SimulatorClient

SLUGS = sorted({slug for scenario in SCENARIOS for slug in scenario.slugs})


def _scenario(kind: type[Scenario]) -> Scenario:
    left, right = (SimulatorClient(slug, "http://127.0.0.1:1") for slug in kind.slugs)
    return kind(left, right)


@pytest.fixture(params=SCENARIOS, ids=lambda kind: kind.recipe)
def kind(request: pytest.FixtureRequest) -> type[Scenario]:
    scenario: type[Scenario] = request.param
    return scenario


def test_it_asks_only_for_faults_and_switches_that_the_simulators_know(kind: type[Scenario]) -> None:
    for slug, profile in kind.fault_profiles.items():
        simulator = systems.get(slug)
        assert set(profile.vendor_faults) <= set(simulator.vendor_faults)
        known = set(simulator().switches)
        assert {name for switches in (profile.normal, *profile.modes.values()) for name in switches} <= known
        assert not profile.webhooks or {"webhook_mode", "webhook_delay"} <= known
    assert set(WEBHOOK_MODES) <= set(MODES)


def test_it_brings_every_common_fault(kind: type[Scenario]) -> None:
    assert all(set(FAULTS) - {"status"} <= injected_kinds(profile) for profile in kind.fault_profiles.values())


def test_it_plans_every_fault_for_every_system(kind: type[Scenario]) -> None:
    injector = FaultSchedule(_scenario(kind), random.Random(1))
    for slug, profile in kind.fault_profiles.items():
        kinds = {fault["kind"] for fault in islice(injector.plans[slug], 60)}
        assert {*FAULTS, *profile.vendor_faults} - {"status"} <= kinds


def test_it_names_the_faults_of_whole_accounts(kind: type[Scenario]) -> None:
    assert [fault.name for fault in _scenario(kind).account_faults()] == list(kind.account_fault_names)
    assert {*kind.account_fault_names, "late", "locked_document"} <= expected_kinds(kind)


def _looked_up() -> list[type]:
    resources = [resource for slug in SLUGS for resource in vendors.get(slug).resources]
    return [resource for resource in resources if not resource.upsert]


@pytest.mark.parametrize("resource", _looked_up(), ids=lambda resource: resource.__name__)
def test_it_applies_late_writes_after_the_first_look_and_before_the_last(resource: type) -> None:
    delays = [delay / SPEED_UP for delay in resource.settle_delays]  # type: ignore[attr-defined]
    assert delays[0] < LATE_SECONDS < sum(delays)
