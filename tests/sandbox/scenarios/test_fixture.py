from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from connections.models import Connection
from sandbox.kit.server import Running
from sandbox.scenarios.fixture import create_admin, set_up
from sandbox.scenarios.scenario import UNLIMITED
from sandbox.scenarios.simulator_client import SimulatorClient
from sandbox.scenarios.visma_net_shipstation import VismaNetShipStation
from syncjobs.models import Flow, Integration

pytestmark = pytest.mark.django_db


@pytest.fixture
def systems(acumatica: Running, shipstation: Running) -> tuple[SimulatorClient, SimulatorClient]:
    return SimulatorClient("acumatica", acumatica.root_url), SimulatorClient("shipstation", shipstation.root_url)


def test_it_makes_an_admin_once_and_sets_the_password_again() -> None:
    create_admin("first")
    create_admin("second")
    assert authenticate(username="admin", password="first") is None
    assert authenticate(username="admin", password="second") is not None


def test_it_connects_both_systems_so_that_their_tests_pass(systems: tuple[SimulatorClient, SimulatorClient]) -> None:
    from connections import lifecycle

    fixture = set_up(*systems)
    for connection in (fixture.integration.left, fixture.integration.right):
        lines = lifecycle.probe(connection)
        assert [line for line in lines if not line.ok and not line.advice] == []


def test_it_keeps_credentials_out_of_the_settings(systems: tuple[SimulatorClient, SimulatorClient]) -> None:
    set_up(*systems)
    stored = " ".join(str(row.settings) for row in Connection.objects.all())
    assert "sim-password" not in stored
    assert "sim-secret" not in stored


def test_it_activates_an_integration_that_reads_a_month_back(systems: tuple[SimulatorClient, SimulatorClient]) -> None:
    fixture = set_up(*systems, days=30)
    fixture.activate()
    assert Integration.objects.get().state == Integration.State.ACTIVE
    assert not Flow.objects.filter(look_back_days__lt=30).exists()


def test_it_schedules_flows_by_slug(systems: tuple[SimulatorClient, SimulatorClient]) -> None:
    fixture = set_up(*systems)
    fixture.schedule(orders=3)
    assert fixture.flow("orders").schedule == "3"
    assert fixture.flow("shipments").schedule == "900"


def test_it_fills_value_maps_and_changes_mapping_rows(visma_net: Running, shipstation: Running) -> None:
    systems = SimulatorClient("visma_net", visma_net.root_url), SimulatorClient("shipstation", shipstation.root_url)
    fixture = VismaNetShipStation(*systems).create_fixture(UNLIMITED)
    assert list(fixture.integration.value_maps.get().rows.values_list("key", "value")) == [("1", "511543")]
    rows = fixture.flow("receipts").mappings
    assert (rows.get(target="release").source, rows.get(target="release").edited) == ("`true`", True)


def test_it_connects_visma_net_so_that_its_tests_pass(visma_net: Running, shipstation: Running) -> None:
    from connections import lifecycle

    systems = SimulatorClient("visma_net", visma_net.root_url), SimulatorClient("shipstation", shipstation.root_url)
    fixture = VismaNetShipStation(*systems).create_fixture(UNLIMITED)
    lines = [*lifecycle.probe(fixture.integration.left), *lifecycle.probe(fixture.integration.right)]
    assert [line for line in lines if not line.ok and not line.advice] == []
