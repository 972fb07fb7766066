from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.utils.module_loading import import_string

from connections import vendors
from connections.simulation import FAULTS
from connections.vendors.shipstation.simulator_hooks import MODES
from integrator.drill.round import SLUGS, last_fall_back
from integrator.drill.times import LATE, SHORTER
from integrator.drill.weather import INJECTED, OWN, WEBHOOKS, Sky
from integrator.stage import Simulated


def test_it_asks_only_for_faults_that_the_simulators_know() -> None:
    for slug, own in OWN.items():
        assert set(own) <= set(import_string(vendors.get(slug).simulator).vendor_faults)
    assert set(WEBHOOKS) <= set(MODES)


def test_it_brings_every_common_fault() -> None:
    assert set(FAULTS) - {"status"} <= set(INJECTED)


def test_it_plans_every_fault_for_every_system() -> None:
    sky = Sky({slug: Simulated(slug, "http://127.0.0.1:1") for slug in SLUGS}, random.Random(1))
    for slug in SLUGS:
        kinds = {fault["kind"] for fault in islice(sky.plans[slug], 60)}
        assert {*FAULTS, *OWN[slug]} - {"status"} <= kinds


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
